"""What the layers play in the bar that sounds, below its 16ths. A step lasts 0.125 s."""

from collections.abc import Sequence

import pytest

from psc2.core import layers
from psc2.core.drums import drum_note
from psc2.core.events import Event, KeyDown
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.requests import Model
from psc2.screen.picture import Picture
from psc2.screen.rows import BOLD, TURNED
from psc2.testing import FakeMelody, Rehearsal, key, press

MODEL_NAMES = {Model.MELODY: "weimar", Model.DRUMS: "groove"}
STEP = 0.125


def note(bar: int, step: int, pitch: int, length: int, layer: Layer = Layer.BASS) -> PlayableNote:
    return PlayableNote(bar, step, layer, INSTRUMENT_OF_LAYER[layer], pitch, 100, length)


def music(
    rehearsal: Rehearsal, at: float, events: Sequence[Event] = (), size: tuple[int, int] = (80, 24)
) -> dict[Layer, str]:
    """Each layer's row, without its label."""
    rehearsal.play(events, until=at)
    rows = Picture(rehearsal.engine.snapshot(), at, MODEL_NAMES).rows(*size)
    texts = ["".join(text for text, _ in row) for row in rows]
    top = next(n for n, text in enumerate(texts) if text.startswith(" lead "))
    names = (Layer.LEAD, Layer.CHORDS, Layer.BASS, Layer.DRUMS)
    return {layer: text[8:].rstrip() for layer, text in zip(names, texts[top:], strict=False)}


def styled(rehearsal: Rehearsal, at: float, style: str) -> list[str]:
    """What of the layers' rows has that style."""
    rows = Picture(rehearsal.engine.snapshot(), at, MODEL_NAMES).rows(80, 24)
    top = next(n for n, row in enumerate(rows) if row[0][0].startswith(" lead"))
    return [text.strip() for row in rows[top : top + 4] for text, one in row if one == style]


def test_notes_stand_below_their_16ths_as_long_as_they_last() -> None:
    rehearsal = Rehearsal()
    layers.add_notes(rehearsal.state, [note(0, 0, 40, 3), note(0, 4, 43, 1), note(0, 8, 46, 8)])
    shown = music(rehearsal, 0.0)[Layer.BASS]
    rows = Picture(rehearsal.engine.snapshot(), 0.0, MODEL_NAMES).rows(80, 24)
    cells = next("".join(t for t, _ in row) for row in reversed(rows) if any("░" in t for t, _ in row))[8:]
    beats = [n for n in range(len(cells)) if cells.startswith("░", n) and not cells.startswith("░", n - 1)]
    assert shown.startswith("E2━━━━━━━━━ ")
    assert [shown.index(name) for name in ("E2", "G2", "Bb2")] == [beats[step] for step in (0, 4, 8)]
    assert shown.endswith("━")
    assert shown.count("━", shown.index("Bb2")) > 20


def test_a_note_is_shown_in_each_bar_that_it_sounds_in() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "num_bars": 6})
    layers.add_notes(rehearsal.state, [note(0, 8, 40, 70), note(2, 0, 64, 8, Layer.CHORDS)])
    start = rehearsal.start()
    shown = [music(rehearsal, start + (16 * bar + 2) * STEP)[Layer.BASS] for bar in range(6)]
    width = len(shown[1])
    assert shown[0].endswith("━")
    assert shown[1:4] == ["━" * width] * 3
    assert set(shown[4]) == {"━"}
    assert 0.7 * width < len(shown[4]) < 0.95 * width
    assert shown[5] == ""


def test_drums_are_strokes_and_chords_are_named() -> None:
    rehearsal = Rehearsal()
    strokes = [
        (0, Instrument.KICK),
        (0, Instrument.CLOSED_HIHAT),
        (4, Instrument.SNARE),
        (6, Instrument.RIDE),
    ]
    layers.add_notes(rehearsal.state, [drum_note(0, step, drum, 100) for step, drum in strokes])
    chord = [note(0, 0, pitch, 8, Layer.CHORDS) for pitch in (57, 60, 64)]
    layers.add_notes(rehearsal.state, [*chord, *(note(0, 8, pitch, 1, Layer.CHORDS) for pitch in (57, 60))])
    shown = music(rehearsal, 0.0)
    assert shown[Layer.DRUMS].split() == ["Kx", "S", "r"]
    assert shown[Layer.CHORDS].startswith("A3 C4 E4━━━")
    assert shown[Layer.CHORDS].split()[-2:] == ["A", "C"] or shown[Layer.CHORDS].endswith("A C")


