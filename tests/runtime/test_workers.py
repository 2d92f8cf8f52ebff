"""What becomes of a request, whatever the model does."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from queue import SimpleQueue

import pytest

from psc2.core.events import Cancelled, DrumsReady, Event, MelodyReady, ModelFailed
from psc2.core.instruments import Instrument
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest, Model
from psc2.models.generation import (
    GenerationCancelled,
    GenerationError,
    IsCancelled,
    generate_beat,
    generate_melody,
)
from psc2.models.markov import Markov
from psc2.ports import DrumsModel
from psc2.runtime.clock import SystemClock
from psc2.runtime.workers import MAX_REASON, Worker, drums_answer, melody_answer
from psc2.testing import FakeDrums, FakeMelody, VirtualClock
from tests.models.requests import drums_request, melody_request

NOW = 12.5
CLOCK = VirtualClock(NOW)
CALL = melody_request([60, 62, 64, 65], num_pitches=4)
LOOP = drums_request("4/4", 1)
KICK, SNARE = Hit(0, Instrument.KICK, 110), Hit(4, Instrument.SNARE, 90)


def never() -> bool:
    return False


def fails(error: Exception) -> Callable[[object, IsCancelled], list[int]]:
    def generate(request: object, is_cancelled: IsCancelled) -> list[int]:
        raise error

    return generate


def gives(*pitches: int) -> Callable[[MelodyRequest, IsCancelled], list[int]]:
    return lambda request, is_cancelled: list(pitches)


# --- melodies -------------------------------------------------------------------------


def test_a_full_answer_is_the_models_own() -> None:
    answer = melody_answer(gives(70, 71, 72, 73), FakeMelody(40, 41, 42, 43), CLOCK, CALL, never)
    assert answer == MelodyReady(NOW, 1, (70, 71, 72, 73), from_model=4, trouble="")


def test_the_stand_in_gives_what_the_model_does_not() -> None:
    answer = melody_answer(gives(70), FakeMelody(40, 41, 42, 43), CLOCK, CALL, never)
    assert answer == MelodyReady(NOW, 1, (70, 40, 41, 42), from_model=1, trouble="")


def test_without_a_stand_in_a_short_answer_stays_short() -> None:
    assert melody_answer(gives(70), None, CLOCK, CALL, never) == MelodyReady(NOW, 1, (70,), 1, "")


def test_where_the_model_fails_all_is_the_stand_ins_and_the_player_is_told() -> None:
    answer = melody_answer(fails(ValueError("no strings")), FakeMelody(*range(40, 50)), CLOCK, CALL, never)
    trouble = "melody model: ValueError: no strings"
    assert answer == MelodyReady(NOW, 1, (40, 41, 42, 43), from_model=0, trouble=trouble)


def test_where_both_have_nothing_there_is_no_answer() -> None:
    assert melody_answer(gives(), None, CLOCK, CALL, never) == ModelFailed(NOW, 1, "melody model: no pitches")
    answer = melody_answer(fails(GenerationError("slower than 2 s")), None, CLOCK, CALL, never)
    assert answer == ModelFailed(NOW, 1, "melody model: slower than 2 s")


@pytest.mark.parametrize(
    "generate", [gives(70, 71, 72, 73), gives(), fails(ValueError()), fails(GenerationCancelled())]
)
def test_the_stand_in_hears_every_call(generate: Callable[[MelodyRequest, IsCancelled], list[int]]) -> None:
    stand_in = FakeMelody(40)
    melody_answer(generate, stand_in, CLOCK, CALL, never)
    assert stand_in.requests == [CALL]


def test_markov_as_the_stand_in_learns_from_calls_that_it_need_not_answer() -> None:
    stand_in = Markov()
    melody_answer(gives(1, 2, 3, 4), stand_in, CLOCK, melody_request([60, 90] * 10), never)
    found: set[int] = set()
    for seed in range(20):
        call = melody_request([60, 50, 60], num_pitches=10, seed=seed)
        answer = melody_answer(gives(), stand_in, CLOCK, call, never)
        assert isinstance(answer, MelodyReady)
        found.update(answer.pitches)
    assert found == {50, 60, 90}


def test_a_request_that_is_cancelled_is_neither_answered_nor_troubled() -> None:
    answer = melody_answer(fails(GenerationCancelled()), FakeMelody(40), CLOCK, CALL, never)
    assert answer == Cancelled(NOW, 1)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (GenerationError("is still loading"), "is still loading"),
        (ValueError(""), "ValueError:"),
        (RuntimeError("two\nlines\t and  more"), "RuntimeError: two lines and more"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_trouble_is_one_line(error: Exception, told: str) -> None:
    answer = melody_answer(fails(error), FakeMelody(40), CLOCK, CALL, never)
    assert isinstance(answer, MelodyReady)
    assert answer.trouble == f"melody model: {told}"


def test_long_trouble_is_cut() -> None:
    answer = melody_answer(fails(ValueError("x" * 1000)), FakeMelody(40), CLOCK, CALL, never)
    assert isinstance(answer, MelodyReady)
    assert answer.trouble == f"melody model: ValueError: {'x' * 1000}"[: MAX_REASON - 1] + "…"


class FailingMelody:
    """A stand-in that fails after so many pitches; before it has heard the call, if there are none."""

    def __init__(self, *pitches: int, error: BaseException | None = None) -> None:
        self._pitches = pitches
        self._error = error or RuntimeError("no idea")

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
        if not self._pitches:
            raise self._error
        return self._some()

    def _some(self) -> Iterator[int]:
        yield from self._pitches
        raise self._error


FAILED = "melody stand-in: RuntimeError: no idea"


def test_a_stand_in_that_fails_takes_nothing_from_the_models_answer() -> None:
    answer = melody_answer(gives(70, 71, 72, 73), FailingMelody(), CLOCK, CALL, never)
    assert answer == MelodyReady(NOW, 1, (70, 71, 72, 73), from_model=4, trouble=FAILED)
    answer = melody_answer(gives(70), FailingMelody(40), CLOCK, CALL, never)
    assert answer == MelodyReady(NOW, 1, (70, 40), from_model=1, trouble=FAILED)


def test_where_both_fail_there_is_no_answer() -> None:
    trouble = "melody model: ValueError: no strings"
    for stand_in in (FailingMelody(), FailingMelody(40)):
        answer = melody_answer(fails(ValueError("no strings")), stand_in, CLOCK, CALL, never)
        if isinstance(answer, MelodyReady):
            assert answer == MelodyReady(NOW, 1, (40,), from_model=0, trouble=trouble)
        else:
            assert answer == ModelFailed(NOW, 1, trouble)
    assert melody_answer(gives(), FailingMelody(), CLOCK, CALL, never) == ModelFailed(NOW, 1, FAILED)


@pytest.mark.parametrize("pitch", [60.5, -1, 128, "60", None, [60], float("nan")])
def test_what_is_no_pitch_is_not_taken_from_a_stand_in(pitch: object) -> None:
    answer = melody_answer(gives(70), FakeMelody(40, pitch, 41), CLOCK, CALL, never)  # type: ignore[arg-type]
    assert isinstance(answer, MelodyReady)
    assert (answer.pitches, answer.from_model) == ((70, 40), 1)
    assert answer.trouble.startswith("melody stand-in: ")


# --- drums ----------------------------------------------------------------------------


def test_a_beat_is_the_models_own() -> None:
    answer = drums_answer(lambda *_: [KICK, SNARE], FakeDrums(KICK), CLOCK, LOOP, never)
    assert answer == DrumsReady(NOW, 1, (KICK, SNARE), from_model=True, trouble="")


def test_a_beat_of_nothing_is_the_models_own_too() -> None:
    assert drums_answer(lambda *_: [], FakeDrums(KICK), CLOCK, LOOP, never) == DrumsReady(
        NOW, 1, (), True, ""
    )


def test_where_the_drummer_fails_the_stand_in_plays_and_the_player_is_told() -> None:
    def generate(request: DrumsRequest, is_cancelled: IsCancelled) -> list[Hit]:
        raise GenerationError("has ended: code 1")

    told = "drums model: has ended: code 1"
    answer = drums_answer(generate, FakeDrums(SNARE), CLOCK, LOOP, never)
    assert answer == DrumsReady(NOW, 1, (SNARE,), from_model=False, trouble=told)
    assert drums_answer(generate, None, CLOCK, LOOP, never) == ModelFailed(NOW, 1, told)


class FailingDrums:
    """A stand-in that fails, before the first stroke or after it."""

    def __init__(self, *hits: Hit) -> None:
        self._hits = hits

    def make_beat(self, request: DrumsRequest) -> Iterator[Hit]:
        if not self._hits:
            raise RuntimeError("no idea")
        return self._some()

    def _some(self) -> Iterator[Hit]:
        yield from self._hits
        raise RuntimeError("no idea")


@pytest.mark.parametrize(
    "stand_in",
    [FailingDrums(), FailingDrums(SNARE), FakeDrums(SNARE, "no hit")],  # type: ignore[arg-type]
)
def test_where_both_drummers_fail_there_is_no_beat(stand_in: DrumsModel) -> None:
    def generate(request: DrumsRequest, is_cancelled: IsCancelled) -> list[Hit]:
        raise GenerationError("has ended: code 1")

    told = "drums model: has ended: code 1"
    assert drums_answer(generate, stand_in, CLOCK, LOOP, never) == ModelFailed(NOW, 1, told)


def test_a_beat_that_is_cancelled_is_not_played_by_the_stand_in() -> None:
    def generate(request: DrumsRequest, is_cancelled: IsCancelled) -> list[Hit]:
        raise GenerationCancelled

    stand_in = FakeDrums(SNARE)
    assert drums_answer(generate, stand_in, CLOCK, LOOP, never) == Cancelled(NOW, 1)
    assert stand_in.requests == []


# --- generating -----------------------------------------------------------------------


class Endless(FakeMelody):
    """Notes how many pitches have been taken."""

    taken = 0

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:  # type: ignore[override]
        for pitch in count(60):
            self.taken += 1
            yield pitch % 128


def test_no_more_pitches_are_made_than_are_wanted() -> None:
    model = Endless()
    assert generate_melody(model, CALL, never) == [60, 61, 62, 63]
    assert model.taken == 4


def test_a_model_is_interrupted_between_two_pitches() -> None:
    model = Endless()
    with pytest.raises(GenerationCancelled):
        generate_melody(model, CALL, lambda: model.taken == 3)
    assert model.taken == 3


def test_a_drummer_is_interrupted_between_two_strokes() -> None:
    looks = count()
    with pytest.raises(GenerationCancelled):
        generate_beat(FakeDrums(KICK, SNARE, KICK), LOOP, lambda: next(looks) == 1)


@pytest.mark.parametrize("pitch", [60.5, -1, 128, "60", None, [60], float("nan")])
def test_what_is_no_pitch_is_no_answer(pitch: object) -> None:
    answer = melody_answer(
        lambda *asked: generate_melody(FakeMelody(60, pitch), *asked),  # type: ignore[arg-type]
        FakeMelody(40),
        CLOCK,
        CALL,
        never,
    )
    assert isinstance(answer, MelodyReady)
    assert (answer.pitches, answer.from_model) == ((40,), 0)
    assert answer.trouble.startswith("melody model: ")


def test_whole_numbers_of_other_kinds_become_pitches() -> None:
    pitches = generate_melody(FakeMelody(60.0, True), CALL, never)  # type: ignore[arg-type]
    assert [(type(pitch), pitch) for pitch in pitches] == [(int, 60), (int, 1)]


@pytest.mark.parametrize(
    "hit",
    [
        60,
        (0, "kick", 90),
        None,
        Hit("0", Instrument.KICK, 90),  # type: ignore[arg-type]
        Hit(0, "kick", 90),  # type: ignore[arg-type]
        Hit(0, Instrument.KICK, None),  # type: ignore[arg-type]
        Hit(0.5, Instrument.KICK, 90),  # type: ignore[arg-type]
        Hit(0, Instrument.KICK, float("nan")),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_stroke_is_no_beat(hit: Hit) -> None:
    answer = drums_answer(
        lambda *asked: generate_beat(FakeDrums(KICK, hit), *asked), FakeDrums(SNARE), CLOCK, LOOP, never
    )
    assert isinstance(answer, DrumsReady)
    assert (answer.hits, answer.from_model) == ((SNARE,), False)
    assert answer.trouble.startswith("drums model: ValueError: expected hits, got ")


# --- the thread -----------------------------------------------------------------------


class Desk:
    """A worker whose model waits to be told, and what it dispatches."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.under_way: SimpleQueue[IsCancelled] = SimpleQueue()
        self.go_on: SimpleQueue[None] = SimpleQueue()
        self.worker: Worker[MelodyRequest] = Worker(Model.MELODY, self._answer, self.events.put)
        self.worker.start()

    def _answer(self, request: MelodyRequest, is_cancelled: IsCancelled) -> Event:
        self.under_way.put(is_cancelled)
        self.go_on.get(timeout=10)
        return Cancelled(0.0, request.request_id)


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk()
    yield one
    one.worker.stop()


