"""What a bare sender, without the daemon, hears of psc2.scd."""

import time
from itertools import accumulate, pairwise

import numpy as np
import pytest

from tests.supercollider.processes import wait_until
from tests.supercollider.rig import AT_ONCE_S, AUDIO, BUSY_S, Rig
from tests.supercollider.sound import Samples, Sound, load, residuals_ms

pytestmark = pytest.mark.supercollider

LEAD_S = 0.2  # from sending to sounding: enough for a busy machine
RELEASE_S = 0.22  # the longest release, of the chords, and a little
SAMPLES = sorted(path.stem for path in AUDIO.glob("*.wav"))
INSTRUMENTS = [
    ("/playbass", "/stopbass", (28, 36, 43, 55)),
    ("/playchords", "/stopchords", (48, 60, 72, 84)),
    ("/playwurly", "/stopnote", (48, 60, 72, 84)),
]
OFF = {play: stop for play, stop, _ in INSTRUMENTS}


def cents(pitch: float, than: float) -> float:
    """How many hundredths of a semitone a pitch is higher."""
    return (pitch - than) * 100


def test_clicks_sound_on_the_sample_of_their_time_tag(rig: Rig) -> None:
    rig.settle()
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        tags = [first + step * 0.09 for step in range(40)]
        for step, tag in enumerate(tags):
            rig.send(f"/playclick{step % 3}", 100, at=tag)
        wait_until(tags[-1] + 0.2)
    onsets = recording.sound.onsets(gap_s=0.02)
    assert len(onsets) == 40
    residuals = residuals_ms(onsets, tags)
    assert np.abs(residuals).max() < 1.5
    # From one click to the next: a sample.
    assert np.abs(np.diff(residuals)).max() < 0.1


def test_an_untagged_note_sounds_at_once(rig: Rig) -> None:
    with rig.recording() as recording:
        tag = time.time() + LEAD_S
        rig.send("/playclick0", at=tag)
        wait_until(tag + 0.2)
        sent = []
        for pitch in (60, 64, 67):
            sent.append(time.time())
            rig.send("/playwurly", pitch, 100)
            time.sleep(0.05)
            rig.send("/stopnote", pitch, 0)
            time.sleep(0.25)
    click, *notes = recording.sound.onsets()
    assert len(notes) == len(sent)
    latencies = [note - click - (moment - tag) for note, moment in zip(notes, sent, strict=True)]
    assert min(latencies) > 0
    assert max(latencies) < AT_ONCE_S + BUSY_S


def test_a_tag_just_past_sounds_at_once_and_one_long_past_not_at_all(rig: Rig) -> None:
    with rig.recording() as recording:
        rig.send("/playclick0", at=time.time() - 0.01)
        time.sleep(0.3)
        rig.send("/playclick0", at=time.time() - 1)
        time.sleep(0.3)
    assert len(recording.sound.onsets()) == 1


@pytest.mark.parametrize(("play", "stop", "pitches"), INSTRUMENTS)
def test_the_strongest_partial_is_the_pitch(rig: Rig, play: str, stop: str, pitches: tuple[int, ...]) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        for number, pitch in enumerate(pitches):
            rig.send(play, pitch, 100, at=first + number * 0.55)
            rig.send(stop, pitch, 0, at=first + number * 0.55 + 0.3)
        wait_until(first + len(pitches) * 0.55)
    onsets = recording.sound.onsets(gap_s=0.05)
    assert len(onsets) == len(pitches)
    for onset, pitch in zip(onsets, pitches, strict=True):
        assert abs(cents(recording.sound.strongest_pitch(onset + 0.02, onset + 0.3), pitch)) < 25
        assert recording.sound.is_silent(onset + 0.3 + RELEASE_S, onset + 0.54)


def test_a_note_off_silences_its_note_and_no_other(rig: Rig) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        rig.send("/playchords", 60, 100, at=first)
        rig.send("/playchords", 67, 100, at=first)
        rig.send("/playbass", 60, 20, at=first)
        rig.send("/stopchords", 60, 0, at=first + 0.4)
        rig.send("/stopbass", 60, 0, at=first + 0.4)
        rig.send("/stopchords", 67, 0, at=first + 1.0)
        wait_until(first + 1.4)
    onset = recording.sound.onsets()[0]
    assert round(recording.sound.strongest_pitch(onset + 0.7, onset + 1.0)) == 67
    alone, both = (
        recording.sound.between(onset + 0.7, onset + 0.9),
        recording.sound.between(onset + 0.1, onset + 0.3),
    )
    assert strength(both, 60) > 0.3 * strength(both, 67)
    assert strength(alone, 60) < 0.01 * strength(alone, 67)
    assert recording.sound.is_silent(onset + 1.0 + RELEASE_S, onset + 1.3)


