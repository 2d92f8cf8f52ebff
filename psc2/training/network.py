"""Magenta's recurrent networks in JAX, for many steps at once, as training hears them.

The weights are a dictionary under the names that Magenta gives them today, so that what has been
trained is a bundle's content as it stands; ``psc2.models.rnn.network`` plays it, event by event.

Nothing in a step of a layer depends on the layers above it. So all that a layer is fed is
multiplied with its weights for the whole passage at once, and only what depends on the step
before is left to the loop over the steps.

Sources: those of ``psc2.models.rnn.network``; dropout of a layer's own output between steps after
Stephen Merity, Nitish Shirish Keskar, Richard Socher, "Regularizing and Optimizing LSTM Language
Models", 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from psc2.models.rnn.weights import AROUND_FIRST, FORGET_BIAS

Array = Any  # jax.Array; also what jax traces with
Weights = dict[str, Array]

OUTPUT = "fully_connected/"
FEW_INPUTS = 0.4  # the largest weight that an input starts with …
SMALL_OUTPUTS = 4  # … and how many times as large those are that a layer's outputs start with


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is."""

    inputs: int
    units: tuple[int, ...]  # of each layer, the first one first
    attention: int  # steps that it looks back, 0 for none
    classes: int


def cell(shape: Shape, layer: int) -> str:
    """The scope of a layer's names."""
    around = AROUND_FIRST if layer == 0 and shape.attention else f"rnn/multi_rnn_cell/cell_{layer}/"
    return f"{around}basic_lstm_cell/"


def initial(shape: Shape, seed: int) -> Weights:
    """Weights before training: biases 0, kernels after Glorot and Bengio, 2010, but for these.

    An event sets few of many inputs, and an LSTM's outputs are small: what they are multiplied with
    is larger, or the upper layers hear nearly nothing and hundreds of steps pass before they learn.
    Where attention mixes something with what is attended to, the first comes through as it is, and
    nothing of the second: the network begins as one without attention.
    """
    random = np.random.default_rng(seed)
    weights = {name: _drawn(random, name, size) for name, size in _sizes(shape).items()}
    for layer, units in enumerate(shape.units):
        fed = weights[f"{cell(shape, layer)}kernel"][:-units]
        fed[:] = fed * SMALL_OUTPUTS if layer else random.uniform(-FEW_INPUTS, FEW_INPUTS, fed.shape)
    weights[f"{OUTPUT}kernel"] *= SMALL_OUTPUTS
    if shape.attention:
        for mixer in (f"{AROUND_FIRST}kernel", f"{AROUND_FIRST}attn_output_projection/kernel"):
            weights[mixer][:] = np.eye(*weights[mixer].shape)
    return {name: jnp.asarray(tensor) for name, tensor in weights.items()}


def _sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """The shapes of all the weights, by name."""
    sizes: dict[str, tuple[int, ...]] = {}
    fed = [shape.inputs, *shape.units]
    for layer, units in enumerate(shape.units):
        sizes[f"{cell(shape, layer)}kernel"] = (fed[layer] + units, 4 * units)
        sizes[f"{cell(shape, layer)}bias"] = (4 * units,)
    if shape.attention:
        size, scope = shape.units[0], AROUND_FIRST
        sizes[f"{scope}kernel"] = (shape.inputs + size, shape.inputs)
        sizes[f"{scope}bias"] = (shape.inputs,)
        sizes[f"{scope}attention/kernel"] = (2 * size, size)
        sizes[f"{scope}attention/bias"] = (size,)
        sizes[f"{scope}attention/attn_w"] = (1, 1, size, size)
        sizes[f"{scope}attention/attn_v"] = (size,)
        sizes[f"{scope}attn_output_projection/kernel"] = (2 * size, size)
        sizes[f"{scope}attn_output_projection/bias"] = (size,)
    sizes[f"{OUTPUT}kernel"] = (shape.units[-1], shape.classes)
    sizes[f"{OUTPUT}bias"] = (shape.classes,)
    return sizes


def _drawn(random: np.random.Generator, name: str, size: tuple[int, ...]) -> npt.NDArray[np.float32]:
    if name.endswith("bias"):
        return np.zeros(size, np.float32)
    limit = np.sqrt(6 / sum((*size[-2:], 1)[:2]))
    return random.uniform(-limit, limit, size).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Dropout:
    """How much is left out at random while training, as shares of 0 to 1."""

    outputs: float = 0.0  # of what each layer passes on, anew at each step
    recurrent: float = 0.0  # of a layer's weights from its own last output, for a whole passage


Memory = list[tuple[Array, ...]]  # of each layer: c, h, and what attention needs besides


def start(shape: Shape, passages: int) -> Memory:
    """The memory before the first step of so many passages."""
    memory: Memory = []
    for layer, units in enumerate(shape.units):
        zeros = jnp.zeros((passages, units))
        past = jnp.zeros((shape.attention, passages, units))
        memory.append((zeros, zeros, zeros, past, past) if layer == 0 and shape.attention else (zeros, zeros))
    return memory


