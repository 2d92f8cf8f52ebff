"""The network that hears intervals in JAX, for whole passages at once, as training hears them.

The weights have the names that ``psc2.models.interval.network`` plays them by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from psc2.core.spelling import OCTAVE
from psc2.models.interval.hearing import (
    LOWEST,
    NOTE,
    OF_NOTE,
    OF_REST,
    OF_STEP,
    PITCHES,
)
from psc2.models.interval.network import (
    ALL_PITCHES,
    COPIED_FROM,
    COPIES,
    IMPOSSIBLE,
    LEAPS,
    NEARLY_NOTHING,
    sizes,
)
from psc2.models.interval.surroundings import NO_ROOT
from psc2.training import lstm
from psc2.training.lines import Batch
from psc2.training.lstm import Array
from psc2.training.network import Dropout, Weights

FEW_NUMBERS = 0.1  # the largest weight that a row of a table starts with
OWN_FIRST = 2.0  # how much more the network's own weights count at first than a copy, in nats
END_OF_NOTE = 2  # the class


@dataclass(frozen=True, slots=True)
class IntervalShape:
    """How large a network is."""

    embedding: int = 192  # numbers that a note is heard as
    units: int = 384
    hidden: int = 384  # of each head
    copy: int = 48  # of a copy's keys


def initial(shape: IntervalShape, seed: int) -> Weights:
    """Weights before training: tables small, kernels after Glorot and Bengio, 2010."""
    random = np.random.default_rng(seed)
    wanted = sizes(shape.embedding, shape.units, shape.hidden, shape.copy)
    weights = {name: _drawn(random, name, size) for name, size in wanted.items()}
    for head in ("pitch", "rhythm"):
        weights[f"{head}/hidden"] *= 2
    weights["copy/gate_bias"][0] = OWN_FIRST
    return {name: jnp.asarray(tensor) for name, tensor in weights.items()}


def _drawn(random: np.random.Generator, name: str, size: tuple[int, ...]) -> np.ndarray[Any, Any]:
    if name.endswith(("bias", "distance")):
        return np.zeros(size, np.float32)
    is_table = name.endswith(("table", "reals"))
    limit = FEW_NUMBERS if is_table else np.sqrt(6 / sum(size))
    return random.uniform(-limit, limit, size).astype(np.float32)


def losses(weights: Weights, batch: Batch, dropout: Dropout, key: Array | None) -> tuple[Array, Array]:
    """How little each event was foreseen, in nats, (steps, lines): what happens, and on which pitch."""
    keys = [None] * 6 if key is None else list(jax.random.split(key, 6))
    heard = _notes(weights, batch, dropout, keys)
    hidden = _heads(weights, batch, heard, dropout, keys)
    happens = hidden["rhythm"] @ weights["rhythm/events"] + weights["rhythm/events_bias"]
    sounds = batch.rests[..., 1] > 0
    happens = happens.at[..., END_OF_NOTE].add(jnp.where(sounds, 0.0, IMPOSSIBLE))
    of_event = _found(jax.nn.log_softmax(happens), jnp.maximum(batch.events, 0))
    pitches = _with_copies(weights, batch, heard, hidden["pitch"], _own(weights, batch, hidden["pitch"]))
    of_pitch = _found(pitches, jnp.clip(batch.goals - LOWEST, 0, PITCHES - 1))
    return -of_event * (batch.events >= 0), -of_pitch * (batch.events == NOTE)


def _notes(weights: Weights, batch: Batch, dropout: Dropout, keys: list[Any]) -> Array:
    """The LSTM's output after each note, and before the first: (notes + 1, lines, units)."""
    fed = _summed(weights, "note", batch.note_numbers, batch.note_reals, OF_NOTE) + weights["note/bias"]
    fed = _left_out(fed, dropout.outputs, keys[0])
    size = fed.shape[-1]
    own = _left_out(weights["lstm/kernel"][size:], dropout.recurrent, keys[1])
    gates = fed @ weights["lstm/kernel"][:size] + weights["lstm/bias"]
    zeros = jnp.zeros((fed.shape[1], own.shape[0]))
    outputs, _ = lstm.layer(own, (zeros, zeros), gates)
    return jnp.concatenate([zeros[None], _left_out(outputs, dropout.outputs, keys[2])])


def _heads(
    weights: Weights, batch: Batch, heard: Array, dropout: Dropout, keys: list[Any]
) -> dict[str, Array]:
    """The hidden layer of each head at each step: (steps, lines, hidden)."""
    found = {}
    for number, (head, tables) in enumerate((("pitch", OF_STEP), ("rhythm", OF_STEP + OF_REST))):
        numbers = batch.step_numbers
        if head == "rhythm":
            numbers = jnp.concatenate([numbers, batch.rests], axis=-1)
        fed = _at_steps(heard @ weights[f"{head}/hidden"], batch)
        fed += _summed(weights, head, numbers, batch.step_reals, tables) + weights[f"{head}/bias"]
        found[head] = _left_out(jax.nn.gelu(fed), dropout.outputs, keys[3 + number])
    return found


