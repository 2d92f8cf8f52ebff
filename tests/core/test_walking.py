"""Which pitch comes where in a line of a bass."""

from itertools import pairwise
from random import Random

import pytest

from psc2.core.bass_tones import HIGHEST, LOWEST, Role, fifth_of, third_of
from psc2.core.harmony import Chord
from psc2.core.spelling import OCTAVE
from psc2.core.walking import Onset, led_line
from psc2.scores.chord_symbols import read_symbol

BAR = 16


def walk(*symbols: str, bars: int = 1) -> list[Onset]:
    """Quarters over chords of so many bars each, the last leading to the first."""
    chords, onsets = [read_symbol(symbol) for symbol in symbols], list[Onset]()
    for number, (chord, following) in enumerate(zip(chords, [*chords[1:], chords[0]], strict=True)):
        roles = [
            Role.ROOT,
            Role.WEAK,
            Role.STRONG,
            Role.WEAK,
            *[Role.BAR, Role.WEAK, Role.STRONG, Role.WEAK] * (bars - 1),
        ]
        start = number * bars * BAR
        onsets += [Onset(start + 4 * beat, role, chord) for beat, role in enumerate(roles[:-1])]
        onsets.append(Onset(start + 4 * len(roles) - 4, Role.APPROACH, chord, following.bass))
    return onsets


def drawn(onsets: list[Onset], choruses: int = 100) -> list[list[int]]:
    return [led_line(onsets, Random(seed), BAR) for seed in range(choruses)]


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def test_without_onsets_there_is_no_line() -> None:
    assert led_line([], Random(1), BAR) == []


def test_the_line_has_a_pitch_for_each_onset_within_the_range_of_a_bass() -> None:
    onsets = walk("Dm7", "G7", "Cmaj7", "A7b9")
    for line in drawn(onsets):
        assert len(line) == len(onsets)
        assert all(LOWEST <= pitch <= HIGHEST for pitch in line)


def test_lines_walk_more_than_they_leap() -> None:
    """Steps are most of a line, thirds come next; what is wider than a fifth is rare."""
    moves = [
        abs(b - a)
        for line in drawn(walk("Dm7", "G7", "Cmaj7", "A7b9", "Fm7", "Bb7"))
        for a, b in pairwise(line)
    ]
    assert 0.5 < share([1 <= move <= 2 for move in moves]) < 0.75
    assert 0.12 < share([3 <= move <= 4 for move in moves]) < 0.3
    assert share([move > 7 for move in moves]) < 0.005
    assert share([move == 0 for move in moves]) < 0.06


def test_lines_turn_and_do_not_tread_on_the_spot() -> None:
    moves = [b - a for line in drawn(walk("Dm7", "G7", "Cmaj7", bars=2)) for a, b in pairwise(line)]
    turns = [before * after < 0 for before, after in pairwise(moves)]
    assert 0.25 < share(turns) < 0.5
    assert share([before == -after != 0 for before, after in pairwise(moves)]) < 0.06


def test_a_leap_is_filled_by_a_step_back_more_often_than_not_and_hardly_ever_gone_on_with() -> None:
    onsets = walk("Dm7", "G7", "Cmaj7", "A7b9", "Fm7", "Bb7", bars=2)
    moves = [[after - pitch for pitch, after in pairwise(line)] for line in drawn(onsets)]
    leaps = [(move, after) for line in moves for move, after in pairwise(line) if abs(move) >= 5]
    assert len(leaps) > 200
    assert share([move * after < 0 and abs(after) <= 2 for move, after in leaps]) > 0.55
    assert share([move * after > 0 and abs(after) >= 5 for move, after in leaps]) < 0.01


def test_strong_beats_are_of_the_chord_and_weak_ones_pass() -> None:
    onsets = walk("Cmaj7", bars=8)
    chord = read_symbol("Cmaj7")
    tones = {
        role: share([
            pitch % OCTAVE in chord.tones
            for line in drawn(onsets)
            for pitch, onset in zip(line, onsets, strict=True)
            if onset.role is role
        ])
        for role in (Role.BAR, Role.STRONG, Role.WEAK)
    }  # fmt: skip
    assert tones[Role.BAR] > 0.9
    assert tones[Role.STRONG] > 0.7
    assert 0.3 < tones[Role.WEAK] < 0.8


