"""Whose turn it is. Each press of ``line`` is a run of 8ths at 120 qpm; a beat is 0.5 s, a bar 2 s."""

from itertools import chain, repeat

import pytest

from psc2.core.effects import NoteOff, NoteOn
from psc2.core.events import ControlChange, Event, KeyDown, KeyUp, ProgramChange, SourceGone, SourceNamed
from psc2.core.instruments import Instrument
from psc2.core.notices import NoticeKind
from psc2.core.requests import MelodyRequest
from psc2.core.state import Phase
from psc2.core.turns import TurnKind, TurnRule
from psc2.testing import Behaviour, FakeMelody, Rehearsal, key, press, sounds

LISTENING, WAITING, READY, ANSWERING = Phase.LISTENING, Phase.WAITING, Phase.READY, Phase.ANSWERING
BEAT_S, BAR_S = 0.5, 2.0
MACHINE = range(80, 100)  # what the model answers: no key that the player strikes


def improvising(delay_s: float = 0.1, **improv: object) -> Rehearsal:
    """In improv mode, at 0 s, the loop stopped; four notes make a call."""
    usual = {"min_primer_length": 4, "max_robot_length": 4, "register": "off", **improv}
    rehearsal = Rehearsal(
        FakeMelody(*MACHINE), behaviours=repeat(Behaviour(delay_s)), music={"qpm": 120.0}, improv=usual
    )
    rehearsal.play([press(0.0, "improv")], until=0.0)
    return rehearsal


def line(first: float, count: int, every: float = 0.25, held: float = 0.2, pitch: int = 50) -> list[Event]:
    return [event for n in range(count) for event in key(first + n * every, pitch + n % 8, held)]


def phase_at(rehearsal: Rehearsal, at: float, events: list[Event] | None = None) -> Phase:
    rehearsal.play(events or [], until=at)
    return rehearsal.state.improv.phase


def whose(rehearsal: Rehearsal) -> str:
    """Each note that has sounded: m for the machine's pitches, p for the player's own."""
    notes = [effect for _, effect in sounds(rehearsal.output.sent, NoteOn) if isinstance(effect, NoteOn)]
    return "".join(
        "m" if note.pitch in MACHINE else "p" for note in notes if note.instrument is Instrument.LEAD
    )


# --- count ----------------------------------------------------------------------------


@pytest.mark.parametrize("is_playing", [False, True])
def test_the_answer_waits_for_a_rest_of_a_beat(is_playing: bool) -> None:
    rehearsal = improvising()
    start = rehearsal.start() if is_playing else 0.0
    rehearsal.play(line(start + 1, 8), until=start + 2.95)  # the call is full at 1.75
    assert (rehearsal.state.improv.phase, whose(rehearsal)) == (READY, "pppppppp")
    assert phase_at(rehearsal, start + 3.4) is READY  # the last key came up at 2.95
    assert phase_at(rehearsal, start + 3.46) is ANSWERING
    rehearsal.play(line(start + 4, 3), until=start + 5)
    assert whose(rehearsal) == "ppppppppmmm"


def test_a_key_that_is_held_is_no_rest() -> None:
    rehearsal = improvising()
    rehearsal.play([*line(1, 4), KeyDown(2.0, 0, 60, 90)], until=6.0)
    assert rehearsal.state.improv.phase is READY
    assert phase_at(rehearsal, 6.45, [KeyUp(6.0, 0, 60)]) is READY
    assert phase_at(rehearsal, 6.55) is ANSWERING


def test_a_key_that_only_the_pedal_holds_has_come_up() -> None:
    rehearsal = improvising()
    rehearsal.play([press(0.5, "sustain", value=127), *line(1, 4)], until=3.0)
    assert rehearsal.state.improv.phase is ANSWERING
    (request,) = rehearsal.requests
    assert isinstance(request, MelodyRequest)
    assert [round(note.duration_s, 3) for note in request.primer[:3]] == [0.2] * 3