def test_only_the_bar_that_sounds_is_shown_with_what_still_rings_into_it() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    layers.add_notes(rehearsal.state, [note(0, 14, 40, 4), note(1, 8, 43, 2)])
    start = rehearsal.start()
    assert "E2" in music(rehearsal, start + STEP)[Layer.BASS]
    second = music(rehearsal, start + 17 * STEP)[Layer.BASS]
    assert "E2" not in second
    assert second.startswith("━━━")
    assert "G2" in second


def test_a_note_is_there_from_its_key_on_grows_and_stays_where_it_joins() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    down, up = key(start + 4 * STEP, 40, duration_s=4 * STEP)
    rows = [music(rehearsal, start + 4.5 * STEP, [press(start, "record", Layer.BASS), down])[Layer.BASS]]
    assert styled(rehearsal, start + 4.5 * STEP, TURNED)[0].startswith("E2")
    rows += [music(rehearsal, start + step * STEP, [])[Layer.BASS] for step in (5.5, 6.5)]
    rows.append(music(rehearsal, start + 12 * STEP, [up])[Layer.BASS])
    assert [row.strip()[:2] for row in rows] == ["E2"] * 4
    assert [len(row) for row in rows] == sorted({len(row) for row in rows})
    assert len(rehearsal.state.bass_line) == 1


def test_the_key_just_struck_stands_out_and_the_machines_pitch_beside_it() -> None:
    rehearsal = Rehearsal(
        FakeMelody(72),
        music={"qpm": 120.0},
        improv={"min_primer_length": 1, "takeover": "now", "register": "off"},
    )
    assert music(rehearsal, 0.2, [KeyDown(0.1, 0, 63, 90)])[Layer.LEAD] == "Eb4"
    assert styled(rehearsal, 0.2, TURNED) == ["Eb4"]
    start = rehearsal.start(at=0.3)
    rehearsal.play([press(start, "improv"), *key(start + STEP, 60)], until=start + 4 * STEP)
    shown = music(rehearsal, start + 9 * STEP, key(start + 8 * STEP, 50))[Layer.LEAD]
    assert shown.strip() == "D3→C5"
    assert music(rehearsal, start + 17 * STEP)[Layer.LEAD] == ""  # that was in the bar before


def test_recorded_notes_stand_out_from_those_that_are_there() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    layers.add_notes(rehearsal.state, [note(0, 0, 40, 2)])
    start = rehearsal.start()
    events: list[Event] = [
        press(start, "overdub"),
        press(start, "record", Layer.BASS),
        KeyDown(start + 4 * STEP, 0, 43, 90),
    ]
    rehearsal.play([*events, KeyDown(start + 8 * STEP, 0, 47, 90)], until=start + 8.5 * STEP)
    assert any(text.startswith("G2") for text in styled(rehearsal, start + 8.5 * STEP, BOLD))
    assert "E2" in music(rehearsal, start + 8.5 * STEP)[Layer.BASS]
    assert not any("E2" in text for text in styled(rehearsal, start + 8.5 * STEP, BOLD))


@pytest.mark.parametrize("size", [(40, 12), (80, 20), (49, 40)])
def test_where_there_is_no_room_there_is_no_music(size: tuple[int, int]) -> None:
    rows = Picture(Rehearsal().engine.snapshot(), 0.0, MODEL_NAMES).rows(*size)
    assert not any("".join(text for text, _ in row).rstrip() == " drums" for row in rows)


@pytest.mark.parametrize("meter", ["4/4", "13/16", "64/4", "2/16", "7/8"])
@pytest.mark.parametrize("width", [50, 80, 200])
def test_any_bar_can_be_shown_to_its_end(meter: str, width: int) -> None:
    rehearsal = Rehearsal(music={"time_signature": meter, "num_bars": 2, "qpm": 120.0})
    per_bar = rehearsal.state.time_signature.steps_per_bar
    layers.add_notes(rehearsal.state, [note(bar, step, 40, 3) for bar in (0, 1) for step in range(per_bar)])
    start = rehearsal.start()
    for step in (0, per_bar - 1, per_bar, 2 * per_bar - 1):
        assert music(rehearsal, start + (step + 0.5) * STEP, size=(width, 24))[Layer.BASS]
