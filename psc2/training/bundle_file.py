"""Trained networks as Magenta's own bundles. Needs Magenta, which the extra ``train`` brings."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.files import replacing
from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.bundles.checkpoint import FormatError, Tensor
from psc2.models.magenta import engine as magenta  # first: it tells TensorFlow which Keras to use
from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.training.recipe import Recipe

with magenta.suppress_output():
    from magenta.models.drums_rnn import drums_rnn_model, drums_rnn_sequence_generator
    from magenta.models.melody_rnn import melody_rnn_model, melody_rnn_sequence_generator


def write(weights: Mapping[str, Tensor], recipe: Recipe, description: str, path: Path) -> Bundle:
    """Write a bundle that Magenta's generators and ``psc2 models add`` load, with Magenta itself.

    Returns: what psc2 reads in it. Raises: ModelError for layers that psc2 does not play.
    """
    configuration = CONFIGURATIONS[recipe.configuration]
    config = magenta.config_of(configuration, recipe.units, recipe.attention)
    if configuration.model is Model.MELODY:
        network = melody_rnn_model.MelodyRnnModel(config)
        make = melody_rnn_sequence_generator.MelodyRnnSequenceGenerator
    else:
        network = drums_rnn_model.DrumsRnnModel(config)
        make = drums_rnn_sequence_generator.DrumsRnnSequenceGenerator
    trained = Bundle(configuration, description, dict(weights), recipe.attention, sha256="")
    with tempfile.TemporaryDirectory(prefix="psc2-train-") as folder, replacing(path) as part:
        with magenta.suppress_output():
            checkpoint = magenta.write_checkpoint(trained, Path(folder))
            generator = make(network, config.details, config.steps_per_quarter, checkpoint=checkpoint)
            generator.create_bundle_file(str(part), description)
            generator.close()
        try:
            return read_bundle(part.read_bytes())
        except FormatError as error:
            raise ModelError(f"{path}: {error}") from error