def logits(
    shape: Shape, weights: Weights, inputs: Array, memory: Memory, dropout: Dropout, key: Array | None
) -> tuple[Array, Memory]:
    """The logits of the classes after each step.

    ``inputs``: (steps, passages, inputs). ``memory``: of the steps before. ``key``: for what is left out;
    None leaves nothing out. Returns: (steps, passages, classes), and what is remembered then.
    """
    made, after = inputs, []
    for layer, before in enumerate(memory):
        fed = made.shape[-1]
        kernel, bias = weights[f"{cell(shape, layer)}kernel"], weights[f"{cell(shape, layer)}bias"]
        own = kernel[fed:]
        if key is not None and dropout.recurrent:
            key, now = jax.random.split(key)
            own = own * _dropout_mask(now, own.shape, dropout.recurrent)
        if layer == 0 and shape.attention:
            mix, offset = weights[f"{AROUND_FIRST}kernel"], weights[f"{AROUND_FIRST}bias"]
            gates = made @ (mix[:fed] @ kernel[:fed]) + (offset @ kernel[:fed] + bias)
            own = jnp.concatenate((mix[fed:] @ kernel[:fed], own))
            made, remembered = _attend_all(shape.attention, _attention_weights(weights, own), before, gates)
        else:
            made, remembered = _layer(own, before, made @ kernel[:fed] + bias)
        after.append(remembered)
        if key is not None and dropout.outputs:
            key, now = jax.random.split(key)
            made = made * _dropout_mask(now, made.shape, dropout.outputs)
    return made @ weights[f"{OUTPUT}kernel"] + weights[f"{OUTPUT}bias"], after


def _dropout_mask(key: Array, shape: tuple[int, ...], left_out: float) -> Array:
    return jax.random.bernoulli(key, 1 - left_out, shape) / (1 - left_out)


def _lstm(gates: Array, c: Array) -> tuple[Array, Array]:
    """TensorFlow's BasicLSTMCell: (c, h) of the next step."""
    admit, new, forget, show = jnp.split(gates, 4, axis=-1)
    c = c * jax.nn.sigmoid(forget + FORGET_BIAS) + jax.nn.sigmoid(admit) * jnp.tanh(new)
    return c, jnp.tanh(c) * jax.nn.sigmoid(show)


def _layer(own: Array, before: tuple[Array, ...], gates: Array) -> tuple[Array, tuple[Array, ...]]:
    """A layer without attention. ``gates``: (steps, passages, 4u), what comes to them from below.

    Returns: (steps, passages, u), and c and h after the last step.
    """

    def step(state: tuple[Array, ...], fed: Array) -> tuple[tuple[Array, ...], Array]:
        c, h = _lstm(fed + state[1] @ own, state[0])
        return (c, h), h

    after, made = jax.lax.scan(step, before, gates)
    return made, after


def _attention_weights(weights: Weights, own: Array) -> AttentionWeights:
    scope, projection = f"{AROUND_FIRST}attention/", f"{AROUND_FIRST}attn_output_projection/"
    return AttentionWeights(
        own=own,
        query=weights[f"{scope}kernel"],
        query_bias=weights[f"{scope}bias"],
        features=weights[f"{scope}attn_w"][0, 0],
        scores=weights[f"{scope}attn_v"],
        output=weights[f"{projection}kernel"],
        output_bias=weights[f"{projection}bias"],
    )


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
def _attend_all(
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
        recent, of_recent = (
            jax.lax.dynamic_slice_in_dim(past, number, length) for past in (outputs, features)
        )
        following, output, feature = _attend(parts, state, recent, of_recent, from_below)
        outputs = jax.lax.dynamic_update_index_in_dim(outputs, output, number + length, 0)
        features = jax.lax.dynamic_update_index_in_dim(features, feature, number + length, 0)
        return (following, outputs, features), state

    c, h, attended, *past = before
    room = jnp.zeros((steps, *c.shape))
    outputs, features = (jnp.concatenate((recent, room)) for recent in past)
    carry = ((c, h, attended), outputs, features)
    (state, outputs, features), states = jax.lax.scan(step, carry, (jnp.arange(steps), gates))
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
        recent = [jax.lax.dynamic_slice_in_dim(past, number, length) for past in (outputs, features)]
        _, pull = jax.vjp(_attend, parts, state, *recent, from_below)
        to_output = to_output + jax.lax.dynamic_index_in_dim(to_outputs, number + length, 0, False)
        to_feature = jax.lax.dynamic_index_in_dim(to_features, number + length, 0, False)
        more_parts, to_state, more_outputs, more_features, to_gates = pull((to_state, to_output, to_feature))
        return (
            to_state,
            _add_at(to_outputs, more_outputs, number),
            _add_at(to_features, more_features, number),
            jax.tree.map(jnp.add, to_parts, more_parts),
        ), to_gates

    zeros = jax.tree.map(jnp.zeros_like, (tuple(s[0] for s in states), outputs, features, parts))
    fed = (jnp.arange(steps), states, gates, wanted[0])
    (_, _, _, to_parts), to_gates = jax.lax.scan(step, zeros, fed, reverse=True)
    return to_parts, jax.tree.map(jnp.zeros_like, before), to_gates


def _add_at(total: Array, more: Array, number: Array) -> Array:
    """``total`` with ``more`` added to as many of its first axis, from ``number`` on."""
    now = jax.lax.dynamic_slice_in_dim(total, number, len(more))
    return jax.lax.dynamic_update_slice_in_dim(total, now + more, number, 0)


_attend_all.defvjp(_attend_forward, _attend_backward)


def losses(predicted: Array, labels: Array) -> Array:
    """The loss of each label, in nats, (steps, passages): how little it was foreseen; 0 where it is −1."""
    likely = jax.nn.log_softmax(predicted)
    found = jnp.take_along_axis(likely, jnp.maximum(labels, 0)[..., None], axis=-1)[..., 0]
    return jnp.where(labels >= 0, -found, 0.0)
