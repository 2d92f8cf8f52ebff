"""improv: players play recorded solos with the machine, in every kind of turn, in virtual time.

The players are the validation solos of the Weimar Jazz Database with their own onsets, durations and meters
(ODbL 1.0, https://jazzomat.hfm-weimar.de): they play on whatever the machine does. Where the turns change is
compared with where their lines begin and end.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from random import Random
from statistics import median

from psc2.core.effects import NoteOff, NoteOn
from psc2.core.events import Due, Event, KeyDown, KeyUp, MelodyReady, Press
from psc2.core.requests import AnswerNote, MelodyRequest
from psc2.core.state import Phase
from psc2.core.turn_taking import EARLY_S, TURN
from psc2.core.turns import STOPPED_REST_S
from psc2.daemon import Session
from psc2.ports import MelodyModel
from psc2.resources import ROOT
from psc2.settings.config import load_config
from psc2.testing import Behaviour, FakeClient, Rehearsal, free_port, key, press
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values

SOLOS = ROOT.parent / "shared" / "data" / "jazz" / "validation.jsonl"
BARS_A_CHORUS = 8  # of the sequence that is looped below the solos
QUICK_SOLOS = 6
PAPER = {"turns": "count", "takeover": "now", "handback": "now"}
KINDS: Mapping[str, Mapping[str, object]] = {
    "paper": PAPER,
    "count": {},
    "impatient": {"patience_bars": 1},
    "phrase": {"turns": "phrase"},
    "bars": {"turns": "bars: 4"},
    "chorus": {"turns": "chorus: 1"},
    "pedal": {"turns": "pedal"},
}
LINE_BARS = {"bars: 4": 4, "chorus: 1": BARS_A_CHORUS}  # how many apart the lines of turns are
DELAY_S = 0.03  # of the model
PEDAL_NOTES = 5  # of a call, before the player's foot goes up in the next rest
ROUNDING = 1e-6
RESTS, QUICK_RESTS = 40, 8
ANSWER_MS, ALARM_MS, WITHIN_PERCENT, EXACT_MS = 50.0, 2.0, 15.0, 0.01


@dataclass(frozen=True, slots=True)
class Solo:
    """What a player plays: notes by onset, in seconds from a bar line."""

    title: str
    beats_a_bar: int
    qpm: float
    notes: Sequence[tuple[float, float, int]]  # onset, end, pitch
    chords: Sequence[tuple[float, str]]  # the beat from which on each sounds, from the same bar line

    @property
    def choruses(self) -> float:
        """How many passes of the sequence it lasts."""
        return self.notes[-1][1] * self.qpm / 60 / (BARS_A_CHORUS * self.beats_a_bar)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of turns."""

    at: float
    to_machine: bool


