"""Fingers on the computer's keyboard, in virtual time, as a terminal sends what they do."""

import random
from dataclasses import dataclass, field

import pytest

from psc2.core.effects import Strike
from psc2.core.events import Event, KeyDown, KeyUp, Press
from psc2.core.instruments import Layer
from psc2.core.state import Mode
from psc2.core.transport import START_S
from psc2.screen.computer_keyboard import QUESTION_S, ComputerKeyboard
from psc2.screen.piano import CHORD_S, FIRST_REPEAT_S, KEYS, SLACK_S, TYPED_SOURCE, VELOCITY
from psc2.screen.repeats import REPEAT_S
from psc2.testing import Rehearsal, key, sounds

PERIOD_S = 0.033  # from one repeat to the next
DELAYS_S = [0.15, 0.225, 0.25, 0.4, 0.5, 0.66]  # to the first, as systems have it


@dataclass
class Player:
    """Types into an instrument, and keeps what comes of it."""

    rehearsal: Rehearsal = field(default_factory=lambda: Rehearsal(music={"qpm": 120.0}))
    events: list[Event] = field(default_factory=list)
    quits: int = 0

    def __post_init__(self) -> None:
        self.keyboard = ComputerKeyboard(self.dispatch, self.rehearsal.engine.snapshot, self.quit)

    def dispatch(self, event: Event) -> None:
        self.events.append(event)
        self.rehearsal.engine.dispatch(event)

    def quit(self) -> None:
        self.quits += 1

    def wait(self, until: float) -> None:
        while (due := self.keyboard.due_at()) is not None and due <= until:
            self._advance(due)
            self.keyboard.elapse(due)
        self._advance(until)

    def _advance(self, until: float) -> None:
        if until > self.rehearsal.clock.now():
            self.rehearsal.play([], until)

    def type(self, text: str, at: float) -> None:
        self.wait(at)
        self.keyboard.type(text, at)

    def hold(self, text: str, at: float, duration_s: float, delay_s: float = 0.5) -> None:
        self.type(text, at)
        for n in range(1000):
            repeat_s = delay_s + n * PERIOD_S
            if repeat_s > duration_s:
                return
            self.type(text, at + repeat_s)

    def actions(self) -> list[str]:
        return [event.action for event in self.events if isinstance(event, Press)]

    def notes(self) -> list[tuple[str, float, int]]:
        """What the piano has done, to the millisecond."""
        return [
            ("down" if isinstance(event, KeyDown) else "up", round(event.at, 3), event.pitch)
            for event in self.events if isinstance(event, KeyDown | KeyUp)
        ]  # fmt: skip


@pytest.fixture
def player() -> Player:
    return Player()


def test_keys_play_the_instrument(player: Player) -> None:
    player.type(" ", 1.0)
    assert player.rehearsal.engine.snapshot().playing
    player.type("b", 2.0)
    recording = player.rehearsal.engine.snapshot().recording
    assert recording is not None
    assert recording.layer is Layer.BASS
    player.type("i", 3.0)
    assert player.rehearsal.engine.snapshot().mode is Mode.IMPROV


@pytest.mark.parametrize("delay_s", [0.05, *DELAYS_S, 1.0, 1.8])
@pytest.mark.parametrize("text", [" ", "p", "b", "c", "d", "D", "i", "f", "u", "U", "o", "1", "{", "B"])
def test_a_held_key_acts_once(text: str, delay_s: float) -> None:
    player = Player()
    player.hold(text, 1.0, 3.0, delay_s)
    player.wait(6.0)
    assert len(player.actions()) == 1


@pytest.mark.parametrize("text", [" ", "u", "k", "?", "q"])
def test_a_held_key_acts_once_where_the_terminal_tells_of_repeats(player: Player, text: str) -> None:
    player.rehearsal.start()
    code = ord(text)
    player.type(f"\x1b[{code};;{code}u", 1.0)
    for n in range(40):
        player.type(f"\x1b[{code};1:2;{code}u", 1.5 + n * PERIOD_S)
    player.type(f"\x1b[{code};1:3u", 3.0)
    typing = player.keyboard.typing()
    assert len(player.actions()) + typing.is_piano + typing.shows_keys + typing.asks_to_quit == 1
    assert player.quits == 0


def test_a_held_arrow_goes_on(player: Player) -> None:
    player.hold("\x1b[A", 1.0, 1.0)
    assert player.rehearsal.state.qpm == 120.0 + len(player.actions())
    assert len(player.actions()) == 17
    player.type("\x1b[D" * 3, 4.0)
    assert player.rehearsal.engine.snapshot().form.num_bars == 1


