"""The sounds of synthdefs.scd without a sound card and without waiting: scsynth renders a score into a file.

One control block is 64 frames; a note begins on the sample all the same.
"""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from tests.supercollider.osc import Argument, encoded
from tests.supercollider.processes import HEADLESS, ROOT, language_settings
from tests.supercollider.sound import Samples, load_channels

RATE = 48000
HERE = Path(__file__).parent
MIX = 16  # a bus behind the hardware outputs, in front of the master
STRIP, ROOM, MASTER, FIRST = range(1000, 1004)  # nodes; the first of the notes is the last of these
TAIL = 1  # of a group
LOOK_AHEAD_FRAMES = 96  # by which the master delays

Command = tuple[Argument, ...]  # an OSC address and its arguments
Score = list[tuple[float, Command]]  # each with its moment, in seconds


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a voice, `at` a moment (s) and held for `held_s`; velocity 1–127, level 1 as calibrated."""

    voice: str
    pitch: float
    velocity: float = 100
    at: float = 0.0
    held_s: float = 0.5
    level: float = 1.0
    bend: int = -1  # control bus, as `vibrato`
    vibrato: int = -1


def missing_programs() -> list[str]:
    return [program for program in ("sclang", "scsynth") if shutil.which(program) is None]


class Studio:
    """Renders notes to stereo samples, shape (frames, 2). Its folder holds the compiled SynthDefs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        command = ["sclang", "-l", str(language_settings(folder)), str(HERE / "voices.scd")]
        run(command, HEADLESS | {"PSC2_TEST_FOLDER": str(folder)})
        self.voices = sorted(path.stem for path in folder.glob("psc2_*.scsyndef"))

    def play(
        self,
        notes: Iterable[Note],
        length_s: float,
        *,
        master: bool = False,
        changes: Sequence[tuple[float, Command]] = (),
        buses: Mapping[int, float] = MappingProxyType({}),
        nodes: int = 4096,
    ) -> Samples:
        """What the notes sound like together, as they leave the voices.

        Args:
            master: through a strip, with no room unless ``changes`` say so, and the master.
            changes: the arguments of that strip that change, with their moments.
            buses: what control buses hold.
            nodes: how many the server has room for; its root and the master's three are among them.
        """
        out = MIX if master else 0
        score: Score = [(0.0, ("/c_set", bus, float(value))) for bus, value in buses.items()]
        if master:
            score += [
                (0.0, ("/s_new", "psc2_strip", STRIP, TAIL, 0, "in", MIX, "out", MIX + 2, "send", MIX + 4)),
                (0.0, ("/s_new", "psc2_room", ROOM, TAIL, 0, "in", MIX + 4, "out", MIX + 2)),
                (0.0, ("/s_new", "psc2_master", MASTER, TAIL, 0, "in", MIX + 2, "out", 0)),
            ]
        score += [(at, ("/n_set", STRIP, *change)) for at, change in changes]
        for node, note in enumerate(notes, start=FIRST):
            score += played(note, node, out)
        return self.render(score, length_s, nodes)

    def render(self, score: Sequence[tuple[float, Command]], length_s: float, nodes: int = 4096) -> Samples:
        """What a score of server commands sounds like. Raises: subprocess.CalledProcessError."""
        commands, rendered = self.folder / "score.osc", self.folder / "rendered.wav"
        begin: Score = [(0.0, ("/d_loadDir", str(self.folder)))]
        end: Score = [(length_s, ("/c_set", 0, 0.0))]
        heard = [entry for entry in score if entry[0] < length_s]
        ordered = sorted([*begin, *heard], key=lambda entry: entry[0])
        commands.write_bytes(b"".join(bundle(at, command) for at, command in [*ordered, *end]))
        output = ["-N", str(commands), "_", str(rendered), str(RATE), "WAV", "float"]
        run(["scsynth", "-o", "2", "-i", "0", "-n", str(nodes), "-m", "65536", "-V", "-1", *output])
        return np.stack([channel.samples for channel in load_channels(rendered)], axis=1)


def played(note: Note, node: int, out: int) -> Score:
    """The server commands of one note."""
    arguments = ("out", out, "pitch", note.pitch, "velocity", note.velocity, "level", note.level)
    wheels = ("bend", note.bend, "vibrato", note.vibrato)
    return [
        (note.at, ("/s_new", f"psc2_{note.voice}", node, 0, 0, *arguments, *wheels)),
        (note.at + note.held_s, ("/n_set", node, "gate", 0)),
    ]


def bundle(at: float, command: Command) -> bytes:
    """An OSC bundle as it stands in a score: its size, and a time tag that counts from 0."""
    message = encoded(str(command[0]), *command[1:])
    body = b"#bundle\0" + struct.pack(">Qi", round(at * 2**32), len(message)) + message
    return struct.pack(">i", len(body)) + body


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    subprocess.run(
        command,
        check=True,
        cwd=ROOT,
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
