"""The page's band: effects with their moments in, sound out."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psc2.core.effects import Bend, Flush, Modulate, NoteOff, NoteOn, Strike
from psc2.core.instruments import Instrument, Layer
from psc2.core.rig import Voice
from tests.supercollider.conftest import require
from tests.supercollider.offline import RATE, missing_programs
from tests.supercollider.sound import Samples, load
from tests.supercollider.voices import (
    between,
    click_db,
    decibels,
    fundamental,
    loudness_lufs,
    peak_db,
    rms_db,
    spread,
)
from tests.web.browser import complaints
from tests.web.sound_studio import (
    AUDIO,
    PAGE,
    Entry,
    SoundStudio,
    in_supercollider,
    note,
    sent,
    set_up,
    strike,
)

pytestmark = pytest.mark.browser

STROKES = [instrument for instrument in Instrument if (AUDIO / f"{instrument.value}.wav").exists()]
BASS, CHORDS, LEAD = Instrument.BASS, Instrument.CHORDS, Instrument.LEAD
ORGANS = {layer: {"voice": Voice.ORGAN} for layer in ("bass", "chords", "lead")}
ROOM_S = 0.4  # in which its echo falls by 60 dB
LIMITER_FRAMES = 96  # by which the limiter delays
CLICK_DB = -50
CEILING_DB = -0.5


def first_frame(samples: Samples, after: int = 0) -> int:
    """The first one that is not silent."""
    return after + int(np.flatnonzero(np.abs(samples[after:]).max(axis=1))[0])


def begun(samples: Samples, at: int) -> float:
    """How much louder it is at a frame than just before it."""
    before, after = np.abs(samples[at - 4 : at]).max(), np.abs(samples[at : at + 8]).max()
    return decibels(float(after / max(before, 1e-9)))


# ── moments


@pytest.mark.parametrize("rate", [44_100, RATE, 96_000])
@pytest.mark.parametrize("instrument", STROKES, ids=lambda instrument: instrument.value)
def test_a_stroke_begins_on_the_sample_of_its_moment(
    studio: SoundStudio, rate: int, instrument: Instrument
) -> None:
    alone = first_frame(studio.play([strike(instrument, 0.1, 127)], 0.5, rate)) - round(0.1 * rate)
    assert 0 <= alone < 0.001 * rate  # the sample's own first frames may be silent
    for frame in (200, 4410, 9637, 14_463):
        samples = studio.play([strike(instrument, frame / rate, 127)], 0.5, rate)
        assert first_frame(samples) == frame + alone


def test_what_is_played_out_of_order_begins_in_order(studio: SoundStudio) -> None:
    moments = [0.75, 0.25, 1.0, 0.5]
    together = studio.play([strike(Instrument.CLICK_BAR, at) for at in moments], 1.5)
    assert all(begun(together, round(at * RATE)) > 40 for at in moments)


def test_what_is_for_now_or_has_come_late_begins_at_once(studio: SoundStudio) -> None:
    for when in (None, 0.0, -0.04):
        samples = studio.play([Entry(when, Strike(Instrument.KICK, 100))], 0.5)
        assert first_frame(samples) == first_frame(studio.play([strike(Instrument.KICK, 0.1)], 0.5)) - 4704
    late = [Entry(-0.06, Strike(Instrument.KICK, 100)), Entry(-0.06, NoteOn(LEAD, 60, 100, note_id=1))]
    assert not studio.play(late, 0.5).any()


def test_a_note_off_never_overtakes_its_note_on(studio: SoundStudio) -> None:
    late = [
        set_up(ORGANS),
        Entry(0.3, NoteOn(BASS, 48, 100, note_id=1)),
        Entry(None, NoteOff(BASS, 48, note_id=1)),
    ]
    samples = studio.play(late, 1.5)
    assert first_frame(samples) - 0.3 * RATE in range(4)
    assert peak_db(between(samples, 1.0, 1.5)) < -90


def test_a_note_that_ends_as_it_begins_has_been_taken_back_and_is_not_heard(studio: SoundStudio) -> None:
    samples = studio.play([set_up(ORGANS), *note(BASS, 48, 0.3, 0.0)], 1.0)
    assert np.abs(samples).max() == 0


def test_a_note_ends_another_of_its_id_and_no_other(studio: SoundStudio) -> None:
    first, second = NoteOn(CHORDS, 60, 100, note_id=7), NoteOn(CHORDS, 67, 100, note_id=7)
    other = NoteOn(CHORDS, 60, 100, note_id=8)
    rig = set_up(ORGANS)
    off = Entry(1.0, NoteOff(CHORDS, 60, note_id=7))
    replaced = studio.play([rig, Entry(0.2, first), Entry(0.5, second), off], 2)
    alone = studio.play([rig, Entry(0.5, second), off], 2)
    assert np.abs(between(replaced, 0.95, 1) - between(alone, 0.95, 1)).max() < 1e-5
    both = studio.play([rig, Entry(0.2, first), Entry(0.2, other), off], 2)
    assert rms_db(between(both, 1.5, 2)) == pytest.approx(rms_db(between(both, 0.4, 0.9)) - 6, abs=1)


def test_a_flush_drops_what_is_scheduled_and_releases_what_sounds(studio: SoundStudio) -> None:
    held = [Entry(0.1, NoteOn(one, 50, 127, note_id=3)) for one in (BASS, CHORDS, LEAD)]
    ahead = [
        strike(Instrument.SNARE, 0.6),
        strike(Instrument.CRASH, 0.49),
        Entry(0.7, NoteOn(LEAD, 60, 100, note_id=4)),
    ]
    after = strike(Instrument.KICK, 2.0)
    samples = studio.play([*held, *ahead, Entry(0.5, Flush()), after], 2.5)
    assert rms_db(between(samples, 0.3, 0.5)) > -30
    assert peak_db(between(samples, 1.5, 2.0)) < -90
    assert begun(samples, 2 * RATE) > 40
    assert not studio.play([*held, *ahead, Entry(None, Flush())], 2.5).any()


# ── next to SuperCollider


def test_samples_strips_and_lines_are_as_loud_as_in_supercollider(
    studio: SoundStudio, tmp_path: Path
) -> None:
    require(missing_programs())
    gains = {"click": -6.0, "drums": 3.0, "bass": -3.0, "chords": 2.0, "lead": 4.0}
    rig = set_up(
        {layer: {"gain_db": gain, "pan": gain / 10, "room": abs(gain) / 6} for layer, gain in gains.items()},
        0.0,
    )
    score, begins = [rig], [0.1 + number for number in range(3 * len(STROKES) + 3)]
    for number, at in enumerate(begins[: 3 * len(STROKES)]):
        score.append(strike(STROKES[number // 3], at, (30, 90, 127)[number % 3]))
    for instrument, pitch, at in zip((BASS, CHORDS, LEAD), (40, 60, 72), begins[-3:], strict=True):
        score += note(instrument, pitch, at, 0.6)
    here, there = studio.play(score, begins[-1] + 2), in_supercollider(score, tmp_path)
    for at in begins:
        for side in (0, 1):
            mine, its = (
                rms_db(between(samples, at, at + 0.8)[:, side : side + 1]) for samples in (here, there)
            )
            assert mine == pytest.approx(its, abs=1), (at, side)
        one, other = (loudness_lufs(between(samples, at - 0.05, at + 0.9)) for samples in (here, there))
        assert one == pytest.approx(other, abs=1) or other < -60, at


@pytest.mark.parametrize("instrument", STROKES, ids=lambda instrument: instrument.value)
def test_every_instrument_has_its_own_sample(studio: SoundStudio, instrument: Instrument) -> None:
    samples = studio.play([strike(instrument, 0.1, 127)], 1.5)
    expected = load(AUDIO / f"{instrument.value}.wav").samples
    heard = samples[4800 : 4800 + len(expected), 0]
    assert np.corrcoef(heard, expected)[0, 1] > 0.97


# ── wheels


def test_the_wheel_bends_what_the_lead_plays_and_nothing_else(studio: SoundStudio) -> None:
    for value, semitones in ((16_383, 2), (0, -2), (8192, 0), (12_288, 1)):
        for instrument in (LEAD, CHORDS, BASS):
            held = note(instrument, 60, 0.1, 2)
            samples = studio.play([set_up(ORGANS), *held, Entry(0.5, Bend(value))], 2)
            pitch = 60 + (semitones if instrument is LEAD else 0)
            assert abs(fundamental(between(samples, 0.15, 0.45), 60)[0]) < 4
            assert abs(fundamental(between(samples, 0.8, 1.9), pitch)[0]) < 3
            assert click_db(samples, [0.5]) < CLICK_DB


def test_the_modulation_wheel_adds_vibrato_to_the_lead(studio: SoundStudio) -> None:
    for instrument, least, most in ((LEAD, 60, 110), (CHORDS, 0, 5)):
        samples = studio.play([Entry(None, Modulate(127)), *note(instrument, 84, 0.1, 2)], 2)
        found = [fundamental(between(samples, at, at + 0.06), 84)[0] for at in np.arange(0.5, 1.5, 0.01)]
        assert least <= spread(found) <= most


# ── strips


def test_pan_goes_from_left_to_right_at_the_same_loudness(studio: SoundStudio) -> None:
    def panned(pan: float) -> Samples:
        return studio.play(
            [set_up({"chords": {"voice": Voice.WURLY, "pan": pan}}), *note(CHORDS, 60, 0.3, 0.6)], 1
        )

    left, middle, right = (panned(pan) for pan in (-1.0, 0.0, 1.0))
    for loud, silent, take in ((0, 1, left), (1, 0, right)):
        assert rms_db(take[:, silent : silent + 1]) < rms_db(take[:, loud : loud + 1]) - 60
        assert rms_db(take) == pytest.approx(rms_db(middle), abs=0.5)
    assert rms_db(middle[:, :1]) == pytest.approx(rms_db(middle[:, 1:]), abs=0.5)


def test_a_strip_turns_up_and_down_without_a_click(studio: SoundStudio) -> None:
    def changed(gain_db: float) -> Samples:
        change = set_up({"chords": {"voice": Voice.ORGAN, "gain_db": gain_db}}, 0.5)
        return studio.play([set_up(ORGANS), *note(CHORDS, 60, 0.1, 2), change], 1.5)

    plain = changed(0.0)
    for gain_db in (-60.0, -12.0, 12.0):
        samples = changed(gain_db)
        difference = rms_db(between(samples, 1.1, 1.5)) - rms_db(between(plain, 1.1, 1.5))
        on_its_way = between(samples, 0.501, 0.504), between(plain, 0.501, 0.504)
        assert abs(rms_db(on_its_way[0]) - rms_db(on_its_way[1])) < 0.9 * abs(gain_db)
        assert difference == pytest.approx(gain_db, abs=0.1 if gain_db > -60 else 3)
        assert click_db(samples, [0.5]) < CLICK_DB


def test_the_room_is_that_of_supercollider(studio: SoundStudio, tmp_path: Path) -> None:
    """Its echo is the same, sample by sample, on either side."""
    require(missing_programs())
    score = [strike(Instrument.KICK, 0.1), strike(Instrument.CLOSED_HIHAT, 1.1)]
    for pan in (-1.0, 0.5):
        dry, wet = ([set_up({"drums": {"pan": pan, "room": room}}, 0.0), *score] for room in (0.0, 1.0))
        here = studio.play(wet, 2) - studio.play(dry, 2)
        there = in_supercollider(wet, tmp_path)[: len(here)] - in_supercollider(dry, tmp_path)[: len(here)]
        assert rms_db(here) > -40
        begin = round(0.3 * RATE)  # by then a new rig has had its effect
        here, there = np.roll(here, LIMITER_FRAMES, axis=0)[begin:], there[begin:]
        assert rms_db(here - there) < rms_db(here) - 40


def test_what_the_room_has_dies_away_after_a_flush(studio: SoundStudio) -> None:
    wet = {layer.value: {"room": 1.0} for layer in Layer}
    held = [Entry(0.1, NoteOn(one, 60, 127, note_id=3)) for one in (BASS, CHORDS, LEAD)]
    samples = studio.play([set_up(wet), *held, strike(Instrument.CRASH, 0.3), Entry(0.5, Flush())], 3)
    released_s = 0.7
    assert rms_db(between(samples, released_s, released_s + 0.05)) > -60
    assert peak_db(between(samples, released_s + ROOM_S, 3)) < -60
    assert peak_db(between(samples, released_s + 2 * ROOM_S, 3)) < -100


def test_another_room_clicks_as_little_as_another_gain(studio: SoundStudio) -> None:
    rigs = [
        set_up({"chords": {"voice": Voice.ORGAN, "room": room}}, at) for room, at in ((1.0, 0.5), (0.0, 1.0))
    ]
    samples = studio.play([set_up(ORGANS), *note(CHORDS, 60, 0.1, 2), *rigs], 1.5)
    dry = studio.play([set_up(ORGANS), *note(CHORDS, 60, 0.1, 2)], 1.5)
    assert np.abs(between(samples, 0.8, 1) - between(dry, 0.8, 1)).max() > 0.01
    assert click_db(samples, [0.5, 1.0]) < CLICK_DB


def test_a_layer_that_sounds_elsewhere_is_not_heard_here(studio: SoundStudio) -> None:
    score = [*note(BASS, 40, 0.1, 0.4), strike(Instrument.KICK, 0.1), strike(Instrument.CLICK_BEAT, 0.1)]
    elsewhere = {"in_supercollider": False}
    assert not studio.play([set_up(dict.fromkeys(("bass", "drums", "click"), elsewhere)), *score], 1).any()
    for layer in ("bass", "drums", "click"):
        assert studio.play([set_up({layer: elsewhere}), *score], 1).any()


def test_a_new_rig_ends_what_sounds_on_the_layers_that_change(studio: SoundStudio) -> None:
    held = [set_up(ORGANS), Entry(0.1, NoteOn(CHORDS, 60, 100, note_id=1))]
    for change in ({"voice": Voice.PAD}, {"voice": Voice.ORGAN, "in_supercollider": False}):
        samples = studio.play([*held, set_up({"chords": change}, 0.5)], 2)
        assert rms_db(between(samples, 0.3, 0.5)) > -40
        assert peak_db(between(samples, 1.5, 2)) < -90
        assert click_db(samples, [0.5, 0.56]) < CLICK_DB
    kept = studio.play([*held, set_up({"chords": {"voice": Voice.ORGAN, "out": 3, "pan": 0.5}}, 0.5)], 2)
    assert rms_db(between(kept, 1.5, 2)) > -40


# ── the way out


def test_nothing_gets_past_the_ceiling_and_what_is_below_it_stays(studio: SoundStudio) -> None:
    rig = set_up({layer.value: {"gain_db": 12.0} for layer in Layer})
    keys = [(one, pitch) for one in (BASS, CHORDS, LEAD) for pitch in range(40, 60)]
    chord = [Entry(0.1, NoteOn(one, pitch, 127, note_id=pitch)) for one, pitch in keys]
    drums = [strike(instrument, 0.1 + 0.25 * beat, 127) for beat in range(4) for instrument in STROKES]
    loud = studio.play([rig, *chord, *drums], 1.5)
    assert -3 < peak_db(loud) <= CEILING_DB + 0.01
    assert np.mean(np.abs(loud) > 10 ** (CEILING_DB / 20) - 1e-4) < 0.001  # turned down, not cut off
    line = note(LEAD, 72, 0.1, 0.5)
    soft, softer = (studio.play([set_up({"lead": {"gain_db": gain}}), *line], 1) for gain in (0.0, -20.0))
    assert np.allclose(soft, 10 * softer, atol=1e-5)


def test_no_sample_is_other_than_a_number_whatever_is_played(studio: SoundStudio) -> None:
    nonsense: list[dict[str, Any]] = [
        {},
        {"type": "Redirect", "port": 9},
        {"type": "Strike", "instrument": "cowbell", "velocity": 100},
        {"type": "Strike", "instrument": "kick", "velocity": "loud"},
        {"type": "Strike", "instrument": "constructor", "velocity": 100},
        {"type": "NoteOn", "instrument": "bass", "pitch": None, "velocity": 100, "note_id": 1},
        {"type": "NoteOn", "instrument": "bass", "pitch": 60, "velocity": 1e9, "note_id": 1},
        {"type": "NoteOff", "instrument": "kick", "pitch": 60, "note_id": 1},
        {"type": "Bend"},
        {"type": "Modulate", "value": -1e300},
        {"type": "SetUp", "rig": None},
        {"type": "SetUp", "rig": {"strips": [{"layer": "bass", "gain_db": None, "pan": 0, "room": 0}]}},
        {"type": "SetUp", "rig": {"strips": [{"layer": "bass", "gain_db": 0, "pan": 0, "room": 2}]}},
    ]  # fmt: skip
    right = note(LEAD, 60, 0.3, 0.3)
    for when in (None, 0.2):
        samples = studio.play([*(Entry(when, effect) for effect in nonsense), *right], 1)
        assert np.allclose(samples, studio.play(right, 1), atol=1e-6)
    strip = {"layer": "lead", "in_supercollider": True, "voice": "trombone", "gain_db": 0, "pan": 0}
    trombone = Entry(None, {"type": "SetUp", "rig": {"strips": [strip | {"room": 0}]}})
    assert np.allclose(studio.play([trombone, *right], 1), studio.play(right, 1), atol=1e-6)


# ── drums


def test_a_closed_hi_hat_ends_an_open_one_without_a_click(studio: SoundStudio) -> None:
    open_hat, closed = strike(Instrument.OPEN_HIHAT, 0.1, 127), strike(Instrument.CLOSED_HIHAT, 0.25, 1)
    rung, choked = studio.play([open_hat], 0.6), studio.play([open_hat, closed], 0.6)
    assert rms_db(between(choked, 0.28, 0.4)) < rms_db(between(rung, 0.28, 0.4)) - 10
    softer = np.abs(np.diff(between(choked, 0.25, 0.256)[:, 0])).max()
    assert softer <= 1.5 * np.abs(np.diff(between(rung, 0.24, 0.256)[:, 0])).max()


# ── many of them


def crowd(voice: Voice, number: int, held_s: float) -> list[Entry]:
    """So many notes at once."""
    played = [note(CHORDS, 36 + key % 60, 0.05, held_s, note_id=key + 1) for key in range(number)]
    return [set_up({"chords": {"voice": voice}}), *(entry for entries in played for entry in entries)]


@pytest.mark.parametrize("voice", Voice, ids=lambda voice: voice.value)
def test_voices_free_themselves_whenever_the_key_is_up(studio: SoundStudio, voice: Voice) -> None:
    for held_s in (0.0005, 0.003, 0.05, 0.5):
        counted = studio.call("reckon", sent(crowd(voice, 16, held_s)), 1.5, RATE)["sounding"]
        assert max(counted) == 16
        assert counted[-1] == 0


def test_of_more_than_64_notes_the_oldest_released_one_makes_room(studio: SoundStudio) -> None:
    score = crowd(Voice.ORGAN, 200, 0.5)
    counted = studio.call("reckon", sent(score), 1.5, RATE)["sounding"]
    assert 64 <= max(counted) <= 128
    assert min(counted[round(0.1 * RATE / 128) : round(0.5 * RATE / 128)]) == 64
    assert counted[-1] == 0
    # 63 that are held, one that has been released but rings on, and one more.
    held = [Entry(0.1, NoteOn(LEAD, 100, 1, note_id=number)) for number in range(2, 65)]
    released = [Entry(0.05, NoteOn(CHORDS, 60, 127, note_id=1)), Entry(0.5, NoteOff(CHORDS, 60, note_id=1))]
    more = Entry(0.55, NoteOn(BASS, 43, 100, note_id=99))
    rig = set_up({"lead": {"voice": Voice.ORGAN}, "chords": {"voice": Voice.PAD}})
    counted = studio.call("reckon", sent([rig, *released, *held, more]), 0.8, RATE)["sounding"]
    assert counted[-1] == 64
    taken = studio.play([rig, *released, *held, more], 0.8)
    assert click_db(taken, [0.55]) < CLICK_DB - 10  # it is about as loud as it ever was
    kept = studio.play([rig, *released, *held], 0.8)
    rings, is_held = (261.6, 2637.0)  # hertz of the pitches 60 and 100
    assert partial_db(taken, rings, 0.6) < partial_db(kept, rings, 0.6) - 20
    assert partial_db(taken, is_held, 0.6) == pytest.approx(partial_db(kept, is_held, 0.6), abs=0.5)


def partial_db(samples: Samples, hz: float, begin_s: float) -> float:
    """How loud it is within 12 Hz of a frequency, from ``begin_s`` on."""
    heard = between(samples, begin_s, len(samples) / RATE).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    near = np.abs(np.fft.rfftfreq(len(heard), 1 / RATE) - hz) < 12
    return decibels(float(spectrum[near].max()))


@pytest.mark.timing
@pytest.mark.parametrize("voice", Voice, ids=lambda voice: voice.value)
def test_32_voices_take_less_than_half_of_a_core(studio: SoundStudio, voice: Voice) -> None:
    studio.call("reckon", sent(crowd(voice, 32, 10)), 2, RATE)  # what has run for a while is faster
    takes = [studio.call("reckon", sent(crowd(voice, 32, 10)), 4, RATE)["seconds"] for _ in range(3)]
    assert min(takes) / 4 < 0.5


# ── in the page


@pytest.mark.timing
def test_it_tells_its_level_about_ten_times_a_second_until_it_is_closed(studio: SoundStudio) -> None:
    score = [Entry(None, NoteOn(LEAD, 60, 100, note_id=1))]
    told = studio.call("levels", [entry["effect"] for entry in sent(score)], 2)
    assert 8 <= len(told["peaks"]) <= 25
    assert 0.01 < max(told["peaks"]) <= 1
    assert told["after"] == 0


def test_a_sample_that_is_missing_is_told_in_one_line(studio: SoundStudio) -> None:
    told = r"^Error: /nowhere/\w+\.wav: a sound is missing \(404\); install psc2 again$"
    with pytest.raises(RuntimeError, match=told):
        studio.call("opening", "/nowhere/")


def test_the_browser_has_nothing_to_complain_about(studio: SoundStudio) -> None:
    studio.play(note(LEAD, 60, 0.1, 0.2), 0.5)
    assert [text for text in complaints(studio.driver) if "/nowhere/" not in text] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="not installed: node")
def test_all_but_the_way_into_the_browser_runs_outside_one() -> None:
    modules = [path.as_uri() for path in (PAGE / "sound").glob("*.js") if path.stem != "processor"]
    script = "".join(f"await import({module!r});" for module in modules)
    subprocess.run(["node", "--input-type=module", "-e", script], check=True, timeout=60)


def test_no_module_loads_what_the_server_does_not_have_or_makes_code_of_text() -> None:
    for path in (PAGE / "sound").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|blob:|data:|://|innerHTML", text), path
        assert all(name.startswith("./") for name in re.findall(r'\bfrom "(.*?)"', text)), path
