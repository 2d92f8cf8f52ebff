import pytest

from psc2.core.drum_styles import DrumStyle
from psc2.core.drums import PITCHES_OF_DRUM, deterministic_beat, notes_of, pattern_of
from psc2.core.grouping import parse_groups, strong_steps
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Form, TimeSignature
from psc2.core.pulse import walking_steps
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


METERS = ("2/4", "3/4", "4/4", "5/4", "6/4", "7/4", "3/8", "5/8", "6/8", "7/8", "9/8", "12/8", "5/16", "7/16")


def beat_in(
    meter: str, style: DrumStyle, steps: list[int], num_bars: int = 1, grouping: str = ""
) -> dict[str, str]:
    """A drummer's bars in a style, drawn, where the bass plays at some steps of each."""
    time_signature = TimeSignature.parse(meter)
    line = [bass(bar, step) for bar in range(num_bars) for step in steps]
    groups = parse_groups(grouping) if grouping else ()
    beat = deterministic_beat(line, Form(time_signature, num_bars), style, None, groups)
    return drawn(beat, time_signature, num_bars)


@pytest.mark.parametrize(
    "steps", [(0, 4, 8, 10, 12), (0, 8), (0, 8, 14), (0, 8, 12), (0,), (0, 6), (0, 3, 10)]
)
def test_in_swing_the_snare_answers_between_the_beats_alone(steps: tuple[int, ...]) -> None:
    snare = beat_in("4/4", DrumStyle.SWING, [*steps]).get("snare", "." * 16)
    assert [step for step, sign in enumerate(snare) if sign == "x"] == [step for step in steps if step % 4]


@pytest.mark.parametrize("meter", METERS)
def test_in_swing_no_snare_falls_on_a_beat_of_any_meter_whatever_the_bass_plays(meter: str) -> None:
    time_signature = TimeSignature.parse(meter)
    everywhere = [*range(time_signature.steps_per_bar)]
    snare = beat_in(meter, DrumStyle.SWING, everywhere)["snare"]
    beats = {*walking_steps(time_signature), *strong_steps(time_signature)}
    assert {step for step in everywhere if snare[step] == "."} == beats


def test_in_swing_the_snare_leaves_the_beats_of_the_groups_that_are_set() -> None:
    shown = beat_in("7/8", DrumStyle.SWING, [0, 4, 6, 10], grouping="3+2+2")
    assert (shown["ride"], shown["snare"]) == ("x...x.x...x...", "....x.........")


@pytest.mark.parametrize(
    ("meter", "grouping", "ride", "hihat"),
    [
        ("4/4", "", "x...x.x.x...x.x.", "....x.......x..."),
        ("3/4", "", "x...x.x.x...", "....x......."),
        ("5/4", "", "x...x.x.x...x.x.x...", "....x.......x......."),
        ("6/8", "", "x.....x...x.", "......x....."),
        ("9/8", "", "x.....x...x.x.....", "......x.....x....."),
        ("12/8", "", "x.....x...x.x.....x...x.", "......x...........x....."),
        ("5/8", "", "x...x.x...", "......x..."),
        ("5/8", "2+3", "x...x...x.", "....x....."),
        ("7/8", "", "x...x...x...x.", "....x...x....."),
        ("7/8", "3+2+2", "x...x.x...x...", "......x...x..."),
        ("5/16", "", "x..x.", "...x."),
    ],
)
def test_in_swing_ride_and_hihat_follow_the_beats_and_in_meters_of_8ths_the_groups(
    meter: str, grouping: str, ride: str, hihat: str
) -> None:
    shown = beat_in(meter, DrumStyle.SWING, [0, 3], grouping=grouping)
    assert (shown["ride"], shown["clhat"]) == (ride, hihat)


def test_in_swing_the_snare_is_soft_and_the_bass_drum_softer_than_the_ride() -> None:
    beat = deterministic_beat([bass(0, 3)], Form(TimeSignature(4, 4), 1), DrumStyle.SWING)
    loudest = {
        drum: max(note.velocity for note in beat if note.instrument is drum)
        for drum in (Instrument.SNARE, Instrument.KICK, Instrument.RIDE)
    }
    assert loudest[Instrument.SNARE] < loudest[Instrument.KICK] < loudest[Instrument.RIDE]


@pytest.mark.parametrize(
    ("meter", "kick", "snare"),
    [
        ("4/4", "x.....x.x.....x." * 2, "x.....x.....x.......x.....x....."),
        ("8/8", "x.....x.x.....x." * 2, "x.....x.....x.......x.....x....."),
        ("3/4", "x.........x." * 2, "........x..." * 2),
        ("2/4", "x.....x." * 2, "....x..." * 2),
        ("5/4", "x.........x.x.....x." * 2, "........x.......x..." * 2),
        ("6/8", "x...x.x...x." * 2, "......x....." * 2),
        ("12/8", "x.........x.x.........x." * 2, "......x...........x....." * 2),
        ("7/8", "x...x...x...x." * 2, "........x....." * 2),
    ],
)
def test_a_bossa_has_the_clave_on_the_snare_whatever_the_bass_plays(
    meter: str, kick: str, snare: str
) -> None:
    for steps in ([0, 8], []):
        shown = beat_in(meter, DrumStyle.BOSSA, steps, num_bars=2)
        assert shown == {"kick": kick, "snare": snare, "clhat": "x." * (len(kick) // 2)}


@pytest.mark.parametrize(
    ("meter", "steps", "kick", "snare"),
    [
        ("4/4", [0, 8, 14], "x.......x.....x.", "....x.......x..."),
        ("4/4", [0, 4, 6, 8, 12], "x.....x.x.......", "....x.......x..."),
        ("4/4", [6], "x.....x.........", "....x.......x..."),
        ("4/4", [], "x.......x.......", "....x.......x..."),
        ("3/4", [0], "x...........", "........x..."),
        ("6/8", [0, 6, 10], "x.........x.", "......x....."),
        ("12/8", [0, 12], "x...........x...........", "......x...........x....."),
        ("7/8", [0, 4], "x...x.........", "........x....."),
        ("5/4", [0, 12], "x...........x.......", "........x.......x..."),
    ],
)
def test_rock_has_backbeats_and_a_bass_drum_with_the_bass(
    meter: str, steps: list[int], kick: str, snare: str
) -> None:
    shown = beat_in(meter, DrumStyle.ROCK, steps)
    assert shown == {"kick": kick, "snare": snare, "clhat": "x." * (len(kick) // 2)}


@pytest.mark.parametrize("style", [DrumStyle.SWING, DrumStyle.BOSSA, DrumStyle.ROCK])
@pytest.mark.parametrize("meter", METERS)
def test_only_a_bossa_in_four_has_a_snare_on_1(style: DrumStyle, meter: str) -> None:
    shown = beat_in(meter, style, [0])
    assert (shown.get("snare", ".")[0] == "x") == (style is DrumStyle.BOSSA and meter == "4/4")
    assert shown["clhat" if style is not DrumStyle.SWING else "ride"][0] == shown["kick"][0] == "x"


def test_a_bossas_bars_are_the_same_one_by_one() -> None:
    form = Form(TimeSignature(4, 4), 4)
    whole = deterministic_beat([], form, DrumStyle.BOSSA)
    one_by_one = [deterministic_beat([], form, DrumStyle.BOSSA, range(bar, bar + 1)) for bar in range(4)]
    assert {*whole} == {note for notes in one_by_one for note in notes}


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