def strength(window: Samples, pitch: int, rate: int = 48000) -> float:
    """How strong the frequency of a pitch is."""
    phase = 2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(len(window)) / rate
    return float(np.abs(np.sum(window * np.hanning(len(window)) * np.exp(-1j * phase))))


@pytest.mark.parametrize("named", [False, True], ids=["without an id", "with one"])
def test_a_note_off_never_overtakes_its_note_on(rig: Rig, named: bool) -> None:
    first = time.time() + LEAD_S
    for pitch in range(40, 60):
        tag = first + (pitch - 40) * 0.01
        note = [pitch] if named else []
        rig.send("/playbass", pitch, 100, *note, at=tag)
        rig.send("/stopbass", pitch, 0, *note, at=tag)  # in one control block with its note-on
        rig.send("/playchords", pitch, 100, *note, at=tag)
        rig.send("/stopchords", pitch, 0, *note)  # at once, and so before its note-on
    wait_until(first + 0.5)
    rig.wait_for_voices(0)


def test_a_repeated_note_on_leaves_one_voice(rig: Rig) -> None:
    for _ in range(3):
        rig.send("/playwurly", 60, 100)
        time.sleep(0.1)
    rig.wait_for_voices(1)
    rig.send("/stopnote", 60, 0)
    rig.wait_for_voices(0)


def test_velocity_is_loudness(rig: Rig) -> None:
    velocities = (1, 30, 64, 100, 127)
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        for number, velocity in enumerate(velocities):
            tag = first + number * 0.35
            rig.send("/playwurly", 72, velocity, at=tag)
            rig.send("/stopnote", 72, 0, at=tag + 0.2)
        wait_until(first + len(velocities) * 0.35)
    start = recording.sound.onsets(threshold_db=-60)[0]
    levels = [
        recording.sound.level_db(start + n * 0.35, start + n * 0.35 + 0.2) for n in range(len(velocities))
    ]
    assert all(louder > softer + 2 for softer, louder in pairwise(levels))


def test_every_address_plays_its_own_sample(rig: Rig) -> None:
    samples = {name: load(AUDIO / f"{name}.wav") for name in SAMPLES}
    begins = dict(
        zip(SAMPLES, accumulate((sample.length_s for sample in samples.values()), initial=0.0), strict=False)
    )
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        for name, begin in begins.items():
            rig.send(f"/play{name}", 90, at=first + begin)
        wait_until(first + begins[SAMPLES[-1]] + 0.5)
    start = recording.sound.onsets()[0]
    for name, begin in begins.items():
        where, likeness = recording.sound.matches(samples[name].samples, start + begin)
        others = (recording.sound.matches(samples[other].samples, start + begin)[1] for other in SAMPLES)
        assert likeness == max(others), name
        assert likeness > 0.9, name
        assert abs(where - start - begin) < 0.002, name


def test_a_closed_hi_hat_ends_an_open_one(rig: Rig) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        rig.send("/playophat", 127, at=first)
        rig.send("/playophat", 127, at=first + 0.6)
        rig.send("/playclhat", 1, at=first + 0.8)
        wait_until(first + 1.3)
    start = recording.sound.onsets()[0]
    alone = recording.sound.level_db(start + 0.21, start + 0.3)
    assert recording.sound.level_db(start + 0.81, start + 0.9) < alone - 15


def test_a_missing_velocity_is_100(rig: Rig) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        rig.send("/playclick1", at=first)
        rig.send("/playclick1", 100, at=first + 0.2)
        rig.send("/playclick1", 60.0, at=first + 0.4)
        wait_until(first + 0.6)
    default, explicit, softer = recording.sound.onsets()
    levels = [recording.sound.level_db(onset, onset + 0.05) for onset in (default, explicit, softer)]
    assert abs(levels[0] - levels[1]) < 0.1
    assert levels[2] < levels[0] - 3