@pytest.mark.parametrize("interval_s", [0.15, 0.19, 0.3, 0.5, 0.8, 1.5])
def test_a_key_struck_again_and_again_acts_as_often(player: Player, interval_s: float) -> None:
    for n in range(4):
        player.type("u", 1.0 + n * interval_s)
    player.wait(9.0)
    assert player.actions() == ["undo"] * 4


def test_a_stroke_that_may_be_a_repeat_is_late_by_no_more_than_a_repeat(player: Player) -> None:
    player.type("u", 1.0)
    player.type("u", 1.5)
    assert player.actions() == ["undo"]
    player.wait(1.5 + REPEAT_S)
    assert player.actions() == ["undo"] * 2
    player.type("u", 2.0)
    player.type("o", 2.01)  # another key: the one before is not held
    assert player.actions() == ["undo"] * 3 + ["overdub"]


def test_play_that_had_to_wait_begins_with_its_first_click(player: Player) -> None:
    for n in range(3):
        player.type(" ", 1.0 + 0.6 * n)
    player.wait(4.0)
    clicks = [when for when, _ in sounds(player.rehearsal.output.sent, Strike) if when > 2.0]
    assert player.actions() == ["play", "stop", "play"]
    assert clicks[0] == pytest.approx(2.2 + REPEAT_S + START_S)


def test_what_waits_is_not_lost_with_the_window(player: Player) -> None:
    player.type("u", 1.0)
    player.type("u", 1.5)
    player.type("\x1b[O", 1.55)
    assert player.actions() == ["undo"] * 2


def test_taps_are_taken_at_once_and_a_held_tap_is_no_tempo(player: Player) -> None:
    for n in range(4):
        player.type("t", 1.0 + 0.4 * n)
        assert len(player.actions()) == n + 1
    assert player.rehearsal.state.qpm == pytest.approx(150.0)
    player.hold("t", 9.0, 2.0, 0.66)
    assert 20 <= player.rehearsal.state.qpm <= 150.0


def test_quit_asks_once_while_the_loop_plays(player: Player) -> None:
    player.rehearsal.start()
    player.type("q", 1.0)
    assert (player.quits, player.keyboard.typing().asks_to_quit) == (0, True)
    assert player.keyboard.new_lines() == ["q again quits while the loop plays"]
    player.type("q", 4.0)
    assert player.quits == 1


def test_quit_asks_where_a_recording_would_be_lost_and_not_otherwise(player: Player) -> None:
    player.type("q", 0.01)
    assert player.quits == 1
    player.rehearsal.start(0.02)
    player.type("b", 0.03)
    player.rehearsal.play(key(0.5, 40), until=5.0)
    player.type(" ", 5.5)
    player.type("q", 6.0)
    assert player.quits == 1


def test_a_held_q_asks_and_does_not_quit(player: Player) -> None:
    player.rehearsal.start()
    player.hold("q", 1.0, 3.0)
    player.wait(5.0)
    assert player.keyboard.typing().asks_to_quit
    assert player.quits == 0


@pytest.mark.parametrize("answer", ["\x1b", "u", "k", "\x1b[A"])
def test_another_key_takes_the_question_back(player: Player, answer: str) -> None:
    player.rehearsal.start()
    player.type("q", 1.0)
    player.type(answer, 2.0)
    player.wait(2.5)
    assert not player.keyboard.typing().asks_to_quit
    player.type("\x1b", 3.0)
    player.type("q", 4.0)
    assert player.quits == 0


def test_a_question_waits_only_for_a_while(player: Player) -> None:
    player.rehearsal.start()
    player.type("q", 1.0)
    player.wait(1.0 + QUESTION_S)
    assert not player.keyboard.typing().asks_to_quit
    player.type("q", 9.0)
    assert player.quits == 0


def test_ctrl_c_ends_where_the_terminal_reports_it_as_a_key(player: Player) -> None:
    player.type("\x1b[99;5u", 1.0)
    assert player.quits == 1


def test_a_key_that_stands_for_nothing_says_so(player: Player) -> None:
    player.type("zQ", 1.0)
    assert player.keyboard.new_lines() == [
        "z: nothing is bound to it; ? shows the keys",
        "Q: nothing is bound to it: is Caps Lock on?; ? shows the keys",
    ]
    assert player.events == []


def test_volume_keys_change_the_chosen_layer(player: Player) -> None:
    player.type("-", 1.0)
    player.type("v", 2.0)
    player.type("+", 3.0)
    faders = player.rehearsal.engine.snapshot().mixer.faders
    assert faders[Layer.LEAD].gain == pytest.approx(0.95)
    assert faders[Layer.CLICK].gain == pytest.approx(1.05)


def test_help_opens_and_closes(player: Player) -> None:
    player.type("?", 1.0)
    assert player.keyboard.typing().shows_keys
    player.type("?", 4.0)
    assert not player.keyboard.typing().shows_keys
    player.type("?", 7.0)
    player.type("\x1b", 8.0)
    player.wait(8.1)
    assert not player.keyboard.typing().shows_keys


