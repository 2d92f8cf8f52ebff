"""The demo: a scripted player, the same engine, virtual time, and a file and a picture of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from math import ceil
from pathlib import Path

from psc2 import daemon, resources
from psc2.core.effects import Bend, Flush, Modulate, NoteOff, NoteOn, Strike
from psc2.core.events import Event, KeyDown, Press
from psc2.core.meter import TimeSignature
from psc2.core.requests import Model
from psc2.core.rig import Rig
from psc2.core.snapshot import Snapshot
from psc2.core.state import Phase
from psc2.demo.script import Script, load_script
from psc2.demo.scripted_player import play_script
from psc2.errors import ConfigError, StartError
from psc2.models.catalogue import open_model
from psc2.models.markov import Markov
from psc2.runtime.ending import Ending
from psc2.runtime.virtual import Behaviour, Performance
from psc2.scores import midi_file, piano_roll
from psc2.scores.score import Score, Sent, Timeline, sounded_notes
from psc2.settings.config import Config
from psc2.settings.yaml_file import shown
from psc2.supercollider import platforms, rendering
from psc2.wire.protocol import message_of, rig_messages

SONG = resources.SONGS / "demo.yaml"
SOUND_TIMEOUT_S = 30.0  # for SuperCollider, or a page, to sound; without it the song begins all the same
POLL_S = 0.1
FADE_S = 3.0
MODEL_DELAY_S = 0.16  # what MelodyRNN takes on a laptop


@dataclass(frozen=True, slots=True)
class Take:
    """A performance of a script."""

    name: str  # of its files
    score: Score  # what is heard
    sent: tuple[Sent, ...]  # what was sent for it, in the order of sending
    rig: Rig  # where it is to sound, and as what


def write(take: Take, out: Path) -> list[Path]:
    """Write the take as a MIDI file and a picture into ``out``. Returns: the files. Raises: StartError."""
    score, paths = take.score, [out / f"{take.name}.mid", out / f"{take.name}.png"]
    if out.exists() and not out.is_dir():
        raise StartError(f"{shown(out)}: expected a folder, got a file")
    try:
        out.mkdir(parents=True, exist_ok=True)
        midi_file.write(score, paths[0])
        piano_roll.write(score, paths[1])
    except OSError as error:
        raise StartError(f"{shown(Path(error.filename or out))}: {error.strerror or error}") from error
    return paths


def write_sound(take: Take, out: Path) -> Path:
    """Write the take as SuperCollider plays it, a WAV file, into ``out``. Returns: it. Raises: StartError."""
    path = out / f"{take.name}.wav"
    rendering.render(messages(take), path)
    return path


def messages(take: Take) -> Iterator[rendering.TimedMessage]:
    """The take's OSC messages: the second of the sound, address, arguments. The rig comes first."""
    for message, arguments in rig_messages(take.rig):
        yield 0.0, message.address, arguments
    for item in take.sent:
        if isinstance(item.effect, Strike | NoteOn | NoteOff | Flush | Bend | Modulate):
            message, numbers = message_of(item.effect)
            yield item.when, message.address, numbers


def perform(song_path: Path, seed: int) -> Take:
    """Play a song in virtual time. Returns: what is heard and what was sent. Raises: ConfigError."""
    script = load_script(song_path, seed)
    player = VirtualPlayer(script.config, seed)
    player.play((*script.events, script.stop))
    _check_bar_lines(script, player.bar_lines, song_path)
    score = Score(
        script.title,
        sounded_notes(player.performance.output.sent, player.answers, player.timeline),
        {step: meter for step, meter in sorted(player.bar_lines.items()) if step < script.end},
        tuple(step for step in sorted(player.sequences) if step < script.end),
        player.timeline.tempi,
        script.sections,
        script.controls,
        script.end,
    )
    sent = tuple(player.performance.output.sent)
    return Take(song_path.stem, score, sent, script.config.settings().rig)


