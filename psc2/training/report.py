"""The report on a model: its scores beside Markov models', what its music is like, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psc2.core.requests import Model
from psc2.files import write_text
from psc2.models.bundles.bundle import Bundle
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import SPECIAL_EVENTS, STEPS_PER_BAR
from psc2.models.rnn.keys import KEYS
from psc2.models.rnn.native import NativeRnn
from psc2.models.rnn.players import event_log_likelihood
from psc2.models.rnn.primers import within
from psc2.training import chords, continuation, copies, examples, ngrams, pictures, statistics
from psc2.training.continuation import ANSWER_NOTES, CALL_NOTES
from psc2.training.datasets import Piece, passages
from psc2.training.statistics import Events, Statistics, markdown

FIGURES = "figures.md"
SIZE = 215  # melodies of 16 bars that are made to be counted: as much music as the held-out solos
BEATS = 430  # of 4 bars
SEED = 0
IN_TWO_WAYS = (
    " Magenta counts one class for each event. Where a network can say an event in two ways, a pitch and “as "
    "a bar ago”, the event itself is as likely as both together; that is what a Markov model, which knows "
    "only events, is to be held against."
)

Log = Callable[[str], None]
Groups = dict[str, Sequence[Events]]


@dataclass(frozen=True, slots=True)
class Report:
    """A model, the music it was trained on and chosen by, and the folder for its report."""

    bundle: Bundle
    train: Sequence[Piece]
    validation: Sequence[Piece]
    folder: Path

    @property
    def rnn(self) -> NativeRnn:
        return NativeRnn(self.bundle)

    @property
    def configuration(self) -> Configuration:
        return self.bundle.configuration


def write(report: Report, log: Log) -> Path:
    """Write pictures, and a text with all figures. Returns: the text. Raises: OSError."""
    report.folder.mkdir(parents=True, exist_ok=True)
    is_melody_model = report.configuration.model is Model.MELODY
    sections = [_scores(report, log), *(_melodies if is_melody_model else _beats)(report, log)]
    path = report.folder / FIGURES
    write_text(path, "\n".join(sections))
    return path


def _scores(report: Report, log: Log) -> str:
    """The section on how well the held-out passages are foreseen, beside Markov models."""
    from psc2.training import evaluation

    held_out, known = (
        [passage for passage in passages(pieces, report.configuration) if len(passage) > 1]
        for pieces in (report.validation, report.train)
    )
    events = sum(len(passage) - 1 for passage in held_out)
    log(f"scoring {events:,} held-out events")
    native = -sum(map(report.rnn.log_likelihood, held_out)) / events
    rows = [[f"**{report.configuration.id}**, native engine", f"**{native:.4f}**", "", ""]]
    if not report.bundle.metagraph:  # Magenta's trainer knows today's networks only
        log("scoring with Magenta's own evaluation")
        magenta = evaluation.nats_per_event(report.bundle, held_out)
        apart = f"{abs(native - magenta):.0e} apart"
        rows.append(["the same, Magenta's own evaluation", f"{magenta:.6f}", "", apart])
    counts = {"the network is better by": native}
    if report.configuration.looks_back:
        either = -sum(event_log_likelihood(report.rnn, passage) for passage in held_out) / events
        counts["the event itself"] = either
        rows.append(["the event itself, by whichever class", f"**{either:.4f}**", "", ""])
    for name, train, bar in _rivals(report.configuration, known):
        log(f"counting: {name}")
        for order in ngrams.best_of_each_order(train, held_out, _num_events(report.configuration), bar):
            better = [f"{1 - ours / order.nats:.1%}" for ours in counts.values()]
            rows.append([f"{name}, order {order.order}", f"{order.nats:.4f}", order.smoothing, *better])
    head = ["", "nats per event", "smoothing", *counts]
    table = [head, ["---", "--:", "---", *["--:"] * len(counts)], *rows]
    return (
        f"# Figures\n\n## Score\n\nOn {events:,} events of {len(held_out):,} held-out passages, which the "
        "network's epoch and recipe were chosen by, and the Markov models' smoothing tuned on."
        f"{IN_TWO_WAYS if report.configuration.looks_back else ''}\n\n"
        f"{markdown([[*row, *[''] * (len(head) - len(row))] for row in table])}"
    )


def _rivals(
    configuration: Configuration, train: Sequence[Events]
) -> Iterator[tuple[str, Sequence[Events], int]]:
    """Markov models: name, what they count, and the bar that they know of."""
    yield "Markov", train, 0
    yield "Markov that knows the place in the bar", train, STEPS_PER_BAR
    if configuration.model is Model.MELODY:
        low, high = configuration.min_pitch, configuration.max_pitch
        moved = [
            [within(event + key, low, high) if event >= 0 else event for event in passage]
            for passage in train
            for key in range(-KEYS // 2, KEYS // 2)
        ]
        yield "Markov that has heard all in every key", moved, 0


def _num_events(configuration: Configuration) -> int:
    if configuration.model is Model.MELODY:
        return configuration.max_pitch - configuration.min_pitch + SPECIAL_EVENTS
    return configuration.encoding.num_classes


# --- melodies -------------------------------------------------------------------------


def _melodies(report: Report, log: Log) -> Iterator[str]:
    """The sections on what the model's melodies are like."""
    log(f"making {SIZE} melodies")
    made = examples.melodies(report.rnn, report.validation, SIZE, SEED)
    groups: Groups = _groups(report) | {
        "soloists, same bars": [one.own for one in made],
        "model": [one.events for one in made],
    }
    yield from _measured(groups, "Melodies", statistics.melody_statistics, report.folder)
    yield _copied(groups, copies.MELODY_PATTERNS, report.folder)
    of_chords = chords.shares(made, SEED)
    pictures.shares(of_chords, "Notes that belong to their chord", report.folder / "chords.png")
    yield (
        "## Notes that belong to their chord\n\nThe model hears no chords: it goes on for 16 bars over those "
        "of the solo that it was given two bars of. "
        f"Of the solos' chord symbols {chords.understood_share(report.validation):.0%} are understood.\n\n"
        + copies.copies_table({"share of notes": of_chords})
    )
    log("asking it as the instrument does, at several temperatures")
    study = continuation.study(report.rnn, report.validation, report.train, seed=SEED)
    pictures.temperatures(study, report.folder / "temperatures.png")
    chosen = continuation.choose_temperature(study.rows)
    yield (
        f"## Asked as the instrument asks it\n\n{study.calls:,} calls of {CALL_NOTES} notes from the "
        f"held-out solos, and its {ANSWER_NOTES} pitches beside the soloists' own next {ANSWER_NOTES}.\n\n"
        f"{continuation.table(study)}\nNearest to the soloists, of those at which it answers nearly every "
        f"call in full: **temperature {chosen:g}**.\n"
    )


