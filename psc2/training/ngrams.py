"""Interpolated Markov models: what a network has to surpass, on the same events.

The probability after a context is that of the shorter context, corrected by what was counted:

    P(e | c) = (max(n(c e) − d, 0) + (a + d t(c)) P(e | c without its first event)) / (n(c) + a)

n counts how often, t how many different events came. Discount d and weight a are tuned for each
length of context on the very passages that are then scored, which flatters these models. Below
the empty context, all events are equally likely.

Source: Yee Whye Teh, "A Hierarchical Bayesian Language Model based on Pitman-Yor Processes",
2006; with a = 0 and shorter contexts counted by how many different events came before them, it
is Reinhard Kneser and Hermann Ney, "Improved backing-off for m-gram language modeling", 1995.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

MAX_ORDER = 8
LEARNING_RATE = 0.1
TUNING_STEPS = 300

Counts = npt.NDArray[np.float64]
Array = Any  # jax.Array
Passages = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Order:
    """The best model whose contexts have up to ``order`` events."""

    order: int
    smoothing: str
    nats: float  # per event


def best_of_each_order(train: Passages, held_out: Passages, num_events: int, bar: int = 0) -> list[Order]:
    """The models of orders 1 to ``MAX_ORDER``, each with the smoothing that foresees ``held_out`` best.

    ``num_events``: how many different ones there may be. ``bar``: if not 0, contexts also know the place in
    a bar of so many steps.
    """
    often, varied = (_counted(train, held_out, by_variety, bar) for by_variety in (False, True))
    best = []
    for order in range(1, MAX_ORDER + 1):
        smoothings = {"Pitman-Yor": often[: order + 1], "Kneser-Ney": [*varied[:order], often[order]]}
        found = [Order(order, name, _tuned(counts, num_events)) for name, counts in smoothings.items()]
        best.append(min(found, key=lambda one: one.nats))
    return best


def _counted(train: Passages, held_out: Passages, by_variety: bool, bar: int) -> list[Counts]:
    """The counts n(c e), n(c), t(c) of each held-out event, (events, 3), by the length of the context."""
    counted = []
    for order in range(MAX_ORDER + 1):
        followers: defaultdict[Hashable, Counter[int]] = defaultdict(Counter)
        seen: set[Hashable] = set()
        for passage in train:
            for index in range(1, len(passage)):
                context = _context(passage, index, order, bar)
                if by_variety and order < MAX_ORDER:
                    longer = (_context(passage, index, order + 1, bar), passage[index])
                    if longer in seen:
                        continue
                    seen.add(longer)
                followers[context][passage[index]] += 1
        totals = {context: (sum(counts.values()), len(counts)) for context, counts in followers.items()}
        rows = []
        for passage in held_out:
            for index in range(1, len(passage)):
                context = _context(passage, index, order, bar)
                known = totals.get(context, (0, 0))
                rows.append((followers[context][passage[index]] if known[0] else 0, *known))
        counted.append(np.array(rows, np.float64))
    return counted


def _context(passage: Sequence[int], index: int, order: int, bar: int) -> Hashable:
    before = tuple(passage[max(index - order, 0) : index])
    return (index % bar, *before) if bar else before


def _tuned(counts: Sequence[Counts], num_events: int) -> float:
    """Nats per event with the best discount and weight for each length of context."""
    optimizer = optax.adam(LEARNING_RATE)

    def loss(chosen: Array) -> Array:
        likely = jnp.full(len(counts[0]), 1 / num_events)
        for table, (discount, weight) in zip(counts, chosen, strict=True):
            likely = _corrected(table, jax.nn.sigmoid(discount), jnp.exp(weight), likely)
        return -jnp.log(likely).mean()

    def step(chosen: Array, state: optax.OptState) -> tuple[Array, optax.OptState, Array]:
        nats, gradient = jax.value_and_grad(loss)(chosen)
        change, state = optimizer.update(gradient, state)
        return optax.apply_updates(chosen, change), state, nats

    compiled = jax.jit(step)
    chosen = jnp.zeros((len(counts), 2))
    state, least = optimizer.init(chosen), np.inf
    for _ in range(TUNING_STEPS):
        chosen, state, nats = compiled(chosen, state)
        least = min(least, float(nats))
    return least


def _corrected(table: Counts, discount: Array, weight: Array, lower: Array) -> Array:
    of_event, of_context, variety = table.T
    kept = jnp.maximum(of_event - discount, 0)
    return (kept + (weight + discount * variety) * lower) / (of_context + weight)