def play(ending: Ending, own: Config, choices: daemon.Choices, write: Callable[[str], None]) -> None:
    """Play the demo's song on the real instrument, with the sound and wires of the ``own`` configuration.

    Raises: Psc2Error if it cannot start.
    """
    script = load_script(SONG, choices.seed or 0)
    rig = {"osc": own.osc, "output": own.output, "sound": own.sound, "web": own.web}

    def perform(session: daemon.Session, ending: Ending, write: Callable[[str], None]) -> None:
        """Wait for the sound, and play; the last of it may fade."""
        engine, has_sclang = session.engine, choices.with_sclang and platforms.find_sclang() is not None
        opens_page = choices.with_page and choices.opens(has_sclang)
        if opens_page and not has_sclang:
            write(f"START in the page lets it sound: then the demo begins, or in {SOUND_TIMEOUT_S:.0f} s")
        left_s = SOUND_TIMEOUT_S if has_sclang or opens_page else 0.0
        while left_s > 0 and not _can_be_heard(engine.snapshot()):
            left_s -= POLL_S
            if ending.over.wait(POLL_S):
                return
        play_script(script, engine, session.clock, ending.over, write)
        ending.over.wait(FADE_S)
        ending.request()

    daemon.play(ending, script.config.model_copy(update=rig), choices, write, perform)


def _can_be_heard(now: Snapshot) -> bool:
    """Whether SuperCollider or a page sounds what is played."""
    return now.peer.hello_at is not None or now.page is not None


class VirtualPlayer:
    """Plays a script in virtual time, and notes the tempi, the bar lines and what the machine answered."""

    def __init__(self, config: Config, seed: int) -> None:
        melody = open_model(Model.MELODY, config.improv.model, config.improv.engine)
        drums = open_model(Model.DRUMS, config.drums.model, config.drums.engine)
        self.state = daemon.initial_state(config, seed)
        self.performance = Performance(self.state, melody, drums, repeat(Behaviour(MODEL_DELAY_S)), Markov())
        self.timeline = Timeline()
        self.bar_lines: dict[int, TimeSignature] = {}
        self.sequences: set[int] = set()  # the first step of each pass, and of the count-in
        self.answers: set[int] = set()  # which of all that was sent came while the machine answered
        self._next_step = 0

    def play(self, events: Iterable[Event]) -> None:
        """Play events from the count-in on; their ``at`` counts steps."""
        self.performance.play([Press(0.0, 0, "play")], until=0.0)
        assert self.state.transport is not None
        first, time_signature = self.state.transport.next_step, self.state.time_signature
        self.timeline.follow(self.state.transport.grid)
        self.bar_lines = dict.fromkeys(range(first, 0, time_signature.steps_per_bar), time_signature)
        self.sequences.add(first)
        self._next_step = first
        for event in events:
            self._play_until(event.at)
            self._act(event)

    def _play_until(self, until: float) -> None:
        """Let the loop play up to a step, one step at a time, so that no bar goes unnoticed."""
        for step in (*range(self._next_step, ceil(until)), until):
            self.performance.play((), self._moment(step))
            transport = self.state.transport
            for passed in transport.passes if transport else ():
                self.sequences.add(passed.start)
                time_signature = passed.form.time_signature
                steps = range(passed.start, passed.end, time_signature.steps_per_bar)
                self.bar_lines |= dict.fromkeys(steps, time_signature)
        self._next_step = max(self._next_step, ceil(until))

    def _act(self, event: Event) -> None:
        """While the machine answers, the pitch that a key sounds is its, even if it is the key's own."""
        answering = isinstance(event, KeyDown) and self.state.improv.phase is Phase.ANSWERING
        sent = self.performance.output.sent
        before, moment = len(sent), self._moment(event.at)
        self.performance.play([replace(event, at=moment)], moment)
        if answering:
            self.answers.update(range(before, len(sent)))
        if self.state.transport is not None:
            self.timeline.follow(self.state.transport.grid)

    def _moment(self, step: float) -> float:
        return max(self.timeline.time_of(step), self.performance.clock.now())


def _check_bar_lines(script: Script, bar_lines: dict[int, TimeSignature], song_path: Path) -> None:
    """Check that the loop had the bars that the song was written in. Raises: ConfigError."""
    for bar, (step, meter) in enumerate(script.bar_lines.items(), start=1):
        if bar_lines.get(step) != meter:
            number = sum(first <= step for first, _ in script.sections)
            _, name = script.sections[number - 1]
            raise ConfigError([
                f"{shown(song_path)}: sections.{number} ({name}): expected the loop to be in {meter} at "
                f"bar {bar}, got {bar_lines.get(step, 'no bar line there')}: a new meter or number of bars "
                "begins with the next sequence"
            ])  # fmt: skip
