"""The answer that the machine plays itself. At 120 qpm a step is 0.125 s, and a bar 2 s."""

from collections.abc import Iterator
from itertools import pairwise, repeat

import pytest

from psc2.core.effects import NoteOff, NoteOn
from psc2.core.events import Event
from psc2.core.instruments import Instrument
from psc2.core.requests import AnswerNote, MelodyRequest
from psc2.core.state import Phase
from psc2.core.swing import Swing
from psc2.testing import Behaviour, FakeMelody, Rehearsal, key, press, sounds

STEP_S = 0.125
RHYTHM = ((1, 2), (3, 1), (5, 4), (9, 2))  # onset and length, in steps, again and again


class Rhythmic(FakeMelody):
    """Answers in a rhythm of its own."""

    def continue_line(self, request: MelodyRequest) -> Iterator[AnswerNote]:
        self.requests.append(request)
        for n in range(100):
            onset, steps = RHYTHM[n % len(RHYTHM)]
            yield AnswerNote(80 + n % 20, n // len(RHYTHM) * 16 + onset, steps)


def improvising(
    model: FakeMelody | None = None, swing: float = 50.0, delay_s: float = 0.2, **improv: object
) -> Rehearsal:
    usual = {"answer": "machine", "min_primer_length": 4, "max_robot_length": 4, "register": "off", **improv}
    music = {"qpm": 120.0, "swing": swing}
    rehearsal = Rehearsal(
        model or Rhythmic(), behaviours=repeat(Behaviour(delay_s)), music=music, improv=usual
    )
    rehearsal.play([press(0.0, "improv")], until=0.0)
    return rehearsal


def call(start: float, swing: float = 50.0) -> list[Event]:
    """Four 8ths from a bar line on; the last begins with step 6."""
    places = [Swing(swing / 100).swung(2 * n) for n in range(4)]
    return [
        event
        for n, place in enumerate(places)
        for event in key(start + place * STEP_S, 60 + n, 0.1, 50 + 10 * n)
    ]


def line(rehearsal: Rehearsal) -> list[tuple[float, int, int]]:
    """What the machine has played: when, pitch, velocity."""
    notes = [(at, one) for at, one in sounds(rehearsal.output.sent, NoteOn) if isinstance(one, NoteOn)]
    return [(at, one.pitch, one.velocity) for at, one in notes if one.pitch >= 80]


@pytest.mark.parametrize("swing", [50.0, 60.0, 66.7])
def test_it_plays_in_its_own_rhythm_on_the_swung_grid_from_the_next_strong_beat(swing: float) -> None:
    rehearsal = improvising(swing=swing)
    start = rehearsal.start()
    rehearsal.play(call(start, swing), until=start + 5)
    assert rehearsal.state.transport is not None
    grid = rehearsal.state.transport.grid
    # The call's last note began in the middle of a beat: the answer begins with the 16th after that.
    steps = [grid.step_at(at) for at, _, _ in line(rehearsal)]
    assert steps == pytest.approx([16 + 3 + onset for onset, _ in RHYTHM], abs=1e-4)
    assert [pitch for _, pitch, _ in line(rehearsal)] == [80, 81, 82, 83]


def test_each_note_is_as_long_as_the_model_says_and_as_loud_as_the_call() -> None:
    rehearsal = improvising()
    start = rehearsal.start()
    rehearsal.play(call(start), until=start + 6)
    ended = [
        (at, one.pitch) for at, one in sounds(rehearsal.output.sent, NoteOff) if isinstance(one, NoteOff)
    ]
    off = {pitch: at for at, pitch in ended if pitch >= 80}
    lengths = [(off[pitch] - at) / STEP_S for at, pitch, _ in line(rehearsal)]
    assert lengths == pytest.approx([steps for _, steps in RHYTHM], abs=1e-3)
    assert [velocity for _, _, velocity in line(rehearsal)] == [50, 60, 70, 80]
    assert rehearsal.state.improv.phase is Phase.LISTENING


def test_notes_are_sent_a_look_ahead_before_their_moment() -> None:
    rehearsal = improvising()
    start = rehearsal.start()
    rehearsal.play(call(start), until=start + 5)
    ahead = [
        one.when - one.sent_at
        for one in rehearsal.output.sent
        if isinstance(one.effect, NoteOn) and one.effect.pitch >= 80
    ]
    assert ahead == pytest.approx([rehearsal.state.lookahead_s] * 4)


def test_the_model_hears_the_call_without_its_swing() -> None:
    model = Rhythmic()
    rehearsal = improvising(model, swing=66.7)
    start = rehearsal.start()
    swung = [event for at in (0.0, 0.3335, 0.5, 0.8335) for event in key(start + at, 60, 0.1)]
    rehearsal.play(swung, until=start + 2)
    assert [note.onset_s for note in model.requests[0].primer] == pytest.approx([0.0, 0.25, 0.5, 0.75])


def test_without_a_loop_it_plays_all_the_same() -> None:
    rehearsal = improvising()
    rehearsal.play(call(1.0), until=6)
    first, *others = (at for at, _, _ in line(rehearsal))
    begun = [round((at - first) / STEP_S, 3) for at in others]
    assert begun == [onset - RHYTHM[0][0] for onset, _ in RHYTHM[1:]]
    assert rehearsal.state.improv.phase is Phase.LISTENING


def test_a_model_that_has_no_rhythm_gets_the_calls() -> None:
    rehearsal = improvising(FakeMelody(80, 81, 82, 83))
    start = rehearsal.start()
    rehearsal.play(call(start), until=start + 5)
    gaps = [after[0] - note[0] for note, after in zip(line(rehearsal), line(rehearsal)[1:], strict=False)]
    assert gaps == pytest.approx([2 * STEP_S] * 3, abs=1e-4)


@pytest.mark.parametrize("under", ["lead", "chords"])
def test_the_hands_may_play_under_it(under: str) -> None:
    rehearsal = improvising(under=under)
    start = rehearsal.start()
    sent = rehearsal.play([*call(start), *key(start + 2.6, 40), *key(start + 3.2, 41)], until=start + 5)
    own = [
        one.instrument for _, one in sounds(sent, NoteOn) if isinstance(one, NoteOn) and one.pitch in (40, 41)
    ]
    assert own == [Instrument.LEAD if under == "lead" else Instrument.CHORDS] * 2
    assert len(line(rehearsal)) == 4


def heard_after(rehearsal: Rehearsal, moment: float) -> list[int]:
    """The machine's pitches that sound for any time at all later than ``moment``."""
    ids = {}
    for one in rehearsal.output.sent:
        if isinstance(one.effect, NoteOn) and one.effect.pitch >= 80:
            ids[one.effect.note_id] = one.when, one.effect.pitch
    ends = {one.effect.note_id: one.when for one in rehearsal.output.sent if isinstance(one.effect, NoteOff)}
    return [pitch for number, (at, pitch) in ids.items() if ends.get(number, 1e9) > max(at, moment) + 1e-9]


@pytest.mark.parametrize("moment", [2.3, 2.46, 2.49, 2.52, 2.8])
@pytest.mark.parametrize("how", ["notes", "pedal", "skip", "lay_out", "stop"])
def test_the_solo_is_taken_back_at_once(how: str, moment: float) -> None:
    rehearsal = improvising(turns="bars: 1")
    start = rehearsal.start()
    at = start + moment
    taken: list[Event] = [press(at, how)] if how in ("skip", "lay_out", "stop") else []
    if how == "notes":
        taken += [*key(at - 0.15, 40), *key(at, 41)]
    elif how == "pedal":
        taken.append(press(at, "hold", value=127))
    rehearsal.play([*call(start), *taken], until=start + 3.9)
    assert heard_after(rehearsal, at) == []


def test_a_chord_under_it_takes_nothing_back() -> None:
    rehearsal = improvising()
    start = rehearsal.start()
    chord = [event for n in range(3) for event in key(start + 2.6 + 0.01 * n, 40 + 4 * n)]
    rehearsal.play([*call(start), *chord], until=start + 5)
    assert len(line(rehearsal)) == 4


def test_trading_bars_it_begins_with_its_bar_and_plays_up_to_the_players() -> None:
    rehearsal = improvising(turns="bars: 2", max_robot_length=8)
    start = rehearsal.start()
    rehearsal.play(call(start), until=start + 9)
    moments = [at - start for at, _, _ in line(rehearsal)]
    assert 4 <= moments[0] < 4.6
    assert 7 < moments[-1] < 8
    assert heard_after(rehearsal, start + 8) == []


def test_again_it_plays_the_same_line() -> None:
    rehearsal = improvising()
    start = rehearsal.start()
    rehearsal.play([*call(start), press(start + 6, "again")], until=start + 10)
    pitches = [pitch for _, pitch, _ in line(rehearsal)]
    assert pitches == [80, 81, 82, 83] * 2


@pytest.mark.parametrize("turns", ["count", "phrase", "bars: 2", "pedal"])
def test_a_loop_that_is_stopped_in_the_midst_of_it_gives_the_solo_back(turns: str) -> None:
    rehearsal = improvising(turns=turns, max_robot_length=20)
    start = rehearsal.start()
    pedal = [press(start - 0.01, "hold", value=127), press(start + 1, "hold", value=0)]
    calls = [*call(start), *key(start + 0.95, 64, 0.02)]
    at = start + (3 if turns == "phrase" else 5)
    rehearsal.play([*calls, *(pedal if turns == "pedal" else [])], until=at)
    phases = [rehearsal.state.improv.phase]
    rehearsal.play([press(at, "stop")], until=at + 0.1)
    phases.append(rehearsal.state.improv.phase)
    assert phases == [Phase.ANSWERING, Phase.LISTENING]


def test_a_pedal_lets_it_play_at_once_also_where_a_bar_line_would_say_when() -> None:
    rehearsal = improvising(turns="bars: 8")
    start = rehearsal.start()
    pedal = [press(start + 0.01, "hold", value=127), press(start + 1.5, "hold", value=0)]
    rehearsal.play([*pedal, *call(start + 0.1)], until=start + 5)
    assert len(line(rehearsal)) >= 4


@pytest.mark.parametrize("delay_s", [0.5, 1.0, 1.6])
def test_a_model_that_is_late_for_its_bar_begins_with_the_next_strong_beat(delay_s: float) -> None:
    rehearsal = improvising(turns="bars: 2", delay_s=delay_s)
    start = rehearsal.start()
    rehearsal.play(call(start + 2), until=start + 7.9)
    first = line(rehearsal)[0]
    assert first[1] == 80
    assert start + 4 <= first[0] < start + 3.75 + delay_s + 2


def test_a_line_of_the_players_that_goes_on_takes_nothing_back() -> None:
    rehearsal = improvising(turns="bars: 2")
    start = rehearsal.start()
    running = [event for n in range(20) for event in key(start + 1 + n * 0.2, 40 + n % 3, 0.15)]
    rehearsal.play([*call(start), *running], until=start + 7)
    assert len(line(rehearsal)) >= 4


def test_chords_can_be_played_under_it_as_close_as_one_likes() -> None:
    rehearsal = improvising(under="chords")
    start = rehearsal.start()
    comping = [event for n in range(6) for event in key(start + 2.5 + n * 0.2, 40 + n % 3, 0.15)]
    rehearsal.play([*call(start), *comping], until=start + 5)
    assert len(line(rehearsal)) == 4


def test_nothing_of_it_begins_in_the_players_bars() -> None:
    rehearsal = improvising(turns="bars: 1", max_robot_length=12)
    start = rehearsal.start()
    rehearsal.play(call(start), until=start + 4.5)
    assert max(at for at, _, _ in line(rehearsal)) < start + 4 - 1e-6


def test_a_line_that_is_muted_goes_on_where_it_was() -> None:
    rehearsal = improvising()
    start = rehearsal.start()
    moves = [press(start + 2.9, "lay_out"), press(start + 9.3, "lay_out")]
    rehearsal.play([*call(start), *moves], until=start + 13)
    notes = line(rehearsal)
    assert [pitch for _, pitch, _ in notes] == [80, 81, 82, 83]
    assert all(not start + 2.9 < at < start + 9.3 for at, _, _ in notes)


@pytest.mark.parametrize("pitches", [4, 8, 20])
def test_it_asks_for_no_more_than_its_turn_takes(pitches: int) -> None:
    rehearsal = improvising(turns="bars: 4", max_robot_length=pitches, delay_s=0.01)
    start = rehearsal.start()
    rehearsal.play(call(start), until=start + 16.1)
    assert len(rehearsal.requests) <= len(line(rehearsal)) / pitches + 1


@pytest.mark.parametrize(
    ("spread_s", "is_back"),
    [((0, 0.012, 0.024, 0.036), False), ((0, 0.02, 0.04, 0.06), False), ((0, 0.1), True)],
)
def test_a_rolled_chord_under_the_line_leaves_it_alone(spread_s: tuple[float, ...], is_back: bool) -> None:
    rehearsal = improvising()
    at = 6.0
    chord = [event for n, late_s in enumerate(spread_s) for event in key(at + late_s, 40 + 4 * n, 1.0)]
    rehearsal.play([*call(0.5), *chord], until=at + 0.3)
    assert (rehearsal.state.improv.phase is Phase.LISTENING) is is_back
    if is_back:  # both notes begin the call
        assert [note.pitch for note in rehearsal.state.accumulated_primer_melody] == [40, 44]


def test_a_line_goes_on_when_the_loop_is_started() -> None:
    rehearsal = improvising(max_robot_length=12)
    rehearsal.play(call(0.5), until=3.0)
    before = len(line(rehearsal))
    assert 0 < before < 10
    start = rehearsal.start(3.0)
    rehearsal.play([], until=start + 12)
    assert rehearsal.state.transport is not None
    assert [pitch for _, pitch, _ in line(rehearsal)] == [80 + n for n in range(12)]
    later = [rehearsal.state.transport.grid.step_at(at) for at, _, _ in line(rehearsal)[before:]]
    assert later[0] >= 0
    assert later == pytest.approx([round(step) for step in later])


def test_a_line_follows_the_tempo_while_the_loop_is_stopped() -> None:
    rehearsal = improvising(max_robot_length=12)
    rehearsal.play([*call(0.5), press(3.0, "qpm", value=240.0)], until=12.0)
    moments = [at for at, _, _ in line(rehearsal)]
    steps = [RHYTHM[n % 4][0] + n // 4 * 16 for n in range(12)]
    places = pairwise(zip(moments, steps, strict=True))
    lasts = [(after - at) / (then - step) for (at, step), (after, then) in places]
    assert lasts[0] == pytest.approx(STEP_S)
    assert lasts[-4:] == pytest.approx([STEP_S / 2] * 4)
