"""The demo: a scripted player, the same engine, virtual time, and a file and a picture of it all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import ceil
from pathlib import Path

from psc2 import resources, song
from psc2.adapters import midi_file, piano_roll
from psc2.config import Config
from psc2.core.controls import Action
from psc2.core.events import Event, KeyDown, Model
from psc2.core.meter import TimeSignature
from psc2.core.state import Phase
from psc2.daemon import initial_state
from psc2.errors import ConfigError, StartError
from psc2.models.catalogue import open_model
from psc2.models.markov import Markov
from psc2.performance import Performance, press
from psc2.score import Score, Timeline, heard
from psc2.song import Script
from psc2.yaml_file import shown

SONG = resources.SONGS / "demo.yaml"
MODEL_DELAY_S = 0.16  # what MelodyRNN takes on a laptop
BEFORE_END_STEPS = 0.5  # the stop button comes before the next pass does


def write(out: Path, seed: int, song_path: Path = SONG) -> list[Path]:
    """The song's performance in ``out`` as a MIDI file and a picture, named after the song file.

    Raises: ConfigError for the song, StartError where nothing can be written.
    """
    score = perform(song_path, seed)
    paths = [out / f"{song_path.stem}.mid", out / f"{song_path.stem}.png"]
    if out.exists() and not out.is_dir():
        raise StartError(f"{shown(out)}: expected a folder, got a file")
    try:
        out.mkdir(parents=True, exist_ok=True)
        midi_file.write(score, paths[0])
        piano_roll.write(score, paths[1])
    except OSError as error:
        raise StartError(f"{shown(out)}: {error.strerror or error}") from error
    return paths


def perform(song_path: Path, seed: int) -> Score:
    """What is heard when the song is played. Raises: ConfigError."""
    script = song.load(song_path, seed)
    player = Player(script.config, seed)
    player.play(script.events, script.end)
    _check_bar_lines(script, player.bar_lines, song_path)
    return Score(
        script.title,
        heard(player.performance.output.sent, player.answers, player.timeline),
        {step: meter for step, meter in sorted(player.bar_lines.items()) if step < script.end},
        tuple(step for step in sorted(player.sequences) if step < script.end),
        player.timeline.tempi,
        script.sections,
        script.controls,
        script.end,
    )


class Player:
    """The scripted player, who finds a step's moment on the loop's own grid, as hands on a beat do."""

    def __init__(self, config: Config, seed: int) -> None:
        melody = open_model(Model.MELODY, config.improv.model, config.improv.engine)
        drums = open_model(Model.DRUMS, config.drums.model, config.drums.engine)
        self.state = initial_state(config, seed)
        self.performance = Performance(self.state, melody, drums, MODEL_DELAY_S, Markov())
        self.timeline = Timeline()
        self.bar_lines: dict[int, TimeSignature] = {}
        self.sequences: set[int] = set()  # the first step of each pass, and of the count-in
        self.answers: set[int] = set()  # which of all that was sent came while the machine answered
        self._next_step = 0

    def play(self, events: Iterable[Event], end: int) -> None:
        """From the count-in to ``end``; the events' ``at`` counts steps."""
        controller = self.state.settings.controller
        self.performance.play([press(controller, 0.0, Action.PLAY)], until=0.0)
        self._begin()
        for event in (*events, press(controller, end - BEFORE_END_STEPS, Action.STOP)):
            self._listen(event.at)
            self._act(event)

    def _begin(self) -> None:
        assert self.state.transport is not None
        first, time_signature = self.state.transport.next_step, self.state.time_signature
        self.timeline.follow(self.state.transport.grid)
        self.bar_lines = dict.fromkeys(range(first, 0, time_signature.steps_per_bar), time_signature)
        self.sequences.add(first)
        self._next_step = first

    def _listen(self, until: float) -> None:
        """Let the loop play up to a step, one step at a time, so that no bar goes unnoticed."""
        for step in (*range(self._next_step, ceil(until)), until):
            self.performance.play((), self._moment(step))
            transport = self.state.transport
            for passed in transport.sequences if transport else ():
                self.sequences.add(passed.start)
                steps = range(passed.start, passed.end, passed.time_signature.steps_per_bar)
                self.bar_lines |= dict.fromkeys(steps, passed.time_signature)
        self._next_step = max(self._next_step, ceil(until))

    def _act(self, event: Event) -> None:
        """While the machine answers, the pitch that a key sounds is its, even if it is the key's own."""
        answering = isinstance(event, KeyDown) and self.state.phase is Phase.ANSWERING
        sent = self.performance.output.sent
        already, moment = len(sent), self._moment(event.at)
        self.performance.play([replace(event, at=moment)], moment)
        if answering:
            self.answers.update(range(already, len(sent)))
        if self.state.transport is not None:
            self.timeline.follow(self.state.transport.grid)

    def _moment(self, step: float) -> float:
        return max(self.timeline.time_of(step), self.performance.clock.now())


def _check_bar_lines(script: Script, bar_lines: dict[int, TimeSignature], song_path: Path) -> None:
    """The loop's bars are those that the song was written in. Raises: ConfigError if not."""
    for bar, (step, meter) in enumerate(script.bar_lines.items(), start=1):
        if bar_lines.get(step) != meter:
            begun = [(n, name) for n, (first, name) in enumerate(script.sections, 1) if first <= step]
            number, name = begun[-1]
            raise ConfigError([
                f"{shown(song_path)}: sections.{number} ({name}): expected the loop to be in {meter} at "
                f"bar {bar}, got {bar_lines.get(step, 'no bar line there')}: a new meter or number of bars "
                "begins with the next sequence"
            ])  # fmt: skip