def _own(weights: Weights, batch: Batch, hidden: Array) -> Array:
    """The network's own log probabilities of all pitches: (steps, lines, pitches)."""
    every = jnp.asarray(ALL_PITCHES)
    intervals = hidden @ weights["pitch/intervals"] + weights["pitch/intervals_bias"]
    classes = hidden @ weights["pitch/classes"] + weights["pitch/classes_bias"]
    leap = jnp.clip(every - batch.latest[..., None], -LEAPS, LEAPS) + LEAPS
    above_root = (every - batch.roots[..., None]) % OCTAVE
    logits = hidden @ weights["pitch/heights"] + weights["pitch/heights_bias"]
    logits += jnp.take_along_axis(intervals, leap, -1) * (batch.latest >= 0)[..., None]
    logits += jnp.take_along_axis(classes, above_root, -1) * (batch.roots != NO_ROOT)[..., None]
    return jax.nn.log_softmax(logits)


def _with_copies(weights: Weights, batch: Batch, heard: Array, hidden: Array, own: Array) -> Array:
    """The network's own weights mixed with what followed earlier notes, by how much is copied."""
    pitches = jnp.asarray(batch.pitches)
    number = jnp.arange(len(pitches))[None, :, None]
    counts = jnp.asarray(batch.counts)[:, None, :]
    is_there = (number <= counts - 2) & (number >= counts - COPIED_FROM)
    following = jnp.concatenate([pitches[1:], jnp.zeros_like(pitches[:1])])
    gates = jax.nn.log_softmax(hidden @ weights["copy/gate"] + weights["copy/gate_bias"])
    parts = [gates[..., :1] + own]
    for place, name in enumerate(COPIES):
        share = _attended(weights, batch, heard, name, is_there, counts - number)
        if name == "pitch":
            copied = jnp.einsum("tnb,nbp->tbp", share, jax.nn.one_hot(following - LOWEST, PITCHES))
        else:
            leaps = jax.nn.one_hot(following - pitches + LEAPS, 2 * LEAPS + 1)
            by_leap = jnp.einsum("tnb,nbp->tbp", share, leaps)
            leap = jnp.asarray(ALL_PITCHES) - batch.latest[..., None]
            copied = jnp.take_along_axis(by_leap, jnp.clip(leap, -LEAPS, LEAPS) + LEAPS, -1)
        parts.append(gates[..., place + 1 : place + 2] + jnp.log(copied + NEARLY_NOTHING))
    mixed = jax.nn.logsumexp(jnp.stack(parts), axis=0)
    return jnp.where(is_there.any(1)[..., None], mixed, own)


def _attended(
    weights: Weights, batch: Batch, heard: Array, name: str, is_there: Array, distance: Array
) -> Array:
    """Which share of a copy comes from which note: (steps, notes, lines)."""
    query = _at_steps(heard @ weights[f"copy/{name}/query/hidden"], batch)
    query += _summed(weights, f"copy/{name}/query", batch.step_numbers, batch.step_reals, OF_STEP)
    keys = heard[1:] @ weights[f"copy/{name}/key"]
    scores = jnp.einsum("tbd,nbd->tnb", query, keys) / np.sqrt(keys.shape[-1])
    scores += weights[f"copy/{name}/distance"][jnp.clip(COPIED_FROM - distance, 0, COPIED_FROM - 2)]
    return jax.nn.softmax(jnp.where(is_there, scores, IMPOSSIBLE), axis=1) * is_there


def _at_steps(of_notes: Array, batch: Batch) -> Array:
    """What is known after the notes that had begun before each step: (steps, lines, …)."""
    return jnp.take_along_axis(of_notes, jnp.asarray(batch.counts)[..., None], axis=0)


def _summed(weights: Weights, name: str, numbers: Any, reals: Any, tables: tuple[int, ...]) -> Array:
    """The rows of a table that numbers stand for, summed up, and reals by their weights."""
    given = [jax.nn.one_hot(numbers[..., n], size) for n, size in enumerate(tables)]
    return jnp.concatenate(given, axis=-1) @ weights[f"{name}/table"] + reals @ weights[f"{name}/reals"]


def _found(likely: Array, numbers: Any) -> Array:
    return jnp.take_along_axis(likely, numbers[..., None], axis=-1)[..., 0]


def _left_out(values: Array, share: float, key: Array | None) -> Array:
    if key is None or not share:
        return values
    return values * jax.random.bernoulli(key, 1 - share, values.shape) / (1 - share)
