"""Statistics of music whose answers are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.training.statistics import (
    PHRASE_NOTES,
    Figure,
    Profile,
    beat_statistics,
    distance,
    distances,
    key_share,
    melody_statistics,
    notes_of,
    phrases,
    syncopation,
    table,
)
from tests.training.corpora import HIHAT, KICK, ROCK, SILENCE, even

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]  # C major, up
melodies = st.lists(st.one_of(st.integers(-2, 127)), max_size=80)


def met(profile: Profile) -> dict[str, float]:
    """What there is."""
    return {thing: value for thing, value in profile.values.items() if value}


# --- melodies -------------------------------------------------------------------------


def test_a_note_ends_with_the_next_with_a_note_off_or_with_the_music() -> None:
    notes = notes_of([NOTE_OFF, 60, NO_EVENT, 62, NOTE_OFF, NO_EVENT, 64, NO_EVENT])
    assert [tuple(note) for note in notes] == [(1, 2, 60), (3, 1, 62), (6, 2, 64)]


@given(melodies)
def test_notes_follow_one_another_and_are_all_the_pitches(events: list[int]) -> None:
    notes = notes_of(events)
    assert [note.pitch for note in notes] == [event for event in events if event >= 0]
    ends = [note.onset + note.length for note in notes]
    assert all(end <= after.onset for end, after in zip(ends, notes[1:], strict=False))
    assert all(note.length >= 1 for note in notes)
    assert not ends or ends[-1] <= len(events)


def test_a_major_scale_has_whole_and_half_tones() -> None:
    found = melody_statistics([even(SCALE)])
    assert met(found.profiles["intervals"]) == pytest.approx({"+1": 2 / 7, "+2": 5 / 7})
    assert met(found.profiles["range"]) == {"12–15": 1.0}
    assert met(found.profiles["note lengths"]) == {"2": 1.0}
    assert met(found.profiles["onsets apart"]) == {"2": 1.0}
    assert [round(figure.value, 3) for figure in found.figures.values()] == [8.0, 1.714, 0.0, 0.0, 12.0, 1.0]


def test_what_is_wider_or_longer_than_the_table_is_counted_together() -> None:
    found = melody_statistics([[30, *[NO_EVENT] * 19, 90, *[NO_EVENT] * 30, 76, NO_EVENT, 76]])
    assert met(found.profiles["intervals"]) == pytest.approx({"<−12": 1 / 3, "0": 1 / 3, ">12": 1 / 3})
    assert met(found.profiles["range"]) == {"≥48": 1.0}
    assert met(found.profiles["onsets apart"]) == pytest.approx({"2": 1 / 3, ">16": 2 / 3})
    assert found.figures["leaps of more than an octave"].value == pytest.approx(2 / 3)
    assert found.figures["repeated notes"].value == pytest.approx(1 / 3)


def test_no_interval_leads_from_one_melody_to_the_next() -> None:
    assert not met(melody_statistics([[60], [72]]).profiles["intervals"])


def test_phrases_have_so_many_notes_and_only_a_short_melody_fewer() -> None:
    notes = notes_of([60] * (2 * PHRASE_NOTES + 10))
    assert [len(phrase) for phrase in phrases(notes)] == [PHRASE_NOTES, PHRASE_NOTES]
    assert [len(phrase) for phrase in phrases(notes[:5])] == [5]
    assert list(phrases([])) == []


@given(st.lists(st.integers(24, 90), min_size=1), st.integers(-12, 12))
def test_how_well_a_key_fits_is_the_same_in_all_keys(pitches: list[int], amount: int) -> None:
    assert key_share(pitches) == key_share([pitch + amount for pitch in pitches]) >= 7 / 12


@pytest.mark.parametrize("nothing", [[], [[]], [[NO_EVENT] * 16]])
def test_music_without_notes_has_statistics_that_are_0(nothing: list[list[int]]) -> None:
    for found in (melody_statistics(nothing), beat_statistics([])):
        assert not any(figure.value for figure in found.figures.values())
        assert not any(met(profile) for profile in found.profiles.values())


# --- beats ----------------------------------------------------------------------------


def test_a_rock_beat_is_what_it_is() -> None:
    found = beat_statistics([ROCK * 4])
    assert {name: figure.value for name, figure in found.figures.items()} == {
        "strokes a step": 12 / 16,
        "beats 2 and 4 with a snare": 1.0,
        "syncopation a bar": 0.0,
        "bars like the one before": 1.0,
    }
    assert met(found.profiles["drums"]) == {"kick": 2 / 16, "snare": 2 / 16, "clhat": 8 / 16}
    strokes = [found.profiles["places in the bar"].values[place] for place in ("1", "2", "3", "5")]
    assert strokes == [2.0, 0.0, 1.0, 2.0]
    assert met(found.profiles["strokes together"]) == {"0": 0.5, "1": 0.25, "2": 0.25}
    assert met(found.profiles["syncopation"]) == {"0": 1.0}


def test_a_bar_that_is_cut_short_does_not_count() -> None:
    assert beat_statistics([[*ROCK, *ROCK[:15]]]) == beat_statistics([ROCK])


def test_a_stroke_is_syncopated_by_the_stronger_place_that_it_anticipates() -> None:
    def line(*struck: int) -> list[list[int]]:
        return [[KICK * (step + 16 * bar in struck) for step in range(16)] for bar in range(2)]

    assert syncopation(line(0, 8, 16, 24)) == [0, 0]
    assert syncopation(line(0, 7)) == [4, 0]  # not before the third beat, but before the bar line
    assert syncopation(line(0, 7, 10, 16)) == [3 + 1, 0]  # before the third beat; before the fourth
    assert syncopation(line(15)) == [4, 0]
    assert syncopation(line(14, 16)) == [0, 0]  # what it leads to is struck


def test_hihats_keep_the_time_and_are_not_syncopated() -> None:
    assert syncopation([[HIHAT * (step % 2) for step in range(16)]]) == [0]


# --- distances ------------------------------------------------------------------------

profiles = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 5).map(float), min_size=1).map(
    lambda values: Profile("", "", values)
)


@given(profiles, profiles)
def test_a_distance_is_the_same_both_ways_and_from_0_to_1(one: Profile, other: Profile) -> None:
    assert distance(one, one) == 0
    assert distance(one, other) == distance(other, one)
    assert 0 <= distance(one, other) <= 1 + 1e-9


def test_what_has_nothing_in_common_is_1_apart() -> None:
    assert distance(Profile("", "", {"a": 3.0}), Profile("", "", {"b": 0.5})) == 1


def test_a_table_tells_every_figure_and_every_distance_from_the_first_group() -> None:
    rock, waltz = beat_statistics([ROCK]), beat_statistics([SILENCE])
    lines = table({"training": rock, "model": waltz}).splitlines()
    assert lines[0] == "|  | training | model |"
    assert lines[2] == "| size | 1 beats, 1 bars | 1 beats, 1 bars |"
    assert "| beats 2 and 4 with a snare | 100.0% | 0.0% |" in lines
    assert "| distance: strokes together |  | 0.500 |" in lines
    assert lines[-1] == f"| distance: all |  | {distances(waltz, rock)['all']:.3f} |"


def test_a_small_share_is_reported_with_two_digits() -> None:
    assert [str(Figure(share)) for share in (0.0, 0.00123, 0.0123, 1.0)] == [
        "0.0%",
        "0.12%",
        "1.2%",
        "100.0%",
    ]
    assert str(Figure(2.345, is_share=False)) == "2.35"
