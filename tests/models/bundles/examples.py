"""Bundles with random weights, written by hand or made by Magenta itself; and Magenta, which reads them."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from psc2.models.bundles.bundle import Bundle
from psc2.models.rnn.configurations import CONFIGURATIONS
from tests.models.bundles import tables

Floats = npt.NDArray[np.float32]

AROUND_FIRST = "rnn/multi_rnn_cell/cell_0/attention_cell_wrapper/"
SCALE = 2.5  # of the weights, so that they matter; not of those that feed attention back to itself …
SHARPNESS = 4.0  # … and of those that say what comes next
BIAS_SPREAD = 0.3  # of the biases, which Magenta would leave at 0


# --- by hand --------------------------------------------------------------------------


@cache
def weights(
    configuration: str, layers: tuple[int, ...] = (8,), attention_length: int = 0, seed: int = 1
) -> dict[str, Floats]:
    """A network's variables under the names that Magenta gives them today. Do not change them."""
    encoding = CONFIGURATIONS[configuration].encoding
    size, first = encoding.input_size, layers[0]
    shapes: dict[str, tuple[int, ...]] = {}
    around_first = AROUND_FIRST if attention_length else "rnn/multi_rnn_cell/cell_0/"
    if attention_length:
        shapes |= {
            f"{AROUND_FIRST}kernel": (size + first, size),
            f"{AROUND_FIRST}bias": (size,),
            f"{AROUND_FIRST}attention/attn_w": (1, 1, first, first),
            f"{AROUND_FIRST}attention/attn_v": (first,),
            f"{AROUND_FIRST}attention/kernel": (2 * first, first),
            f"{AROUND_FIRST}attention/bias": (first,),
            f"{AROUND_FIRST}attn_output_projection/kernel": (2 * first, first),
            f"{AROUND_FIRST}attn_output_projection/bias": (first,),
        }
    fed = (size, *layers)
    for number, units in enumerate(layers):
        scope = f"rnn/multi_rnn_cell/cell_{number}/" if number else around_first
        shapes[f"{scope}basic_lstm_cell/kernel"] = (fed[number] + units, 4 * units)
        shapes[f"{scope}basic_lstm_cell/bias"] = (4 * units,)
    shapes["fully_connected/weights"] = (layers[-1], encoding.num_classes)
    shapes["fully_connected/biases"] = (encoding.num_classes,)
    random = np.random.default_rng(seed)
    return {
        name: (_spread(name, shape) * random.standard_normal(shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


def _spread(name: str, shape: tuple[int, ...]) -> float:
    """How large a variable's numbers are, so that every event is heard and none for ever."""
    if len(shape) == 1:
        return BIAS_SPREAD
    if name.startswith("fully_connected"):
        return 1.5
    return 0.5 if "basic_lstm_cell" in name else shape[0] ** -0.5


def state_sizes(layers: Sequence[int], attention_length: int) -> list[int]:
    """How large the parts of the state are, as Magenta tells them."""
    attended = [layers[0], attention_length * layers[0]] if attention_length else []
    sizes = [size for units in layers for size in (units, units)]
    return [*sizes[:2], *attended, *sizes[2:]]


def written(
    configuration: str, layers: tuple[int, ...] = (8,), attention_length: int = 0, seed: int = 1
) -> bytes:
    """A bundle file."""
    tensors = weights(configuration, layers, attention_length, seed)
    metagraph = tables.metagraph(state_sizes(layers, attention_length))
    return tables.bundle(configuration, tables.checkpoint(tensors), metagraph=metagraph)


def same(one: Bundle, other: Bundle) -> bool:
    """Whether two bundles are the same network, whatever they say of themselves."""
    return (
        one.configuration == other.configuration
        and one.attention_length == other.attention_length
        and one.tensors.keys() == other.tensors.keys()
        and all(np.array_equal(one.tensors[name], other.tensors[name]) for name in one.tensors)
    )


# --- by Magenta -----------------------------------------------------------------------


@contextmanager
def quiet() -> Iterator[None]:
    """Without Keras' thoughts on the classes that Magenta uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _spread_as_trained(name: str, shape: Sequence[int]) -> float:
    """How large a variable's numbers are: as Magenta begins with them, but larger."""
    if len(shape) == 1:
        return BIAS_SPREAD
    scale = {"attn_output_projection": 1.0, "fully_connected": SHARPNESS}.get(name.split("/")[-2], SCALE)
    return scale * float(np.sqrt(2 / (shape[-2] + shape[-1])))


class Foundry:
    """Magenta, imported when one is made, which takes seconds. Each bundle is made once."""

    def __init__(self, folder: Path) -> None:
        import psc2.models.magenta.engine  # noqa: F401, I001  # says how TensorFlow is to be imported
        import note_seq
        import tensorflow.compat.v1 as tf
        import tf_slim
        from magenta.contrib import rnn
        from magenta.models.drums_rnn import drums_rnn_model, drums_rnn_sequence_generator
        from magenta.models.melody_rnn import melody_rnn_model, melody_rnn_sequence_generator
        from note_seq.protobuf import generator_pb2

        tf.logging.set_verbosity(tf.logging.ERROR)
        self._folder = folder
        self.tf, self._tf_slim, self._attention = tf, tf_slim, rnn
        self._note_seq, self._protobuf = note_seq, generator_pb2
        self._makers = {
            **dict.fromkeys(
                melody_rnn_model.default_configs,
                (
                    melody_rnn_model.default_configs,
                    melody_rnn_model.MelodyRnnModel,
                    melody_rnn_sequence_generator.MelodyRnnSequenceGenerator,
                ),
            ),
            **dict.fromkeys(
                drums_rnn_model.default_configs,
                (
                    drums_rnn_model.default_configs,
                    drums_rnn_model.DrumsRnnModel,
                    drums_rnn_sequence_generator.DrumsRnnSequenceGenerator,
                ),
            ),
        }
        self._made: dict[object, bytes] = {}

    def make(
        self, configuration: str, layers: Sequence[int] = (), attention_length: int | None = None
    ) -> bytes:
        """A bundle as Magenta writes it today; layers and attention are the configuration's unless told."""
        key = (configuration, tuple(layers), attention_length)
        if key not in self._made:
            with quiet():
                self._made[key] = self._make(configuration, layers, attention_length)
        return self._made[key]

    def make_old(self, layers: Sequence[int], attention_length: int, batch_size: int = 1) -> bytes:
        """An attention_rnn as Magenta built it in 2016, its attention around all layers."""
        key = ("old", tuple(layers), attention_length, batch_size)
        if key not in self._made:
            with quiet():
                self._made[key] = self._make_old(layers, attention_length, batch_size)
        return self._made[key]

    def parsed(self, data: bytes) -> Any:
        """A GeneratorBundle."""
        return self._protobuf.GeneratorBundle.FromString(data)

    def read(self, data: bytes) -> Reference:
        return Reference(self._generator(data), self._note_seq)

    def _make(self, configuration: str, layers: Sequence[int], attention_length: int | None) -> bytes:
        config, model, generator = self._parts(configuration)
        config.hparams.rnn_layer_sizes = list(layers) or config.hparams.rnn_layer_sizes
        if attention_length is not None:
            config.hparams.attn_length = attention_length
        built = model(config)
        with self.tf.Graph().as_default():
            built._build_graph_for_generation()
            checkpoint = self._random_checkpoint(version=2)
        made = self._folder / "made.mag"
        with generator(built, config.details, config.steps_per_quarter, checkpoint=checkpoint) as whole:
            whole.create_bundle_file(str(made), "random weights")
        return made.read_bytes()

    def _make_old(self, layers: Sequence[int], attention_length: int, batch_size: int) -> bytes:
        """Source: ``make_rnn_cell`` and ``build`` of Magenta's ``events_rnn_graph.py`` at the end of 2016."""
        tf = self.tf
        config, _, _ = self._parts("attention_rnn")
        size, classes = config.encoder_decoder.input_size, config.encoder_decoder.num_classes
        tf.disable_control_flow_v2()  # loops and variables were made of other operations then
        tf.disable_resource_variables()
        try:
            with tf.Graph().as_default():
                inputs = tf.placeholder(tf.float32, [batch_size, None, size])
                cells = [tf.nn.rnn_cell.BasicLSTMCell(units) for units in layers]
                cell = self._attention.AttentionCellWrapper(
                    tf.nn.rnn_cell.MultiRNNCell(cells), attention_length
                )
                initial_state = cell.zero_state(batch_size, tf.float32)
                outputs, final_state = tf.nn.dynamic_rnn(cell, inputs, initial_state=initial_state)
                logits = self._tf_slim.layers.linear(tf.reshape(outputs, [-1, layers[-1]]), classes)
                temperature = tf.placeholder(tf.float32, [])
                softmax = tf.nn.softmax(tf.div(logits, tf.fill([classes], temperature)))
                tf.add_to_collection("inputs", inputs)
                tf.add_to_collection("temperature", temperature)
                tf.add_to_collection("softmax", tf.reshape(softmax, [batch_size, -1, classes]))
                for name, state in (("initial_state", initial_state), ("final_state", final_state)):
                    for tensor in tf.nest.flatten(state):
                        tf.add_to_collection(name, tensor)
                path = Path(self._random_checkpoint(version=1))
        finally:
            tf.enable_resource_variables()
            tf.enable_control_flow_v2()
        bundle = self._protobuf.GeneratorBundle(
            generator_details=config.details,
            checkpoint_file=[path.read_bytes()],
            metagraph_file=path.with_name(f"{path.name}.meta").read_bytes(),
        )
        data: bytes = bundle.SerializeToString()
        return data

    def _random_checkpoint(self, version: int) -> str:
        """The graph's variables with random values. Returns: where they are saved, with the metagraph."""
        tf, random = self.tf, np.random.default_rng(1)
        path = str(self._folder / f"checkpoint_{version}")
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for variable in tf.global_variables():
                spread = _spread_as_trained(variable.op.name, variable.shape.as_list())
                noise = spread * random.standard_normal(variable.shape.as_list())
                variable.load(noise.astype(np.float32), session)
            tf.train.Saver(write_version=version).save(session, path)
        return path

    def _parts(self, configuration: str) -> tuple[Any, Any, Any]:
        """A configuration of Magenta's for one sequence, its model and its generator."""
        configurations, model, generator = self._makers[configuration]
        config = copy.deepcopy(configurations[configuration])
        config.hparams.batch_size = 1
        return config, model, generator

    def _generator(self, data: bytes) -> Any:
        bundle = self.parsed(data)
        config, model, generator = self._parts(bundle.generator_details.id)
        return generator(model(config), config.details, config.steps_per_quarter, bundle=bundle)


class Reference:
    """Magenta, which loads a .mag file itself, and builds what the file's own metagraph says.

    Events are those of ``psc2.models.rnn.encodings``.
    """

    def __init__(self, generator: Any, note_seq: Any) -> None:
        generator.initialize()
        self._model = generator._model
        self._encoder_decoder = self._model._config.encoder_decoder
        self._note_seq = note_seq

    def softmaxes(self, events: Sequence[int]) -> Floats:
        """How likely each class was after each event, (events, classes)."""
        session = self._model._session
        collection = session.graph.get_collection
        inputs = self._encoder_decoder.get_inputs_batch([self._sequence(events)], full_length=True)
        feed = {collection("inputs")[0]: inputs * self._model._batch_size()} | dict.fromkeys(
            collection("temperature"), 1.0
        )
        softmaxes: Floats = session.run(collection("softmax")[0], feed)[0]
        return softmaxes

    def log_likelihood(self, events: Sequence[int]) -> float:
        """Of all the events after the first, in nats, by the method that Magenta has for it.

        It works with graphs for one sequence only; for others note-seq's stands in.
        """
        sequences = [self._sequence(events)]
        if self._model._batch_size() == 1:
            return float(self._model._evaluate_log_likelihood(sequences)[0])
        softmaxes = [self.softmaxes(events)[:-1]]
        return float(self._encoder_decoder.evaluate_log_likelihood(sequences, softmaxes)[0])

    def continued(self, events: Sequence[int], number: int, temperature: float) -> list[int]:
        """What follows the events when Magenta is asked once."""
        whole = self._model._generate_events(len(events) + number, self._sequence(events), temperature)
        return [self._event(event) for event in list(whole)[len(events) :]]

    def close(self) -> None:
        self._model.close()

    @property
    def _of_melodies(self) -> bool:
        return hasattr(self._model, "generate_melody")

    def _sequence(self, events: Sequence[int]) -> Any:
        """The events as Magenta holds them."""
        if self._of_melodies:
            return self._note_seq.Melody(list(events))
        decode = self._encoder_decoder._one_hot_encoding.decode_event
        return self._note_seq.DrumTrack([decode(event) for event in events])

    def _event(self, event: Any) -> int:
        encode = None if self._of_melodies else self._encoder_decoder._one_hot_encoding.encode_event
        return int(event if encode is None else encode(event))
