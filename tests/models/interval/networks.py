"""Small networks that hear intervals, with weights at random."""

from __future__ import annotations

import numpy as np

from psc2.models.interval.bundle import IntervalBundle
from psc2.models.interval.network import Weights, sizes


def weights(seed: int, units: int = 8, hidden: int = 6) -> Weights:
    random = np.random.default_rng(seed)
    wanted = sizes(embedding=5, units=units, hidden=hidden, copy=4)
    return {name: random.normal(0, 0.3, size).astype(np.float16).astype(np.float32)
            for name, size in wanted.items()}  # fmt: skip


def bundle(members: int = 1) -> IntervalBundle:
    return IntervalBundle("at random", tuple(weights(seed) for seed in range(members)), "")
