"""LSTM layers in JAX, the first one with attention, over all the steps of a passage.

Nothing in a step of a layer depends on the layers above it. So all that a layer is fed is
multiplied with its weights for the whole passage at once, and only what depends on the step
before is left to the loop over the steps.

Sources: those of ``psc2.models.rnn.network``.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from psc2.models.rnn.weights import FORGET_BIAS

Array = Any  # jax.Array; also what jax traces with


def _lstm(gates: Array, c: Array) -> tuple[Array, Array]:
    """TensorFlow's BasicLSTMCell: (c, h) of the next step."""
    input_gate, new, forget_gate, output_gate = jnp.split(gates, 4, axis=-1)
    c = c * jax.nn.sigmoid(forget_gate + FORGET_BIAS) + jax.nn.sigmoid(input_gate) * jnp.tanh(new)
    return c, jnp.tanh(c) * jax.nn.sigmoid(output_gate)


def layer(own: Array, before: tuple[Array, ...], gates: Array) -> tuple[Array, tuple[Array, ...]]:
    """A layer without attention. ``gates``: (steps, passages, 4u), what comes to them from below.

    Returns: (steps, passages, u), and c and h after the last step.
    """

    def step(state: tuple[Array, ...], fed: Array) -> tuple[tuple[Array, ...], Array]:
        c, h = _lstm(fed + state[1] @ own, state[0])
        return (c, h), h

    after, outputs = lax.scan(step, before, gates)
    return outputs, after


class AttentionWeights(NamedTuple):
    """The weights that a step of the first layer takes, a units."""

    own: Array  # (2a, 4a): from what was attended to, and from its own last output
    query: Array  # (2a, a)
    query_bias: Array  # (a,)
    features: Array  # (a, a)
    scores: Array  # (a,)
    output: Array  # (2a, a)
    output_bias: Array  # (a,)


State = tuple[Array, Array, Array]  # c, h and what is attended to, (passages, a) each


def _attend(
    parts: AttentionWeights, state: State, outputs: Array, features: Array, from_below: Array
) -> tuple[State, Array, Array]:
    """One step of attention. ``outputs``, ``features``: the last ones, (length, passages, a).

    Returns: the next state, and the output and its features, (passages, a) each.
    """
    c, h, attended = state
    c, h = _lstm(from_below + jnp.concatenate((attended, h), 1) @ parts.own, c)
    query = jnp.concatenate((c, h), 1) @ parts.query + parts.query_bias
    likely = jax.nn.softmax(jnp.tanh(features + query) @ parts.scores, axis=0)
    attended = (likely[..., None] * outputs).sum(0)
    output = jnp.concatenate((h, attended), 1) @ parts.output + parts.output_bias
    return (c, h, attended), output, output @ parts.features


# JAX would keep, for each step, a copy of all that the step looks back at. This keeps each output
# once, and computes a step again where its derivative is asked for: three times as fast. What was
# remembered from earlier steps counts as given: no derivative is taken for it.


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def attention_layer(
    length: int, parts: AttentionWeights, before: tuple[Array, ...], gates: Array
) -> tuple[Array, tuple[Array, ...]]:
    """The first layer with attention. ``gates``: (steps, passages, 4a), what comes to them from below.

    Returns: (steps, passages, a), and what is remembered after the last step.
    """
    return _attend_forward(length, parts, before, gates)[0]


def _attend_forward(
    length: int, parts: AttentionWeights, before: tuple[Array, ...], gates: Array
) -> tuple[tuple[Array, tuple[Array, ...]], tuple[Any, ...]]:
    steps = len(gates)

    def step(carry: tuple[State, Array, Array], fed: tuple[Array, Array]) -> tuple[Any, State]:
        state, outputs, features = carry
        number, from_below = fed
        recent, of_recent = (lax.dynamic_slice_in_dim(past, number, length) for past in (outputs, features))
        following, output, feature = _attend(parts, state, recent, of_recent, from_below)
        outputs = lax.dynamic_update_index_in_dim(outputs, output, number + length, 0)
        features = lax.dynamic_update_index_in_dim(features, feature, number + length, 0)
        return (following, outputs, features), state

    c, h, attended, *past = before
    room = jnp.zeros((steps, *c.shape))
    outputs, features = (jnp.concatenate((recent, room)) for recent in past)
    carry = ((c, h, attended), outputs, features)
    (state, outputs, features), states = lax.scan(step, carry, (jnp.arange(steps), gates))
    after = (*state, outputs[steps:], features[steps:])
    return (outputs[length:], after), (parts, before, gates, states, outputs, features)


def _attend_backward(
    length: int, kept: tuple[Any, ...], wanted: tuple[Array, tuple[Array, ...]]
) -> tuple[AttentionWeights, tuple[Array, ...], Array]:
    parts, before, gates, states, outputs, features = kept
    steps = len(gates)

    def step(carry: tuple[Any, ...], fed: tuple[Any, ...]) -> tuple[Any, Array]:
        to_state, to_outputs, to_features, to_parts = carry
        number, state, from_below, to_output = fed
        recent = [lax.dynamic_slice_in_dim(past, number, length) for past in (outputs, features)]
        _, pull = jax.vjp(_attend, parts, state, *recent, from_below)
        to_output = to_output + lax.dynamic_index_in_dim(to_outputs, number + length, 0, False)
        to_feature = lax.dynamic_index_in_dim(to_features, number + length, 0, False)
        more_parts, to_state, more_outputs, more_features, to_gates = pull((to_state, to_output, to_feature))
        return (
            to_state,
            _add_at(to_outputs, more_outputs, number),
            _add_at(to_features, more_features, number),
            jax.tree.map(jnp.add, to_parts, more_parts),
        ), to_gates

    zeros = jax.tree.map(jnp.zeros_like, (tuple(s[0] for s in states), outputs, features, parts))
    fed = (jnp.arange(steps), states, gates, wanted[0])
    (_, _, _, to_parts), to_gates = lax.scan(step, zeros, fed, reverse=True)
    return to_parts, jax.tree.map(jnp.zeros_like, before), to_gates


def _add_at(total: Array, more: Array, number: Array) -> Array:
    """``total`` with ``more`` added to as many of its first axis, from ``number`` on."""
    now = lax.dynamic_slice_in_dim(total, number, len(more))
    return lax.dynamic_update_slice_in_dim(total, now + more, number, 0)


attention_layer.defvjp(_attend_forward, _attend_backward)
