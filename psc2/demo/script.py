"""A song file: what a scripted player does, by bar and beat, and when that is in steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from psc2.core.action_table import Action
from psc2.core.actions import ACTIONS
from psc2.core.events import Event, KeyDown, KeyUp, Press
from psc2.core.instruments import Layer
from psc2.core.meter import MAX_NUMERATOR, STEPS_PER_QUARTER, TimeSignature
from psc2.core.ranges import VELOCITIES, Range
from psc2.errors import ConfigError
from psc2.scores.notation import WrittenChord, read_line
from psc2.settings.config import OPTIONS, Config, load_config
from psc2.settings.music import Meter
from psc2.settings.yaml_file import Section, named, read, shown, validate, within

SOUNDING = 0.88  # of its written length, for a note that is not staccato
STACCATO = 0.45
GAP_STEPS = 0.05  # before a key goes down again it is up
ROLL_STEPS = 0.04  # how far apart the keys of a chord go down at most
STRAY_VELOCITY = 5
BEFORE_END_STEPS = 0.5  # the stop button comes before the next pass does

CONTROLS: dict[str, tuple[Action, Layer | None]] = {
    f"{name} {layer.value}" if layer else name: (action, layer)
    for name, action in ACTIONS.items()
    for layer in action.layers or (None,)
    if name not in ("play", "stop")  # psc2 presses these itself
}
BUTTONS = [name for name, (action, _) in CONTROLS.items() if action.values is None]
KNOBS = [name for name, (action, _) in CONTROLS.items() if action.values is not None]


def _turn(text: object) -> object:
    """A knob or fader and its value, from a text such as ``volume bass 0.8``. Raises: ValueError."""
    name, _, value = str(text).rpartition(" ")
    if name not in KNOBS:
        raise ValueError
    return name, float(value)


class Gesture(Section):
    """What the player does from one place on: play a line, press a button or turn a knob."""

    bar: int = Field(ge=0, description="a bar of the section: 1 is its first, 0 the one before")
    beat: float = Field(
        default=1.0, ge=1, lt=MAX_NUMERATOR + 1, description="a beat of the bar: 1, or 2.5 for two-and"
    )
    play: str = Field(default="", description="notes such as mf D4/8 F4/8 A4/4")
    press: Annotated[str, named(BUTTONS)] = Field(default="", description=f"one of {', '.join(BUTTONS)}")
    turn: Annotated[tuple[str, float] | None, BeforeValidator(_turn)] = Field(
        default=None, description=f"a value after one of {', '.join(KNOBS)}"
    )


class Passage(Section):
    """A section of the song."""

    name: str = Field(min_length=1, description="the section's name")
    bars: int = within(Range(1, 1000), "a whole number of bars")
    meter: Meter | None = Field(default=None, description='a time signature such as "7/8"')
    hands: list[Gesture] = Field(default=[], description="a list of what the hands do")


class Song(Section):
    """A song file."""

    title: str = Field(min_length=1, description="the song's name")
    settings: dict[str, Any] = Field(default={}, description="keys and values as in configs/default.yaml")
    swing: float = within(Range(0.5, 0.75), "where an off-beat 8th falls, a number")
    looseness: float = within(Range(0, 0.2), "a number of 16ths")
    voicings: dict[str, str] = Field(default={}, description="names with notes such as F3+A3+C4")
    sections: list[Passage] = Field(min_length=1, description="a list of sections")


@dataclass(frozen=True, slots=True)
class Script:
    """A song with all that happens in it at its step; steps count from the loop's first."""

    title: str
    config: Config
    events: tuple[Event, ...]  # in order; ``at`` is a step, not a second
    bar_lines: dict[int, TimeSignature]  # the meter of the bar that begins at a step
    sections: tuple[tuple[int, str], ...]  # first step, name
    controls: tuple[tuple[float, str], ...]  # step, what was pressed or turned
    end: int  # the first step after it

    @property
    def stop(self) -> Event:
        """The last press, that of the stop button."""
        return Press(self.end - BEFORE_END_STEPS, 0, "stop")


def load_script(path: Path, seed: int) -> Script:
    """The song at ``path``, with the touch that ``seed`` gives. Raises: ConfigError with every problem."""
    song = validate(Song, read(path), path)
    config = _config(song, path)
    writer = _Writer(song, config, Random(f"{seed} hands"))
    if writer.problems:
        raise ConfigError([f"{shown(path)}: {problem}" for problem in writer.problems])
    return Script(
        song.title, config, tuple(writer.events()), writer.bar_lines, tuple(writer.sections),
        tuple(sorted(writer.controls)), writer.end,
    )  # fmt: skip