def read_solos(path: Path) -> Iterator[Solo]:
    """The solos of one meter, in beats of a tempo that the instrument can have."""
    for line in path.read_text(encoding="utf-8").splitlines():
        solo = json.loads(line)
        ((_, beats_a_bar),) = solo["meter"][:1]
        qpm = min(400.0, solo["tempo"])
        bars_before = -(solo["notes"][0][3] // beats_a_bar) if solo["notes"][0][3] < 0 else 0
        played = [
            (onset + bars_before * beats_a_bar, duration, pitch)
            for _, _, pitch, onset, duration, *_ in solo["notes"]
        ]
        ends = [*(onset for onset, _, _ in played[1:]), float("inf")]
        notes = [
            (onset * 60 / qpm, min(onset + max(0.02, duration), following) * 60 / qpm, pitch)
            for (onset, duration, pitch), following in zip(played, ends, strict=True)
        ]
        chords = [(beat + bars_before * beats_a_bar, symbol) for beat, symbol in solo["chords"]]
        yield Solo(solo["id"], max(2, beats_a_bar), qpm, notes, chords)


class Wanderer:
    """A melody model that goes up and down by steps."""

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
        rng, pitch = Random(request.seed), request.primer[-1].pitch
        while True:
            pitch = max(40, min(90, pitch + rng.choice((-2, -1, 1, 2))))
            yield pitch


class Watched(Rehearsal):
    """A performance that keeps when the turns changed."""

    def __init__(
        self,
        solo: Solo,
        improv: Mapping[str, object],
        seed: int,
        model: MelodyModel | None = None,
        swing: float = 50.0,
    ) -> None:
        super().__init__(
            model or Wanderer(),
            seed=seed,
            behaviours=iter(lambda: Behaviour(DELAY_S), None),
            music={
                "qpm": solo.qpm,
                "time_signature": f"{solo.beats_a_bar}/4",
                "num_bars": BARS_A_CHORUS,
                "swing": swing,
            },
            improv=improv,
        )
        self.changes: list[Changed] = []
        self._dispatch, self.engine.dispatch = self.engine.dispatch, self._watch  # type: ignore[method-assign]

    def _watch(self, event: Event) -> None:
        before = self.state.improv.phase
        self._dispatch(event)
        after = self.state.improv.phase
        if before is not after and Phase.ANSWERING in (before, after):
            self.changes.append(Changed(self.clock.now(), to_machine=after is Phase.ANSWERING))


def play(solo: Solo, improv: Mapping[str, object], seed: int) -> tuple[Watched, float]:
    """A solo over the loop. Returns: the performance, and when the loop's first step sounded."""
    performance = Watched(solo, improv, seed)
    performance.play([press(0.0, "improv")], until=0.0)
    start = performance.start(0.1)
    events: list[Event] = [
        event
        for onset, end, pitch in solo.notes
        for event in key(start + onset, pitch, end - onset - ROUNDING)
    ]
    if improv.get("turns") == "pedal":
        events += [replace(one, at=start + one.at) for one in feet(solo)]
    performance.play(sorted(events, key=lambda event: event.at), until=start + solo.notes[-1][1] + 1)
    return performance, start


def feet(solo: Solo) -> Iterator[Press]:
    """A foot that is down for a call and up for an answer, and moves in the middle of rests."""
    yield Press(0.0, 0, "hold", None, 127)
    is_down, notes = True, 0
    for (_, end, _), (onset, _, _) in zip(solo.notes, solo.notes[1:], strict=False):
        notes += 1
        if rest_beats(solo, end, onset) >= 1 and notes >= PEDAL_NOTES:
            is_down, notes = not is_down, 0
            yield Press((end + onset) / 2, 0, "hold", None, 127 if is_down else 0)


def rest_beats(solo: Solo, end: float, onset: float) -> float:
    return (onset - end) * solo.qpm / 60 + ROUNDING * 10


def is_within(solo: Solo, at: float) -> bool | None:
    """Whether a change at ``at`` lies within a line; None after the last note."""
    following = next((n for n, (onset, _, _) in enumerate(solo.notes) if onset > at + ROUNDING / 100), None)
    if not following:
        return None
    return rest_beats(solo, solo.notes[following - 1][1], solo.notes[following][0]) < 1


def off_line_ms(solo: Solo, at: float, bars: int) -> float:
    """How far a change is from the nearest line of so many bars; none, if a key struck with it brings it."""
    length_s = bars * solo.beats_a_bar * 60 / solo.qpm
    early_s = round(at / length_s) * length_s - at
    is_with_key = 0 < early_s <= EARLY_S and any(abs(onset - at) < ROUNDING for onset, _, _ in solo.notes)
    return 0.0 if is_with_key else 1000 * abs(early_s)


def measure(folder: Path, quick: bool) -> Values:
    solos = [*read_solos(SOLOS)][: QUICK_SOLOS if quick else None]
    values = {"choruses": sum(solo.choruses for solo in solos) * len(KINDS)}
    for name, improv in KINDS.items():
        values |= {f"{name}_{what}": value for what, value in played(solos, improv).items()}
    return {**values, **own_lines(solos), **in_real_time(QUICK_RESTS if quick else RESTS)}


def played(solos: Sequence[Solo], improv: Mapping[str, object]) -> Values:
    """How often the turns changed, and within a line, and how far off their bar line at most."""
    within: dict[bool, list[bool]] = {True: [], False: []}
    bars = LINE_BARS.get(str(improv.get("turns")))
    off = [0.0]
    for seed, solo in enumerate(solos):
        performance, start = play(solo, improv, seed)
        for change in performance.changes:
            found = is_within(solo, change.at - start)
            within[change.to_machine] += [] if found is None else [found]
            off.append(off_line_ms(solo, change.at - start, bars) if bars else 0.0)
    return {
        "takeovers": len(within[True]),
        "takeovers_percent": 100 * sum(within[True]) / max(1, len(within[True])),
        "handbacks": len(within[False]),
        "handbacks_percent": 100 * sum(within[False]) / max(1, len(within[False])),
        "off_ms": max(off),
    }


# --- the machine's own line -----------------------------------------------------------


class WanderingLine(Wanderer):
    """… in a rhythm of its own."""

    def continue_line(self, request: MelodyRequest) -> Iterator[AnswerNote]:
        rng, onset = Random(request.seed), 0
        for pitch in self.continue_melody(request):
            steps = rng.choice((1, 2, 2, 3, 4))
            yield AnswerNote(pitch, onset, steps)
            onset += steps + rng.choice((0, 0, 0, 1, 2))


def own_lines(solos: Sequence[Solo]) -> Values:
    """The machine's notes that are late or off the swung grid, and those after the solo was taken back."""
    late = off = after = notes = 0
    for seed, solo in enumerate(solos):
        rng = Random(seed)
        improv = {"turns": rng.choice(("bars: 2", "phrase", "count")), "answer": "machine"}
        swing = round(rng.uniform(50, 72), 1)
        performance = Watched(solo, improv, seed, WanderingLine(), swing)
        performance.play([press(0.0, "improv")], until=0.0)
        start = performance.start(0.1)
        length_s = 4 * solo.beats_a_bar * 60 / solo.qpm
        lines = [note for note in solo.notes if note[0] % (2 * length_s) < length_s]  # and rests
        hands = [event for onset, end, pitch in lines for event in key(start + onset, pitch, end - onset)]
        backs = [press(start + rng.uniform(0, solo.notes[-1][1]), "skip") for _ in range(20)]
        events = sorted([*hands, *backs], key=lambda event: event.at)
        performance.play(events, until=start + solo.notes[-1][1])
        assert performance.state.transport is not None
        found = Found.of(performance, {one.at for one in backs})
        late, off, after, notes = late + found.late, off + found.off, after + found.after, notes + found.notes
    return {"line_late": late, "line_off": off, "line_after": after, "line_notes": notes}


@dataclass(frozen=True, slots=True)
class Found:
    """Of the machine's notes: how many, and how many were not as they are to be."""

    notes: int
    late: int
    off: int
    after: int

    @classmethod
    def of(cls, performance: Watched, taken_back: set[float]) -> Found:
        """Look at what a performance has sent; the hands' notes have no time tag, the machine's do.

        What sounds when the solo is taken back ends then, or by a note-off that has been sent ahead.
        """
        transport, sent_ahead_s = performance.state.transport, performance.state.lookahead_s
        assert transport is not None
        sent = performance.output.sent
        ends = {one.effect.note_id: one.when for one in sent if isinstance(one.effect, NoteOff)}
        own = [
            (one, one.effect) for one in sent if isinstance(one.effect, NoteOn) and one.effect.at is not None
        ]
        heard = [(one, note) for one, note in own if ends.get(note.note_id, inf) > one.when + ROUNDING]
        places = [transport.grid.step_at(one.when) for one, _ in heard]
        return cls(
            notes=len(heard),
            late=sum(one.sent_at > one.when for one, _ in heard),
            off=sum(abs(place - round(place)) > 1e-4 for place in places),
            after=sum(
                one.sent_at
                <= at
                < ends.get(note.note_id, inf) - (ROUNDING if one.when > at else sent_ahead_s)
                for one, note in heard
                for at in taken_back
            ),
        )


# --- a rest in real time --------------------------------------------------------------


class Listener:
    """A session with a stopped loop and the real model, and when it hears of alarms and answers."""

    def __init__(self) -> None:
        receive_port = free_port()
        osc = {"receive_port": receive_port, "send_port": FakeClient(receive_port).port}
        self.session = Session(load_config(None, {"osc": osc, "improv": {"turns": "phrase"}}), seed=0)
        self.alarm_at = self.answer_at = 0.0
        self._dispatch = self.session.engine.dispatch
        self.session.engine.dispatch = self._listen  # type: ignore[method-assign]

    def _listen(self, event: Event) -> None:
        if isinstance(event, Due) and event.name == TURN:
            self.alarm_at = self.alarm_at or self.session.clock.now()
        if isinstance(event, MelodyReady):
            self.answer_at = self.session.clock.now()
        self._dispatch(event)

    def play_call(self) -> float:
        """Improv mode anew, and six notes. Returns: when the last key came up."""
        clock, came_up_at = self.session.clock, 0.0
        self._dispatch(Press(clock.now(), 0, "improv"))
        for pitch in (60, 62, 63, 65, 67, 70):
            self._dispatch(KeyDown(clock.now(), 0, pitch, 90))
            time.sleep(0.03)
            came_up_at = clock.now()
            self._dispatch(KeyUp(came_up_at, 0, pitch))
        self.alarm_at = self.answer_at = 0.0
        return came_up_at


def in_real_time(rests: int) -> Values:
    """From the end of a rest of 0.6 s to its alarm and to the answer."""
    listener = Listener()
    listener.session.start()
    late_ms, answer_ms = [], []
    try:
        for _ in range(rests):
            due = listener.play_call() + STOPPED_REST_S
            time.sleep(STOPPED_REST_S + 0.5)
            if not listener.answer_at:
                raise MeasureFailed("a rest of 0.6 s brought no answer within 0.5 s")
            late_ms.append(1000 * (listener.alarm_at - due))
            answer_ms.append(1000 * (listener.answer_at - due))
    finally:
        listener.session.stop()
    return {
        "alarm_ms": median(late_ms),
        "alarm_worst_ms": max(late_ms, key=abs),
        "answer_ms": median(answer_ms),
        "answer_worst_ms": max(answer_ms),
    }


# --- the table ------------------------------------------------------------------------


def rows(runs: Runs) -> list[Row]:
    choruses = f"{runs.median('choruses'):,.0f} choruses of held-out solos"
    return [
        between_lines(runs, "count", WITHIN_PERCENT, f"{choruses}: changes of turn within a line; count"),
        between_lines(runs, "impatient", None, "… count, with a patience of one bar"),
        between_lines(runs, "phrase", 0, "… phrase"),
        between_lines(runs, "pedal", 0, "… pedal"),
        at_their_line(runs, "bars", "… {bars: 4}: changes off their line"),
        at_their_line(runs, "chorus", "… {chorus: 1}: changes off their line"),
        Row(
            "improv", "the machine's own line: notes late, or off the swung grid", "0",
            f"{runs.worst('line_late'):.0f} and {runs.worst('line_off'):.0f} "
            f"of {runs.median('line_notes'):,.0f}",
            "", runs.worst("line_late") + runs.worst("line_off") == 0,
        ),
        Row(
            "improv", "… notes that sound after the solo has been taken back", "0",
            f"{runs.worst('line_after'):.0f}", "", runs.worst("line_after") == 0,
        ),
        Row(
            "improv", "a rest of 0.6 s, the loop stopped, the real model: from its end to the answer",
            f"≤ {ANSWER_MS:g} ms",
            f"{runs.median('answer_ms'):.1f} ms, worst {runs.worst('answer_worst_ms'):.1f}",
            "", runs.worst("answer_worst_ms") <= ANSWER_MS,
        ),
        Row(
            "improv", "… from its end to its alarm", f"± {ALARM_MS:g} ms",
            f"{runs.median('alarm_ms'):.2f} ms, worst {runs.worst('alarm_worst_ms'):.2f}", "",
            abs(runs.worst("alarm_worst_ms")) <= ALARM_MS,
        ),
    ]  # fmt: skip


def between_lines(runs: Runs, name: str, target: float | None, what: str) -> Row:
    takeovers, handbacks, papers_takeovers, papers_handbacks = (
        runs.worst(f"{kind}_{word}_percent")
        for kind in (name, "paper")
        for word in ("takeovers", "handbacks")
    )
    numbers = f"{runs.median(f'{name}_takeovers'):,.0f} and {runs.median(f'{name}_handbacks'):,.0f}"
    return Row(
        "improv", what, "" if target is None else f"≤ {target:g} %",
        f"{takeovers:.1f} % of the takeovers, {handbacks:.1f} % of the hand-backs ({numbers})",
        f"the paper's way: {papers_takeovers:.0f} % and {papers_handbacks:.0f} %",
        None if target is None else max(takeovers, handbacks) <= target,
    )  # fmt: skip


def at_their_line(runs: Runs, name: str, what: str) -> Row:
    changes = runs.median(f"{name}_takeovers") + runs.median(f"{name}_handbacks")
    off_ms = runs.worst(f"{name}_off_ms")
    return Row("improv", what, "0", f"{off_ms:.3f} ms at most, of {changes:,.0f}", "", off_ms < EXACT_MS)


def why_not() -> str:
    return "" if SOLOS.is_file() else f"the solos that are played are not there: {SOLOS}"


TURNS = Measure(names=("improv",), seconds=60, quick_seconds=30, run=measure, rows=rows, why_not=why_not)
