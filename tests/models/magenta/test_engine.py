"""The magenta engine, and the graphs of strangers: made of harmless operations, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psc2.errors import ModelError
from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.catalogue import open_classes
from tests.models.bundles.examples import Foundry

pytestmark = pytest.mark.models

LAYERS, LENGTH = (6, 4), 3
EVENTS = [60, -2, 62, -1, 64, 65, 67]


class Forge:
    """Bundles of 2016 with something put into their graphs."""

    def __init__(self, foundry: Foundry, path: Path) -> None:
        self.tf = foundry.tf
        self.path = path  # what a graph may want to write
        self._foundry = foundry
        self._parsed = foundry.parsed(foundry.make_old(LAYERS, LENGTH))
        self.meta = self.tf.MetaGraphDef.FromString(self._parsed.metagraph_file)
        self.graph = self.meta.graph_def

    def bundle(self) -> Bundle:
        self._parsed.metagraph_file = self.meta.SerializeToString()
        return read_bundle(self._parsed.SerializeToString())

    def add(self, name: str, op: str, *inputs: str, **types: Any) -> Any:
        node = self.graph.node.add(name=name, op=op, input=inputs)
        for key, value in types.items():
            node.attr[key].type = value.as_datatype_enum
        return node

    def text(self, name: str, value: str) -> None:
        node = self.add(name, "Const", dtype=self.tf.string)
        node.attr["value"].tensor.CopyFrom(self.tf.make_tensor_proto(value))

    def write_file(self) -> str:
        self.text("name", str(self.path))
        self.text("contents", "gotcha")
        self.add("evil", "WriteFile", "name", "contents")
        return "^evil"

    def read_file(self) -> str:
        self.text("name", "/etc/passwd")
        self.add("evil", "ReadFile", "name")
        return "^evil"

    def save(self) -> str:
        self.text("name", str(self.path))
        self.text("contents", "gotcha")
        node = self.add("evil", "SaveV2", "name", "contents", "contents", "contents")
        node.attr["dtypes"].list.type.append(self.tf.string.as_datatype_enum)
        return "^evil"

    def print_out(self) -> str:
        self.text("contents", "gotcha")
        self.add("evil", "PrintV2", "contents").attr["output_stream"].s = f"file://{self.path}".encode()
        return "^evil"

    def python(self) -> str:
        node = self.add("evil", "PyFunc", self.logits)
        node.attr["token"].s = b"pyfunc_0"
        node.attr["Tin"].list.type.append(self.tf.float32.as_datatype_enum)
        node.attr["Tout"].list.type.append(self.tf.float32.as_datatype_enum)
        return "evil:0"

    def function(self) -> str:
        """A function of the graph's own library, under a name of its own."""
        function = self.meta.graph_def.library.function.add()
        function.signature.name = "Evil"
        self.text("contents", "gotcha")
        self.add("evil", "Evil", "contents")
        return "^evil"

    def called_function(self) -> str:
        self.add("evil", "StatefulPartitionedCall").attr["f"].func.name = "Evil"
        return "^evil"

    @property
    def softmax(self) -> Any:
        (node,) = [node for node in self.graph.node if node.op == "Softmax" and "while" not in node.name]
        return node

    @property
    def logits(self) -> str:
        logits: str = self.softmax.input[0]
        return logits


EVILS = (
    Forge.write_file,
    Forge.read_file,
    Forge.save,
    Forge.print_out,
    Forge.python,
    Forge.function,
    Forge.called_function,
)


@pytest.fixture
def forge(foundry: Foundry, tmp_path: Path) -> Forge:
    return Forge(foundry, tmp_path / "written")


def refused(bundle: Bundle) -> str:
    """What is said of a bundle that the engine does not take: one line."""
    with pytest.raises(ModelError) as raised:
        open_classes(bundle, "magenta")
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 500
    return str(raised.value)


def test_a_graph_with_nothing_put_in_is_taken(forge: Forge) -> None:
    bundle = forge.bundle()
    difference = open_classes(bundle, "magenta").softmaxes(EVENTS) - open_classes(bundle, "native").softmaxes(
        EVENTS
    )
    assert np.abs(difference).max() < 1e-5


@pytest.mark.parametrize("put_in", EVILS, ids=lambda put_in: put_in.__name__)
def test_a_graph_that_does_more_than_reckon_is_refused(forge: Forge, put_in: Callable[[Forge], str]) -> None:
    evil = put_in(forge)
    softmax = forge.softmax
    if evil.startswith("^"):
        softmax.input.append(evil)
    else:
        softmax.input[0] = evil
    told = refused(forge.bundle())
    assert "expected a network of harmless operations, got" in told
    assert not forge.path.exists()