def test_the_pitch_wheel_bends_sounding_and_later_notes_of_the_lead(rig: Rig) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        rig.send("/playwurly", 72, 100, at=first)
        wait_until(first + 0.5)
        rig.send("/psc2/pitchbend", 16383)
        wait_until(first + 1.0)
        rig.send("/stopnote", 72, 0)
        wait_until(first + 1.3)
        rig.send("/playwurly", 60, 100)
        wait_until(first + 1.8)
        rig.send("/psc2/pitchbend", 0)
        wait_until(first + 2.3)
        rig.send("/psc2/pitchbend", 8192)
        rig.send("/stopnote", 60, 0)
        wait_until(first + 2.6)
        rig.send("/psc2/pitchbend", 0)
        rig.send("/playbass", 60, 100)
        wait_until(first + 3.1)
        rig.send("/stopbass", 60, 0)
    start = recording.sound.onsets()[0]
    heard = [
        recording.sound.strongest_pitch(start + at, start + at + 0.35) for at in (0.05, 0.6, 1.4, 1.9, 2.72)
    ]
    assert np.abs(np.array(heard) - [72, 74, 62, 58, 60]).max() < 0.1


def test_the_modulation_wheel_adds_vibrato_to_the_lead(rig: Rig) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        rig.send("/playwurly", 84, 100, at=first)
        wait_until(first + 0.7)
        rig.send("/psc2/modulation", 127)
        wait_until(first + 1.5)
        rig.send("/psc2/modulation", 0)
        wait_until(first + 2.2)
        rig.send("/stopnote", 84, 0)
    start = recording.sound.onsets()[0]
    assert wobble(recording.sound, start + 0.1, start + 0.6) < 0.05
    assert 0.4 < wobble(recording.sound, start + 0.85, start + 1.4) < 1.2
    assert wobble(recording.sound, start + 1.8, start + 2.1) < 0.05


def wobble(sound: Sound, from_s: float, to_s: float) -> float:
    """By how many semitones the strongest partial moves up and down."""
    pitches = [
        sound.strongest_pitch(at, at + 0.04) for at in map(float, np.arange(from_s, to_s - 0.04, 0.01))
    ]
    return max(pitches) - min(pitches)


def test_flush_silences_what_sounds_and_what_is_still_to_come(rig: Rig) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        rig.send("/playclick0", at=first)
        rig.send("/playbass", 40, 127, at=first + 0.2)
        rig.send("/playchords", 60, 127, at=first + 0.2)
        rig.send("/playwurly", 76, 127, at=first + 0.2)
        wait_until(first + 0.4)
        now = time.time()
        for ahead in (0.01, 0.05, 0.1, 0.15, 0.2):
            rig.send("/playsnare", 127, at=now + ahead)
            rig.send("/playcrash", 127, at=now + ahead)
            rig.send("/playbass", 50 + round(ahead * 100), 127, at=now + ahead)
            rig.send("/stopbass", 40, 0, at=now + 0.2)
        flushed = time.time()
        rig.send("/psc2/flush")
        wait_until(flushed + 0.7)
        rig.send("/playwurly", 72, 100)
        wait_until(flushed + 1.2)
        rig.send("/stopnote", 72, 0)
    start = recording.sound.onsets()[0]
    silent = start + (flushed - first) + AT_ONCE_S + BUSY_S + RELEASE_S
    note = recording.sound.onsets()[-1]
    assert recording.sound.is_silent(silent, note - 0.002)
    assert silent < note - 0.3
    assert round(recording.sound.strongest_pitch(note + 0.05, note + 0.35)) == 72
    rig.wait_for_voices(0)


def test_flush_lets_what_comes_after_it_play(rig: Rig) -> None:
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        for number in range(20):
            at = first + number * 0.05
            rig.send("/playclick0", at=at + 0.01)
            rig.send("/psc2/flush")
            rig.send("/playclick1", at=at)
        wait_until(first + 1.2)
    assert (
        len(recording.sound.onsets(gap_s=0.01)) == 1
    )  # each flush took the clicks before it; the last one stayed

    with rig.recording() as recording:
        rig.send("/psc2/flush")
        rig.send("/playwurly", 60, 100)
        rig.send("/playbass", 40, 100, at=time.time() + 0.1)
        time.sleep(0.5)
    rig.wait_for_voices(2)
    assert recording.sound.level_db(0.3, 0.5) > -40


def test_everything_at_full_volume_does_not_clip(rig: Rig) -> None:
    chord = (36, 48, 52, 55, 59, 62, 64, 76)
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        for beat in range(4):
            for name in ("click0", "kick", "snare", "clhat", "crash", "ride"):
                rig.send(f"/play{name}", 127, at=first + beat * 0.25)
        for play in OFF:
            for pitch in chord:
                rig.send(play, pitch, 127, at=first)
        wait_until(first + 1.0)
    rig.send("/psc2/flush")
    assert np.abs(recording.sound.samples).max() < 1.0
