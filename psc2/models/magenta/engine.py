"""The reference engine: Magenta's own MelodyRNN and DrumsRNN, in TensorFlow.

The session is made once and kept, for one sequence at a time; in 2018 it was made anew for
every call. Needs the extra ``magenta``. No other module imports TensorFlow.
"""

from __future__ import annotations

import copy
import os
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from psc2.core.requests import Model
from psc2.models.bundles.bundle import Bundle
from psc2.models.bundles.checkpoint import FormatError, Tensor
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.weights import modern_name

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # Magenta's networks are Keras 2's
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def suppress_output() -> Iterator[None]:
    """Suppress warnings while the block runs: Python's, and TensorFlow's own, which go past Python."""
    errors = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(errors, 2)
        os.close(errors)


with suppress_output():
    import note_seq
    import tensorflow.compat.v1 as tf
    from magenta.models.drums_rnn import drums_rnn_model
    from magenta.models.melody_rnn import melody_rnn_model

OUTPUT = "fully_connected"

# What a network of a bundle may be made of. Nothing here reads or writes a file, or runs Python.
ALLOWED_OPERATIONS = frozenset(
    re.findall(
        r"\w+",
        """
        Add AddV2 BiasAdd Cast Concat ConcatV2 Const Conv2D Div Enter Exit ExpandDims Fill Identity Less
        LogicalAnd LoopCond MatMul Maximum Merge Minimum Mul NextIteration Pack Placeholder Range RealDiv
        Reshape Shape Sigmoid Slice Softmax Split SplitV Squeeze StopGradient StridedSlice Sub Sum Switch
        Tanh TensorArrayGatherV2 TensorArrayGatherV3 TensorArrayReadV2 TensorArrayReadV3
        TensorArrayScatterV2 TensorArrayScatterV3 TensorArraySizeV2 TensorArraySizeV3 TensorArrayV2
        TensorArrayV3 TensorArrayWriteV2 TensorArrayWriteV3 Tile Transpose Unpack Variable VariableV2
        ZerosLike
        """,
    )
)
FETCHED = ("inputs", "temperature", "softmax", "initial_state", "final_state")  # Magenta's collections


class MagentaRnn:
    """Magenta's own model with a bundle's weights."""

    model: Any  # a MelodyRnnModel or DrumsRnnModel

    def __init__(self, bundle: Bundle) -> None:
        """Build the network, and warm it up. Raises: FormatError for a network that may do harm."""
        tf.logging.set_verbosity(tf.logging.ERROR)
        self.bundle = bundle
        self._is_melody = bundle.configuration.model is Model.MELODY
        module = melody_rnn_model if self._is_melody else drums_rnn_model
        config = config_of(bundle.configuration, bundle.units, bundle.attention_length)
        self._encoder_decoder = config.encoder_decoder
        with suppress_output():
            self.model = (module.MelodyRnnModel if self._is_melody else module.DrumsRnnModel)(config)
            if bundle.metagraph:
                self.model._session = frozen_session(bundle)
            else:
                with tempfile.TemporaryDirectory(prefix="psc2-magenta-") as folder:
                    self.model.initialize_with_checkpoint(write_checkpoint(bundle, Path(folder)))
        next(self.continuation([bundle.configuration.min_pitch if self._is_melody else 0], 1.0, 0))

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        """The events that follow the primer's, for as long as they are asked for.

        They are made as many at a time as the primer has. Each time Magenta hears all that came before.
        """
        np.random.seed(seed)  # Magenta draws from NumPy's global generator
        sequence = self.sequence(primer)
        while True:
            length = len(sequence)
            # Not ``generate_melody``, which would move all that came before into the key that it finds in it.
            sequence = self.model._generate_events(length + len(primer), sequence, temperature=temperature)
            yield from (self._event(event) for event in list(sequence)[length:])

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        """How likely each class was after each event, (events, classes)."""
        session = self.model._session
        collection = session.graph.get_collection
        inputs = self._encoder_decoder.get_inputs_batch([self.sequence(events)], full_length=True)
        inputs *= self.model._batch_size()  # some bundles' graphs are for several sequences at a time
        feed = {collection("inputs")[0]: inputs} | dict.fromkeys(collection("temperature"), 1.0)
        softmaxes: Tensor = session.run(collection("softmax")[0], feed)[0]
        return softmaxes

    def log_likelihood(self, events: Sequence[int]) -> float:
        """The log likelihood of all events after the first, in nats, as note-seq adds it up for Magenta."""
        softmaxes = self.softmaxes(events)[:-1]
        sequence = self.sequence(events)
        return float(self._encoder_decoder.evaluate_log_likelihood([sequence], [softmaxes])[0])

    def close(self) -> None:
        """End the TensorFlow session."""
        self.model.close()

    def sequence(self, events: Sequence[int]) -> Any:
        """Our events as a note-seq sequence of this model's kind."""
        return sequence_of(events, self._encoder_decoder)

    def _event(self, event: Any) -> int:
        """An event of a note-seq sequence as one of ours."""
        return int(event) if self._is_melody else self._encoder_decoder._one_hot_encoding.encode_event(event)