@pytest.mark.parametrize("put_in", EVILS, ids=lambda put_in: put_in.__name__)
def test_it_is_refused_within_the_loop_too(forge: Forge, put_in: Callable[[Forge], str]) -> None:
    evil = put_in(forge)
    tanh = next(node for node in forge.graph.node if node.op == "Tanh" and "while" in node.name)
    tanh.input.append(f"^{evil.lstrip('^').split(':')[0]}")
    assert "harmless operations" in refused(forge.bundle())
    assert not forge.path.exists()


@pytest.mark.parametrize("put_in", EVILS, ids=lambda put_in: put_in.__name__)
def test_what_the_softmax_does_not_need_is_left_out(forge: Forge, put_in: Callable[[Forge], str]) -> None:
    """As every bundle of Magenta's has: what saves and restores."""
    put_in(forge)
    for key in ("init_op", "table_initializer", "train_op"):
        forge.meta.collection_def[key].node_list.value.append("evil")
    softmaxes = open_classes(forge.bundle(), "magenta").softmaxes(EVENTS)
    assert np.abs(softmaxes.sum(axis=1) - 1).max() < 1e-5
    assert not forge.path.exists()


def test_the_graph_of_a_bundle_of_today_is_not_even_kept(foundry: Foundry, tmp_path: Path) -> None:
    """Magenta builds such a network itself, so that nothing of the file's graph is run."""
    forge = Forge(foundry, tmp_path / "written")
    evil = forge.write_file()
    forge.softmax.input.append(evil)
    parsed = foundry.parsed(foundry.make("attention_rnn", LAYERS, LENGTH))
    original = read_bundle(parsed.SerializeToString())
    meta = forge.tf.MetaGraphDef.FromString(parsed.metagraph_file)
    meta.graph_def.node.extend(forge.graph.node[-3:])
    next(node for node in meta.graph_def.node if node.op == "Softmax").input.append(evil)
    parsed.metagraph_file = meta.SerializeToString()
    bundle = read_bundle(parsed.SerializeToString())
    assert bundle.metagraph == b""
    softmaxes = open_classes(bundle, "magenta").softmaxes(EVENTS)
    assert np.abs(softmaxes - open_classes(original, "native").softmaxes(EVENTS)).max() < 1e-5
    assert not forge.path.exists()


def test_where_the_graph_once_ran_does_not_matter(forge: Forge) -> None:
    for node in forge.graph.node:
        node.device = "/job:worker/replica:0/task:7/device:GPU:3"
    assert open_classes(forge.bundle(), "magenta").softmaxes(EVENTS).shape == (7, 40)


def spoil_nothing_named(forge: Forge) -> None:
    forge.softmax.input[0] = "nobody"


def spoil_collections(forge: Forge) -> None:
    del forge.meta.collection_def["softmax"]


def spoil_inputs(forge: Forge) -> None:
    del forge.meta.collection_def["inputs"]


def spoil_output_number(forge: Forge) -> None:
    forge.meta.collection_def["softmax"].node_list.value[0] = "Softmax:7"


def spoil_attribute(forge: Forge) -> None:
    forge.softmax.attr["T"].type = forge.tf.string.as_datatype_enum


def spoil_arity(forge: Forge) -> None:
    forge.softmax.input.append(forge.logits)


def spoil_variable(forge: Forge) -> None:
    next(node for node in forge.graph.node if node.op == "VariableV2").name = "somebody_elses"


def spoil_added_variable(forge: Forge) -> None:
    forge.add("strange", "VariableV2", dtype=forge.tf.float32).attr["shape"].shape.dim.add(size=1)
    forge.softmax.input.append("^strange")


def spoil_names(forge: Forge) -> None:
    forge.softmax.name = "\n" * 1000


def spoil_cycle(forge: Forge) -> None:
    forge.softmax.input[0] = forge.softmax.name


def spoil_shape(forge: Forge) -> None:
    """A softmax of other sizes than there are classes."""
    forge.meta.collection_def["softmax"].node_list.value[0] = forge.meta.collection_def[
        "temperature"
    ].node_list.value[0]


SPOILS = (
    spoil_nothing_named,
    spoil_collections,
    spoil_inputs,
    spoil_output_number,
    spoil_attribute,
    spoil_arity,
    spoil_variable,
    spoil_added_variable,
    spoil_names,
    spoil_cycle,
    spoil_shape,
)


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_a_graph_that_does_not_fit_together_is_one_line(forge: Forge, spoil: Callable[[Forge], None]) -> None:
    spoil(forge)
    refused(forge.bundle())


def test_a_metagraph_that_is_cut_off_is_one_line(forge: Forge) -> None:
    bundle = forge.bundle()
    cut = Bundle(
        bundle.configuration,
        bundle.description,
        bundle.tensors,
        bundle.attention_length,
        bundle.sha256,
        bundle.metagraph[:-100],
    )
    refused(cut)
