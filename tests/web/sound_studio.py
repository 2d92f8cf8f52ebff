"""What the page's band sounds like, rendered by a browser, and the same by SuperCollider.

Samples are stereo, shape (frames, 2), in [-1, 1].
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from selenium.webdriver import Chrome

from psc2 import resources
from psc2.core.effects import Bend, Effect, Flush, Modulate, NoteOff, NoteOn, SetUp, Strike
from psc2.core.instruments import Instrument, Layer
from psc2.core.rig import Rig, Strip, Voice
from psc2.supercollider import rendering
from psc2.wire.codec import to_json
from psc2.wire.protocol import message_of, rig_messages
from tests.supercollider.offline import RATE
from tests.supercollider.sound import Samples, load_channels
from tests.web.browser import browser, served

HERE = Path(__file__).parent
AUDIO = resources.SCLANG_SCRIPT.parent / "audio"
PAGE = resources.PACKAGE / "web" / "page"
HTML = '<!doctype html><title>studio</title><script type="module" src="/studio/studio.js"></script>'


class Entry(NamedTuple):
    """An effect with its moment, in seconds; None: at once."""

    when: float | None
    effect: Effect | dict[str, Any]


Score = Sequence[Entry]


def note(
    instrument: Instrument, pitch: int, at: float, held_s: float, velocity: int = 100, note_id: int = 1
) -> list[Entry]:
    return [
        Entry(at, NoteOn(instrument, pitch, velocity, note_id=note_id)),
        Entry(at + held_s, NoteOff(instrument, pitch, note_id=note_id)),
    ]


def strike(instrument: Instrument, at: float, velocity: int = 100) -> Entry:
    return Entry(at, Strike(instrument, velocity))


VOICES = {Layer.BASS: Voice.UPRIGHT, Layer.CHORDS: Voice.EPIANO, Layer.LEAD: Voice.WURLY}


def set_up(changes: Mapping[str, Mapping[str, Any]] = MappingProxyType({}), at: float | None = None) -> Entry:
    """A dry rig with everything in the middle, but for changes: ``{"bass": {"pan": 1.0}}``."""
    usual = {"in_supercollider": True, "out": 1, "gain_db": 0.0, "pan": 0.0, "room": 0.0}
    strips = tuple(
        Strip(**{"layer": layer, "voice": VOICES.get(layer)} | usual | dict(changes.get(layer.value, {})))
        for layer in Layer
    )
    return Entry(at, SetUp(Rig(1, strips, (), ())))


class SoundStudio:
    """Renders scores, each as the page plays it."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def play(self, score: Iterable[Entry], length_s: float, rate: int = RATE) -> Samples:
        code = self.call("render", sent(score), round(length_s * rate), rate)
        return np.frombuffer(base64.b64decode(code), np.float32).reshape(-1, 2).astype(np.float64)

    def call(self, name: str, *arguments: Any) -> Any:
        """What a function of studio.js answers. Raises: RuntimeError for what it has thrown."""
        script = """
            const [name, rest, reply] = arguments;
            studio[name](...rest).then((value) => reply({ value }), (error) => reply({ error: `${error}` }));
        """
        reply = self.driver.execute_async_script(script, name, arguments)
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["value"]


def sent(score: Iterable[Entry]) -> list[dict[str, Any]]:
    """A score as the page has it."""
    return [
        {"when": when, "effect": effect if isinstance(effect, dict) else to_json(effect)}
        for when, effect in score
    ]


@contextmanager
def sound_studio(profile: Path) -> Iterator[SoundStudio]:
    folders = {"/page/": PAGE, "/audio/": AUDIO, "/studio/": HERE}
    with served(folders, {"/": HTML, "/favicon.ico": ""}) as address, browser(profile) as driver:
        driver.get(address)
        yield SoundStudio(driver)


def in_supercollider(score: Iterable[Entry], folder: Path) -> Samples:
    """The same score as SuperCollider plays it; it begins with a rig, whose moment is the beginning."""
    messages: list[rendering.TimedMessage] = []
    for when, effect in score:
        match effect:
            case SetUp(rig):
                messages += [(when or 0.0, message.address, values) for message, values in rig_messages(rig)]
            case Strike() | NoteOn() | NoteOff() | Flush() | Bend() | Modulate():
                message, numbers = message_of(effect)
                messages.append((when or 0.0, message.address, numbers))
    rendering.render(messages, folder / "rendered.wav")
    return np.stack([channel.samples for channel in load_channels(folder / "rendered.wav")], axis=1)
