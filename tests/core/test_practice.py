"""Count-in, click, gaps, the metronome alone, solo. Unless a test says otherwise: 4/4, 2 bars, 120 qpm."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from types import MappingProxyType

import pytest

from psc2.core.effects import NoteOff, NoteOn, Strike
from psc2.core.events import Event
from psc2.core.instruments import Instrument, Layer
from psc2.core.notices import NoticeKind
from psc2.core.ramp import Ramp
from psc2.testing import Rehearsal, Sent, key, press, sounds

STEP = 0.125
BAR = 16 * STEP
CLICKS = {Instrument.CLICK_SEQUENCE: "0", Instrument.CLICK_BAR: "1", Instrument.CLICK_BEAT: "2"}


def clicks(sent: list[Sent]) -> list[tuple[float, str]]:
    return [
        (when, CLICKS[effect.instrument])
        for when, effect in sounds(sent, Strike)
        if isinstance(effect, Strike) and effect.instrument in CLICKS
    ]


def drawn(sent: list[Sent], start: float, steps: int) -> str:
    """The clicks as a row of 16ths from ``start`` on, at 120 qpm."""
    row = ["."] * steps
    for when, sound in clicks(sent):
        step = (when - start) / STEP
        assert step == pytest.approx(round(step))
        if 0 <= round(step) < steps:
            row[round(step)] = sound
    return "".join(row)


def played(
    until: float,
    *events: Event,
    music: Mapping[str, object] = MappingProxyType({}),
    practice: Mapping[str, object] = MappingProxyType({}),
) -> str:
    """The clicks from step 0, which is at 0.06 s, on, for so many seconds."""
    rehearsal = Rehearsal(music=music, practice=practice)
    sent = rehearsal.play([press(0.0, "play"), *events], until=0.06 + until)
    return drawn(sent, 0.06, round(until / STEP))


# --- the count-in ---------------------------------------------------------------------


def test_the_count_in_is_set_while_stopped_and_holds_for_the_next_start() -> None:
    rehearsal = Rehearsal()
    sent = rehearsal.play([press(0.0, "count_in_up"), press(1.0, "play")], until=1.06 + 1.5 * BAR)
    assert drawn(sent, 1.06, 24) == "1...2...2...2...0...2..."


@pytest.mark.parametrize(("action", "bars"), [("count_in_up", 8), ("count_in_down", 0)])
def test_the_count_in_stays_within_0_to_8_bars_and_says_so(action: str, bars: int) -> None:
    rehearsal = Rehearsal(music={"count_in_bars": bars})
    rehearsal.play([press(0.0, action)], until=0.0)
    now = rehearsal.engine.snapshot()
    assert now.practice.count_in_bars == bars
    assert now.notice is not None
    assert (now.notice.kind, now.notice.action, now.notice.value) == (NoticeKind.AT_LIMIT, "count_in", bars)


def test_a_count_in_that_is_changed_while_it_counts_goes_on_as_it_was() -> None:
    rehearsal = Rehearsal(music={"count_in_bars": 2})
    change = press(0.5, "count_in_down")
    sent = rehearsal.play([press(0.0, "play"), change], until=0.06 + 2.5 * BAR)
    assert drawn(sent, 0.06, 40) == 2 * "1...2...2...2..." + "0...2..."
    rehearsal = Rehearsal(music={"count_in_bars": 2})
    rehearsal.play([press(0.0, "play"), change], until=0.6)
    place = rehearsal.engine.snapshot().place_at(0.6)
    assert place is not None
    assert place.position.bar == -2


# --- which beats click ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("meter", "beats", "expected"),
    [
        ("4/4", "all", "0...2...2...2...1...2...2...2..."),
        ("4/4", [1], "0...............1..............."),
        ("4/4", [2, 4], "....2.......2.......2.......2..."),
        ("4/4", [4, 2, 4], "....2.......2.......2.......2..."),
        ("4/4", [3, 1, 9], "0.......2.......1.......2......."),
        ("4/4", "offbeats", "..2...2...2...2...2...2...2...2."),
        ("3/4", [2, 4], "....2...........2......."),
        ("7/8", [1, 3, 5], "0...2...2.....1...2...2....."),
        ("7/8", "offbeats", ".2.2.2.2.2.2.2.2.2.2.2.2.2.2"),
        ("5/16", [2, 4], ".2.2..2.2."),
    ],
)
def test_the_chosen_beats_click_with_their_accents(meter: str, beats: object, expected: str) -> None:
    shown = played(len(expected) * STEP, music={"time_signature": meter}, practice={"click_beats": beats})
    assert shown == expected


@pytest.mark.parametrize(
    ("meter", "beats", "changes"),
    [
        ("4/4", [4], ["numerator_down"]),
        ("8/8", [7, 8], ["numerator_down", "numerator_down"]),
        ("4/8", "offbeats", ["denominator_up"]),
    ],
)
def test_where_a_new_meter_has_none_of_the_beats_the_first_clicks(
    meter: str, beats: object, changes: list[str]
) -> None:
    rehearsal = Rehearsal(music={"time_signature": meter, "num_bars": 1}, practice={"click_beats": beats})
    rehearsal.play([press(0.0, action) for action in changes], until=0.5)
    steps = rehearsal.state.form.length_steps
    sent = rehearsal.play([press(1.0, "play")], until=1.06 + 2 * steps * STEP - 0.1)
    assert drawn(sent, 1.06, 2 * steps) == 2 * ("0" + (steps - 1) * ".")


def test_the_choices_follow_each_other_while_it_plays_and_the_own_one_is_among_them() -> None:
    rehearsal = Rehearsal(music={"num_bars": 1}, practice={"click_beats": [1, 4]})
    start = rehearsal.start()
    rows, choices = [], []
    for bar in range(6):
        rehearsal.play([], until=start + (bar + 0.9) * BAR)
        rows.append(drawn(rehearsal.output.sent, start + bar * BAR, 14))
        choices.append(str(rehearsal.engine.snapshot().practice.click_beats))
        rehearsal.play([press(start + (bar + 0.9) * BAR, "click_beats")], until=start + (bar + 0.9) * BAR)
    assert choices == ["1 4", "all", "1", "2 4", "off-beats", "1 4"]
    assert rows == [
        "0...........2.", "0...2...2...2.", "0.............", "....2.......2.", "..2...2...2...",
        "0...........2.",
    ]  # fmt: skip


def test_a_choice_that_the_meter_has_no_beat_for_is_left_out() -> None:
    rehearsal = Rehearsal(music={"time_signature": "5/16"})
    choices = []
    for n in range(4):
        rehearsal.play([press(0.1 * n, "click_beats")], until=0.1 * n)
        choices.append(str(rehearsal.engine.snapshot().practice.click_beats))
    assert choices == ["1", "2 4", "all", "1"]


def test_the_count_in_clicks_every_beat_whatever_is_chosen() -> None:
    rehearsal = Rehearsal(
        music={"count_in_bars": 1},
        practice={"click_beats": [2, 4], "gap": {"mode": "chance", "chance_percent": 100.0}},
    )
    sent = rehearsal.play([press(0.0, "solo", Layer.BASS), press(0.1, "play")], until=0.16 + 3 * BAR)
    assert drawn(sent, 0.16, 40) == "1...2...2...2..." + 24 * "."


# --- gaps -----------------------------------------------------------------------------


def silent_bars(rows: str) -> str:
    return "".join("-" if set(rows[n : n + 16]) == {"."} else "x" for n in range(0, len(rows), 16))


@pytest.mark.parametrize(
    ("click_bars", "silent", "num_bars", "expected"),
    [
        (1, 1, 1, "x-x-x-x-x-x-"),
        (2, 2, 3, "xx--xx--xx--"),
        (3, 1, 2, "xxx-xxx-xxx-"),
        (1, 4, 2, "x----x----x-"),
    ],
)
def test_bars_click_and_are_silent_in_turn_whatever_the_sequences_length(
    click_bars: int, silent: int, num_bars: int, expected: str
) -> None:
    gap = {"mode": "bars", "click_bars": click_bars, "silent_bars": silent}
    rows = played(12 * BAR - 0.1, music={"num_bars": num_bars}, practice={"gap": gap})
    assert silent_bars(rows) == expected


def test_a_gap_that_is_switched_while_it_plays_counts_from_the_next_bar_on() -> None:
    events = [press(0.06 + 2.4 * BAR, "gap"), press(0.06 + 9.4 * BAR, "gap"), press(0.06 + 9.45 * BAR, "gap")]
    gap = {"click_bars": 1, "silent_bars": 2}
    assert silent_bars(played(12 * BAR - 0.1, *events, practice={"gap": gap})) == "xxxx--x--xxx"


def test_a_gap_that_is_changed_while_the_click_is_silent_sounds_at_once_and_counts_anew() -> None:
    change = press(0.06 + 1.3 * BAR, "gap_silent_bars", value=1.0)
    gap = {"mode": "bars", "click_bars": 1, "silent_bars": 3}
    rows = played(6 * BAR - 0.1, change, practice={"gap": gap})
    assert rows[:32] == "0...2...2...2..." + "........2...2..."
    assert silent_bars(rows[32:]) == "x-x-"


def test_gaps_are_counted_in_bars_however_long_those_become() -> None:
    changes = [press(0.5, "numerator_down"), press(0.51, "bars_up")]
    gap = {"mode": "bars", "click_bars": 1, "silent_bars": 1}
    rows = played(BAR + 8 * 12 * STEP, *changes, music={"num_bars": 1}, practice={"gap": gap})
    assert rows.replace("0", "1") == "1...2...2...2..." + 4 * ("............" + "1...2...2...")


def test_gaps_by_chance_are_the_same_with_the_same_seed_and_as_likely_as_said() -> None:
    def bars(seed: int, percent: float) -> str:
        rehearsal = Rehearsal(
            seed=seed, music={"qpm": 120.0}, practice={"gap": {"mode": "chance", "chance_percent": percent}}
        )
        start = rehearsal.start()
        return silent_bars(
            drawn(rehearsal.output.sent + rehearsal.play([], until=start + 400 * BAR - 0.1), start, 6400)
        )

    assert bars(5, 25.0) == bars(5, 25.0) != bars(6, 25.0)
    assert 70 <= bars(5, 25.0).count("-") <= 130
    assert (bars(5, 0.0), bars(5, 100.0)) == (400 * "x", 400 * "-")


def test_without_chance_nothing_is_drawn_so_the_machines_answers_stay_what_they_were() -> None:
    rehearsal, bare = Rehearsal(practice={"gap": {"mode": "bars"}}), Rehearsal()
    for one in (rehearsal, bare):
        one.start()
        one.play([], until=20.0)
    assert rehearsal.state.next_seed() == bare.state.next_seed()


def test_a_silent_bar_is_shown() -> None:
    rehearsal = Rehearsal(practice={"gap": {"mode": "bars", "click_bars": 1, "silent_bars": 1}})
    start = rehearsal.start()
    heard = []
    for bar in range(3):
        rehearsal.play([], until=start + (bar + 0.5) * BAR)
        heard.append(rehearsal.engine.snapshot().is_heard(Layer.CLICK))
    assert heard == [True, False, True]


# --- the metronome alone, and solo ----------------------------------------------------


def band() -> tuple[Rehearsal, float]:
    """A bass note that lasts nearly the pass, a chord on beat 3, and drums; the second pass begins."""
    rehearsal = Rehearsal(music={"num_bars": 1})
    start = rehearsal.start()
    rehearsal.play([press(0.01, "deterministic_drums"), press(0.02, "record", Layer.BASS)], until=0.03)
    rehearsal.play(key(start, 40, 14 * STEP), until=start + BAR + 0.1)
    rehearsal.play([press(start + BAR + 0.1, "record", Layer.CHORDS)], until=start + BAR + 0.1)
    rehearsal.play(key(start + BAR + 8 * STEP, 60, 4 * STEP), until=start + 3 * BAR - 0.2)
    return rehearsal, start + 3 * BAR


def layers_of(sent: list[Sent]) -> set[str]:
    names = set()
    for _, effect in sounds(sent, Strike, NoteOn):
        if isinstance(effect, NoteOn):
            names.add(effect.instrument.value)
        elif isinstance(effect, Strike):
            names.add("click" if effect.instrument in CLICKS else "drums")
    return names


def test_metronome_only_is_the_click_and_the_hands_and_the_same_press_brings_the_loop_back() -> None:
    rehearsal, start = band()
    before = rehearsal.engine.snapshot().layer_sizes
    at = start + 4 * STEP
    sent = rehearsal.play([press(at, "metronome_only")], until=at)
    assert sounds(sent, NoteOff)[-1] == (round(at, 6), NoteOff(Instrument.BASS, 40))
    sent = rehearsal.play(key(at + 0.3, 72), until=start + 2 * BAR - 0.06)
    assert layers_of(sent) == {"click", "lead"}
    assert len(clicks(sent)) == 2 + 4
    again = press(start + 2 * BAR - 0.06, "metronome_only")
    assert layers_of(rehearsal.play([again], until=start + 3 * BAR - 0.06)) == {
        "click",
        "bass",
        "chords",
        "drums",
    }
    assert rehearsal.engine.snapshot().layer_sizes == before


def test_a_recording_goes_on_while_only_the_metronome_sounds() -> None:
    rehearsal, start = band()
    events: list[Event] = [press(start - 0.2, "metronome_only"), press(start - 0.19, "record", Layer.CHORDS)]
    sent = rehearsal.play([*events, *key(start + 0.5, 65)], until=start + 2 * BAR - 0.06)
    assert layers_of(sent) == {"click", "chords"}  # what is under the hands
    assert rehearsal.engine.snapshot().layer_sizes[Layer.CHORDS] == 1


def test_a_muted_click_stays_muted_as_the_only_metronome_and_that_is_told() -> None:
    rehearsal, start = band()
    events = [press(start - 0.2, "mute", Layer.CLICK), press(start - 0.19, "metronome_only")]
    assert layers_of(rehearsal.play(events, until=start + BAR)) == set()
    notice = rehearsal.engine.snapshot().notice
    assert notice is not None
    assert notice.kind is NoticeKind.NO_CLICK


def test_the_metronome_alone_does_not_care_what_is_soloed() -> None:
    rehearsal, start = band()
    events = [press(start - 0.2, "solo", Layer.BASS), press(start - 0.19, "metronome_only")]
    assert layers_of(rehearsal.play(events, until=start + BAR)) == {"click"}


@pytest.mark.parametrize(
    ("presses", "expected"),
    [
        (["solo bass"], {"bass"}),
        (["solo bass", "solo drums"], {"bass", "drums"}),
        (["solo bass", "solo click"], {"bass", "click"}),
        (["solo bass", "solo bass"], {"bass", "drums", "chords", "click"}),
        (["solo bass", "solo drums", "mute drums"], {"bass"}),
        (["solo bass", "mute bass"], set()),
        (["mute bass", "solo bass"], set()),
        (["mute chords", "solo bass", "solo bass"], {"bass", "drums", "click"}),
    ],
)
def test_solo_and_mute_are_as_at_a_desk(presses: list[str], expected: set[str]) -> None:
    rehearsal, start = band()
    asked = [
        press(start - 0.2 + n * 0.01, name, Layer(layer))
        for n, (name, layer) in enumerate(map(str.split, presses))
    ]
    assert layers_of(rehearsal.play(asked, until=start + BAR - 0.06)) == expected


def test_a_solo_ends_what_sounds_of_the_others_and_leaves_the_hands() -> None:
    rehearsal, start = band()
    at = start + 4 * STEP
    rehearsal.play(key(at - 0.1, 72, duration_s=9.0), until=at)
    sent = rehearsal.play([press(at, "solo", Layer.DRUMS)], until=at)
    assert sounds(sent, NoteOff) == [(round(at, 6), NoteOff(Instrument.BASS, 40))]
    assert [note.instrument for note in rehearsal.state.ledger.notes.values()] == [Instrument.LEAD]
    sent = rehearsal.play(key(at + 0.1, 74), until=at + 0.2)
    assert [effect for _, effect in sounds(sent, NoteOn)] == [NoteOn(Instrument.LEAD, 74, 100)]


def test_a_solo_ends_a_note_that_is_on_its_way_no_earlier_than_it_begins() -> None:
    rehearsal, start = band()
    sent = rehearsal.play([press(start - 0.02, "solo", Layer.DRUMS)], until=start + BAR - 0.06)
    assert [(when, effect) for when, effect in sounds(sent, NoteOff) if when >= start - 0.1][-1:] == [
        (round(start, 6), NoteOff(Instrument.BASS, 40))
    ]


# --- together -------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What is practised with, drawn by chance; ramps begin at 120 qpm."""

    numerator: int
    denominator: int
    num_bars: int
    beats: list[int] | None
    gap: tuple[int, int] | None
    ramp: Ramp

    @classmethod
    def drawn(cls, rng: random.Random) -> "Plan":
        step = rng.choice([-7.0, -2.5, 1.0, 6.0, 30.0])
        limit = 120.0 + step * rng.choice([1.0, 2.5, 3.0])
        return cls(
            rng.randint(2, 9), rng.choice([4, 8, 16]), rng.randint(1, 4),
            rng.choice([None, [1], [1, 2], [2, 4, 11]]),
            rng.choice([None, (rng.randint(1, 3), rng.randint(1, 3))]),
            Ramp(rng.random() < 0.7, step, rng.randint(1, 3), limit, rng.random() < 0.5),
        )  # fmt: skip

    def tempos(self) -> Iterator[float]:
        """The tempo of each pass, by the words of the documentation."""
        qpm, ramp, goals = 120.0, self.ramp, [self.ramp.limit_qpm, *([120.0] if self.ramp.back else [])]
        for number in count(1):
            yield qpm
            if number % ramp.passes == 0 and ramp.active and goals:
                goals = goals[1:] if qpm == goals[0] else goals
                size = abs(ramp.step_qpm)
                qpm += max(-size, min(size, goals[0] - qpm)) if goals else 0.0

    def clicks(self, start: float, until: float) -> list[tuple[float, str]]:
        """What clicks up to a moment, computed pass by pass."""
        found: list[tuple[float, str]] = []
        at, bars = start, count()
        for qpm in self.tempos():
            beat_s = 60 / qpm * 4 / self.denominator
            for bar in range(self.num_bars):
                is_silent = self.gap is not None and next(bars) % sum(self.gap) >= self.gap[0]
                for beat in range(1, self.numerator + 1):
                    moment = at + (bar * self.numerator + beat - 1) * beat_s
                    if moment > until:
                        return found
                    if not is_silent and (self.beats is None or beat in self.beats):
                        found.append((moment, "2" if beat > 1 else "0" if bar == 0 else "1"))
            at += self.num_bars * self.numerator * beat_s
        raise AssertionError("the passes have no end")