@pytest.mark.parametrize(("is_playing", "bars"), [(False, 1), (True, 1), (True, 2.5)])
def test_without_a_rest_the_answer_begins_when_patience_ends(is_playing: bool, bars: float) -> None:
    rehearsal = improvising(patience_bars=bars)
    start = rehearsal.start() if is_playing else 0.0
    rehearsal.play(line(start + 1, 60), until=start + 10)
    ready = start + 1 + 3 * 0.25 + 0.1
    expected = [("m" if start + 1 + n * 0.25 >= ready + bars * BAR_S else "p") for n in range(60)]
    assert whose(rehearsal)[: expected.index("m") + 4] == "".join(expected)[: expected.index("m") + 4]


def test_an_answer_that_is_spent_goes_on_to_the_end_of_the_line() -> None:
    rehearsal = improvising()
    rehearsal.play([*line(1, 4), *line(4, 9)], until=6.3)  # four pitches are an answer
    assert whose(rehearsal) == "pppp" + "m" * 9
    assert rehearsal.state.improv.phase is ANSWERING
    assert phase_at(rehearsal, 6.75) is LISTENING
    rehearsal.play(line(7, 2), until=8)
    assert whose(rehearsal).endswith("pp")


def test_an_answer_without_a_rest_is_three_times_as_long_at_most() -> None:
    rehearsal = improvising()
    rehearsal.play([*line(1, 4), *line(4, 14)], until=8)
    assert whose(rehearsal) == "pppp" + "m" * 12 + "pp"


def test_a_rest_before_the_answer_is_spent_is_the_lines_own() -> None:
    rehearsal = improvising()
    rehearsal.play([*line(1, 4), *line(4, 2), *line(7, 2)], until=8)
    assert whose(rehearsal) == "ppppmmmm"


def test_a_model_that_fails_in_the_midst_of_an_answer_gives_the_solo_back_at_the_next_rest() -> None:
    rehearsal = Rehearsal(
        FakeMelody(*MACHINE),
        behaviours=chain([Behaviour(0.1)], repeat(Behaviour(0.1, fails=True))),
        music={"qpm": 120.0},
        improv={"min_primer_length": 4, "max_robot_length": 4, "register": "off"},
    )
    rehearsal.play([press(0.0, "improv"), *line(1, 4), *line(4, 7)], until=6)
    assert (whose(rehearsal), rehearsal.state.improv.phase) == ("pppp" + "mmmm" + "ppp", ANSWERING)
    assert phase_at(rehearsal, 6.3) is LISTENING


# --- phrase ---------------------------------------------------------------------------


@pytest.mark.parametrize(("is_playing", "rest_s"), [(False, 0.6), (True, BEAT_S)])
def test_a_rest_ends_the_call(is_playing: bool, rest_s: float) -> None:
    rehearsal = improvising(turns="phrase")
    start = rehearsal.start() if is_playing else 0.0
    end = start + 1 + 4 * 0.25 + 0.2
    assert phase_at(rehearsal, end + rest_s - 0.001, line(start + 1, 5)) is LISTENING
    assert phase_at(rehearsal, end + rest_s + 0.001) is WAITING
    assert phase_at(rehearsal, end + rest_s + 0.2) is ANSWERING
    (request,) = rehearsal.requests
    assert isinstance(request, MelodyRequest)
    assert len(request.primer) == 5


def test_fewer_than_five_notes_are_no_phrase() -> None:
    rehearsal = improvising(turns="phrase")
    assert phase_at(rehearsal, 10.0, line(1, 4)) is LISTENING
    assert not rehearsal.requests


def test_a_line_that_goes_on_before_the_model_has_answered_stays_the_players() -> None:
    rehearsal = improvising(delay_s=0.3, turns="phrase")
    rehearsal.play([*line(1, 5), *line(2.85, 6)], until=4.3)  # the call ended at 2.8
    assert whose(rehearsal) == "p" * 11
    rehearsal.play(line(5.5, 2), until=6)
    assert whose(rehearsal) == "p" * 11 + "mm"


def test_a_long_call_is_answered_at_the_next_moment_without_a_key() -> None:
    rehearsal = improvising(turns="phrase")
    rehearsal.play(line(1, 12, held=0.25), until=3.7)
    assert rehearsal.state.improv.phase is LISTENING
    assert phase_at(rehearsal, 4.05) is WAITING


def test_an_answer_ends_at_the_first_rest_after_it_is_as_long_as_the_call() -> None:
    rehearsal = improvising(turns="phrase")
    rehearsal.play([*line(1, 6), *line(4, 4), *line(6, 4), *line(8, 3)], until=10)
    assert whose(rehearsal) == "p" * 6 + "m" * 8 + "ppp"


