"""The chart that is heard in the recorded chords and the bassline. 120 qpm, two bars of 2 s."""

from collections.abc import Sequence

from psc2.core.effects import NoteOn
from psc2.core.events import Event
from psc2.core.fitting import HarmonyPolicy
from psc2.core.instruments import Instrument, Layer
from psc2.testing import FakeMelody, Rehearsal, key, press, sounds

BEAT_S, BAR_S = 0.5, 2.0
DM7, G7 = (53, 57, 60, 64), (53, 57, 59, 64)  # without their roots


Line = Sequence[tuple[float, Sequence[int], float]]  # each at a beat, and so many beats long


def taken(layer: Layer, notes: Line, pitches: Sequence[int] = (60,)) -> Rehearsal:
    """A take; the loop plays on, and the machine has these pitches."""
    improv = {"min_primer_length": 1, "takeover": "now"}
    rehearsal = Rehearsal(FakeMelody(*pitches), music={"qpm": 120.0}, improv=improv)
    return record(rehearsal, rehearsal.start(), layer, notes)


def record(rehearsal: Rehearsal, start: float, layer: Layer, notes: Line) -> Rehearsal:
    """A take from the next sequence start after ``start``, where one is, on."""
    first = start + 2 * BAR_S
    events: list[Event] = [press(max(start + 0.5, rehearsal.clock.now() + 0.01), "record", layer)]
    for beat, pitches, beats in notes:
        at, long = first + beat * BEAT_S, beats * BEAT_S - 0.05
        events += [event for pitch in pitches for event in key(at, pitch, long)]
    rehearsal.play(sorted(events, key=lambda event: event.at), until=first + 2 * BAR_S + 0.6)
    return rehearsal


def shown(rehearsal: Rehearsal) -> list[str]:
    assert rehearsal.state.heard is not None
    return [placed.chord.symbol for bar in rehearsal.state.heard.bars for placed in bar.chords]


def test_chords_without_roots_are_named_over_the_bassline() -> None:
    rehearsal = taken(Layer.CHORDS, [(0, DM7, 4), (4, G7, 4)])
    assert rehearsal.state.transport is not None
    start = rehearsal.state.transport.grid.time_of(rehearsal.state.transport.passes[-1].start)
    record(rehearsal, start, Layer.BASS, [(0, (38,), 2), (2, (45,), 2), (4, (43,), 2), (6, (38,), 2)])
    assert [name.split("/")[0] for name in shown(rehearsal)] == ["Dm7", "Dm7", "G7", "G7"]


def test_chords_are_spelled_together_as_one_key_has_them() -> None:
    two, five = (49, 52, 56, 59), (42, 46, 52, 61)
    assert shown(taken(Layer.CHORDS, [(0, two, 4), (4, five, 4)])) == ["C#m7", "C#m7", "F#7", "F#7"]


def test_a_pushed_chord_is_played_for_the_beat_that_it_rings_into() -> None:
    c, f = (48, 52, 55), (53, 57, 60)
    rehearsal = taken(Layer.CHORDS, [(0, c, 3), (3.5, f, 2.5)])
    assert shown(rehearsal) == ["C", "C", "F", "F"]


def test_short_chords_hold_until_the_next_one_is_struck() -> None:
    rehearsal = taken(Layer.CHORDS, [(0, (48, 52, 55), 0.5), (4.5, (53, 57, 60), 0.5)])
    assert shown(rehearsal) == ["C", "C", "F", "F"]


def test_a_short_push_is_for_the_bar_after_it() -> None:
    rehearsal = taken(Layer.CHORDS, [(0, (50, 53, 57, 60), 2), (3.5, (47, 53, 55, 62), 0.4)])
    assert shown(rehearsal) == ["Dm7", "Dm7", "G7/B", "G7/B"]