# --- the piano ------------------------------------------------------------------------


@pytest.mark.parametrize("delay_s", DELAYS_S)
def test_the_key_that_opens_the_piano_may_be_held(delay_s: float) -> None:
    player = Player()
    player.hold("k", 1.0, 2.0, delay_s)
    player.wait(5.0)
    assert player.notes() == []
    player.type("k", 6.0)
    assert player.notes() == [("down", 6.0, 72)]


def test_two_rows_are_a_piano_from_middle_c_on(player: Player) -> None:
    player.type("k", 0.5)
    for n, letter in enumerate(KEYS):
        player.type(letter, 1.0 + 0.1 * n)
    downs = [event for event in player.events if isinstance(event, KeyDown)]
    assert [event.pitch for event in downs] == list(range(60, 78))
    assert {(event.source, event.velocity) for event in downs} == {(TYPED_SOURCE, VELOCITY)}


def test_a_typed_note_ends_with_the_next_or_when_no_repeat_comes(player: Player) -> None:
    player.type("k", 0.5)
    player.type("a", 1.0)
    player.type("s", 1.3)
    player.wait(9.0)
    end = 1.3 + FIRST_REPEAT_S + SLACK_S
    assert player.notes() == [
        ("down", 1.0, 60),
        ("up", 1.3, 60),
        ("down", 1.3, 62),
        ("up", round(end, 3), 62),
    ]


def test_keys_typed_together_are_a_chord(player: Player) -> None:
    player.type("k", 0.5)
    player.type("a", 1.0)
    player.type("dg", 1.0 + CHORD_S / 2)
    player.type("h", 1.5)
    assert [pitch for what, at, pitch in player.notes() if (what, at) == ("up", 1.5)] == [60, 64, 67]


def test_a_held_chord_sounds_as_long_as_its_last_key_repeats(player: Player) -> None:
    player.hold("\x1b[A", 0.1, 1.0)  # by which the delay is known
    player.type("k", 1.5)
    player.type("ad", 2.0)
    player.hold("g", 2.02, 2.0)
    player.wait(9.0)
    assert [(what, pitch) for what, _, pitch in player.notes()] == [
        ("down", 60), ("down", 64), ("down", 67), ("up", 60), ("up", 64), ("up", 67)
    ]  # fmt: skip
    assert all(4.0 <= at <= 4.02 + REPEAT_S + SLACK_S for _, at, _ in player.notes()[3:])


@pytest.mark.parametrize("delay_s", DELAYS_S)
def test_a_held_key_sounds_as_long_as_it_repeats(delay_s: float) -> None:
    player = Player()
    player.hold("\x1b[A", 0.1, 1.0, delay_s)  # by which the delay is known
    player.type("k", 1.5)
    player.hold("a", 2.0, 2.0, delay_s)
    player.wait(9.0)
    (_, began, _), (what, ended, _) = player.notes()
    assert (began, what) == (2.0, "up")
    assert 4.0 <= ended <= 4.0 + REPEAT_S + SLACK_S


def test_the_first_held_key_of_an_evening_sounds_as_long_too(player: Player) -> None:
    player.type("k", 0.5)
    player.hold("a", 1.0, 2.0)
    player.wait(9.0)
    assert player.notes()[-1][0] == "up"
    assert 3.0 <= player.notes()[-1][1] <= 3.0 + REPEAT_S + SLACK_S


@pytest.mark.parametrize("interval_s", [0.13, 0.25, 0.333, 0.5, 0.6])
def test_one_key_struck_again_and_again_sounds_as_often(player: Player, interval_s: float) -> None:
    player.hold("\x1b[A", 0.1, 1.0)  # a held key's first repeat comes after half a second here
    player.type("k", 1.5)
    for n in range(4):
        player.type("a", 2.0 + n * interval_s)
    player.wait(9.0)
    downs = [at for what, at, _ in player.notes() if what == "down"]
    assert downs == pytest.approx([2.0 + n * interval_s for n in range(4)], abs=0.001)


def test_where_the_terminal_tells_a_key_sounds_until_it_comes_up(player: Player) -> None:
    player.type("k", 0.5)
    player.type("\x1b[97;;97u", 1.0)
    player.type("\x1b[100;;100u", 2.0)
    player.type("\x1b[97;1:3u", 3.0)
    player.wait(9.0)
    player.type("\x1b[100;1:3u", 9.5)
    assert player.notes() == [("down", 1.0, 60), ("down", 2.0, 64), ("up", 3.0, 60), ("up", 9.5, 64)]