# --- bars and choruses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "turn_s"), [("bars: 2", 2 * BAR_S), ("chorus: 1", 2 * BAR_S), ("bars: 1", BAR_S)]
)
def test_turns_change_at_their_line(turns: str, turn_s: float) -> None:
    rehearsal = improvising(turns=turns)
    start = rehearsal.start()
    rehearsal.play(line(start, 64), until=start + 16.01)
    expected = ["m" if int(n * 0.25 / turn_s) % 2 else "p" for n in range(64)]
    assert whose(rehearsal) == "".join(expected)


@pytest.mark.parametrize(("early_s", "is_with"), [(0.015, True), (0.029, True), (0.035, False)])
def test_a_key_that_is_struck_with_a_line_belongs_to_the_turn_that_it_begins(
    early_s: float, is_with: bool
) -> None:
    rehearsal = improvising(turns="bars: 1", max_robot_length=20)
    start = rehearsal.start()
    rehearsal.play([e for n in range(9) for e in key(start + n * BAR_S - early_s, 50, 0.1)], until=start + 17)
    assert whose(rehearsal) == ("pmpmpmpmp" if is_with else "ppmpmpmpm")
    calls = [request.primer for request in rehearsal.requests if isinstance(request, MelodyRequest)]
    assert all(len(primer) == 1 for primer in calls)


def test_a_player_who_begins_with_the_line_after_an_empty_turn_has_a_whole_one() -> None:
    rehearsal = improvising(turns="bars: 1")
    start = rehearsal.start()
    rehearsal.play(line(start + BAR_S - 0.015, 16), until=start + 3 * BAR_S)
    assert whose(rehearsal) == "p" * 8 + "m" * 8


def test_a_stop_leaves_a_turn_as_long_as_it_was() -> None:
    rehearsal = improvising(turns="bars: 2")
    start = rehearsal.start()
    rehearsal.play([*line(start, 4), press(start + 2.5, "stop")], until=start + 2.6)
    assert rehearsal.engine.snapshot().turn_changes_at == pytest.approx(start + 2 * BAR_S)


@pytest.mark.parametrize("action", ["again", "skip"])
def test_where_there_are_no_turns_that_is_told(action: str) -> None:
    rehearsal = improvising()
    rehearsal.play([*line(1, 4), press(4, "free"), press(5, action)], until=6)
    notice = rehearsal.engine.snapshot().notice
    assert notice is not None
    assert notice.kind is NoticeKind.NOT_IMPROVISING


@pytest.mark.parametrize(("delay_s", "heard"), [(0.004, 8), (0.1, 7)])
def test_the_model_hears_as_much_of_a_call_as_its_speed_allows(delay_s: float, heard: int) -> None:
    rehearsal = improvising(delay_s, turns="bars: 1", max_robot_length=20)
    start = rehearsal.start()
    rehearsal.play(line(start + 0.2, 32), until=start + 4 * BAR_S)
    first, second = (request for request in rehearsal.requests if isinstance(request, MelodyRequest))
    assert len(first.primer) == 7  # its speed is not known yet; the eighth comes 50 ms before the line
    assert len(second.primer) == heard
    assert whose(rehearsal) == 2 * ("p" * 8 + "m" * 8)


def test_turns_of_a_stopped_loop_are_counted_from_the_calls_first_key() -> None:
    rehearsal = improvising(turns="bars: 1")
    rehearsal.play([*line(1.3, 16)], until=5.2)
    assert whose(rehearsal) == "p" * 8 + "m" * 8
    rehearsal.play(line(7.7, 9), until=10)  # the answer was over at 5.3; the next call begins with its key
    assert whose(rehearsal).endswith("p" * 8 + "m")


def test_turns_follow_the_bars_when_meter_and_tempo_change() -> None:
    rehearsal = improvising(turns="bars: 1")
    start = rehearsal.start()
    changes = [press(start + 0.5, "numerator_down"), press(start + 1.0, "qpm", value=60.0)]
    rehearsal.play([*changes, *line(start, 48)], until=start + 12)
    now = rehearsal.engine.snapshot()
    assert now.turn_changes_at is not None
    assert now.grid is not None
    step = now.grid.step_at(now.turn_changes_at)
    first = now.passes[-1].start
    assert (step - first) % now.form.time_signature.steps_per_bar == pytest.approx(0, abs=1e-6)
    assert now.form.time_signature.numerator == 3


