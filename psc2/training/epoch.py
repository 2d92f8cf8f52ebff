"""What is left of an epoch of training once it is done: its losses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Epoch:
    """The losses of one epoch, in nats per event."""

    number: int  # from 1
    train: float  # of the training windows, as they were when the network learnt from them
    validation: float  # of the held-out passages, with the averaged weights after the epoch


def best_of(history: Iterable[Epoch]) -> Epoch:
    """The epoch that foresaw the held-out passages best: its weights are kept."""
    return min(history, key=lambda epoch: epoch.validation)