@pytest.mark.parametrize("leave", ["\x1b", "\r", "\x1b[O"])
def test_leaving_the_piano_or_the_window_ends_what_it_sounds(player: Player, leave: str) -> None:
    player.type("k", 0.5)
    player.type("\x1b[97;;97u", 1.0)
    player.type(leave, 2.0)
    player.wait(3.0)
    assert [what for what, _, _ in player.notes()] == ["down", "up"]
    assert player.keyboard.typing().is_piano is (leave == "\x1b[O")
    assert not player.rehearsal.state.hands.down


def test_while_the_piano_is_on_no_letter_does_anything_else(player: Player) -> None:
    player.rehearsal.start()
    player.type("k", 0.5)
    for n, letter in enumerate("qrixcvbnmQBCUDPKF"):
        player.type(letter, 1.0 + n)
    assert player.actions() == []
    assert player.quits == 0
    assert player.keyboard.new_lines()[0] == "q: the piano is on; ESC gives the letters back"


def test_space_arrows_mutes_and_meter_do_while_the_piano_is_on_what_they_do(player: Player) -> None:
    player.type("k", 0.5)
    for n, text in enumerate([" ", "\x1b[A", "1", "]"]):
        player.type(text, 1.0 + n)
    assert player.actions() == ["play", "qpm", "mute", "numerator_up"]


def test_a_pianist_in_a_hurry_has_the_letters_back_with_one_stroke(player: Player) -> None:
    player.type("k", 0.5)
    player.type("?", 0.9)
    player.type("\x1bc", 1.0)  # ESC and a letter at once
    assert player.actions() == ["record"]
    assert not player.keyboard.typing().is_piano


def test_commas_and_dots_move_the_piano_by_octaves_and_what_sounds_stays(player: Player) -> None:
    player.type("k", 0.5)
    player.type("\x1b[97;;97u", 1.0)
    player.type(",", 1.5)
    player.type("\x1b[97;1:3u", 2.0)
    player.type("s", 2.5)
    assert player.keyboard.typing().octave == 3
    assert player.notes() == [("down", 1.0, 60), ("up", 2.0, 60), ("down", 2.5, 50)]


def test_tab_is_the_pianos_pedal(player: Player) -> None:
    player.type("k", 0.5)
    player.type("\t", 1.0)
    player.type("as", 2.0)
    player.wait(4.0)
    assert len(player.rehearsal.state.hands.sustained) == 2
    assert player.keyboard.typing().is_pedal_down
    player.type("\t", 5.0)
    assert not player.rehearsal.state.hands.sustained
    assert [(one.action, one.value) for one in player.events if isinstance(one, Press)] == [
        ("sustain", 127), ("sustain", 0)
    ]  # fmt: skip


@pytest.mark.parametrize("leave", ["\x1b", "\x1b[O", "p\x1bp"])
def test_no_pedal_stays_down_without_the_piano(player: Player, leave: str) -> None:
    player.type("k", 0.5)
    player.type("\t", 1.0)
    player.type("a", 2.0)
    player.type(leave, 5.0)
    player.wait(5.1)
    assert not player.keyboard.typing().is_pedal_down
    assert not player.rehearsal.state.hands.pedals
    assert not player.rehearsal.state.hands.sustained


def test_tab_does_nothing_without_the_piano(player: Player) -> None:
    player.type("\t", 1.0)
    assert player.events == []


def test_a_bassline_is_recorded_from_the_computers_keyboard(player: Player) -> None:
    player.type("b", 0.1)
    player.type("k", 0.3)
    player.type(" ", 0.5)
    for n, letter in enumerate("adg"):
        player.type(letter, 0.56 + 0.5 * n)
    player.wait(8.0)
    assert player.rehearsal.engine.snapshot().layer_sizes[Layer.BASS] == 3
    assert [note.step for note in player.rehearsal.state.bass_line] == [0, 4, 8]


def test_whatever_is_typed_each_note_ends_once_and_nothing_sounds_on() -> None:
    for seed in range(300):
        rng, player, at = random.Random(seed), Player(), 0.1
        texts = ["k", *KEYS, "\t", " ", ",", ".", "\x1b", "\r", "\x1b[A", "\x1b[O", "?", "p"]
        reported = [f"\x1b[{ord(letter)};1:{n}u" for letter in KEYS for n in (1, 2, 3)]
        for _ in range(60):
            at += rng.choice([0.0, 0.02, 0.033, 0.1, 0.3, 0.5, 1.0])
            player.type(rng.choice(texts + (reported if seed % 2 else [])), at)
        player.keyboard.release(at)
        sounding = set[int]()
        for what, _, pitch in player.notes():
            if what == "down":
                sounding.add(pitch)
            else:
                sounding.discard(pitch)
        assert not sounding
        assert not player.rehearsal.state.hands.down | player.rehearsal.state.hands.sustained
        assert player.rehearsal.state.counts.bad_input == {}