def test_improv_that_begins_in_the_midst_of_a_turn_leaves_at_least_half_of_one() -> None:
    for bars_in, changes_at in ((0.1, 4), (1.9, 4), (2.1, 8), (3.9, 8)):
        rehearsal = Rehearsal(FakeMelody(*MACHINE), music={"qpm": 120.0}, improv={"turns": "bars: 4"})
        start = rehearsal.start()
        at = start + bars_in * BAR_S
        rehearsal.play([press(at, "improv")], until=at)
        line_at = rehearsal.engine.snapshot().turn_changes_at
        assert line_at == pytest.approx(start + changes_at * BAR_S)


def test_a_turn_in_which_nothing_is_played_leaves_the_next_to_the_player_too() -> None:
    rehearsal = improvising(turns="bars: 1")
    start = rehearsal.start()
    rehearsal.play(line(start + 2.5, 3), until=start + 3.9)
    assert (whose(rehearsal), rehearsal.state.improv.phase) == ("ppp", READY)
    assert phase_at(rehearsal, start + 4.01) is ANSWERING


def test_a_model_that_is_late_for_its_line_takes_over_when_it_is_there() -> None:
    rehearsal = improvising(delay_s=0.7, turns="bars: 1")
    start = rehearsal.start()
    rehearsal.play(line(start, 16), until=start + 3.9)  # asked at 1.75, answered at 2.45
    assert whose(rehearsal) == "p" * 10 + "m" * 6


# --- the pedal ------------------------------------------------------------------------


def test_with_the_pedal_down_it_listens_and_when_it_comes_up_it_answers() -> None:
    rehearsal = improvising(turns="pedal")
    down, up = press(1.0, "hold", value=127), press(3.0, "hold", value=0)
    rehearsal.play([*line(0.2, 2), down, *line(1.1, 6), up, *line(3.2, 9)], until=6)
    assert whose(rehearsal) == "pp" + "p" * 6 + "m" * 9
    (call, *_) = rehearsal.requests
    assert isinstance(call, MelodyRequest)
    assert len(call.primer) == 6
    rehearsal.play([press(6.1, "hold", value=127), *line(6.2, 2)], until=7)
    assert whose(rehearsal).endswith("mpp")


def test_a_pedal_ends_the_call_of_any_kind_of_turn_at_once() -> None:
    rehearsal = improvising()
    down, up = press(0.5, "hold", value=127), press(3.0, "hold", value=0)
    rehearsal.play([down, *line(1, 7), up, *line(3.15, 2)], until=4)
    assert whose(rehearsal) == "p" * 7 + "mm"


def test_a_pedal_that_is_pulled_out_is_up() -> None:
    rehearsal = Rehearsal(
        FakeMelody(*MACHINE),
        midi={"controls": [{"control": 64, "action": "hold"}]},
        improv={"turns": "pedal", "register": "off"},
    )
    down = ControlChange(1.0, 3, 64, 127, 0)
    rehearsal.play([SourceNamed(0.0, 3, "Nord"), press(0.1, "improv"), down, *line(1.1, 5)], until=2.5)
    rehearsal.play([SourceGone(2.6, 3), *line(3, 2)], until=3.5)
    assert not rehearsal.state.improv.held
    assert whose(rehearsal) == "pppppmm"


def test_of_two_pedals_the_last_that_comes_up_ends_the_call() -> None:
    rehearsal = Rehearsal(
        FakeMelody(*MACHINE),
        midi={"controls": [{"control": 64, "action": "hold"}]},
        improv={"turns": "pedal", "register": "off"},
    )
    moves = [
        ControlChange(at, source, 64, value, 0)
        for at, source, value in ((1.0, 11, 127), (1.1, 12, 50), (1.2, 12, 127), (1.3, 12, 0), (2.6, 11, 0))
    ]
    rehearsal.play([press(0.0, "improv"), *moves, *line(1.4, 4), *line(3, 2)], until=4)
    assert whose(rehearsal) == "ppppmm"


