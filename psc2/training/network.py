"""Magenta's recurrent networks in JAX, for many steps at once, as training hears them.

The weights are a dictionary under the names that Magenta gives them today, so that what has been
trained is a bundle's content as it stands; ``psc2.models.rnn.network`` plays it, event by event.

Sources: those of ``psc2.models.rnn.network``; dropout of a layer's own output between steps after
Stephen Merity, Nitish Shirish Keskar, Richard Socher, "Regularizing and Optimizing LSTM Language
Models", 2017.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from psc2.models.rnn.weights import AROUND_FIRST
from psc2.training import lstm
from psc2.training.lstm import Array, AttentionWeights

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
    outputs, after = inputs, []
    for layer, before in enumerate(memory):
        fed = outputs.shape[-1]
        kernel, bias = weights[f"{cell(shape, layer)}kernel"], weights[f"{cell(shape, layer)}bias"]
        own = kernel[fed:]
        if key is not None and dropout.recurrent:
            key, now = jax.random.split(key)
            own = own * _dropout_mask(now, own.shape, dropout.recurrent)
        if layer == 0 and shape.attention:
            mix, offset = weights[f"{AROUND_FIRST}kernel"], weights[f"{AROUND_FIRST}bias"]
            gates = outputs @ (mix[:fed] @ kernel[:fed]) + (offset @ kernel[:fed] + bias)
            own = jnp.concatenate((mix[fed:] @ kernel[:fed], own))
            outputs, remembered = lstm.attention_layer(
                shape.attention, _attention_weights(weights, own), before, gates
            )
        else:
            outputs, remembered = lstm.layer(own, before, outputs @ kernel[:fed] + bias)
        after.append(remembered)
        if key is not None and dropout.outputs:
            key, now = jax.random.split(key)
            outputs = outputs * _dropout_mask(now, outputs.shape, dropout.outputs)
    return outputs @ weights[f"{OUTPUT}kernel"] + weights[f"{OUTPUT}bias"], after


def _dropout_mask(key: Array, shape: tuple[int, ...], left_out: float) -> Array:
    return jax.random.bernoulli(key, 1 - left_out, shape) / (1 - left_out)


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


def losses(predicted: Array, labels: Array) -> Array:
    """The loss of each label, in nats, (steps, passages): how little it was foreseen; 0 where it is −1."""
    likely = jax.nn.log_softmax(predicted)
    found = jnp.take_along_axis(likely, jnp.maximum(labels, 0)[..., None], axis=-1)[..., 0]
    return jnp.where(labels >= 0, -found, 0.0)
