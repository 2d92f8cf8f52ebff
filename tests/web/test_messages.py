"""What pages say is read, and whatever is not a page's to say is refused."""

import json

import pytest

from psc2.core.events import (
    ControlChange,
    KeyDown,
    KeyUp,
    PitchBend,
    Press,
    ProgramChange,
    SourceGone,
    SourceNamed,
)
from psc2.core.instruments import Layer
from psc2.errors import CodecError
from psc2.web.messages import Ping, Said, SoundHere, read

SAID: list[tuple[dict[str, object], Said]] = [
    ({"type": "KeyDown", "source": 0, "pitch": 60, "velocity": 90}, KeyDown(1.5, 0, 60, 90)),
    ({"type": "KeyUp", "source": 3, "pitch": 60}, KeyUp(1.5, 3, 60)),
    ({"type": "PitchBend", "source": 3, "value": 8192}, PitchBend(1.5, 3, 8192)),
    (
        {"type": "ControlChange", "source": 3, "control": 64, "value": 127, "channel": 0},
        ControlChange(1.5, 3, 64, 127, 0),
    ),
    ({"type": "ProgramChange", "source": 3, "program": 5, "channel": 9}, ProgramChange(1.5, 3, 5, 9)),
    ({"type": "SourceNamed", "source": 3, "name": "Nord"}, SourceNamed(1.5, 3, "Nord")),
    ({"type": "SourceGone", "source": 3}, SourceGone(1.5, 3)),
    ({"type": "Press", "source": 0, "action": "play"}, Press(1.5, 0, "play")),
    ({"type": "Press", "source": 0, "action": "qpm", "value": 90}, Press(1.5, 0, "qpm", value=90.0)),
    (
        {"type": "Press", "source": 0, "action": "mute", "layer": "bass"},
        Press(1.5, 0, "mute", layer=Layer.BASS),
    ),
    ({"type": "Ping", "sent": 12.25}, Ping(12.25)),
    ({"type": "SoundHere", "latency_s": 0.02}, SoundHere(0.02)),
    ({"type": "SoundHere", "latency_s": None}, SoundHere(None)),
]


@pytest.mark.parametrize(("data", "said"), SAID, ids=lambda it: str(it)[:40])
def test_what_a_page_says_has_happened_when_it_arrives(data: dict[str, object], said: Said) -> None:
    assert read(json.dumps(data), at=1.5) == said


def test_a_page_cannot_say_when_something_happened() -> None:
    late = {"type": "KeyUp", "source": 0, "pitch": 60, "at": 99.0}
    assert read(json.dumps(late), at=1.5) == KeyUp(1.5, 0, 60)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "[]", "7", '"KeyDown"', "{}", '{"type": null}', '{"type": ["KeyDown"]}',
        '{"type": "Nothing"}',
        '{"type": "Shutdown"}', '{"type": "Hello", "port": 1, "rig": 0}',
        '{"type": "PageSounds", "latency_s": 0}',
        '{"type": "SuperColliderStatus", "text": "!"}', '{"type": "MelodyReady"}', '{"type": "NoteOn"}',
        '{"type": "Snapshot"}', '{"type": "Tick", "step": 1}', '{"type": "Due", "name": "peer gone"}',
        '{"type": "KeyDown", "source": 0, "pitch": 128, "velocity": 90}',
        '{"type": "KeyDown", "source": 0, "pitch": 60, "velocity": 0}',
        '{"type": "KeyDown", "source": 0, "pitch": 60.5, "velocity": 90}',
        '{"type": "KeyDown", "source": 0, "pitch": 60}',
        '{"type": "KeyDown", "source": 0, "pitch": 60, "velocity": 90, "more": 1}',
        '{"type": "Press", "source": 0, "action": "qpm", "value": NaN}',
        '{"type": "Press", "source": 0, "action": "mute", "layer": "tuba"}',
        '{"type": "SoundHere", "latency_s": -1}', '{"type": "SoundHere", "latency_s": 1e9}',
        '{"type": "SoundHere"}',
        '{"type": "Ping", "sent": "now"}', "[" * 4000,
    ],
)  # fmt: skip
def test_what_is_not_a_pages_to_say_is_refused(text: str) -> None:
    with pytest.raises(CodecError):
        read(text, at=1.5)
