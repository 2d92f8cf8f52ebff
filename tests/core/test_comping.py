"""A chorus of comping."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.chart import Bar, Chart, PlacedChord
from psc2.core.comping import CompingStyle, comping_notes
from psc2.core.comping_rhythms import BOSSA
from psc2.core.course import Course
from psc2.core.grouping import Groups
from psc2.core.harmony import SCALES
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import TimeSignature
from psc2.core.spelling import FLATS, OCTAVE
from psc2.core.voicings import HIGHEST, LOWEST, Above, Voicing, movement, voiced
from psc2.scores.charts import read_chart
from psc2.scores.chord_symbols import read_symbol

PLAYING = (CompingStyle.HELD, CompingStyle.CELLS)
SEEDS = range(20)
TUNES = {
    "blues": "| F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7 | Gm7 C7 |",
    "rhythm": "|: Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 | Bb7 | Eb6 Ebm6 | Dm7 G7 | Cm7 F7 :|"
    "[B] D7 | % | G7 | % | C7 | % | F7 | % |",
    "two a bar": "| Bmaj7 D7 | Gmaj7 Bb7 | Ebmaj7 | Am7 D7 | Gmaj7 Bb7 | Ebmaj7 F#7 | Bmaj7 | Fm7 Bb7 |",
    "vamp": "| Dm7 | % | % | % | % | % | % | % | % | % | % | % |",
    "silence": "| Dm7 | N.C. | N.C. G7 | C6 | N.C. . . A7 | % | Dm7 N.C. | G7 |",
    "waltz": "meter: 3/4\n| Gm7 | C7 | Fmaj7 | % | Fm7 | Bb7 | Ebmaj7 | Am7b5 . D7 |",
    "five": "meter: 5/4\n| Ebm . . Bbm7 . | % | Abm7 . . Bbm7 . | Ebm |",
    "seven": "meter: 7/8\n| Cm7 | Fm7 | Dm7b5 | G7alt | Cm6 | % | Ab7 | G7b9 |",
    "six": "meter: 6/8\n| Cm7 | Fm7 | Dm7b5 . . G7alt . . | Cm6 |",
    "twelve": "meter: 12/8\n| Cm7 | F7 | Bbmaj7 Ebmaj7 | Am7b5 D7b9 |",
    "two": "meter: 2/4\n| Dm7 | G7 | Cmaj7 A7b9 | Dm7 G7 | C6 |",
    "sixteenths": "meter: 7/16\n| Cm7 | Fm7 | Dm7b5 | G7alt |",
}
each_tune = pytest.mark.parametrize("tune", TUNES.values(), ids=TUNES)
each_style = pytest.mark.parametrize("style", PLAYING)
GROUPINGS = st.sampled_from([(), (3, 2), (1, 3), (2, 2, 3)])
SYMBOLS = st.one_of(
    st.just("N.C."), st.builds(str.__add__, st.sampled_from(FLATS), st.sampled_from(sorted(SCALES)))
)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    meter = TimeSignature.parse(draw(st.sampled_from(
        ["2/4", "3/4", "4/4", "5/4", "6/4", "3/8", "5/8", "6/8", "7/8", "9/8", "12/8", "5/16", "11/16"]
    )))  # fmt: skip
    bars = []
    for _ in range(draw(st.integers(1, 9))):
        later = draw(st.sets(st.integers(1, meter.steps_per_bar - 1), max_size=3))
        steps = [0, *sorted(later)]
        placed = tuple(PlacedChord(step, read_symbol(draw(SYMBOLS))) for step in steps)
        bars.append(Bar(placed, draw(st.sampled_from(["", "", "A"]))))
    return Chart("", "", "", meter, tuple(bars))


def chart_of(tune: str) -> Chart:
    return read_chart(tune)[0]


def chorus(
    chart: Chart, seed: int = 0, style: CompingStyle = CompingStyle.CELLS, groups: Groups = ()
) -> tuple[PlayableNote, ...]:
    return comping_notes(chart, style, groups, Random(seed))


def strokes(chart: Chart, notes: tuple[PlayableNote, ...]) -> dict[int, list[PlayableNote]]:
    """What is struck at each step of the chorus."""
    found = defaultdict(list)
    for note in notes:
        found[note.bar * chart.time_signature.steps_per_bar + note.step].append(note)
    return found


def voicings(chart: Chart, notes: tuple[PlayableNote, ...]) -> list[Voicing]:
    return [tuple(note.pitch for note in struck) for struck in strokes(chart, notes).values()]


def check(chart: Chart, notes: tuple[PlayableNote, ...]) -> None:
    """What holds for every chorus."""
    signature, heard, course = chart.time_signature, set[int | None](), Course.of(chart)
    sounding: dict[int, int] = {}
    assert [note.place for note in notes] == sorted(note.place for note in notes)
    for step, struck in strokes(chart, notes).items():
        change = chart.next_change(step)
        own, ahead = chart.chord_at(step), 0
        if (
            course.heard[step] is not None
            and change is not None
            and course.begins[course.heard[step] or 0] > step
        ):
            own, ahead = change.chord, change.step - step
        following = chart.next_change(step + ahead)
        played = own if following is None else voiced(own, following.chord)
        assert ahead <= min(2, signature.steps_per_beat)
        heard.add(course.heard[step])
        above = Above.of(own)
        assert above.guides <= {(note.pitch - own.root) % OCTAVE for note in struck}
        for note in struck:
            end = step + note.duration_steps
            assert (note.layer, note.instrument) == (Layer.CHORDS, Instrument.CHORDS)
            assert 0 <= note.step < signature.steps_per_bar
            assert 0 <= note.bar < len(chart.bars)
            assert LOWEST <= note.pitch <= HIGHEST
            assert 50 <= note.velocity <= 85
            assert own.tones
            assert played.fits(note.pitch)
            assert note.pitch % OCTAVE not in own.avoid
            assert step < end <= chart.length_steps
            assert all(chart.chord_at(at) == own for at in range(step + ahead, end))
            assert step >= sounding.get(note.pitch, 0)
            sounding[note.pitch] = end
    for index, (begin, end) in enumerate(pairwise((*chart.steps, chart.length_steps))):
        long = end - begin >= signature.steps_per_beat
        assert not long or not chart.changes[index].chord.tones or index in heard


@each_style
@each_tune
def test_a_chorus_holds_to_its_chart(tune: str, style: CompingStyle) -> None:
    chart = chart_of(tune)
    for seed in SEEDS:
        check(chart, chorus(chart, seed, style))


@given(
    charts(),
    st.integers(0, 2**32),
    st.sampled_from(PLAYING),
    st.sampled_from([(), (3, 2), (1, 3), (2, 2, 3)]),
)
def test_a_chorus_holds_to_any_chart(chart: Chart, seed: int, style: CompingStyle, groups: Groups) -> None:
    check(chart, chorus(chart, seed, style, groups))


def test_off_is_silence() -> None:
    assert chorus(chart_of(TUNES["blues"]), style=CompingStyle.OFF) == ()


@each_style
def test_no_chord_at_all_is_silence(style: CompingStyle) -> None:
    assert chorus(chart_of("| N.C. | % | % |"), style=style) == ()


@each_tune
def test_one_seed_gives_one_chorus_and_others_give_others(tune: str) -> None:
    chart = chart_of(tune)
    assert chorus(chart, 7) == chorus(chart, 7)
    assert len({chorus(chart, seed) for seed in SEEDS}) >= 19


def test_a_held_chord_lasts_until_the_next_and_is_struck_again_every_other_bar() -> None:
    chart = chart_of("| Dm7 | G7 Db7 | Cmaj7 | % | % | N.C. |")
    notes = chorus(chart, style=CompingStyle.HELD)
    struck = strokes(chart, notes)
    lengths = {step: {note.duration_steps for note in played} for step, played in struck.items()}
    assert lengths == {0: {16}, 16: {8}, 24: {8}, 32: {32}, 64: {16}}


def test_cells_are_moderate_off_the_beat_and_never_long_the_same() -> None:
    chart = chart_of(TUNES["blues"])
    for seed in SEEDS:
        struck = strokes(chart, chorus(chart, seed))
        assert 1.2 <= len(struck) / len(chart.bars) <= 2.6
        assert 0.25 <= sum(step % 4 != 0 for step in struck) / len(struck) <= 0.85
        rhythms = [tuple(step % 16 for step in struck if step // 16 == bar) for bar in range(len(chart.bars))]
        assert all(len(set(rhythms[bar : bar + 4])) > 1 for bar in range(len(rhythms) - 3))


def test_cells_are_short_and_long() -> None:
    notes = [note for seed in SEEDS for note in chorus(chart_of(TUNES["blues"]), seed)]
    short = sum(note.duration_steps <= 2 for note in notes) / len(notes)
    assert 0.2 <= short <= 0.8
    assert max(note.duration_steps for note in notes) >= 8


def test_chords_are_pushed_by_an_eighth_and_ring_on() -> None:
    chart = chart_of("| Dm7 | G7 | Cmaj7 | A7b9 |")
    pushes = 0
    for seed in SEEDS:
        for step, struck in strokes(chart, chorus(chart, seed)).items():
            if step % 16 == 14 and step < 62:
                pushes += 1
                own = chart.chord_at(step + 2)
                following = chart.next_change(step + 2)
                assert following is not None
                assert all(voiced(own, following.chord).fits(note.pitch) for note in struck)
                assert all(note.duration_steps > 2 for note in struck)
    assert pushes >= 10


def test_the_next_chorus_is_pushed_with_its_first_chord_which_ends_with_this_one() -> None:
    chart = chart_of("| Ebmaj7 | D7 |")
    first = Above.of(chart.chord_at(0))
    wrapped = [
        struck
        for seed in range(60)
        for step, struck in strokes(chart, chorus(chart, seed)).items()
        if step == 30
    ]
    assert wrapped
    for struck in wrapped:
        assert first.guides <= {(note.pitch - 3) % OCTAVE for note in struck}
        assert {note.duration_steps for note in struck} == {2}


@each_style
def test_a_chorus_goes_on_from_the_voicing_before_it(style: CompingStyle) -> None:
    chart = chart_of(TUNES["blues"])
    for previous in ((51, 55, 57, 62), (57, 62, 63, 67)):  # F7 in its two forms
        for seed in SEEDS:
            notes = comping_notes(chart, style, (), Random(seed), previous)
            assert movement(previous, voicings(chart, notes)[0]) <= 4


@each_tune
def test_voices_move_little(tune: str) -> None:
    chart, moved, tops = chart_of(tune), list[float](), list[int]()
    for seed in SEEDS:
        played = voicings(chart, chorus(chart, seed, CompingStyle.HELD))
        for before, after in pairwise(played):
            if before != after:
                moved.append(movement(before, after) / len(after))
                tops.append(abs(after[-1] - before[-1]))
    if tune != TUNES["vamp"]:  # where another top is looked for
        assert sum(moved) / len(moved) <= 2
    assert max(tops) <= 7
    assert sorted(tops)[len(tops) // 2] <= 5


def test_a_long_chord_is_not_always_voiced_alike() -> None:
    chart = chart_of(TUNES["vamp"])
    assert all(len(set(voicings(chart, chorus(chart, seed)))) >= 2 for seed in SEEDS)


def test_groups_of_ones_own_make_other_rhythms() -> None:
    chart = chart_of(TUNES["seven"])
    on_groups = {
        groups: sum(note.step in steps for seed in range(60) for note in chorus(chart, seed, groups=groups))
        for groups, steps in (((3, 2, 2), (6, 10)), ((2, 2, 3), (6, 10)))
    }
    assert on_groups[3, 2, 2] > on_groups[2, 2, 3]


BLUES = TUNES["blues"]


def lengths(notes: tuple[PlayableNote, ...]) -> list[int]:
    return [note.duration_steps for note in notes]


@pytest.mark.parametrize("tune", [BLUES, TUNES["vamp"], TUNES["rhythm"], TUNES["waltz"]])
def test_a_ballads_chords_are_held_and_struck_where_they_begin(tune: str) -> None:
    chart = chart_of(tune)
    for seed in SEEDS:
        notes = comping_notes(chart, CompingStyle.CELLS, (), Random(seed), qpm=60.0)
        check(chart, notes)
        assert min(lengths(notes)) >= 4
        assert sum(length >= 6 for length in lengths(notes)) > 0.35 * len(notes)
        begun = {step + early for step in strokes(chart, notes) for early in (0, 2)}
        assert set(chart.steps) <= begun


def test_a_ballads_chord_is_softer_when_it_is_struck_again() -> None:
    chart, first, again = chart_of("style: Ballad\n" + TUNES["vamp"]), list[int](), list[int]()
    for seed in SEEDS:
        struck = [played[1].velocity for played in strokes(chart, chorus(chart, seed)).values()]
        first.append(struck[0])
        again += struck[1:]
    assert sum(again) / len(again) < sum(first) / len(first) - 2


@pytest.mark.parametrize("tune", [BLUES, TUNES["vamp"], TUNES["waltz"]])
def test_where_it_is_fast_there_are_fewer_strokes(tune: str) -> None:
    chart = chart_of(tune)

    def strokes_a_bar(qpm: float) -> float:
        choruses = [comping_notes(chart, CompingStyle.CELLS, (), Random(seed), qpm=qpm) for seed in SEEDS]
        return sum(len(strokes(chart, notes)) for notes in choruses) / len(choruses) / len(chart.bars)

    assert strokes_a_bar(260.0) < 0.9 * strokes_a_bar(200.0)
    for seed in SEEDS:
        check(chart, comping_notes(chart, CompingStyle.CELLS, (), Random(seed), qpm=260.0))


def test_a_bossa_has_figures_of_two_bars() -> None:
    chart = chart_of("style: Bossa Nova\n| Fmaj7 | % | G7 | % | Gm7 | Gb7 | Fmaj7 | Gb7 |")
    figures = {cell.onsets for cell in BOSSA if cell.bars == 2}
    found = list[bool]()
    for seed in SEEDS:
        notes = chorus(chart, seed)
        check(chart, notes)
        steps = strokes(chart, notes)
        assert 1.8 <= len(steps) / len(chart.bars) <= 3.2
        for bar in range(0, 8, 2):
            within = tuple(step - 16 * bar for step in steps if 16 * bar <= step < 16 * bar + 32)
            found.append(within in figures)
    assert sum(found) > 0.3 * len(found)


@given(
    charts(),
    st.integers(0, 2**32),
    st.sampled_from([50.0, 150.0, 300.0]),
    st.sampled_from(["", "Samba"]),
    GROUPINGS,
)
def test_a_chorus_holds_to_any_chart_at_any_tempo(
    chart: Chart, seed: int, qpm: float, style: str, groups: Groups
) -> None:
    chart = replace(chart, style=style)
    check(chart, comping_notes(chart, CompingStyle.CELLS, groups, Random(seed), qpm=qpm))
