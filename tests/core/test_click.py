import pytest

from psc2.core.click import click_track
from psc2.core.instruments import Instrument
from psc2.core.meter import Form, TimeSignature

SOUNDS = {Instrument.CLICK_SEQUENCE: "0", Instrument.CLICK_BAR: "1", Instrument.CLICK_BEAT: "2"}


@pytest.mark.parametrize(
    ("meter", "expected"),
    [
        ("4/4", "0...2...2...2...1...2...2...2..."),
        ("3/4", "0...2...2...1...2...2..."),
        ("7/8", "0.2.2.2.2.2.2.1.2.2.2.2.2.2."),
        ("5/16", "0222212222"),
        ("2/8", "0.2.1.2."),
    ],
)
def test_three_sounds_mark_sequence_bar_and_beat(meter: str, expected: str) -> None:
    time_signature = TimeSignature.parse(meter)
    track = ["."] * (2 * time_signature.steps_per_bar)
    for note in click_track(Form(time_signature, 2)):
        track[note.bar * time_signature.steps_per_bar + note.step] = SOUNDS[note.instrument]
    assert "".join(track) == expected