@pytest.mark.parametrize("seed", range(60))
def test_each_click_is_exactly_where_the_plan_says_and_sent_the_look_ahead_before(seed: int) -> None:
    rng = random.Random(seed)
    plan, lookahead_ms = Plan.drawn(rng), rng.choice([10, 50, 200])
    click_bars, silent_bars = plan.gap or (1, 1)
    rehearsal = Rehearsal(
        music={
            "time_signature": f"{plan.numerator}/{plan.denominator}", "num_bars": plan.num_bars, "qpm": 120.0,
        },
        output={"lookahead_ms": lookahead_ms},
        practice={
            "click_beats": plan.beats or "all", "ramp": asdict(plan.ramp),
            "gap": {
                "mode": "bars" if plan.gap else "none", "click_bars": click_bars, "silent_bars": silent_bars,
            },
        },
    )  # fmt: skip
    start = rehearsal.start()
    rehearsal.play([], until=60.0)
    heard = [(when, sound) for when, sound in clicks(rehearsal.output.sent) if when <= 59.0]
    expected = plan.clicks(start, 59.0)
    assert [sound for _, sound in heard] == [sound for _, sound in expected]
    assert [when for when, _ in heard] == pytest.approx([when for when, _ in expected], abs=1e-6)
    ahead = {round(one.when - one.sent_at, 6) for one in rehearsal.output.sent if one.when > start + 0.3}
    assert ahead == {lookahead_ms / 1000}
    counts = rehearsal.engine.snapshot().counts
    assert (counts.late_steps, counts.skipped_notes) == (0, 0)
