"""Magenta's own evaluation: the graph and the loss with which its trainer scores a network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from psc2.models.bundles.bundle import Bundle
from psc2.models.magenta import engine as magenta  # first: it tells TensorFlow which Keras to use

with magenta.suppress_output():
    import tensorflow.compat.v1 as tf
    from magenta.models.shared import events_rnn_graph

NO_FILE = "none"  # the graph wants to read one, but is fed


def nats_per_event(bundle: Bundle, passages: Sequence[Sequence[int]]) -> float:
    """The loss of ``melody_rnn_train --eval`` and ``drums_rnn_train --eval`` over all the passages.

    The passages are encoded by note-seq, and fed to the graph one by one. The queue that Magenta
    would read them from gives some of them twice, and others never.
    """
    config = magenta.config_of(bundle.configuration, bundle.units, bundle.attention_length)
    with tempfile.TemporaryDirectory(prefix="psc2-evaluation-") as folder, magenta.suppress_output():
        checkpoint = magenta.write_checkpoint(bundle, Path(folder))
        with tf.Graph().as_default():
            events_rnn_graph.get_build_graph_fn("eval", config, [NO_FILE])()
            return _loss(checkpoint, _encoded(passages, config.encoder_decoder))


def _encoded(passages: Sequence[Sequence[int]], encoder_decoder: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Inputs, labels and length of each passage, in a batch of its own."""
    for passage in passages:
        inputs, labels = encoder_decoder.encode(magenta.sequence_of(passage, encoder_decoder))
        yield [inputs], [labels], [len(labels)]


def _loss(checkpoint: str, batches: Iterator[tuple[Any, Any, Any]]) -> float:
    """The loss of the default graph over all batches, in nats per event."""
    (dequeued,) = (op for op in tf.get_default_graph().get_operations() if op.type == "QueueDequeueManyV2")
    (loss,), updates = tf.get_collection("loss"), tf.get_collection("eval_ops")
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        tf.train.Saver().restore(session, checkpoint)
        for batch in batches:
            session.run(updates, dict(zip(dequeued.outputs, batch, strict=True)))
        return float(session.run(loss))
