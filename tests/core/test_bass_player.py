"""One chorus of bass from a chart: what holds whatever is drawn, over many charts and seeds."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.bass_player import BassStyle, bass_notes
from psc2.core.bass_tones import HIGHEST, LOWEST
from psc2.core.chart import Bar, Chart, PlacedChord
from psc2.core.grouping import Groups
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import TimeSignature
from psc2.core.spelling import OCTAVE
from psc2.scores.charts import read_chart
from psc2.scores.chord_symbols import read_symbol

SOUNDING = [style for style in BassStyle if style is not BassStyle.OFF]
SYMBOLS = (
    "Dm7", "G7", "Cmaj7", "F#m7b5", "B7alt", "Ebdim7", "Ab7sus4", "C6/9", "E7b9", "Bbmaj7#11", "G+7", "F/G",
    "C/E", "Am7/D", "E5", "Bb7no5", "CmMaj7",
)  # fmt: skip
METERS = ("4/4", "3/4", "5/4", "2/4", "7/8", "6/8", "12/8", "5/8", "7/16", "9/16", "64/16")
chords = st.sampled_from([*SYMBOLS, "N.C."]).map(read_symbol)


@st.composite
def bars(draw: st.DrawFn, steps_per_bar: int) -> Bar:
    steps = draw(st.sets(st.integers(1, steps_per_bar - 1), max_size=3))
    return Bar(tuple(PlacedChord(step, draw(chords)) for step in (0, *sorted(steps))))


@st.composite
def charts(draw: st.DrawFn, meters: tuple[str, ...] = METERS) -> Chart:
    time_signature = TimeSignature.parse(draw(st.sampled_from(meters)))
    written = draw(st.lists(bars(time_signature.steps_per_bar), min_size=1, max_size=6))
    return Chart("", "", "C", time_signature, tuple(written))


BLUES = read_chart("F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7 | Gm7 C7")[0]
VAMP = read_chart("Dm7 | % | % | % | % | % | % | % | % | % | % | % | % | % | % | %")[0]
GIANT = read_chart("Bmaj7 D7 | Gmaj7 Bb7 | Ebmaj7 | Am7 D7 | Gmaj7 Bb7 | Ebmaj7 F#7 | Bmaj7 | Fm7 Bb7")[0]


def chorus(
    chart: Chart,
    style: BassStyle = BassStyle.WALKING,
    seed: int = 1,
    previous: int | None = None,
    groups: Groups = (),
) -> tuple[PlayableNote, ...]:
    return bass_notes(chart, style, groups, Random(seed), previous)


def steps(chart: Chart, notes: tuple[PlayableNote, ...]) -> list[int]:
    return [note.bar * chart.time_signature.steps_per_bar + note.step for note in notes]


def rhythm(text: str, style: BassStyle, seed: int = 1, groups: Groups = ()) -> list[tuple[int, int]]:
    chart = read_chart(text)[0]
    notes = chorus(chart, style, seed, groups=groups)
    return list(zip(steps(chart, notes), (note.duration_steps for note in notes), strict=True))


def intervals(notes: tuple[PlayableNote, ...]) -> list[int]:
    return [after.pitch - note.pitch for note, after in pairwise(notes)]


# ── whatever the chart


@given(charts(), st.sampled_from(SOUNDING), st.integers(0, 99), st.none() | st.integers(0, 127))
@settings(max_examples=300)
def test_one_note_at_a_time_within_the_chorus_on_a_bass(
    chart: Chart, style: BassStyle, seed: int, previous: int | None
) -> None:
    notes = chorus(chart, style, seed, previous)
    assert all((note.layer, note.instrument) == (Layer.BASS, Instrument.BASS) for note in notes)
    assert all(LOWEST <= note.pitch <= HIGHEST and 70 <= note.velocity <= 100 for note in notes)
    assert all(note.step < chart.time_signature.steps_per_bar for note in notes)
    begun = steps(chart, notes)
    ends = [step + note.duration_steps for step, note in zip(begun, notes, strict=True)]
    assert all(note.duration_steps >= 1 for note in notes)
    assert all(
        end <= following for end, following in zip(ends, [*begun, chart.length_steps][1:], strict=False)
    )


@given(charts(), st.sampled_from(SOUNDING), st.integers(0, 99))
@settings(max_examples=300)
def test_each_chord_begins_with_its_bass_and_no_chord_is_silence(
    chart: Chart, style: BassStyle, seed: int
) -> None:
    notes = chorus(chart, style, seed)
    at = dict(zip(steps(chart, notes), notes, strict=True))
    sounding = {step for begun, note in at.items() for step in range(begun, begun + note.duration_steps)}
    for change in chart.changes:
        if change.chord.tones:
            assert at[change.step].pitch % OCTAVE == change.chord.bass
    for step in range(chart.length_steps):
        assert (step in sounding) == bool(chart.chord_at(step).tones)


@given(charts(), st.sampled_from(SOUNDING), st.integers(0, 99))
@settings(max_examples=300)
def test_no_pitch_three_times_in_a_row_and_no_leap_beyond_an_octave(
    chart: Chart, style: BassStyle, seed: int
) -> None:
    moves = intervals(chorus(chart, style, seed))
    assert (0, 0) not in set(pairwise(moves))
    assert all(abs(move) <= OCTAVE for move in moves)


@given(charts(), st.integers(0, 99))
@settings(max_examples=300)
def test_what_is_strange_to_a_chord_leads_to_the_next_by_a_half_step(chart: Chart, seed: int) -> None:
    notes = chorus(chart, seed=seed)
    for step, note in zip(steps(chart, notes), notes, strict=True):
        if not chart.chord_at(step).fits(note.pitch):
            following = next((change for change in chart.steps if change > step), chart.length_steps)
            assert (note.pitch - chart.chord_at(following).bass) % OCTAVE in (1, 11)


@given(charts(), st.sampled_from(SOUNDING), st.integers(0, 99))
def test_the_same_seed_makes_the_same_chorus(chart: Chart, style: BassStyle, seed: int) -> None:
    assert chorus(chart, style, seed) == chorus(chart, style, seed)


def test_without_a_bass_player_there_is_no_bass() -> None:
    random = Random(1)
    before = random.getstate()
    assert bass_notes(BLUES, BassStyle.OFF, (), random) == ()
    assert random.getstate() == before


@pytest.mark.parametrize("style", SOUNDING)
def test_a_chart_without_chords_is_silence(style: BassStyle) -> None:
    assert chorus(read_chart("| N.C. | N.C. |")[0], style) == ()


# ── in one style


def test_roots_and_fifths_are_held_and_struck_again_each_bar() -> None:
    assert rhythm("Dm7 | % | G7 Db7 | N.C. G7", BassStyle.ROOTS) == [
        (0, 8), (8, 8), (16, 8), (24, 8), (32, 8), (40, 8), (56, 8),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("symbol", "fifth"),
    [("Dm7", 9), ("Bm7b5", 5), ("G7#5", 3), ("C7alt", 8), ("C/E", 7), ("C/G", 0), ("F/G", 0), ("Am7/D", 9)],
)
def test_the_fifth_is_the_chords_own(symbol: str, fifth: int) -> None:
    chart = read_chart(f"| {symbol} |")[0]
    for seed in range(20):
        root, other = chorus(chart, BassStyle.ROOTS, seed)
        assert (root.pitch % OCTAVE, other.pitch % OCTAVE) == (read_symbol(symbol).bass, fifth)
        assert other.step == 8


@pytest.mark.parametrize(
    ("meter", "held"),
    [
        ("3/4", [(0, 12), (12, 12)]),
        ("2/4", [(0, 8), (8, 8)]),
        ("5/4", [(0, 12), (12, 8), (20, 12), (32, 8)]),
        ("7/8", [(0, 8), (8, 6), (14, 8), (22, 6)]),
        ("12/8", [(0, 12), (12, 12), (24, 12), (36, 12)]),
    ],
)
def test_roots_and_fifths_lie_on_strong_beats_in_every_meter(meter: str, held: list[tuple[int, int]]) -> None:
    assert rhythm(f"meter: {meter}\nDm7 | %", BassStyle.ROOTS) == held


def always(meter: str, style: BassStyle, groups: Groups = ()) -> list[int]:
    """The steps of a bar on which there is a note in each of many choruses."""
    chart = read_chart(f"meter: {meter}\nDm7")[0]
    return sorted(
        set.intersection(
            *(set(steps(chart, chorus(chart, style, seed, groups=groups))) for seed in range(60))
        )
    )


@pytest.mark.parametrize(
    ("meter", "groups", "walking", "two"),
    [
        ("4/4", (), [0, 4, 8, 12], [0, 8]),
        ("3/4", (), [0, 4, 8], [0]),
        ("5/4", (2, 3), [0, 4, 8, 12, 16], [0, 8]),
        ("6/8", (), [0, 6], [0, 6]),
        ("12/8", (), [0, 6, 12, 18], [0, 12]),
        ("7/8", (), [0, 4, 8], [0, 4, 8]),
        ("7/8", (3, 2, 2), [0, 6, 10], [0, 6, 10]),
        ("7/16", (), [0, 4], [0, 4]),
    ],
)
def test_the_pulse_in_every_meter(meter: str, groups: Groups, walking: list[int], two: list[int]) -> None:
    assert always(meter, BassStyle.WALKING, groups) == walking
    assert always(meter, BassStyle.TWO, groups) == two


def test_in_seven_the_group_of_three_has_a_passing_8th_in_some_bars() -> None:
    chart = read_chart("meter: 7/8\n" + "Dm7 | G7 | Cmaj7 | A7 |" * 8)[0]
    notes = chorus(chart)
    passing = {note.bar for note in notes if note.step == 12}
    assert 8 < len(passing) < 24
    assert all(note.duration_steps == 2 for note in notes if note.step == 12)


def test_a_walking_bass_is_legato_and_fills_the_bars() -> None:
    chart = read_chart("Dm7 | G7 | N.C. | C6 A7")[0]
    for seed in range(20):
        notes = chorus(chart, seed=seed)
        assert sum(note.duration_steps for note in notes) == 48
        assert {note.duration_steps for note in notes} <= {2, 4}


def test_a_pushed_chord_has_its_root_where_it_begins_and_is_tied_over_the_bar_line() -> None:
    pushed = Bar((PlacedChord(0, read_symbol("Dm7")), PlacedChord(14, read_symbol("G7"))))
    chart = Chart("", "", "C", TimeSignature(4, 4), (pushed, Bar((PlacedChord(0, read_symbol("G7")),))))
    for seed in range(20):
        notes = {(note.bar, note.step): note for note in chorus(chart, seed=seed)}
        assert notes[0, 14].pitch % OCTAVE == 7
        assert notes[0, 12].duration_steps == 2
        assert (1, 0) not in notes
        assert notes[0, 14].duration_steps in (4, 6)  # an 8th less where a skip follows


def test_chords_shorter_than_a_beat_have_a_note_each() -> None:
    eighths = [
        read_symbol(symbol) for symbol in ("C6", "C#dim7", "Dm7", "Ebdim7", "C/E", "F6", "F#dim7", "G7")
    ]
    bar = Bar(tuple(PlacedChord(2 * number, chord) for number, chord in enumerate(eighths)))
    notes = chorus(Chart("", "", "C", TimeSignature(4, 4), (bar,)))
    assert [note.pitch % OCTAVE for note in notes] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert {note.duration_steps for note in notes} == {2}


def test_a_walking_bass_leans_on_2_and_4() -> None:
    notes = [note for seed in range(20) for note in chorus(BLUES, seed=seed)]
    mean = {
        beat: sum(velocities) / len(velocities)
        for beat in range(0, 16, 4)
        if (velocities := [note.velocity for note in notes if note.step == beat])
    }
    assert min(mean[4], mean[12]) > max(mean[0], mean[8]) + 2


def test_short_notes_are_rare_and_soft() -> None:
    notes = [note for seed in range(20) for note in chorus(BLUES, seed=seed)]
    short = [note for note in notes if note.step % 4]
    assert 0.01 < len(short) / len(notes) < 0.08
    assert max(note.velocity for note in short) < 80


@pytest.mark.parametrize("style", SOUNDING)
def test_a_line_may_begin_late(style: BassStyle) -> None:
    notes = chorus(read_chart("N.C. | N.C. | N.C. | N.C. | N.C. | Dm7")[0], style)
    assert (notes[0].bar, notes[0].step, notes[0].pitch % OCTAVE) == (5, 0, 2)


# ── from chorus to chorus


@pytest.mark.parametrize("style", SOUNDING)
@pytest.mark.parametrize("chart", [BLUES, VAMP, GIANT], ids=["blues", "vamp", "giant"])
def test_a_chorus_goes_on_from_the_one_before(chart: Chart, style: BassStyle) -> None:
    random, previous = Random(3), None
    for _ in range(40):
        notes = bass_notes(chart, style, (), random, previous)
        assert previous is None or abs(notes[0].pitch - previous) <= 7
        previous = notes[-1].pitch


def test_a_pitch_before_that_no_bass_has_is_gone_on_from_as_near_as_can_be() -> None:
    low, high = (
        sum(chorus(VAMP, seed=seed, previous=pitch)[0].pitch for seed in range(30)) for pitch in (0, 127)
    )
    assert low < high


@pytest.mark.parametrize("chart", [BLUES, GIANT], ids=["blues", "giant"])
def test_a_chorus_that_comes_round_again_ends_near_its_beginning(chart: Chart) -> None:
    for seed in range(100):
        notes = chorus(chart, seed=seed)
        assert abs(notes[0].pitch - notes[-1].pitch) <= 7


@pytest.mark.parametrize(
    "text", ["Dm7 | G7 | Cmaj7 | %", "meter: 12/8\nDm7 | G7 | Cmaj7 | A7b9", "Cm7 F7 | Bbmaj7 G7"]
)
@pytest.mark.parametrize("style", SOUNDING)
def test_a_short_one_comes_round_again_within_a_seventh(text: str, style: BassStyle) -> None:
    chart = read_chart(text)[0]
    for seed in range(100):
        notes = chorus(chart, style, seed)
        assert abs(notes[0].pitch - notes[-1].pitch) <= 11


def test_every_seed_has_a_chorus_of_its_own() -> None:
    for chart in (BLUES, VAMP, GIANT):
        lines = {tuple(note.pitch for note in chorus(chart, seed=seed)) for seed in range(20)}
        assert len(lines) == 20


def test_a_vamp_stays_in_its_scale_and_its_bars_differ() -> None:
    dorian = read_symbol("Dm7").scale
    for seed in range(20):
        notes = chorus(VAMP, seed=seed)
        assert {note.pitch % OCTAVE for note in notes[:-2]} <= dorian
        by_bar = [tuple(note.pitch for note in notes if note.bar == bar) for bar in range(16)]
        assert len(set(by_bar)) >= 12
        assert any(bar[0] % OCTAVE != 2 for bar in by_bar)


def test_a_bar_leads_to_the_next_chord_in_several_ways() -> None:
    chart = read_chart("Gm7 | C7 | Fmaj7 | Fmaj7")[0]
    led = {chorus(chart, seed=seed)[-1].pitch % OCTAVE for seed in range(60)}
    beat_4 = [
        note.pitch % OCTAVE
        for seed in range(60)
        for note in chorus(chart, seed=seed)
        if (note.bar, note.step) == (0, 12)
    ]
    assert {1, 11} <= set(beat_4)  # a half step above and below C …
    assert {2, 10} & set(beat_4)  # … a whole one …
    assert 7 in beat_4  # … and its fifth
    assert len(led) >= 4


def test_in_two_the_second_half_of_a_bar_is_mostly_the_fifth_or_leads_on() -> None:
    chart = read_chart("Cmaj7 | % | Fmaj7 | %")[0]
    halves = [
        note.pitch % OCTAVE
        for seed in range(60)
        for note in chorus(chart, BassStyle.TWO, seed)
        if (note.bar, note.step) == (0, 8)
    ]
    assert halves.count(7) > 0.5 * len(halves)
    assert set(halves) <= {0, 4, 7}


def test_in_two_some_bars_lead_on_by_a_short_note_and_most_do_not() -> None:
    bars = [
        {note.step for note in notes if note.bar == bar}
        for seed in range(20)
        for notes in [chorus(BLUES, BassStyle.TWO, seed)]
        for bar in range(12)
    ]
    assert {frozenset(bar) for bar in bars} == {
        frozenset(steps) for steps in ({0, 8}, {0, 8, 14}, {0, 8, 12})
    }
    assert 0.55 < bars.count({0, 8}) / len(bars) < 0.9


@pytest.mark.parametrize("meter", ["4/4", "3/4", "12/8"])
def test_in_two_no_bar_begins_with_a_sixth_or_a_seventh(meter: str) -> None:
    chart = read_chart(f"meter: {meter}\nCm6 | % | Fmaj7 | % | % | Dm7b5 | G7 | %")[0]
    roots = list[bool]()
    for seed in range(60):
        for note in chorus(chart, BassStyle.TWO, seed):
            if note.step == 0:
                chord = chart.bars[note.bar].chord_at(0)
                assert (note.pitch - chord.root) % OCTAVE in (0, 3, 4, 6, 7)
                roots.append(note.pitch % OCTAVE == chord.root)
    assert sum(roots) / len(roots) > (0.7 if meter == "3/4" else 0.8)  # a bar of 3/4 has but one note


def test_in_two_half_notes_are_of_the_chord() -> None:
    chart = read_chart("Cmaj7 | Fmaj7 | Bb7 | Ebmaj7")[0]
    for seed in range(60):
        for note in chorus(chart, BassStyle.TWO, seed):
            assert note.step not in (0, 8) or note.pitch % OCTAVE in chart.chord_at(note.bar * 16).tones


BOSSA = read_chart("style: Bossa Nova\nFmaj7 | % | G7 | % | Gm7 | Gb7 | Fmaj7 Bb7 | Am7b5 D7")[0]


def test_a_bossa_has_dotted_quarters_and_8ths_on_root_and_fifth() -> None:
    fifths, rhythms = list[bool](), list[tuple[int, ...]]()
    for seed in range(40):
        notes = chorus(BOSSA, BassStyle.TWO, seed)
        for bar in range(8):
            rhythms.append(tuple(note.step for note in notes if note.bar == bar))
        for note in notes:
            chord = BOSSA.chord_at(note.bar * 16 + note.step)
            if note.step == 0:
                assert note.pitch % OCTAVE == chord.root
            if note.step == 8 and note.bar < 6:
                fifths.append((note.pitch - chord.root) % OCTAVE == 7)
    assert rhythms.count((0, 6, 8, 14)) > 0.75 * len(rhythms)
    assert set(rhythms) <= {(0, 6, 8, 14), (0, 8, 14), (0, 6, 8), (0, 8)}
    assert sum(fifths) > 0.85 * len(fifths)


def test_the_8ths_of_a_bossa_are_early_roots_and_fifths() -> None:
    for seed in range(40):
        notes = chorus(BOSSA, BassStyle.TWO, seed)
        for note, after in pairwise(notes):
            if note.step % 8:
                own = BOSSA.chord_at(note.bar * 16 + note.step)
                assert note.duration_steps == 2
                assert note.pitch == after.pitch or own.fits(note.pitch)
        moves = intervals(notes)
        assert (0, 0) not in set(pairwise(moves))
        assert all(abs(move) <= OCTAVE for move in moves)
    lines = {tuple(note.pitch for note in chorus(BOSSA, BassStyle.TWO, seed)) for seed in range(20)}
    assert len(lines) > 15


def test_a_bossa_ends_with_the_root_that_comes_next() -> None:
    ends = []
    for seed in range(40):
        notes = bass_notes(BOSSA, BassStyle.TWO, (), Random(seed), None, read_symbol("Bbmaj7"))
        if notes[-1].step == 14:
            ends.append(notes[-1].pitch % OCTAVE)
    assert ends.count(10) > 0.8 * len(ends) > 20


@given(charts(("4/4",)), st.integers(0, 99), st.sampled_from(["Bossa Nova", "Samba", "Latin"]))
@settings(max_examples=300)
def test_any_chart_can_be_a_bossa(chart: Chart, seed: int, style: str) -> None:
    latin = replace(chart, style=style)
    notes = chorus(latin, BassStyle.TWO, seed)
    begun = dict(zip(steps(latin, notes), notes, strict=True))
    assert list(begun) == sorted(begun)
    sounding = [change for change in latin.changes if change.chord.tones]
    assert all(begun[change.step].pitch % OCTAVE == change.chord.bass for change in sounding)
    moves = intervals(notes)
    assert (0, 0) not in set(pairwise(moves))
    assert all(abs(move) <= OCTAVE for move in moves)
    assert all(LOWEST <= note.pitch <= HIGHEST for note in notes)


@pytest.mark.parametrize("style", [BassStyle.WALKING, BassStyle.TWO])
def test_a_fast_bass_has_no_8ths(style: BassStyle) -> None:
    fast = [note for seed in range(20) for note in bass_notes(BLUES, style, (), Random(seed), qpm=240.0)]
    medium = [note for seed in range(20) for note in bass_notes(BLUES, style, (), Random(seed), qpm=200.0)]
    assert any(note.step % 4 for note in medium)
    assert not any(note.step % 4 for note in fast)
