"""A performance as a sound file."""

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from psc2.errors import StartError
from psc2.supercollider.rendering import TimedMessage, render
from tests.supercollider.conftest import require_programs
from tests.supercollider.rig import AUDIO
from tests.supercollider.sound import Sound, load, load_channels, residuals_ms

pytestmark = pytest.mark.supercollider

TAIL_S = 3.0
RELEASE_S = 0.25
LIMITER_S = 0.01  # what the limiter may look ahead
BRIEF = (0.0, "/playclick0", (100,))


def rendered(messages: list[TimedMessage], folder: Path, name: str = "out.wav") -> list[Sound]:
    """Left and right."""
    require_programs()
    render(messages, folder / name)
    return load_channels(folder / name)


def note(on: str, off: str, pitch: int, at: float, length_s: float = 0.5) -> list[TimedMessage]:
    return [(at, on, (pitch, 100)), (at + length_s, off, (pitch, 0))]


def test_it_is_48_khz_24_bit_stereo_and_every_stroke_is_on_its_sample(tmp_path: Path) -> None:
    moments = [number * 0.25 + 1 / 7 for number in range(12)]
    left, right = rendered([(at, f"/playclick{n % 3}", (100,)) for n, at in enumerate(moments)], tmp_path)
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (48000, 3, 2)
    onsets = left.onsets(threshold_db=-60)
    assert len(onsets) == len(right.onsets(threshold_db=-60)) == 12
    assert np.abs(residuals_ms(onsets, moments)).max() < 0.2
    assert 0 <= onsets[0] - moments[0] < LIMITER_S
    assert left.length_s == pytest.approx(moments[-1] + TAIL_S, abs=0.01)
    waves = [load(AUDIO / f"click{number}.wav").samples[:480] for number in range(3)]
    for number, onset in enumerate(onsets):
        assert left.matches(waves[number % 3], onset)[1] > 0.9


def test_notes_have_their_pitch_and_their_length(tmp_path: Path) -> None:
    messages = [
        *note("/playbass", "/stopbass", 40, 0.5),
        *note("/playchords", "/stopchords", 60, 1.5),
        *note("/playwurly", "/stopnote", 72, 2.5),
    ]
    left, _ = rendered(messages, tmp_path)
    for at, pitch in ((0.5, 40), (1.5, 60), (2.5, 72)):
        strongest = round(left.strongest_pitch(at + 0.1, at + 0.45))
        assert strongest % 12 == pitch % 12  # a bass may be strongest an octave higher
        assert left.is_silent(at + 0.5 + RELEASE_S, at + 0.98)


def test_the_rig_holds_but_everything_is_heard_in_stereo(tmp_path: Path) -> None:
    rig: list[TimedMessage] = [
        (0.0, "/psc2/sound", ("chords", 0, "organ", 3, 0.0, -1.0)),
        (0.0, "/psc2/sound", ("click", 1, "", 3, -6.0, 0.0)),
        (0.0, "/psc2/midi", ("chords", "", 1, 0, 0)),
        (0.0, "/psc2/rig", (7,)),
    ]
    chord = note("/playchords", "/stopchords", 60, 0.5)
    click: list[TimedMessage] = [(1.5, "/playclick0", (100,))]
    left, right = rendered([*rig, *chord, *click], tmp_path)
    plain, _ = rendered([*chord, *click], tmp_path)
    assert left.level_db(0.6, 0.9) > -40
    assert right.level_db(0.6, 0.9) < left.level_db(0.6, 0.9) - 60
    assert left.level_db(1.5, 1.55) - plain.level_db(1.5, 1.55) == pytest.approx(-6, abs=0.5)


def test_a_room_is_heard_after_the_sound_and_dies_away(tmp_path: Path) -> None:
    def click(*room: float) -> Sound:
        rig: list[TimedMessage] = [
            (0.0, "/psc2/sound", ("click", 1, "", 1, 0.0, 0.0, *room)),
            (0.0, "/psc2/rig", (1,)),
        ]
        return rendered([*rig, (0.5, "/playclick0", (127,))], tmp_path)[0]

    wet, dry, unsaid = click(1.0), click(0.0), click()
    assert wet.level_db(0.57, 0.6) > -50
    assert wet.is_silent(1.1, 3.4)
    assert np.array_equal(dry.samples, unsaid.samples)  # a daemon that knows of no room
    assert not dry.between(0.57, 3.4).any()


def test_a_flush_takes_back_what_was_sent_for_later(tmp_path: Path) -> None:
    messages: list[TimedMessage] = [
        (0.5, "/playchords", (60, 100)),
        (1.5, "/playsnare", (100,)),  # sent ahead
        (1.6, "/playchords", (64, 100)),
        (1.0, "/psc2/flush", ()),
        (2.0, "/playkick", (100,)),
    ]
    left, _ = rendered(messages, tmp_path)
    assert left.level_db(0.6, 0.9) > -40
    assert left.is_silent(1.0 + RELEASE_S, 1.99)
    assert left.level_db(2.0, 2.1) > -40


@pytest.mark.parametrize(
    ("loop_s", "key_s"),
    [((1.0, 1.7), (0.952, 1.3)), ((1.0, 1.3), (0.952, 1.7)), ((0.5, 1.0), (0.975, 0.99))],
    ids=["key-ends-first", "loop-ends-first", "staccato"],
)
def test_a_key_and_the_loops_note_of_its_pitch_sound_as_each_does_alone(
    tmp_path: Path, loop_s: tuple[float, float], key_s: tuple[float, float]
) -> None:
    rig: list[TimedMessage] = [
        (0.0, "/psc2/sound", ("bass", 1, "organ", 1, 0.0, 0.0)),
        (0.0, "/psc2/rig", (1,)),
    ]
    begins: TimedMessage = (loop_s[0], "/playbass", (60, 60, 7))  # sent before the key is down
    key: list[TimedMessage] = [(key_s[0], "/playbass", (60, 100, 8)), (key_s[1], "/stopbass", (60, 0, 8))]
    ends: TimedMessage = (loop_s[1], "/stopbass", (60, 0, 7))
    takes = [[begins, *key, ends], key, [begins, ends]]
    both, one, other = (rendered([*rig, *take], tmp_path)[0].between(0, 3.9) for take in takes)
    assert np.abs(one).max() > 0.01 < np.abs(other).max()
    assert np.abs(both - one - other).max() < 1e-5


def test_the_same_messages_give_the_same_file(tmp_path: Path) -> None:
    messages = [*note("/playbass", "/stopbass", 40, 0.1), *note("/playchords", "/stopchords", 60, 0.2)]
    for name in ("one.wav", "two.wav"):
        rendered(messages, tmp_path, name)
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


def test_what_cannot_be_rendered_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"^cannot start /no/sclang: No such file or directory$"):
        render([BRIEF], tmp_path / "out.wav", "/no/sclang")
    with pytest.raises(StartError, match=r"out.wav: cannot be rendered: .* ended without a word$"):
        render([BRIEF], tmp_path / "out.wav", sys.executable)  # knows nothing of SuperCollider
    with pytest.raises(StartError, match="a tab"):
        render([(0.0, "/psc2/midi", ("lead", "a\tb", 1, 0, 0))], tmp_path / "out.wav", "true")
    with pytest.raises(StartError, match=r"none/out.wav: No such file or directory$"):
        rendered([BRIEF], tmp_path / "none")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60 &\nwait\n")
    slow.chmod(0o755)
    with pytest.raises(StartError, match=r"not within 0.2 s$"):
        render([BRIEF], tmp_path / "out.wav", str(slow), timeout_s=0.2)