def test_nothing_that_is_bound_is_taken_from_an_ignored_device() -> None:
    rows = [{"note": 60, "action": "improv"}, {"program": 3, "action": "improv"}]
    rehearsal = Rehearsal(midi={"controls": rows, "ignore": ["Nord"]})
    named = SourceNamed(0.0, 3, "Nord Stage 3")
    rehearsal.play([named, *key(1.0, 60, source=3), ProgramChange(1.5, 3, 3, 0)], until=2)
    assert rehearsal.state.improv.phase is Phase.IDLE


def test_a_call_that_the_pedal_ends_while_the_model_is_busy_is_answered_when_it_is_free() -> None:
    model = FakeMelody(*MACHINE)
    rehearsal = Rehearsal(
        model,
        behaviours=repeat(Behaviour(2.0, ignores_cancel=True)),
        improv={"turns": "pedal", "register": "off"},
    )
    moves = [press(at, "hold", value=value) for at, value in ((1.0, 127), (2.2, 0), (2.4, 127), (3.8, 0))]
    rehearsal.play([press(0.0, "improv"), *moves, *line(1.1, 4), *line(2.5, 5)], until=7)
    assert [len(request.primer) for request in model.requests] == [4, 5]
    assert rehearsal.state.improv.phase is ANSWERING


def test_a_held_key_keeps_its_pitch_when_the_turn_changes() -> None:
    rehearsal = improvising(turns="bars: 1")
    start = rehearsal.start()
    held: list[Event] = [KeyDown(start + 1.9, 0, 60, 90), KeyUp(start + 2.5, 0, 60)]
    rehearsal.play([*line(start, 4), *held, *line(start + 2.6, 1)], until=start + 3)
    ended = [
        effect.pitch for _, effect in sounds(rehearsal.output.sent, NoteOff) if isinstance(effect, NoteOff)
    ]
    assert ended[-2:] == [60, MACHINE[0]]


def test_lay_out_leaves_the_hands_alone_and_keeps_what_is_left() -> None:
    rehearsal = improvising()
    rehearsal.play([*line(1, 4), *line(4, 2)], until=4.5)
    off, on = press(4.6, "lay_out"), press(5.1, "lay_out")
    rehearsal.play([off, *line(4.7, 1), on, *line(5.2, 1)], until=5.3)
    assert whose(rehearsal) == "ppppmmpm"


def test_skip_throws_the_phrase_away() -> None:
    rehearsal = improvising()
    rehearsal.play([*line(1, 3), press(1.9, "skip"), *line(2, 3)], until=3)
    assert len(rehearsal.state.accumulated_primer_melody) == 3
    rehearsal.play([*line(3, 1), *line(5, 2), press(5.6, "skip"), *line(5.7, 1)], until=6)
    assert whose(rehearsal) == "p" * 7 + "mmp"
    assert len(rehearsal.state.accumulated_primer_melody) == 1


def test_again_plays_the_same_pitches_once_more() -> None:
    rehearsal = improvising()
    rehearsal.play([press(0.5, "again")], until=0.5)
    assert rehearsal.state.notice is not None  # there is none yet
    rehearsal.play([*line(1, 4), *line(4, 4), press(6, "again"), *line(6.1, 4)], until=8)
    pitches = [e.pitch for _, e in sounds(rehearsal.output.sent, NoteOn) if isinstance(e, NoteOn)]
    assert pitches[4:8] == pitches[8:12] == [80, 81, 82, 83]


def test_the_kind_of_turn_can_be_changed_while_one_plays() -> None:
    rehearsal = improvising()
    kinds = []
    for n in range(5):
        rehearsal.play([press(1.0 + n, "turns")], until=1.0 + n)
        kinds.append(rehearsal.state.improv.rule.kind)
    assert kinds == [TurnKind.PHRASE, TurnKind.BARS, TurnKind.CHORUS, TurnKind.PEDAL, TurnKind.COUNT]


