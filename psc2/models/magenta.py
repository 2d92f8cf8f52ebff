"""The reference engine: Magenta's own MelodyRNN and DrumsRNN, in TensorFlow.

The session is made once and kept, for one sequence at a time; in 2018 it was made anew for
every call. Needs the extra ``magenta``. No other module imports TensorFlow.
"""

from __future__ import annotations

import copy
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # Magenta's networks are Keras 2's
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow has much to say about the machine
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of pydub, that it finds no ffmpeg; of TensorFlow, on what is old
    import note_seq
    import tensorflow.compat.v1 as tf
    from magenta.models.drums_rnn import drums_rnn_model
    from magenta.models.melody_rnn import melody_rnn_model

import numpy as np

from psc2.core.events import DrumsRequest, Hit, MelodyRequest, Model
from psc2.models import primers
from psc2.models.bundle import Bundle
from psc2.models.network import modern_name
from psc2.models.tensorflow_files import FormatError, Tensor

STEPS_PER_PITCH = 2  # how many steps are asked for, for each pitch that is still wanted
WARM_UP_STEPS = 4

# What a network of a bundle may be made of. Nothing here reads or writes a file, or runs Python.
HARMLESS_OPERATIONS = frozenset(
    "Add AddV2 BiasAdd Cast Concat ConcatV2 Const Conv2D Div Enter Exit ExpandDims Fill Identity Less "
    "LogicalAnd LoopCond MatMul Maximum Merge Minimum Mul NextIteration Pack Placeholder Range RealDiv "
    "Reshape Shape Sigmoid Slice Softmax Split SplitV Squeeze StopGradient StridedSlice Sub Sum Switch "
    "Tanh TensorArrayGatherV2 TensorArrayGatherV3 TensorArrayReadV2 TensorArrayReadV3 "
    "TensorArrayScatterV2 TensorArrayScatterV3 TensorArraySizeV2 TensorArraySizeV3 TensorArrayV2 "
    "TensorArrayV3 TensorArrayWriteV2 TensorArrayWriteV3 Tile Transpose Unpack Variable VariableV2 "
    "ZerosLike".split()
)
FETCHED = ("inputs", "temperature", "softmax", "initial_state", "final_state")  # Magenta's collections


class MagentaRnn:
    """Magenta's own model with a bundle's weights."""

    def __init__(self, bundle: Bundle) -> None:
        """Raises: FormatError for a bundle whose network cannot be trusted."""
        tf.logging.set_verbosity(tf.logging.ERROR)
        self.bundle = bundle
        of_melodies = bundle.configuration.model is Model.MELODY
        module = melody_rnn_model if of_melodies else drums_rnn_model
        config = copy.deepcopy(module.default_configs[bundle.configuration.id])
        config.hparams.batch_size = 1
        config.hparams.rnn_layer_sizes = bundle.units
        config.hparams.attn_length = bundle.attention_length
        self.encoder_decoder = config.encoder_decoder
        self.model = (melody_rnn_model.MelodyRnnModel if of_melodies else drums_rnn_model.DrumsRnnModel)(
            config
        )
        if bundle.metagraph:
            self.model._session = frozen_session(bundle)
        else:
            with tempfile.TemporaryDirectory(prefix="psc2-magenta-") as folder:
                self.model.initialize_with_checkpoint(write_checkpoint(bundle, Path(folder)))
        self.softmaxes([0] * WARM_UP_STEPS if not of_melodies else [60] * WARM_UP_STEPS)

    def sequence(self, events: Sequence[int]) -> Any:
        """The events as Magenta holds them: a Melody or a DrumTrack."""
        if self.bundle.configuration.model is Model.MELODY:
            return note_seq.Melody(list(events))
        decode = self.encoder_decoder._one_hot_encoding.decode_event
        return note_seq.DrumTrack([decode(event) for event in events])

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        """How likely each class was after each event, (events, classes)."""
        session = self.model._session
        collection = session.graph.get_collection
        feed = {
            collection("inputs")[0]: self.encoder_decoder.get_inputs_batch(
                [self.sequence(events)], full_length=True
            ),
            **{temperature: 1.0 for temperature in collection("temperature")},
        }
        result: Tensor = session.run(collection("softmax")[0], feed)[0]
        return result

    def log_likelihood(self, events: Sequence[int]) -> float:
        """Of all the events after the first, in nats, as note-seq adds it up for Magenta."""
        softmaxes = self.softmaxes(events)[:-1]
        return float(
            self.encoder_decoder.evaluate_log_likelihood([self.sequence(events)], softmaxes[np.newaxis])[0]
        )

    def close(self) -> None:
        self.model.close()


