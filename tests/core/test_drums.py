import pytest

from psc2.core.drums import PITCHES_OF_DRUM, DrumStyle, deterministic_beat, notes_of, pattern_of
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Form, TimeSignature
from psc2.core.requests import Hit


def bass(bar: int, step: int) -> PlayableNote:
    return PlayableNote(bar, step, Layer.BASS, Instrument.BASS, 40, 90)


def drawn(notes: list[PlayableNote], time_signature: TimeSignature, num_bars: int) -> dict[str, str]:
    """Each drum as a string of steps."""
    rows = {note.instrument: ["."] * num_bars * time_signature.steps_per_bar for note in notes}
    for note in notes:
        rows[note.instrument][note.bar * time_signature.steps_per_bar + note.step] = "x"
    return {drum.value: "".join(row) for drum, row in rows.items()}


@pytest.mark.parametrize(
    ("meter", "kick", "snare", "hihat"),
    [
        (
            "4/4",
            "x...............x...............",
            "x.....x...............x.........",
            "x.x.x.x.x.x.x.x." * 2,
        ),
        ("7/8", "x.............x.............", "x.....x.............x.......", "x.x.x.x.x.x.x." * 2),
        ("7/16", "x......x......", "x.....x......x", "x.x.x.xx.x.x.x"),
        ("2/4", "x.......x.......", "x.....x.......x.", "x.x.x.x.x.x.x.x."),
    ],
)
def test_the_beat_of_the_bassline_in_every_meter(meter: str, kick: str, snare: str, hihat: str) -> None:
    time_signature = TimeSignature.parse(meter)
    beat = deterministic_beat([bass(0, 0), bass(0, 6), bass(1, 6)], Form(time_signature, 2))
    assert drawn(beat, time_signature, 2) == {"kick": kick, "snare": snare, "clhat": hihat}


def test_in_swing_the_snare_leaves_the_beats_of_a_walking_bass_alone() -> None:
    form = Form(TimeSignature(4, 4), 3)
    walking, in_two = [bass(0, step) for step in (0, 4, 8, 10, 12)], [bass(1, 0), bass(1, 8)]
    beat = deterministic_beat([*walking, *in_two, bass(2, 0), bass(2, 6)], form, DrumStyle.SWING)
    snares = [(note.bar, note.step) for note in beat if note.instrument is Instrument.SNARE]
    assert snares == [(0, 10), (2, 0), (2, 6)]


@pytest.mark.parametrize(
    ("meter", "ride", "hihat"),
    [
        ("4/4", "x...x.x.x...x.x.", "....x.......x..."),
        ("3/4", "x...x.x.x...", "....x......."),
        ("7/8", "x...x.x.x...x.", "....x.......x."),
        ("5/16", "x...x", "....x"),
    ],
)
def test_in_swing_the_ride_has_the_beat_and_the_hihat_2_and_4(meter: str, ride: str, hihat: str) -> None:
    form = Form(TimeSignature.parse(meter), 1)
    beat = deterministic_beat([bass(0, 0), bass(0, 3)], form, DrumStyle.SWING)
    shown = drawn(beat, form.time_signature, 1)
    assert (shown["ride"], shown["clhat"]) == (ride, hihat)
    assert shown["snare"] == "x..x".ljust(form.length_steps, ".")
    loudest = {
        drum: max(note.velocity for note in beat if note.instrument is drum)
        for drum in (Instrument.SNARE, Instrument.KICK, Instrument.RIDE)
    }
    assert loudest[Instrument.SNARE] < loudest[Instrument.KICK] < loudest[Instrument.RIDE]


def test_bass_notes_outside_the_bars_get_no_snare() -> None:
    beat = deterministic_beat([bass(0, 12), bass(2, 0)], Form(TimeSignature(3, 4), 2))
    assert Instrument.SNARE not in {note.instrument for note in beat}


def test_two_bass_notes_at_one_step_make_one_snare() -> None:
    beat = deterministic_beat([bass(0, 2), bass(0, 2)], Form(TimeSignature(4, 4), 1))
    assert sum(note.instrument is Instrument.SNARE for note in beat) == 1


def test_every_drum_pitch_of_2018_has_its_name() -> None:
    assert {drum.value: set(pitches) for drum, pitches in PITCHES_OF_DRUM.items()} == {
        "kick": {35, 36},
        "snare": {27, 28, 31, 32, 33, 34, 37, 38, 39, 40, 56, 65, 66, 75, 85},
        "clhat": {42, 44, 54, 68, 69, 70, 71, 73, 78, 80},
        "ophat": {46, 67, 72, 74, 79, 81},
        "lowtom": {29, 41, 45, 61, 64, 84},
        "midtom": {47, 48, 60, 63, 77, 86, 87},
        "hightom": {30, 43, 50, 62, 76, 83},
        "crash": {49, 55, 57, 58},
        "ride": {51, 52, 53, 59, 82},
    }
    pitches = [pitch for pitches in PITCHES_OF_DRUM.values() for pitch in pitches]
    assert len(set(pitches)) == len(pitches)


def test_a_pattern_becomes_notes_and_a_pattern_again() -> None:
    pattern = (Hit(0, Instrument.KICK, 110), Hit(6, Instrument.RIDE, 70), Hit(27, Instrument.SNARE, 90))
    assert pattern_of(notes_of(pattern, 14, 2), 14) == pattern


def test_what_does_not_fit_a_pattern_is_left_out() -> None:
    hits = [Hit(-1, Instrument.KICK, 90), Hit(28, Instrument.KICK, 90), Hit(3, Instrument.BASS, 90)]
    assert notes_of(hits, 14, 2) == []