@pytest.mark.parametrize(
    ("row", "down", "up"),
    [
        ({"control": 64}, ControlChange(1.0, 3, 64, 127, 0), ControlChange(3.0, 3, 64, 0, 0)),
        (
            {"control": 11, "device": "nord"},
            ControlChange(1.0, 3, 11, 90, 0),
            ControlChange(3.0, 3, 11, 10, 0),
        ),
        ({"note": 21}, KeyDown(1.0, 3, 21, 30), KeyUp(3.0, 3, 21)),
    ],
)
def test_a_pedal_is_any_control_or_note_of_any_device(row: dict[str, object], down: Event, up: Event) -> None:
    rehearsal = Rehearsal(
        FakeMelody(*MACHINE),
        improv={"turns": "pedal", "register": "off"},
        midi={"controls": [{**row, "action": "hold"}]},
    )
    rehearsal.play([SourceNamed(0.0, 3, "Nord Stage 3"), press(0.1, "improv")], until=0.2)
    rehearsal.play([down, *line(1.1, 6), up, *line(3.5, 3)], until=5)
    assert whose(rehearsal) == "p" * 6 + "mmm"  # a bound note is not heard


def test_buttons_are_programs_too_and_another_device_is_not_meant() -> None:
    rows = [{"program": 5, "action": "skip", "device": "FC-300"}]
    rehearsal = Rehearsal(FakeMelody(*MACHINE), midi={"controls": rows})
    named = [SourceNamed(0.0, 3, "Roland FC-300"), SourceNamed(0.0, 4, "Nord Stage 3")]
    rehearsal.play([*named, press(0.1, "improv"), *line(1, 3)], until=2)
    rehearsal.play([ProgramChange(2.1, 4, 5, 0)], until=2.2)
    assert len(rehearsal.state.accumulated_primer_melody) == 3
    rehearsal.play([ProgramChange(2.3, 3, 5, 0)], until=2.4)
    assert len(rehearsal.state.accumulated_primer_melody) == 0


def test_a_controllers_own_controls_stay_its_maps() -> None:
    rehearsal = Rehearsal(midi={"controls": [{"control": 64, "action": "hold"}]})
    rehearsal.play([ControlChange(0.1, 7, 64, 127, 0)], until=0.2)  # R1 of the nanoKONTROL2
    assert not rehearsal.state.improv.held


# --- chords ---------------------------------------------------------------------------


def chord(at: float, *pitches: int) -> list[Event]:
    return [event for n, pitch in enumerate(pitches) for event in key(at + n * 0.008, pitch, 0.2)]


@pytest.mark.parametrize(
    ("chords", "heard"),
    [("each", [80, 81, 82]), ("top", [80, 48, 55]), ("parallel", [80, 84, 87])],
)
def test_keys_struck_together(chords: str, heard: list[int]) -> None:
    rehearsal = improvising(chords=chords)
    order = {"top": (48, 60, 55)}.get(chords, (48, 52, 55))
    rehearsal.play([*line(1, 4), *chord(4, *order)], until=4.1)
    pitches = [e.pitch for _, e in sounds(rehearsal.output.sent, NoteOn) if isinstance(e, NoteOn)]
    assert pitches[4:] == heard


def test_of_a_chord_the_highest_key_holds_the_machines_pitch_whichever_came_first() -> None:
    rehearsal = improvising(chords="top")
    keys: list[Event] = [
        KeyDown(4.0, 0, 48, 90),
        KeyDown(4.01, 0, 60, 90),
        KeyUp(4.5, 0, 60),
        KeyUp(5.0, 0, 48),
    ]
    rehearsal.play([*line(1, 4), *keys], until=6)
    ended = {e.pitch: at for at, e in sounds(rehearsal.output.sent, NoteOff) if isinstance(e, NoteOff)}
    assert [ended[80], ended[48]] == pytest.approx([4.5, 5.0])


def test_a_chord_is_one_note_of_the_call_where_its_top_is_the_line() -> None:
    rehearsal = improvising(chords="top")
    rehearsal.play([*chord(1, 48, 64, 60), *chord(1.5, 50, 55, 65), *line(2, 1)], until=2.1)
    assert [note.pitch for note in rehearsal.state.accumulated_primer_melody] == [64, 65, 50]


# --- the values -----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["count", "phrase", "bars: 4", "chorus: 12", "pedal"])
def test_a_rule_is_written_as_it_is_read(text: str) -> None:
    assert str(TurnRule.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "bars", "bars: 0", "bars: 65", "count: 4", "trade: 4", "bars: -1", "bars 4 4"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"{text}|not a valid"):
        TurnRule.parse(text)
