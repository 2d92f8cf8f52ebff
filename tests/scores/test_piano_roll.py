"""The picture of a score: how it is laid out and what is written on it."""

from psc2.core.instruments import Instrument
from psc2.core.meter import TimeSignature
from psc2.scores.piano_roll import SYSTEM_STEPS, StaffSystem, draw, groups, headings, systems_of
from psc2.scores.score import Note, Part, Score

FOUR, SEVEN = TimeSignature(4, 4), TimeSignature(7, 8)


def score(bar_lines: dict[int, TimeSignature], sequences: tuple[int, ...], end: int, *notes: Note) -> Score:
    return Score("T", notes, bar_lines, sequences, ((0, 120.0), (end, 90.0)), ((0, "A"),), (), end)


def test_a_system_ends_where_a_sequence_does() -> None:
    bars = dict.fromkeys(range(-16, 192, 16), FOUR)
    assert systems_of(score(bars, (-16, 0, 64, 128), 192)) == [StaffSystem(-16, 128), StaffSystem(128, 192)]


def test_a_sequence_longer_than_a_system_is_broken_at_a_bar_line() -> None:
    bars = dict.fromkeys(range(0, 512, 16), FOUR)
    systems = systems_of(score(bars, (0,), 512))
    assert systems == [
        StaffSystem(0, 144),
        StaffSystem(144, 288),
        StaffSystem(288, 432),
        StaffSystem(432, 512),
    ]
    assert all(system.end - system.start <= SYSTEM_STEPS for system in systems)


def test_meter_and_tempo_are_written_where_they_are_new() -> None:
    bars = {0: FOUR, 16: FOUR, 32: SEVEN}
    assert headings(score(bars, (0, 32), 46)) == {0: ("A", "4/4   ♩ = 120"), 32: ("", "7/8   ♩ = 90")}


def test_controls_close_together_share_a_place() -> None:
    assert groups([(0.0, "mute drums"), (4.0, "numerator_up"), (40.0, "free")]) == [
        (0.0, ["mute drums", "numerator up"]),
        (40.0, ["free"]),
    ]


def test_only_the_drums_that_play_have_a_line() -> None:
    kick = Note(Part.DRUMS, Instrument.KICK, 0, 100, 0.0, 0.5)
    ride = Note(Part.DRUMS, Instrument.RIDE, 0, 100, 4.0, 4.5)
    figure = draw(score({0: FOUR}, (0,), 16, kick, ride))
    assert [text.get_text() for text in figure.axes[1].get_yticklabels()] == ["kick", "ride"]


def test_a_score_without_notes_can_be_drawn() -> None:
    assert len(draw(score({0: FOUR}, (0,), 16)).axes) == 2