def test_avoid_notes_are_on_weak_beats_and_passed_through() -> None:
    onsets, left = walk("Cmaj7", bars=8), list[int]()
    for line in drawn(onsets):
        for (pitch, after), onset in zip(pairwise(line), onsets, strict=False):
            if pitch % OCTAVE == 5 and onset.role is not Role.APPROACH:
                assert onset.role is Role.WEAK
                left.append(abs(after - pitch))
    assert len(left) > 50
    assert share([interval <= 4 for interval in left]) > 0.95


def test_a_minor_chord_is_seldom_made_a_major_one() -> None:
    """E natural leads from Cm7 to F7, and is its major third."""
    lines = drawn(walk("Cm7", "F7"))
    assert share([line[3] % OCTAVE == 4 for line in lines]) < 0.15


@pytest.mark.parametrize("previous", [28, 40, 55])
def test_the_first_pitch_is_near_the_one_before(previous: int) -> None:
    for seed in range(30):
        assert abs(led_line(walk("Dm7", "G7"), Random(seed), BAR, previous)[0] - previous) <= 10


def test_lines_climb_and_fall_about_a_comfortable_height() -> None:
    lines = drawn(walk(*["Dm7", "G7"] * 12), 20)
    heights = [[sum(line[at : at + 12]) / 12 for at in range(0, len(line), 12)] for line in lines]
    assert share([max(line) - min(line) > 4 for line in heights]) > 0.8
    assert share([30 <= pitch <= 44 for line in lines for pitch in line]) > 0.85


def test_a_line_leaves_the_left_hand_its_room() -> None:
    """Above G2 it is seldom, and above C3, where the chords may begin, next to never."""
    for onsets in (walk(*["Dm7", "G7", "Cmaj7", "A7b9"] * 4), walk("Bmaj7", "D7", "Gmaj7", "Bb7", "Ebmaj7")):
        pitches = [pitch for line in drawn(onsets) for pitch in line]
        assert share([pitch > 43 for pitch in pitches]) < 0.1
        assert share([pitch >= 48 for pitch in pitches]) < 0.003
        assert 35 < sum(pitches) / len(pitches) < 39


def test_a_bar_of_half_notes_begins_with_root_or_fifth_or_third_and_has_no_seventh() -> None:
    for symbol in ("Cm6", "Cmaj7", "C7", "Cm7b5", "C7sus4"):
        chord = read_symbol(symbol)
        roles = [Role.ROOT, Role.HALF, *[Role.HALF_BAR, Role.HALF] * 7]
        onsets = [Onset(8 * number, role, chord) for number, role in enumerate(roles)]
        lines = drawn(onsets)
        on_1 = [pitch % OCTAVE for line in lines for pitch in line[2::2]]
        assert set(on_1) <= {chord.bass, fifth_of(chord), third_of(chord)}
        assert 0.65 < share([number == chord.bass for number in on_1]) < 0.99
        on_3 = [pitch % OCTAVE for line in lines for pitch in line[1::2]]
        assert share([number == fifth_of(chord) for number in on_3]) > 0.4  # least where it is flat


def test_what_was_played_over_a_chord_the_last_time_seldom_comes_again_at_once() -> None:
    lines = drawn(walk(*["Dm7", "G7"] * 12), 20)
    within = [(line, beat) for line in lines for beat in range(8, len(line)) if beat % 4]  # all but roots
    assert share([line[beat] == line[beat - 8] for line, beat in within]) < 0.12


@pytest.mark.parametrize(
    ("symbol", "third"), [("Dm7", 5), ("C7sus4", 5), ("Dm7b5/C", 5), ("C5", None), ("N.C.", None)]
)
def test_the_third_of_a_chord_or_what_stands_for_it(symbol: str, third: int | None) -> None:
    assert third_of(read_symbol(symbol)) == third


@pytest.mark.parametrize(
    ("symbol", "fifth"), [("Dm7", 9), ("Bm7b5", 5), ("C+", 8), ("C7no5", 0), ("D7/C", 9)]
)
def test_the_other_pillar_of_a_chord(symbol: str, fifth: int) -> None:
    chord: Chord = read_symbol(symbol)
    assert fifth_of(chord) == fifth