def test_a_chord_a_beat_is_named_by_the_one_on_the_strong_beat() -> None:
    triads = [(48, 52, 55), (50, 53, 57), (53, 57, 60), (55, 59, 62)]
    rehearsal = taken(Layer.CHORDS, [(float(n), triads[n % 4], 0.9) for n in range(8)])
    assert shown(rehearsal) == ["C", "F", "C", "F"]


def test_a_broken_chord_is_heard_whole() -> None:
    rehearsal = taken(Layer.CHORDS, [(n / 2, (pitch,), 0.5) for n, pitch in enumerate((48, 52, 55))])
    assert shown(rehearsal)[0] == "C"


def test_a_walking_bass_does_not_rename_the_comping() -> None:
    comping = [(0, DM7, 1.5), (2, DM7, 1.5), (4, G7, 1.5), (6, G7, 1.5)]
    rehearsal = taken(Layer.CHORDS, comping)
    transport = rehearsal.state.transport
    assert transport is not None
    walk = [(float(n), (pitch,), 0.9) for n, pitch in enumerate((38, 41, 45, 48, 43, 47, 50, 53))]
    record(rehearsal, transport.grid.time_of(transport.passes[-1].start), Layer.BASS, walk)
    assert [name.split("/")[0] for name in shown(rehearsal)] == ["Dm7", "Dm7", "G7", "G7"]


def test_what_is_played_in_the_chord_fits_it() -> None:
    altered = (53, 56, 59, 62)  # F Ab B D
    rehearsal = taken(Layer.CHORDS, [(0, (43, *altered), 8)])
    chord = rehearsal.state.heard.bars[0].chord_at(0) if rehearsal.state.heard else None
    assert chord is not None
    assert chord.symbol.startswith("G7b9")
    assert all(chord.fits(pitch) for pitch in altered)


def test_cleared_chords_are_no_longer_heard_also_while_the_loop_is_stopped() -> None:
    rehearsal = taken(Layer.CHORDS, [(0, (48, 52, 55), 8)])
    at = rehearsal.clock.now()
    rehearsal.play([press(at + 0.1, "stop"), press(at + 0.2, "clear", Layer.CHORDS)], until=at + 0.2)
    assert rehearsal.engine.snapshot().chords == ()


def test_undo_takes_the_chords_back_and_redo_brings_them_again() -> None:
    rehearsal = taken(Layer.CHORDS, [(0, (48, 52, 55), 4)])
    at = rehearsal.clock.now()
    rehearsal.play([press(at + 0.1, "undo")], until=at + 0.5)
    assert rehearsal.state.heard is None
    assert rehearsal.engine.snapshot().chords == ()
    rehearsal.play([press(at + 0.6, "redo")], until=at + 1.0)
    assert shown(rehearsal) == ["C"] * 4


def test_the_machine_fits_its_pitches_to_them() -> None:
    rehearsal = taken(Layer.CHORDS, [(0, (48, 52, 55), 8)], [61] * 30)  # C, over which C# clashes
    assert rehearsal.state.harmony is HarmonyPolicy.STRONG
    transport = rehearsal.state.transport
    assert transport is not None
    start = transport.grid.time_of(transport.passes[-1].start)
    keys = [event for n in range(2, 8) for event in key(start + n * BEAT_S, 60, 0.1)]
    rehearsal.play([press(start + 0.9, "improv"), *keys], until=start + 2 * BAR_S)
    lead = [one for _, one in sounds(rehearsal.output.sent, NoteOn) if isinstance(one, NoteOn)]
    heard = [one.pitch for one in lead if one.instrument is Instrument.LEAD]
    assert heard[1:] == [61, 60, 61, 60, 61]  # on beats 4, 1, 2, 3, 4


def test_a_chart_that_is_named_is_the_one_that_counts() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "chart": "Gmaj7 | Gmaj7"})
    record(rehearsal, rehearsal.start(), Layer.CHORDS, [(0, (48, 52, 55), 8)])
    assert {chord.symbol for chord in rehearsal.engine.snapshot().chords} == {"Gmaj7"}