# --- beats ----------------------------------------------------------------------------


def _beats(report: Report, log: Log) -> Iterator[str]:
    """The sections on what the model's beats are like."""
    log(f"making 2 × {BEATS} beats")
    of_takes = examples.beats_of_takes(report.rnn, report.validation, BEATS, SEED)
    groups: Groups = _groups(report) | {
        "drummers, same bars": [one.own for one in of_takes],
        "model, after a take": [one.events for one in of_takes],
        "model, after a bassline's beat": examples.beats_of_bass_lines(report.rnn, BEATS, SEED),
    }
    yield from _measured(groups, "Beats", statistics.beat_statistics, report.folder)
    yield _copied(groups, copies.BEAT_PATTERNS, report.folder)


# --- both -----------------------------------------------------------------------------


def _groups(report: Report) -> Groups:
    """The events of the two splits; the first is what the others are compared with."""
    return {
        "training": [piece.events for piece in report.train],
        "validation": [piece.events for piece in report.validation],
    }


def _measured(
    groups: Groups, title: str, measure: Callable[[Sequence[Events]], Statistics], folder: Path
) -> Iterator[str]:
    """The section on what melodies or beats are like, with pictures of it in ``folder``."""
    name = title.lower()
    found = {group: measure(pieces) for group, pieces in groups.items()}
    pictures.statistics(found, title, folder, name)
    yield f"## What its {name} are like\n\n{statistics.table(found)}"


def _copied(groups: Groups, patterns: copies.Patterns, folder: Path) -> str:
    others = {name: group for name, group in groups.items() if name != "training"}
    found = copies.copied_shares(others, groups["training"], patterns)
    pictures.figures(found, "Patterns that the training split has as well", folder / "copies.png")
    return f"## Patterns that the training split has as well\n\n{copies.copies_table(found)}"