def numbered(number: int) -> MelodyRequest:
    return MelodyRequest(number, CALL.primer, 4, 120.0, 0.0, CALL.primer_rhythm, 1.0, 0)


def test_requests_are_answered_one_after_another(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.worker.submit(numbered(number))
    for number in (1, 2, 3):
        desk.under_way.get(timeout=10)
        assert desk.events.empty()
        assert desk.under_way.empty()
        desk.go_on.put(None)
        assert desk.events.get(timeout=10) == Cancelled(0.0, number)


def test_a_model_finds_out_that_its_request_is_cancelled_and_no_other(desk: Desk) -> None:
    desk.worker.submit(numbered(1))
    is_cancelled = desk.under_way.get(timeout=10)
    assert not is_cancelled()
    desk.worker.cancel(7)
    assert not is_cancelled()
    desk.worker.cancel(1)
    assert is_cancelled()
    desk.go_on.put(None)
    desk.worker.submit(numbered(2))
    assert not desk.under_way.get(timeout=10)()
    desk.go_on.put(None)


@pytest.mark.parametrize("error", [RuntimeError("no idea"), SystemExit(3), GeneratorExit()])
def test_a_worker_answers_ever_after_whatever_is_raised(error: BaseException) -> None:
    """Also a stand-in's, in a worker as the instrument has it."""
    events: SimpleQueue[Event] = SimpleQueue()
    answer = partial(melody_answer, fails(ValueError()), FailingMelody(error=error), SystemClock())
    worker: Worker[MelodyRequest] = Worker(Model.MELODY, answer, events.put)
    worker.start()
    for number in (1, 2):
        worker.submit(numbered(number))
        event = events.get(timeout=10)
        assert isinstance(event, ModelFailed)
        assert event.request_id == number
        assert event.reason.startswith("melody model: ")
    worker.stop()


def test_a_worker_that_is_stopped_takes_no_further_request(desk: Desk) -> None:
    desk.worker.stop()
    desk.worker.submit(numbered(1))
    desk.worker._thread.join(10)
    assert not desk.worker._thread.is_alive()
    assert desk.under_way.empty()