class MagentaMelody:
    """A MelodyRNN."""

    def __init__(self, bundle: Bundle) -> None:
        """Raises: FormatError."""
        self._rnn = MagentaRnn(bundle)

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
        """New pitches in the primer's register; none any more where the model stays silent."""
        np.random.seed(request.seed)  # Magenta draws from NumPy's global generator
        melody = self._rnn.sequence(primers.melody_events(request))
        steps = STEPS_PER_PITCH * request.num_pitches
        pitches = [0]
        while pitches:
            primer_length = len(melody)
            melody = self._rnn.model.generate_melody(
                primer_length + steps, melody, temperature=request.temperature
            )
            pitches = [event for event in list(melody)[primer_length:] if event >= 0]
            yield from map(int, pitches)


class MagentaDrums:
    """A DrumsRNN."""

    def __init__(self, bundle: Bundle) -> None:
        """Raises: FormatError."""
        self._rnn = MagentaRnn(bundle)

    def make_beat(self, request: DrumsRequest) -> Iterator[Hit]:
        """The strokes of a beat as long as the loop, in order of their steps."""
        np.random.seed(request.seed)
        configuration = self._rnn.bundle.configuration
        primer = primers.drum_events(request, configuration)
        track = self._rnn.model.generate_drum_track(
            2 * len(primer), self._rnn.sequence(primer), temperature=request.temperature
        )
        encode = self._rnn.encoder_decoder._one_hot_encoding.encode_event
        for number, event in enumerate(list(track)[len(primer) :]):
            yield from primers.hits_of(encode(event), number, request, configuration)


# --- the bundle's weights in TensorFlow -----------------------------------------------


def write_checkpoint(bundle: Bundle, folder: Path) -> str:
    """The weights as a checkpoint under the names that Magenta gives them today. Returns: its path."""
    path = str(folder / "model.ckpt")
    with tf.Graph().as_default(), tf.Session() as session:
        for name, tensor in bundle.tensors.items():
            tf.get_variable(todays_name(name), initializer=tensor)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, path, write_meta_graph=False)
    return path


def todays_name(name: str) -> str:
    """tf_slim's layers keep the old words.

    >>> todays_name("fully_connected/kernel")
    'fully_connected/weights'
    """
    scope, _, word = name.rpartition("/")
    return f"{scope}/{({'kernel': 'weights', 'bias': 'biases'}[word])}" if scope == "fully_connected" else name


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
    """
    >>> node_of("RNN/while/Exit_2:0"), node_of("^RNN/zeros")
    ('RNN/while/Exit_2', 'RNN/zeros')
    """
    return tensor.removeprefix("^").split(":")[0]


def frozen_node(node: Any, tensors: Mapping[str, Tensor]) -> Any:
    """The node; a variable's with its weights. Raises: FormatError for one that could do harm."""
    if node.op not in HARMLESS_OPERATIONS:
        raise FormatError(f"expected a network of harmless operations, got {node.op} in {node.name}")
    if node.op not in ("Variable", "VariableV2"):
        harmless = tf.NodeDef()
        harmless.CopyFrom(node)
        harmless.attr.pop("_class", None)  # where it ran
        return harmless
    constant = tf.NodeDef(name=node.name, op="Const")
    constant.attr["dtype"].type = tf.float32.as_datatype_enum
    constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(tensors[modern_name(node.name)]))
    return constant
