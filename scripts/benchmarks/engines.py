"""model_speed and model_cost: the native engine beside Magenta's own, and what longer music costs it.

The engines run in a process of their own, which imports TensorFlow: python -m
scripts.benchmarks.engines FOLDER [--quick]
"""

from __future__ import annotations

import copy
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import islice
from math import log
from pathlib import Path
from typing import Any

from psc2.core.requests import Model
from psc2.models.bundles.bundle import Bundle
from psc2.models.rnn.native import NativeRnn
from scripts.benchmarks.bundles import drums_bundle, melody_bundle
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values

SEED = 1
PITCHES = 20  # new ones, after as many of the primer
MELODY_PRIMER = [60, 62, 64, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62, 60, 59, 57, 55, 57, 59, 60]
DRUMS_PRIMER = [5, 0, 4, 0, 6, 0, 4, 1, 5, 0, 4, 0, 6, 0, 4, 0] * 2  # two bars; two more are made
LENGTHS = (20, 80, 320)  # steps of the primer, and new ones
CANDIDATES, USUAL = (1, 4, 16, 64), 16  # continuations of one primer, made together
CHOICE_MS = 25.0  # for twenty new pitches of each of sixteen
NUMBER, QUICK_NUMBER = 15, 3  # of calls
REBUILT_NUMBER, QUICK_REBUILT_NUMBER = 5, 1
LONG_NUMBER, QUICK_LONG_NUMBER = 7, 3

Call = Callable[[], Any]


# --- in the process with TensorFlow ---------------------------------------------------


def take(folder: Path, quick: bool) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, bundle, primer in (
        ("melody", melody_bundle(), MELODY_PRIMER),
        ("drums", drums_bundle(), DRUMS_PRIMER),
    ):
        native = NativeRnn(bundle)
        new = steps_for(native, PITCHES) if name == "melody" else len(primer)
        found[f"{name}_steps"] = len(primer) + new
        warm, rebuilt = magentas(bundle, folder, primer, new)
        number = QUICK_NUMBER if quick else NUMBER
        times = in_turn(
            {
                "native": (continuing(native, primer, new), number),
                "warm": (warm, number),
                "rebuilt": (rebuilt, QUICK_REBUILT_NUMBER if quick else REBUILT_NUMBER),
            }
        )
        found |= {f"{name}_{engine}_ms": 1000 * statistics.median(s) for engine, s in times.items()}
        found |= costs(name, native, primer, QUICK_LONG_NUMBER if quick else LONG_NUMBER)
        if name == "melody":
            found |= of_candidates(native, primer, new, number)
    return found


def steps_for(native: NativeRnn, pitches: int) -> int:
    """How many steps it takes the model to give so many new pitches."""
    pitched = 0
    for steps, event in enumerate(native.continuation(MELODY_PRIMER, 1.0, SEED), start=1):
        pitched += event >= 0
        if pitched == pitches:
            return steps
    raise AssertionError("a continuation has no end")


def continuing(native: NativeRnn, primer: Sequence[int], new: int) -> Call:
    return lambda: list(islice(native.continuation(primer, 1.0, SEED), new))


def magentas(bundle: Bundle, folder: Path, primer: Sequence[int], new: int) -> tuple[Call, Call]:
    """Magenta's own generation of as many steps: with a session that is kept, and as in 2018, when its
    generator was made of the bundle's file for every call."""
    from magenta.models.drums_rnn import drums_rnn_model, drums_rnn_sequence_generator
    from magenta.models.melody_rnn import melody_rnn_model, melody_rnn_sequence_generator
    from magenta.models.shared import sequence_generator_bundle

    from psc2.models.magenta.engine import MagentaRnn, write_checkpoint

    is_melody = bundle.configuration.model is Model.MELODY
    models = melody_rnn_model if is_melody else drums_rnn_model
    generators = melody_rnn_sequence_generator if is_melody else drums_rnn_sequence_generator
    kind = "Melody" if is_melody else "Drums"
    path = str(folder / f"{bundle.configuration.id}.mag")
    config = copy.deepcopy(models.default_configs[bundle.configuration.id])
    config.hparams.batch_size = 1
    generator = getattr(generators, f"{kind}RnnSequenceGenerator")(
        getattr(models, f"{kind}RnnModel")(config),
        config.details,
        steps_per_quarter=config.steps_per_quarter,
        checkpoint=write_checkpoint(bundle, folder),
    )
    generator.create_bundle_file(path, "random weights")
    generator.close()
    rnn = MagentaRnn(bundle)
    sequence = rnn.sequence(primer)

    def generate(model: Any) -> None:
        extend = model.generate_melody if is_melody else model.generate_drum_track
        extend(len(primer) + new, sequence, temperature=1.0)

    def rebuild() -> None:
        generator = generators.get_generator_map()[bundle.configuration.id](
            bundle=sequence_generator_bundle.read_bundle_file(path)
        )
        generator.initialize()
        generate(generator._model)
        generator.close()

    return lambda: generate(rnn.model), rebuild