def _config(song: Song, path: Path) -> Config:
    """The defaults with the song's own settings. Raises: ConfigError."""
    try:
        return load_config(None, song.settings)
    except ConfigError as error:
        place = f"{OPTIONS}: "
        problems = [f"{shown(path)}: settings.{line.removeprefix(place)}" for line in error.problems]
        raise ConfigError(problems) from error


class _Writer:
    """Walks through a song and notes down what happens at which step."""

    def __init__(self, song: Song, config: Config, random: Random) -> None:
        self.problems: list[str] = []
        self.bar_lines: dict[int, TimeSignature] = {}
        self.sections: list[tuple[int, str]] = []
        self.controls: list[tuple[float, str]] = []
        self.end = 0
        self._song = song
        self._random = random
        self._meter = config.music.time_signature
        self._presses: list[Event] = []
        self._keys: list[tuple[float, float, int, int]] = []  # down, up, pitch, velocity
        for number, passage in enumerate(song.sections, start=1):
            self._section(f"sections.{number}", passage)

    def events(self) -> Iterator[Event]:
        """All presses and keys in order of their steps.

        Before a key goes down again it has come up; a button comes before a key.
        """
        events, next_down = [*self._presses], dict[int, float]()
        for down, up, pitch, velocity in sorted(self._keys, reverse=True):
            up = max(down + GAP_STEPS / 2, min(up, next_down.get(pitch, up + 1) - GAP_STEPS))
            next_down[pitch] = down
            events += [KeyDown(down, 0, pitch, velocity), KeyUp(up, 0, pitch)]
        yield from sorted(events, key=lambda event: event.at)

    def _section(self, key: str, passage: Passage) -> None:
        self._meter = passage.meter or self._meter
        start, length = self.end, self._meter.steps_per_bar
        self.sections.append((start, passage.name))
        self.end = start + passage.bars * length
        self.bar_lines |= dict.fromkeys(range(start, self.end, length), self._meter)
        for number, gesture in enumerate(passage.hands, start=1):
            try:
                self._gesture(gesture, start + (gesture.bar - 1) * length, passage.bars)
            except ValueError as error:
                self.problems.append(f"{key}.hands.{number} ({passage.name}): {error}")

    def _gesture(self, gesture: Gesture, bar_line: int, bars: int) -> None:
        """Note down one gesture of the song. Raises: ValueError in one line."""
        if [bool(gesture.play), bool(gesture.press), gesture.turn is not None].count(True) != 1:
            raise ValueError("expected one of play, press, turn")
        if gesture.bar > bars or not gesture.beat < self._meter.numerator + 1:
            raise ValueError(f"expected a place within {bars} bars of {self._meter}")
        in_bar = Fraction(gesture.beat - 1) * self._meter.steps_per_beat
        if gesture.press:
            self._control(bar_line + float(in_bar), gesture.press)
        if gesture.turn:
            self._control(bar_line + float(in_bar), *gesture.turn)
        for chord in read_line(gesture.play, self._song.voicings, in_bar, self._meter.steps_per_bar):
            if bar_line + chord.onset >= self.end:
                raise ValueError("expected its notes to begin before the section ends")
            self._chord(chord, bar_line)

    def _control(self, step: float, name: str, value: float | None = None) -> None:
        action, layer = CONTROLS[name]
        if value is not None and action.values is not None and value not in action.values:
            raise ValueError(f"expected a value within {action.values}, got {value:g}")
        self._presses.append(Press(step, 0, action.name, layer, value))
        self.controls.append((step, name if value is None else f"{name} {value:g}"))

    def _chord(self, chord: WrittenChord, bar_line: int) -> None:
        """Note down a chord as a hand plays it: swung, a little off the grid, its keys not quite together."""
        swing = self._song.swing if self._meter.denominator == 4 else 0.5
        stray = self._random.uniform(-1, 1) * self._song.looseness
        sounding = float(chord.length) * (STACCATO if chord.staccato else SOUNDING)
        up = bar_line + swung(float(chord.onset) + sounding, swing) + stray
        for pitch in chord.pitches:
            down = bar_line + swung(float(chord.onset), swing) + stray + self._random.uniform(0, ROLL_STEPS)
            velocity = chord.velocity + self._random.randint(-STRAY_VELOCITY, STRAY_VELOCITY)
            self._keys.append((down, up, pitch, round(VELOCITIES.clamp(velocity))))


def swung(step: float, swing: float) -> float:
    """Where a place in a bar falls when the off-beat 8th falls at ``swing`` of its quarter.

    >>> swung(4.0, 0.625), swung(6.0, 0.625), swung(7.0, 0.625)
    (4.0, 6.5, 7.25)
    """
    quarter, within = divmod(step / STEPS_PER_QUARTER, 1)
    late = within * 2 * swing if within < 0.5 else swing + (within - 0.5) * 2 * (1 - swing)
    return STEPS_PER_QUARTER * (quarter + late)
