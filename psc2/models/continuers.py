"""Models as what goes on with written music, whether they say it in events or in notes.

A network says event by event what follows. What a package offers answers as it does while one plays:
with pitches, which are given the rhythm of the call here, or with the strokes of a beat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, count, islice
from typing import Any, Protocol

from psc2.core.ranges import BARS, QPM, SEEDS
from psc2.core.requests import DrumsRequest, MelodyRequest, Model, PrimerNote, PrimerRhythm
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.models.generation import IsCancelled, Part, generate_beat, generate_melody
from psc2.models.rnn import midi_events
from psc2.models.rnn.configurations import CONFIGURATIONS, Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, STEPS_PER_BAR
from psc2.models.rnn.players import Rnn, continuation
from psc2.models.rnn.primers import DRUMS, hits_of
from psc2.models.rnn.quantization import Excerpt
from psc2.models.rnn.written_primer import read_excerpts

VELOCITY = 90  # of a call that is written down
MAX_LOOP_STEPS = int(BARS.high) * STEPS_PER_BAR  # of a primer's end, from which a beat is made
EVENTS_OF = {  # how music is written down for models that have no configuration of Magenta's
    Model.MELODY: CONFIGURATIONS["mono_rnn"],
    Model.DRUMS: CONFIGURATIONS["drum_kit"],
}


class Continuer(Protocol):
    """A model that goes on with melodies, or with beats."""

    @property
    def configuration(self) -> Configuration:
        """How the music is written down."""

    def events(self, primer: Excerpt, steps: int, temperature: float, seed: int) -> Iterator[int]:
        """The ``steps`` events that follow the primer's. Raises: ModelError, while they are taken."""


def find(name: str, engine: catalogue.Engine) -> list[Continuer]:
    """Open a model, once for each kind of music that it plays: there is one at least. Raises: ModelError."""
    catalogue.check_name(name)
    if name not in catalogue.offered():
        return [RnnContinuer(catalogue.open_rnn(store.read_any(name), engine))]
    opened = catalogue.open_offered(name)
    return [
        MelodyContinuer(name, opened) if kind is Model.MELODY else BeatContinuer(name, opened)
        for kind in catalogue.kinds(name, opened)
    ]


def find_kind(name: str, model: Model) -> Continuer:
    """Open a model to play melodies, or beats. Raises: ModelError if it plays only the other."""
    found = {one.configuration.model: one for one in find(name, "native")}
    if model not in found:
        (other,) = found
        raise ModelError(f"{name}: expected a {model.value} model, got a {other.value} model")
    return found[model]


def read_primer(
    models: Sequence[Continuer], text: str, remark: midi_events.Remark
) -> tuple[Continuer, list[Excerpt]]:
    """Read a primer for the first of the models that it is music for. Raises: ModelError if there is none."""
    problems = []
    for model in models:
        try:
            return model, read_excerpts(text, model.configuration, remark)
        except ModelError as error:
            problems.append(str(error))
    raise ModelError("; ".join(problems))


class RnnContinuer:
    """A network, event by event."""

    def __init__(self, rnn: Rnn) -> None:
        self._rnn = rnn

    @property
    def configuration(self) -> Configuration:
        return self._rnn.bundle.configuration

    def events(self, primer: Excerpt, steps: int, temperature: float, seed: int) -> Iterator[int]:
        """The events that follow the primer's."""
        return islice(continuation(self._rnn, primer.events, temperature, seed), steps)


class MelodyContinuer:
    """A MelodyModel, whose pitches are played in the rhythm of the call, over and over."""

    configuration = EVENTS_OF[Model.MELODY]

    def __init__(self, name: str, model: Any) -> None:
        self._name = name
        self._model = model

    def events(self, primer: Excerpt, steps: int, temperature: float, seed: int) -> Iterator[int]:
        """New pitches in the call's rhythm, again and again from a bar line on; then silence."""
        length = len(primer.events)
        padded = primer.events + [NO_EVENT] * (-length % primer.meter.bar_steps())
        rhythm = [padded[step % len(padded)] for step in range(length, length + steps)]
        request = MelodyRequest(
            0, self._call(primer), sum(event >= 0 for event in rhythm), _qpm(primer), _upbeat_steps(primer),
            PrimerRhythm.PLAYED, temperature, seed,
        )  # fmt: skip
        pitches = iter(_answer(self._name, generate_melody, self._model, request))
        return (next(pitches, NOTE_OFF) if event >= 0 else event for event in rhythm)

    def _call(self, primer: Excerpt) -> tuple[PrimerNote, ...]:
        """The melody as the notes that a player would have played. Raises: ModelError if it has none."""
        step_s = 60 / _qpm(primer) / self.configuration.steps_per_quarter
        notes = list(midi_events.notes_of(primer.events, self.configuration))
        if not notes:
            raise ModelError(f"{self._name}: expected a note or more to go on after, got none")
        first = notes[0][0]
        return tuple(
            PrimerNote(pitch, VELOCITY, (onset - first) * step_s, (end - onset) * step_s)
            for onset, end, pitch in notes
        )


class BeatContinuer:
    """A DrumsModel, which makes a loop of a loop as often as it takes."""

    configuration = EVENTS_OF[Model.DRUMS]

    def __init__(self, name: str, model: Any) -> None:
        self._name = name
        self._model = model

    def events(self, primer: Excerpt, steps: int, temperature: float, seed: int) -> Iterator[int]:
        """New beats as long as the primer in whole bars, each made of the one before."""
        bar = primer.meter.bar_steps()
        missing = -len(primer.events) % bar
        most = max(1, MAX_LOOP_STEPS // bar) * bar
        loop = (primer.events + [0] * missing)[-most:]
        start = (len(loop) - missing) % len(loop)
        return islice(self._loops(loop, primer, temperature, seed), start, start + steps)

    def _loops(self, loop: list[int], primer: Excerpt, temperature: float, seed: int) -> Iterator[int]:
        """The events of one new loop after the other, without an end."""
        beat, bar = primer.meter.beat_steps(), primer.meter.bar_steps()
        for number in count(seed):
            request = DrumsRequest(
                0, (), beat, bar, len(loop) // bar, _qpm(primer), temperature, number % int(SEEDS.high + 1)
            )
            strokes = (hits_of(event, step, request, self.configuration) for step, event in enumerate(loop))
            request = replace(request, primer=tuple(chain(*strokes)))
            hits = _answer(self._name, generate_beat, self._model, request)
            loop = [0] * len(loop)
            for hit in hits:
                if hit.step in range(len(loop)) and hit.instrument in DRUMS:
                    loop[hit.step] |= 1 << DRUMS.index(hit.instrument)
            yield from loop


def _answer(
    name: str, generate: Callable[[Any, Any, IsCancelled], list[Part]], model: Any, request: Any
) -> list[Part]:
    """What a model answers a request. Raises: ModelError for whatever the model raises."""
    try:
        return generate(model, request, lambda: False)
    except Exception as error:
        raise ModelError(f"{name}: {catalogue.reason(error)}") from error


def _qpm(primer: Excerpt) -> float:
    """The tempo at the primer's end, within those that a performance may have."""
    return QPM.clamp(primer.tempi[-1][1])


def _upbeat_steps(primer: Excerpt) -> float:
    """Where the first note falls in its bar."""
    first = next((step for step, event in enumerate(primer.events) if event >= 0), 0)
    return float(first % primer.meter.bar_steps())
