"""The computer's keyboard as a player's hands: keystrokes in, presses and keys of a small piano out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from psc2.core.events import Event
from psc2.core.instruments import Layer
from psc2.core.ranges import Range
from psc2.core.snapshot import Snapshot
from psc2.screen import keys, piano
from psc2.screen.keys import Typing, presses
from psc2.screen.keystrokes import END, LEAVE, Decoder, Keystroke, Kind
from psc2.screen.piano import Piano
from psc2.screen.repeats import DELAYS_S, REPEAT_S, Repeats, Verdict

QUESTION_S = 5.0  # that a question waits for its answer
MAX_LINES = 20  # that nobody has taken yet


class ComputerKeyboard:
    """Knows what is typed for: actions, the piano, an answer to a question.

    One thread types and lets time pass; what it shows and its lines may be read from any.
    """

    def __init__(
        self,
        dispatch: Callable[[Event], None],
        snapshot: Callable[[], Snapshot],
        quit: Callable[[], None],
    ) -> None:
        self._typing = Typing()
        self._dispatch = dispatch
        self._snapshot = snapshot
        self._quit = quit
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._decoder = Decoder()
        self._flush_at: float | None = None
        self._repeats = Repeats()
        self._unsure: tuple[str, float] | None = None  # a stroke or a repeat, and when it came
        self._is_opening = False  # the piano: the key that does so may still be held, and sounds only later
        self._asked_until: float | None = None  # whether to quit
        self._piano = Piano()

    def typing(self) -> Typing:
        """How it stands at the moment."""
        return self._typing

    def new_lines(self) -> list[str]:
        """What is told the player since the last call."""
        return [self._lines.popleft() for _ in range(len(self._lines))]

    def type(self, text: str, at: float) -> None:
        """``text`` comes from the terminal at ``at``, in seconds on the engine's clock."""
        self._flush(at)
        for keystroke in self._decoder.feed(text):
            self._handle(keystroke, at)
        patience_s = self._decoder.patience_s()
        self._flush_at = None if patience_s is None else at + patience_s

    def due_at(self) -> float | None:
        """When ``elapse`` is to be called though nothing is typed; None if it need not."""
        unsure_at = None if self._unsure is None else self._unsure[1] + REPEAT_S
        moments = (self._flush_at, unsure_at, self._asked_until, self._piano.ends_at)
        return min((moment for moment in moments if moment is not None), default=None)

    def elapse(self, at: float) -> None:
        """Let time pass, up to ``at``: what has been waited for has not come."""
        self._flush(at)
        if self._unsure is not None and at >= self._unsure[1] + REPEAT_S:
            self._decide(at)
        if self._asked_until is not None and at >= self._asked_until:
            self._take_back_question()
        self._send(self._piano.elapse(at))

    def release(self, at: float) -> None:
        """The hands leave the keyboard: nothing sounds on."""
        self._unsure = None
        self._send(self._piano.release_all(at))
        self._move_pedal(False, at)

    def _flush(self, at: float) -> None:
        """What looked like the beginning of a sequence was none, if it has waited long enough."""
        if self._flush_at is not None and at >= self._flush_at:
            self._flush_at = None
            for keystroke in self._decoder.flush():
                self._handle(keystroke, at)

    def _handle(self, keystroke: Keystroke, at: float) -> None:
        key = keystroke.key
        if key == END:
            self._quit()
        elif key == LEAVE:
            self._decide(at)
            self.release(at)
        elif keystroke.kind is Kind.TYPED:
            self._judge(key, at)
        elif keystroke.kind is Kind.PRESSED:
            self._press(key, at, tells_release=True)
        elif keystroke.kind is Kind.REPEATED:
            self._repeat(key, at)
        else:
            self._send(self._piano.release(key.lower(), at))

    def _judge(self, key: str, at: float) -> None:
        """A key is struck or repeats; where that is not known it waits for what follows."""
        self._is_opening = self._is_opening and key == keys.PIANO
        verdict = self._repeats.judge(key, at, self._delays_s(key))
        if verdict is Verdict.REPEAT:
            self._unsure = None
            self._repeat(key, at)
            return
        self._decide(at)
        if verdict is Verdict.UNSURE:
            self._unsure = key, at
            self._piano.hold(key.lower(), at)
        else:
            self._press(key, at)

    def _delays_s(self, key: str) -> Range | None:
        """Where a key's first repeat has to be told from a stroke: not where a stroke must not wait."""
        if self._is_note(key) and not self._is_opening:
            return self._repeats.known_delays_s
        return None if key in keys.REPEATING or key == keys.TAP else DELAYS_S

    def _decide(self, now: float) -> None:
        """What might have been a repeat was a stroke: an action from now on, a note of when it was struck."""
        if self._unsure is not None:
            (key, at), self._unsure = self._unsure, None
            self._press(key, at if self._is_note(key) else now)

    def _is_note(self, key: str) -> bool:
        return self._typing.is_piano and key.lower() in piano.SEMITONES

    def _repeat(self, key: str, at: float) -> None:
        """A key is held."""
        if self._is_note(key):
            self._piano.hold(key.lower(), at)
        elif key in keys.REPEATING and not self._belongs_to_piano(key):
            self._press(key, at)

    def _belongs_to_piano(self, key: str) -> bool:
        """Whether the piano takes a key: while it is on, all letters and what moves it."""
        shifts = key in (piano.LOWER, piano.HIGHER)
        return self._typing.is_piano and (shifts or self._is_note(key) or (key.isalpha() and len(key) == 1))

    def _press(self, key: str, at: float, tells_release: bool = False) -> None:
        """A key is struck. ``tells_release``: whether the terminal will say when it comes up."""
        was_asked = self._take_back_question()
        if self._belongs_to_piano(key):
            self._play(key.lower(), at, tells_release)
        elif key in keys.PIANO_OFF:
            self._typing = replace(self._typing, is_piano=False, shows_keys=False)
            self.release(at)
        elif key == keys.PIANO:
            self._typing, self._is_opening = replace(self._typing, is_piano=True), True
        elif key == keys.PEDAL and self._typing.is_piano:
            self._move_pedal(not self._typing.is_pedal_down, at)
        elif key == keys.HELP:
            self._typing = replace(self._typing, shows_keys=not self._typing.shows_keys)
        elif key == keys.VOLUME_OF:
            layers = [*Layer]
            layer = layers[(layers.index(self._typing.layer) + 1) % len(layers)]
            self._typing = replace(self._typing, layer=layer)
            self._lines.append(f"- and + change the volume of the {layer.value}")
        elif key == keys.QUIT:
            self._ask_to_quit(at, was_asked)
        else:
            self._ask_for(key, at)

    def _play(self, key: str, at: float, tells_release: bool) -> None:
        """A key of the piano, or one that moves it; any other letter says why it does nothing."""
        if key in piano.SEMITONES and tells_release:
            self._send(self._piano.press(key, at))
        elif key in piano.SEMITONES:
            self._send(self._piano.strike(key, at, self._repeats.delay_s))
        elif key in (piano.LOWER, piano.HIGHER):
            self._piano.shift(-1 if key == piano.LOWER else +1)
            self._typing = replace(self._typing, octave=self._piano.octave)
        else:
            self._lines.append(f"{key}: the piano is on; ESC gives the letters back")

    def _move_pedal(self, is_down: bool, at: float) -> None:
        if is_down != self._typing.is_pedal_down:
            self._typing = replace(self._typing, is_pedal_down=is_down)
            self._send([keys.pedal(is_down, at)])

    def _take_back_question(self) -> bool:
        """Whether there was one."""
        asked, self._asked_until = self._asked_until, None
        self._typing = replace(self._typing, asks_to_quit=False)
        return asked is not None

    def _ask_to_quit(self, at: float, is_answer: bool) -> None:
        """The loop is not cut off by one slip, nor is what was recorded lost by it."""
        now = self._snapshot()
        own = (layer for layer in keys.LOSABLE if not now.band.plays(layer))
        if is_answer or not (now.playing or any(now.layer_sizes[layer] for layer in own)):
            self._quit()
            return
        self._asked_until = at + QUESTION_S
        self._typing = replace(self._typing, asks_to_quit=True)
        self._lines.append(f"q again quits{' while the loop plays' if now.playing else ''}")

    def _ask_for(self, key: str, at: float) -> None:
        asked = presses(key, self._snapshot(), at, self._typing.layer)
        self._send(asked)
        if not asked:
            caps = ": is Caps Lock on?" if key.lower() != key else ""
            self._lines.append(f"{key}: nothing is bound to it{caps}; ? shows the keys")

    def _send(self, events: Iterable[Event]) -> None:
        for event in events:
            self._dispatch(event)