def costs(name: str, native: NativeRnn, primer: Sequence[int], number: int) -> dict[str, float]:
    """Milliseconds by the primer's length and the answer's."""
    long_primer = list(primer) * (max(LENGTHS) // len(primer) + 1)
    calls = {
        f"{name}_{length}_{new}_ms": (continuing(native, long_primer[:length], new), number)
        for length in LENGTHS
        for new in LENGTHS
    }
    return {key: 1000 * statistics.median(seconds) for key, seconds in in_turn(calls).items()}


def of_candidates(native: NativeRnn, primer: Sequence[int], new: int, number: int) -> dict[str, float]:
    """Milliseconds by how many continuations are made together."""
    calls = {
        f"candidates_{count}_ms": (branching(native, primer, new, count), number) for count in CANDIDATES
    }
    return {key: 1000 * statistics.median(seconds) for key, seconds in in_turn(calls).items()}


def branching(native: NativeRnn, primer: Sequence[int], new: int, count: int) -> Call:
    def call() -> None:
        branches = native.branches(primer, 1.0, SEED, count)
        for _ in range(new):
            branches.step()

    return call


def in_turn(calls: dict[str, tuple[Call, int]]) -> dict[str, list[float]]:
    """Seconds of each call, made so often; what else the machine does hits them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for call, _ in calls.values():
        call()  # warms up
    for turn in range(max(number for _, number in calls.values())):
        for name, (call, number) in calls.items():
            if turn < number:
                start = time.perf_counter()
                call()
                seconds[name].append(time.perf_counter() - start)
    return seconds


# --- the measures ---------------------------------------------------------------------


def why_not() -> str:
    missing = [package for package in ("tensorflow", "magenta") if find_spec(package) is None]
    return f"{' and '.join(missing)} not installed (scripts/extra magenta)" if missing else ""


def measure(folder: Path, quick: bool) -> Values:
    command = [sys.executable, "-m", __name__, str(folder), *(["--quick"] if quick else [])]
    legacy = {**os.environ, "TF_USE_LEGACY_KERAS": "1"}  # what Magenta needs
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=legacy)
    if run.returncode:
        raise MeasureFailed(run.stderr.strip().splitlines()[-1])
    values: Values = json.loads(run.stdout.splitlines()[-1])
    return values


def rows(runs: Runs) -> list[Row]:
    melody = f"20 new pitches after 20, attention_rnn 2 × 128, {runs.median('melody_steps'):.0f} steps"
    drums = f"2 bars after 2, drum_kit 3 × 256, {runs.median('drums_steps'):.0f} steps"
    return [
        faster(runs, "melody", "warm", 10, melody),
        faster(runs, "melody", "rebuilt", 30, melody),
        faster(runs, "drums", "warm", 5, drums),
        faster(runs, "drums", "rebuilt", None, drums),
        *(straight(runs, name, by) for name in ("melody", "drums") for by in ("primer", "answer")),
        together(runs),
    ]


def faster(runs: Runs, name: str, than: str, times: float | None, what: str) -> Row:
    ratio = runs.ratio(f"{name}_{than}_ms", f"{name}_native_ms")
    other = "Magenta, warm" if than == "warm" else "Magenta rebuilt for each call, as in 2018"
    return Row(
        "model_speed",
        what,
        "" if times is None else f"≥ {times:g} × faster",
        f"{runs.median(f'{name}_native_ms'):.1f} ms = {ratio:.1f} × faster",
        f"{other}: {runs.median(f'{name}_{than}_ms'):.0f} ms",
        None if times is None else ratio >= times,
    )


STRAIGHT = 1.1  # an exponent up to this is called linear


def straight(runs: Runs, name: str, by: str) -> Row:
    """How the cost grows where only one of the lengths does, from the middle one to the longest."""
    short, middle, long = LENGTHS

    def cost(length: int) -> float:
        key = f"{length}_{short}" if by == "primer" else f"{short}_{length}"
        return runs.median(f"{name}_{key}_ms")

    exponent = log(cost(long) / cost(middle)) / log((long + short) / (middle + short))
    return Row(
        "model_cost",
        f"{name}: cost by the {by}'s steps, {', '.join(map(str, LENGTHS))} (the other {short})",
        f"linear: exponent ≤ {STRAIGHT}",
        f"{' '.join(f'{cost(length):.1f}' for length in LENGTHS)} ms",
        f"exponent {exponent:.2f}",
        exponent <= STRAIGHT,
    )


def together(runs: Runs) -> Row:
    """What continuations of one primer cost that are made together."""
    each = [runs.median(f"candidates_{count}_ms") for count in CANDIDATES]
    times = runs.ratio(f"candidates_{USUAL}_ms", "melody_native_ms")
    return Row(
        "model_cost",
        f"melody: 20 new pitches after 20, {', '.join(map(str, CANDIDATES))} candidates made together",
        f"{USUAL} ≤ {CHOICE_MS:g} ms",
        f"{' '.join(f'{found:.1f}' for found in each)} ms",
        f"{USUAL} cost {times:.1f} × as much as one that is made alone",
        runs.median(f"candidates_{USUAL}_ms") <= CHOICE_MS,
    )


ENGINES = Measure(
    names=("model_speed", "model_cost"),
    seconds=45,
    quick_seconds=25,
    run=measure,
    rows=rows,
    why_not=why_not,
)


if __name__ == "__main__":
    print(json.dumps(take(Path(sys.argv[1]), "--quick" in sys.argv)))
