"""Models of random weights: what an engine takes does not depend on what it was taught."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from psc2.models.bundles.bundle import Bundle, save
from psc2.models.bundles.store import SUFFIX
from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.models.rnn.weights import AROUND_FIRST

SPREAD = 0.15  # of the weights; as in a network that has been trained


def random_bundle(configuration_id: str, units: tuple[int, ...], attention_length: int) -> Bundle:
    """A network of these sizes with attention around its first layer."""
    configuration = CONFIGURATIONS[configuration_id]
    inputs, classes = configuration.encoding.input_size, configuration.encoding.num_classes
    first = units[0]
    shapes: dict[str, tuple[int, ...]] = {
        f"{AROUND_FIRST}kernel": (inputs + first, inputs),
        f"{AROUND_FIRST}bias": (inputs,),
        f"{AROUND_FIRST}attention/kernel": (2 * first, first),
        f"{AROUND_FIRST}attention/bias": (first,),
        f"{AROUND_FIRST}attention/attn_w": (1, 1, first, first),
        f"{AROUND_FIRST}attention/attn_v": (first,),
        f"{AROUND_FIRST}attn_output_projection/kernel": (2 * first, first),
        f"{AROUND_FIRST}attn_output_projection/bias": (first,),
        "fully_connected/kernel": (units[-1], classes),
        "fully_connected/bias": (classes,),
    }
    for number, (fed, size) in enumerate(zip((inputs, *units), units, strict=False)):
        scope = AROUND_FIRST if number == 0 else f"rnn/multi_rnn_cell/cell_{number}/"
        shapes[f"{scope}basic_lstm_cell/kernel"] = (fed + size, 4 * size)
        shapes[f"{scope}basic_lstm_cell/bias"] = (4 * size,)
    random = np.random.default_rng(0)
    tensors = {
        name: (SPREAD * random.standard_normal(shape)).astype(np.float32) for name, shape in shapes.items()
    }
    return Bundle(configuration, "random weights", tensors, attention_length, sha256="0" * 64)


def melody_bundle() -> Bundle:
    """As large as Magenta's own ``attention_rnn``."""
    return random_bundle("attention_rnn", (128, 128), 40)


def drums_bundle() -> Bundle:
    """As large as Magenta's own ``drum_kit``."""
    return random_bundle("drum_kit", (256, 256, 256), 32)


def install(folder: Path) -> None:
    """Both, called ``melody`` and ``drums``, where PSC2_MODELS=folder finds them."""
    save(melody_bundle(), folder / f"melody{SUFFIX}")
    save(drums_bundle(), folder / f"drums{SUFFIX}")
