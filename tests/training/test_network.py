"""The network that learns is the one that plays."""

from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("jax")]

SIZES = [
    ("attention_rnn", (8, 6), 5),
    ("attention_rnn", (8,), 40),
    ("drum_kit", (6, 8, 4), 3),
    ("drum_kit", (6, 8), 0),
]


def noisy(configuration: str, units: tuple[int, ...], attention: int) -> tuple[Any, dict[str, Any]]:
    """A shape and weights that all matter."""
    from psc2.models.rnn.configurations import CONFIGURATIONS
    from psc2.training import network

    encoding = CONFIGURATIONS[configuration].encoding
    shape = network.Shape(encoding.input_size, units, attention, encoding.num_classes)
    random = np.random.default_rng(1)
    weights = {
        name: np.asarray(tensor) + 0.3 * random.standard_normal(tensor.shape).astype(np.float32)
        for name, tensor in network.initial(shape, seed=2).items()
    }
    return shape, weights


def continuations(configuration: str, steps: int, seed: int = 3) -> list[int]:
    random = np.random.default_rng(seed)
    choices = [-2, -1, *range(48, 84)] if configuration == "attention_rnn" else range(512)
    return [int(event) for event in random.choice(choices, steps)]


@pytest.mark.parametrize(("configuration", "units", "attention"), SIZES)
def test_it_foresees_as_the_native_engine_does(
    configuration: str, units: tuple[int, ...], attention: int
) -> None:
    """Teacher-forced, longer than attention looks back, and in two parts."""
    import jax

    from psc2.models.bundles.bundle import Bundle
    from psc2.models.rnn.configurations import CONFIGURATIONS
    from psc2.models.rnn.native import NativeRnn
    from psc2.training import network, windows

    shape, weights = noisy(configuration, units, attention)
    events = continuations(configuration, 61)
    native = NativeRnn(Bundle(CONFIGURATIONS[configuration], "", weights, attention, ""))
    inputs = windows.encode([events], 60, CONFIGURATIONS[configuration]).inputs.astype(np.float32)
    inputs = inputs.swapaxes(0, 1)
    first, memory = network.logits(
        shape, weights, inputs[:23], network.start(shape, 1), network.Dropout(), None
    )
    second, _ = network.logits(shape, weights, inputs[23:], memory, network.Dropout(), None)
    likely = np.asarray(jax.nn.softmax(np.concatenate((first, second))))[:, 0]
    assert np.abs(likely - native.softmaxes(events[:60])).max() < 1e-5


def test_its_derivative_is_that_of_what_it_foresees() -> None:
    """Attention's is written by hand: it is held against differences, for every kind of weight."""
    import jax

    from psc2.training import network

    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        shape, weights = noisy("attention_rnn", (5, 4), 3)
        weights = {name: np.asarray(tensor, np.float64) for name, tensor in weights.items()}
        random = np.random.default_rng(4)
        inputs = random.standard_normal((9, 2, shape.inputs))
        labels = random.integers(0, shape.classes, (9, 2))

        def loss(weights: dict[str, Any]) -> Any:
            start = network.start(shape, 2)
            predicted, _ = network.logits(shape, weights, inputs, start, network.Dropout(), None)
            return network.losses(predicted, labels).mean()

        compiled, gradient = jax.jit(loss), jax.jit(jax.grad(loss))(weights)
        step = 1e-6
        for name, tensor in weights.items():
            direction = random.standard_normal(tensor.shape)
            ahead, behind = (compiled(weights | {name: tensor + sign * step * direction}) for sign in (1, -1))
            assert float(ahead - behind) / (2 * step) == pytest.approx(
                float((gradient[name] * direction).sum()), rel=1e-4, abs=1e-8
            )


def test_what_is_left_out_differs_with_the_key_and_without_one_nothing_is() -> None:
    import jax

    from psc2.training import network

    shape, weights = noisy("attention_rnn", (8, 8), 4)
    inputs = np.random.default_rng(1).standard_normal((6, 2, shape.inputs)).astype(np.float32)

    logits = jax.jit(network.logits, static_argnums=(0, 4))

    def made(dropout: network.Dropout, seed: int | None) -> np.ndarray:
        key = None if seed is None else jax.random.PRNGKey(seed)
        return np.asarray(logits(shape, weights, inputs, network.start(shape, 2), dropout, key)[0])

    whole = made(network.Dropout(), None)
    for dropout in (network.Dropout(outputs=0.5), network.Dropout(recurrent=0.5)):
        assert np.abs(made(dropout, 1) - made(dropout, 2)).max() > 1e-3
        assert (made(dropout, 1) == made(dropout, 1)).all()
        assert np.abs(made(dropout, None) - whole).max() < 1e-6


def test_a_label_that_is_not_there_costs_nothing() -> None:
    from psc2.training import network

    losses = network.losses(np.zeros((1, 2, 4), np.float32), np.array([[-1, 2]]))
    assert np.asarray(losses).tolist() == [[0.0, pytest.approx(np.log(4))]]
