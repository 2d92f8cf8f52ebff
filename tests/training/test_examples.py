"""What models are given to go on with, and what becomes of it."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import pytest

from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.bundles.checkpoint import Tensor
from psc2.models.continuers import RnnContinuer
from psc2.models.rnn import midi_events
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, STEPS_PER_BAR
from psc2.models.rnn.native import NativeRnn
from psc2.training.datasets import Piece
from psc2.training.examples import (
    BASS_LINES,
    BEAT_BARS,
    EXAMPLE_BARS,
    MELODIES,
    MELODY_BARS,
    OPENING_BARS,
    TEMPERATURE,
    beat_of,
    beats_of_bass_lines,
    beats_of_takes,
    continue_primer,
    events_of,
    melodies,
    render,
)
from tests.models.bundles.examples import written

MELODY, KIT = read_bundle(written("attention_rnn")), read_bundle(written("drum_kit"))
MODELS = RnnContinuer(NativeRnn(MELODY)), RnnContinuer(NativeRnn(KIT))
KICK, SNARE, HIHAT = 1, 2, 4
SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


class ScriptedRnn:
    """A model that goes on with the events it was given, and records its requests."""

    def __init__(self, bundle: Bundle, events: Sequence[int]) -> None:
        self.bundle = bundle
        self._events = events
        self.requests: list[tuple[list[int], float, int]] = []

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        self.requests.append((list(primer), temperature, seed))
        return cycle(self._events)

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        raise AssertionError("nobody asks for it")

    def log_likelihood(self, events: Sequence[int]) -> float:
        raise AssertionError("nobody asks for it")


def test_a_melody_goes_on_in_the_key_and_register_of_its_primer() -> None:
    rnn = ScriptedRnn(MELODY, [60, NO_EVENT, NOTE_OFF])
    assert continue_primer(rnn, [pitch + 5 for pitch in SCALE], 5, 7) == [
        65,
        NO_EVENT,
        NOTE_OFF,
        65,
        NO_EVENT,
    ]
    assert rnn.requests == [(SCALE, TEMPERATURE, 7)]


def test_melodies_go_on_from_openings_at_bar_lines_of_every_solo() -> None:
    bars = OPENING_BARS + MELODY_BARS + 4
    solos = [Piece(name, SCALE * 2 * bars) for name in "ab"]
    rnn = ScriptedRnn(MELODY, [60])
    found = melodies(rnn, solos, 5, seed=1)
    assert [one.piece.name for one in found] == ["a", "b", "a", "b", "a"]
    for one in found:
        assert one.start % STEPS_PER_BAR == 0
        assert len(one.events) == len(one.own) == MELODY_BARS * STEPS_PER_BAR
    assert {len(primer) for primer, _, _ in rnn.requests} == {OPENING_BARS * STEPS_PER_BAR}
    assert len({seed for _, _, seed in rnn.requests}) == 5


def test_an_opening_has_notes_in_it() -> None:
    silent = [NO_EVENT] * 5 * STEPS_PER_BAR
    solo = Piece("late", [60, *silent[1:], *SCALE * 2 * (OPENING_BARS + MELODY_BARS)])
    rnn = ScriptedRnn(MELODY, [60])
    for one in melodies(rnn, [solo], 20, seed=1):
        assert one.start >= len(silent) + STEPS_PER_BAR


def test_a_short_solo_is_continued_past_its_end() -> None:
    (one,) = melodies(ScriptedRnn(MELODY, [60]), [Piece("short", SCALE * 5)], 1, seed=1)
    assert (one.start, one.own, len(one.events)) == (32, SCALE, MELODY_BARS * STEPS_PER_BAR)


def test_the_same_seed_asks_the_same() -> None:
    solos = [Piece("a", SCALE * 100), Piece("b", SCALE * 80)]
    one, other, third = (ScriptedRnn(MELODY, [60]) for _ in range(3))
    melodies(one, solos, 6, seed=1)
    melodies(other, solos, 6, seed=1)
    melodies(third, solos, 6, seed=2)
    assert one.requests == other.requests != third.requests


def test_the_beat_of_a_bassline_is_the_instruments_own() -> None:
    (first, second) = ((1, 4), (9,))
    events = beat_of((first, second), 3, KIT.configuration)
    assert len(events) == 3 * STEPS_PER_BAR
    assert [step for step, event in enumerate(events) if event & KICK] == [0, 16, 32]
    assert [step for step, event in enumerate(events) if event & SNARE] == [0, 3, 24, 32, 35]
    assert [step for step, event in enumerate(events) if event & HIHAT] == list(range(0, 48, 2))


def test_beats_are_as_long_as_the_beat_that_they_are_made_of() -> None:
    rnn = ScriptedRnn(KIT, [KICK, 0])
    found = beats_of_bass_lines(rnn, 3, seed=1)
    assert [len(events) for events in found] == [BEAT_BARS * STEPS_PER_BAR] * 3
    assert {(len(primer), temperature) for primer, temperature, _ in rnn.requests} == {(64, TEMPERATURE)}


@pytest.mark.parametrize("bars", [1, 2, 6, 20])
def test_beats_go_on_from_openings_at_bar_lines_of_a_take(bars: int) -> None:
    take = Piece("take", [KICK, SNARE] * 8 * bars)
    for one in beats_of_takes(ScriptedRnn(KIT, [KICK, 0]), [take], 4, seed=1):
        assert one.start % STEPS_PER_BAR == 0
        assert one.start <= len(take.events)
        assert len(one.events) == BEAT_BARS * STEPS_PER_BAR
        assert len(one.own) == len(one.events) or bars < OPENING_BARS + BEAT_BARS


def test_a_take_without_a_whole_opening_is_left_out() -> None:
    takes = [Piece("short", [KICK] * 13), Piece("take", [KICK, SNARE] * 8 * 6)]
    found = beats_of_takes(ScriptedRnn(KIT, [KICK, 0]), takes, 4, seed=1)
    assert {one.piece.name for one in found} == {"take"}


def test_every_primer_is_two_bars_within_the_models_range() -> None:
    for text in MELODIES.values():
        events = events_of(text)
        assert len(events) == OPENING_BARS * STEPS_PER_BAR
        assert all(48 <= event < 84 for event in events if event >= 0)
    assert all(1 <= sixteenth <= 16 for line in BASS_LINES.values() for bar in line for sixteenth in bar)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return render(*MODELS, tmp_path_factory.mktemp("examples") / "new", seed=1)


def test_every_primer_becomes_a_midi_file_and_all_of_them_a_picture(rendered: list[Path]) -> None:
    names = [path.name for path in rendered]
    assert len(names) == len(set(names)) == len(MELODIES) + len(BASS_LINES) + 2
    assert [name for name in names if name.endswith(".png")] == ["melody_examples.png", "beat_examples.png"]


def test_an_example_begins_with_its_primer(rendered: list[Path]) -> None:
    folder = rendered[0].parent
    (events,) = midi_events.read(folder / "melody_major_scale.mid", MELODY.configuration)
    assert events[:32:2] == [60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62, 60, NO_EVENT]
    assert len(events) <= (OPENING_BARS + EXAMPLE_BARS) * STEPS_PER_BAR + 1
    (beat,) = midi_events.read(folder / "beat_walking.mid", KIT.configuration)
    line = beat_of(BASS_LINES["walking"], BEAT_BARS, KIT.configuration)
    assert beat[: len(line)] == line


def test_the_same_seed_renders_the_same_files(rendered: list[Path], tmp_path: Path) -> None:
    again = render(*MODELS, tmp_path, seed=1)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in rendered]
