"""A picture of what the models' steps cost."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot

from scripts.benchmarks.engines import LENGTHS
from scripts.benchmarks.measure import Runs


def draw(runs: Runs, path: Path) -> Path:
    """Milliseconds by the answer's steps, a line for each length of the primer. Returns: ``path``."""
    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for panel, (name, title) in zip(
        panels,
        (("melody", "attention_rnn 2 × 128, attention 40"), ("drums", "drum_kit 3 × 256, attention 32")),
        strict=True,
    ):
        for primer in LENGTHS:
            costs = [runs.median(f"{name}_{primer}_{new}_ms") for new in LENGTHS]
            panel.plot(LENGTHS, costs, marker="o", label=f"primer of {primer} steps")
        panel.set(title=f"{title}, native engine", xlabel="new steps", ylabel="ms")
        panel.set(xlim=(0, None), ylim=(0, None), xticks=LENGTHS)
        panel.grid(alpha=0.3)
        panel.legend(frameon=False)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
    return path