def config_of(configuration: Configuration, units: Sequence[int], attention: int) -> Any:
    """Magenta's own configuration, for layers of these sizes, one sequence at a time and no dropout."""
    module = melody_rnn_model if configuration.model is Model.MELODY else drums_rnn_model
    config = copy.deepcopy(module.default_configs[configuration.id])
    config.hparams.batch_size = 1
    config.hparams.dropout_keep_prob = 1.0
    config.hparams.rnn_layer_sizes = list(units)
    config.hparams.attn_length = attention
    return config


def sequence_of(events: Sequence[int], encoder_decoder: Any) -> Any:
    """Our events as the note-seq sequence, Melody or DrumTrack, that ``encoder_decoder`` encodes."""
    if isinstance(encoder_decoder, note_seq.KeyMelodyEncoderDecoder) or isinstance(
        encoder_decoder._one_hot_encoding, note_seq.MelodyOneHotEncoding
    ):
        return note_seq.Melody(list(events))
    decode = encoder_decoder._one_hot_encoding.decode_event
    return note_seq.DrumTrack([decode(event) for event in events])


# --- the bundle's weights in TensorFlow -----------------------------------------------


def write_checkpoint(bundle: Bundle, folder: Path) -> str:
    """Write a checkpoint of the weights, under the names that Magenta gives them today. Returns: its path."""
    path = str(folder / "model.ckpt")
    with tf.Graph().as_default(), tf.Session() as session:
        for name, tensor in bundle.tensors.items():
            tf.get_variable(current_name(name), initializer=tensor)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, path, write_meta_graph=False)
    return path


def current_name(name: str) -> str:
    """A variable's name in today's Magenta; the output layer's, tf_slim's, keep their old names.

    >>> current_name("fully_connected/kernel")
    'fully_connected/weights'
    """
    return {f"{OUTPUT}/kernel": f"{OUTPUT}/weights", f"{OUTPUT}/bias": f"{OUTPUT}/biases"}.get(name, name)


def frozen_session(bundle: Bundle) -> Any:
    """The bundle's own network of 2016, with its weights as constants.

    Of the stranger's graph nothing is taken but what the softmax and the next state are computed
    from, and only if it is made of harmless operations. Raises: FormatError.
    """
    meta = tf.MetaGraphDef.FromString(bundle.metagraph)
    names = {key: list(meta.collection_def[key].node_list.value) for key in FETCHED}
    nodes = {node.name: node for node in meta.graph_def.node}
    frozen = tf.GraphDef(versions=meta.graph_def.versions)
    for name in ancestors(nodes, [name for key in FETCHED for name in names[key]]):
        frozen.node.append(frozen_node(nodes[name], bundle.tensors))
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(frozen, name="")
        for key in FETCHED:
            for name in names[key]:
                tf.add_to_collection(key, graph.get_tensor_by_name(name))
    return tf.Session(graph=graph)


def ancestors(nodes: Mapping[str, Any], tensors: Sequence[str]) -> set[str]:
    """The names of all the nodes that the tensors are computed from. Raises: FormatError."""
    found: set[str] = set()
    open_names = [node_of(tensor) for tensor in tensors]
    while open_names:
        name = open_names.pop()
        if name in found:
            continue
        if name not in nodes:
            raise FormatError(f"expected a node {name} in the metagraph, got none")
        found.add(name)
        open_names += [node_of(tensor) for tensor in nodes[name].input]
    return found


def node_of(tensor: str) -> str:
    """The name of the node that a tensor or a control input comes from.

    >>> node_of("RNN/while/Exit_2:0"), node_of("^RNN/zeros")
    ('RNN/while/Exit_2', 'RNN/zeros')
    """
    return tensor.removeprefix("^").split(":")[0]


def frozen_node(node: Any, tensors: Mapping[str, Tensor]) -> Any:
    """A copy of the node, with a variable's weights as a constant. Raises: FormatError for a harmful one."""
    if node.op not in ALLOWED_OPERATIONS:
        raise FormatError(f"expected a network of harmless operations, got {node.op} in {node.name}")
    if node.op not in ("Variable", "VariableV2"):
        harmless = tf.NodeDef()
        harmless.CopyFrom(node)
        harmless.attr.pop("_class", None)
        harmless.device = ""  # both say where it ran
        return harmless
    constant = tf.NodeDef(name=node.name, op="Const")
    constant.attr["dtype"].type = tf.float32.as_datatype_enum
    constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(tensors[modern_name(node.name)]))
    return constant
