from psc2.adapters.terminal import StatusLines
from psc2.core.controls import Action
from psc2.core.events import BadInput, Event
from psc2.core.instruments import Layer
from psc2.testing import FakeMelody, Rehearsal, key


def lines(rehearsal: Rehearsal, *steps: tuple[list[Event], float]) -> list[str]:
    """The lines printed after each step of a performance."""
    printed: list[str] = []
    status = StatusLines(printed.append)
    status.show(rehearsal.engine.snapshot())
    for events, until in steps:
        rehearsal.play(events, until)
        status.show(rehearsal.engine.snapshot())
    return printed


def test_a_set_reads_as_a_player_would_tell_it() -> None:
    rehearsal = Rehearsal(FakeMelody(72, 74), improv={"min_primer_length": 2})
    press = rehearsal.press
    told = lines(
        rehearsal,
        ([press(0.0, Action.PLAY)], 0.1),
        ([press(0.2, Action.NUMERATOR_UP)], 0.2),
        ([press(0.3, Action.RECORD, Layer.BASS)], 0.3),
        (key(1.06, 40), 1.2),
        ([], 4.3),
        ([press(4.35, Action.DETERMINISTIC_DRUMS)], 4.35),
        ([press(4.4, Action.MUTE, Layer.CLICK)], 4.4),
        ([press(4.5, Action.IMPROV)], 4.5),
        (key(4.6, 60), 4.8),
        (key(4.9, 62), 4.95),
        ([], 5.5),
        (key(5.6, 50), 5.8),
        ([press(6.0, Action.QPM, value=80)], 6.0),
        ([press(7.0, Action.STOP)], 7.0),
    )
    assert told == [
        "meter 4/4 · 2 bars · 120 qpm · free mode",
        "play",
        "meter 4/4 → 5/4 at the next sequence start",
        "bass: armed, starts with your first key",
        "bass: recording",
        "meter 5/4",
        "free mode",
        "bass: 1 note",
        "drums: the beat of the bassline",
        "click muted",
        "improv mode",
        "listening: 0/2",
        "listening: 1/2",
        "the machine is thinking",
        "the machine's pitches: 2 left",
        "the machine's pitches: 1 left",
        "140 qpm",
        "stop",
    ]


def test_nothing_changed_nothing_said() -> None:
    assert lines(Rehearsal(), ([], 1.0), ([], 2.0)) == ["meter 4/4 · 2 bars · 120 qpm · free mode"]


def test_dropped_input_is_told_once_and_then_at_round_numbers() -> None:
    rehearsal = Rehearsal()
    steps: list[tuple[list[Event], float]] = [
        ([BadInput(n / 10, "unknown address")], n / 10) for n in range(1, 12)
    ]
    assert lines(rehearsal, *steps)[1:] == [
        "dropped input: unknown address",
        "dropped input: unknown address, 10 in all",
    ]
