"""Bundles: read as TensorFlow reads them, under all the names that they have had, and never trusted."""

import os
import pickle
import re
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.models.bundles.bundle import MAX_BUNDLE_BYTES, MAX_METAGRAPH_BYTES, Bundle, read_bundle
from psc2.models.bundles.checkpoint import MAX_META_BYTES, MAX_TENSORS, FormatError, read_checkpoint
from psc2.models.rnn.configurations import CONFIGURATIONS
from tests.models.bundles import tables
from tests.models.bundles.examples import AROUND_FIRST, Floats, Foundry, same, state_sizes, weights, written

ATTENTION = (6, 4)  # units of the layers …
LENGTH = 5  # … and how far it looks back
LSTM = "rnn/multi_rnn_cell/cell_0/basic_lstm_cell/"


def attention_rnn(tensors: dict[str, Floats], length: int = LENGTH) -> bytes:
    metagraph = tables.metagraph(state_sizes(ATTENTION, length))
    return tables.bundle("attention_rnn", tables.checkpoint(tensors), metagraph=metagraph)


def basic_rnn(*checkpoints: bytes, metagraph: bytes = b"") -> bytes:
    return tables.bundle("basic_rnn", *checkpoints, metagraph=metagraph)


SMALL = written("basic_rnn", (2,))
WITH_ATTENTION = written("attention_rnn", ATTENTION, LENGTH)


# --- good ones ------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_is_in_a_bundle(name: str) -> None:
    data = written(name, (8, 4), 3)
    bundle = read_bundle(data)
    assert (bundle.configuration, bundle.units, bundle.attention_length) == (CONFIGURATIONS[name], [8, 4], 3)
    assert bundle.description == "by hand"
    assert bundle.num_weights == sum(tensor.size for tensor in weights(name, (8, 4), 3).values())
    assert bundle.metagraph == b""


@pytest.mark.models
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_checkpoint_is_read_as_tensorflow_reads_it(name: str, foundry: Foundry, tmp_path: Path) -> None:
    data = foundry.make(name)
    (checkpoint,) = foundry.parsed(data).checkpoint_file
    (tmp_path / "checkpoint").write_bytes(checkpoint)
    theirs = foundry.tf.train.load_checkpoint(str(tmp_path / "checkpoint"))
    ours = read_checkpoint(checkpoint)
    assert sorted(ours) == sorted(theirs.get_variable_to_shape_map())
    for variable, tensor in ours.items():
        assert np.array_equal(tensor, theirs.get_tensor(variable))


@pytest.mark.models
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_bundle_is_the_same_however_its_checkpoint_was_written(name: str, foundry: Foundry) -> None:
    """What is written by hand here, for the tests' sake, is what TensorFlow writes."""
    parsed = foundry.parsed(foundry.make(name))
    again = tables.checkpoint(read_checkpoint(parsed.checkpoint_file[0]))
    rewritten = tables.bundle(name, again, metagraph=parsed.metagraph_file)
    assert same(read_bundle(foundry.make(name)), read_bundle(rewritten))


@pytest.mark.models
def test_a_bundle_of_strangers_is_read(third_party: bytes) -> None:
    bundle = read_bundle(third_party)
    assert (bundle.configuration.id, bundle.units, bundle.attention_length) == ("attention_rnn", [64, 64], 40)
    assert bundle.num_weights == 110_358
    assert bundle.metagraph


# What variables were called in 2016, and what at the beginning of 2017.
NAMES_OF_2016 = (
    ("rnn/multi_rnn_cell/cell_", "RNN/MultiRNNCell/Cell"),
    ("attention_cell_wrapper", "AttentionCellWrapper"),
    ("/attention/", "/Attention/"),
    ("attn_output_projection", "AttnOutputProjection"),
    ("attn_w", "AttnW"),
    ("attn_v", "AttnV"),
    ("basic_lstm_cell", "BasicLSTMCell"),
    ("/kernel", "/Linear/Matrix"),
    ("/bias", "/Linear/Bias"),
    ("fully_connected/Linear/Bias", "fully_connected/biases"),
)
NAMES_OF_2017 = (("/kernel", "/weights"), ("/bias", "/biases"), ("/biaseses", "/biases"))


def renamed(tensors: dict[str, Floats], names: tuple[tuple[str, str], ...]) -> dict[str, Floats]:
    def old(name: str) -> str:
        for today, then in names:
            name = name.replace(today, then)
        return name

    return {name if name.startswith("fully") else old(name): tensor for name, tensor in tensors.items()}


@pytest.mark.parametrize("names", [NAMES_OF_2016, NAMES_OF_2017], ids=["2016", "2017"])
def test_the_names_of_other_years_are_the_same_network(names: tuple[tuple[str, str], ...]) -> None:
    tensors = weights("attention_rnn", ATTENTION, LENGTH)
    then = renamed(tensors, names)
    assert not set(then) & {name for name in tensors if name.startswith("rnn/") and "attn_" not in name}
    assert same(read_bundle(attention_rnn(then)), read_bundle(WITH_ATTENTION))


def test_the_names_of_2016_are_these() -> None:
    assert sorted(renamed(weights("attention_rnn", ATTENTION, LENGTH), NAMES_OF_2016)) == [
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/Attention/AttnV",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/Attention/AttnW",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/Attention/Linear/Bias",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/Attention/Linear/Matrix",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/AttnOutputProjection/Linear/Bias",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/AttnOutputProjection/Linear/Matrix",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/BasicLSTMCell/Linear/Bias",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/BasicLSTMCell/Linear/Matrix",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/Linear/Bias",
        "RNN/MultiRNNCell/Cell0/AttentionCellWrapper/Linear/Matrix",
        "RNN/MultiRNNCell/Cell1/BasicLSTMCell/Linear/Bias",
        "RNN/MultiRNNCell/Cell1/BasicLSTMCell/Linear/Matrix",
        "fully_connected/biases",
        "fully_connected/weights",
    ]


def test_what_training_left_in_a_checkpoint_is_not_kept() -> None:
    tensors = weights("basic_rnn", (2,))
    left = {
        f"{LSTM}kernel/Adam": np.ones((3,), np.float32),
        f"{LSTM}kernel/Adam_1": np.ones((3,), np.float32),
        "beta1_power": np.ones((1,), np.float32),
    }
    assert same(read_bundle(basic_rnn(tables.checkpoint({**tensors, **left}))), read_bundle(SMALL))


def test_a_step_counter_is_passed_over() -> None:
    tensors = weights("basic_rnn", (2,))
    described = [tables.described(name, tensor.shape) for name, tensor in tensors.items()]
    counter = tables.described("global_step", [], kind=9)
    entries = [tables.values(name, tensor) for name, tensor in tensors.items()]
    table = tables.table([[tables.meta([*described, counter])], entries])
    assert same(read_bundle(basic_rnn(table)), read_bundle(SMALL))


# --- damaged ones ---------------------------------------------------------------------


def refused(data: bytes) -> str:
    """Why a bundle is refused, one line."""
    with pytest.raises(FormatError) as raised:
        read_bundle(data)
    message = str(raised.value)
    assert message.isprintable()
    assert len(message) < 500
    return message


def refused_or_same(data: bytes, good: Bundle) -> bool:
    """Whether it is refused, which is not said of a bundle of another network."""
    try:
        bundle = read_bundle(data)
    except FormatError:
        return True
    assert same(bundle, good)
    return False


def test_every_end_that_a_file_may_have_too_soon() -> None:
    """Without its last fields, the metagraph and the description, it is still the same network."""
    good = read_bundle(SMALL)
    read = [length for length in range(len(SMALL)) if not refused_or_same(SMALL[:length], good)]
    checkpoint = tables.checkpoint(weights("basic_rnn", (2,)))
    metagraph = tables.part(3, tables.metagraph(state_sizes((2,), 0)))
    end = SMALL.index(checkpoint) + len(checkpoint)
    assert read == [end, end + len(metagraph)]


def test_every_byte_that_may_be_wrong() -> None:
    good, random = read_bundle(SMALL), np.random.default_rng(1)
    taken = []
    for place in range(len(SMALL)):
        wrong = bytearray(SMALL)
        wrong[place] ^= int(random.integers(1, 256))
        if not refused_or_same(bytes(wrong), good):
            taken.append(place)
    checkpoint = tables.checkpoint(weights("basic_rnn", (2,)))
    begin = SMALL.index(checkpoint)
    assert not [place for place in taken if begin <= place < begin + 0.9 * len(checkpoint)]


EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=3), st.integers(0, 3)),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=300)
@given(edits=EDITS)
def test_bytes_that_are_wrong_or_missing_or_too_many(edits: list[tuple[float, bytes, int]]) -> None:
    """Nothing in a file vouches for what it says of attention's length; for all else something does."""
    data = WITH_ATTENTION
    for place, new, lost in edits:
        at = int(place * len(data))
        data = data[:at] + new + data[at + lost :]
    try:
        bundle = read_bundle(data)
    except FormatError:
        return
    good = read_bundle(WITH_ATTENTION)
    assert bundle.tensors.keys() == good.tensors.keys()
    assert all(np.array_equal(bundle.tensors[name], good.tensors[name]) for name in good.tensors)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_at_all(data: bytes) -> None:
    refused(data)


@pytest.mark.models
def test_a_real_bundle_with_wrong_bytes_is_refused_or_the_same(foundry: Foundry) -> None:
    data, random = foundry.make("attention_rnn", (16, 24), 40), np.random.default_rng(1)
    good = read_bundle(data)
    for _ in range(200):
        wrong = bytearray(data)
        wrong[random.integers(len(data))] ^= int(random.integers(1, 256))
        refused_or_same(bytes(wrong), good)
    for length in random.integers(len(data), size=100):
        refused(data[:length])


# --- foreign ones ---------------------------------------------------------------------


class Vandal:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self._path}",)


FOREIGN = {
    "nothing": b"",
    "text": b"Dear model,\n" * 100,
    "midi": b"MThd\0\0\0\x06\0\x01\0\x02\x01\xe0MTrk\0\0\0\x04\0\xff\x2f\0",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89",
    "zip": b"PK\x03\x04" + bytes(60),
    "zeros": bytes(10_000),
    "another protocol buffer": tables.metagraph([8, 8]),
    "a NoteSequence": tables.part(1, b"id") + tables.part(2, b"song.mid") + tables.number(4, 220),
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_something_else_is_refused(data: bytes) -> None:
    assert refused(data).startswith("expected a ")


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    vandal = pickle.dumps(Vandal(tmp_path / "made"))
    refused(vandal)
    refused(basic_rnn(vandal))
    assert not (tmp_path / "made").exists()


WEIGHTS = weights("basic_rnn", (2,))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            tables.bundle("performance_rnn", tables.checkpoint(WEIGHTS)),
            "expected a bundle of basic_rnn, mono_rnn, lookback_rnn, attention_rnn, one_drum, drum_kit, "
            "got one of 'performance_rnn'",
        ),
        (tables.bundle("a\nb" * 99, b""), "got one of 'a�ba�ba�ba�ba�ba�ba�ba�ba�ba�ba�ba�ba�ba'"),
        (basic_rnn(), "expected one checkpoint in the bundle, got 0"),
        (basic_rnn(*[tables.checkpoint(WEIGHTS)] * 2), "expected one checkpoint in the bundle, got 2"),
        (
            tables.bundle("lookback_rnn", tables.checkpoint(WEIGHTS)),
            "expected fully_connected/kernel of shape [2, 40], got [2, 38]",
        ),
        (
            basic_rnn(tables.checkpoint({**WEIGHTS, f"{LSTM}kernel": np.ones((41, 8), np.float32)})),
            f"expected {LSTM}kernel of shape [40, 8], got [41, 8]",
        ),
        (
            basic_rnn(tables.checkpoint({**WEIGHTS, f"{LSTM}bias": np.ones(6, np.float32)})),
            f"expected {LSTM}bias of shape [4 · units], got [6]",
        ),
        (written("basic_rnn", (2,) * 17), "expected the weights of 1–16 LSTM layers, got layers [0, 1, 2"),
        (basic_rnn(tables.checkpoint({})), "expected the weights of 1–16 LSTM layers, got layers []"),
        (tables.bundle("attention_rnn", tables.checkpoint(weights("attention_rnn", ATTENTION, LENGTH))),
         "expected a state of 26 + 6 · attention length, got 0"),
        (attention_rnn(weights("attention_rnn", ATTENTION, LENGTH), length=0),
         "expected a state of 26 + 6 · attention length, got 20"),
    ],
)  # fmt: skip
def test_a_bundle_of_something_else_is_reported_as_what_it_is(data: bytes, message: str) -> None:
    assert message in refused(data)


@pytest.mark.parametrize("name", weights("attention_rnn", ATTENTION, LENGTH))
def test_each_variable_is_needed_and_has_its_shape(name: str) -> None:
    tensors = weights("attention_rnn", ATTENTION, LENGTH)
    refused(attention_rnn({other: tensor for other, tensor in tensors.items() if other != name}))
    refused(attention_rnn({**tensors, name: np.concatenate((tensors[name], tensors[name]))}))
    refused(attention_rnn({**tensors, name: tensors[name][..., np.newaxis]}))


def test_a_layer_in_between_is_needed() -> None:
    tensors = weights("basic_rnn", (4, 3, 2))
    kept = {name: tensor for name, tensor in tensors.items() if "cell_1" not in name}
    assert "got layers [0, 2]" in refused(basic_rnn(tables.checkpoint(kept)))


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize("attention", [0, LENGTH])
def test_the_last_layers_are_needed_too_where_all_are_alike(lost: int, attention: int) -> None:
    kind, layers = "attention_rnn", (4, 4, 4)
    gone = tuple(f"cell_{number}/" for number in range(3 - lost, 3))
    kept = {
        name: tensor
        for name, tensor in weights(kind, layers, attention).items()
        if not any(cell in name for cell in gone)
    }
    metagraph = tables.metagraph(state_sizes(layers, attention))
    data = tables.bundle(kind, tables.checkpoint(kept), metagraph=metagraph)
    assert "expected the weights of a network whose state has parts of [4, 4, 4" in refused(data)


def test_weights_that_nobody_uses_are_refused() -> None:
    tensors = {**weights("basic_rnn", (2,)), "rnn/other/kernel": np.ones((2, 2), np.float32)}
    message = refused(basic_rnn(tables.checkpoint(tensors)))
    assert message == "expected weights of the network alone, got rnn/other/kernel beside them"


# --- hostile ones ---------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_weights_that_are_no_numbers_or_too_large(value: float) -> None:
    spoilt = WEIGHTS[f"{LSTM}bias"].copy()
    spoilt[3] = value
    message = refused(basic_rnn(tables.checkpoint({**WEIGHTS, f"{LSTM}bias": spoilt})))
    assert message == f"expected numbers within ±10000 in {LSTM}bias, got others"


def one_tensor(name: str, sizes: list[int], slices: int = 1, values: int = 1) -> bytes:
    described = tables.described(name, sizes, slices=slices)
    return basic_rnn(
        tables.table([[tables.meta([described])], [tables.values(name, np.ones(values, np.float32))]])
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (one_tensor("x", [2**40, 2**40]), "got 1 value"),
        (one_tensor("x", [2**32, 2**32]), "got 1 value"),  # 0 in 64 bits
        (one_tensor("x", [-1, -1]), "got 1 value"),
        (one_tensor("x", [0], values=0), "got 0 values"),
        (one_tensor("x", [1] * 65), "expected x of at most 8 dimensions, got 65"),
        (one_tensor("x", [2**62] * 50_000), "expected x of at most 8 dimensions, got 50000"),
        (one_tensor("x" * 100_000, [1]), "expected names of at most 256 bytes, got 100000"),
        (one_tensor("x", [1], slices=2), "expected x whole, got parts of it"),
        (one_tensor("x", [1], slices=0), "expected x whole, got parts of it"),
        (basic_rnn(tables.table([[tables.meta([tables.described("x", [1])])]])), "values of x, got none"),
        (
            basic_rnn(tables.table([[tables.meta([tables.described(f"{n}", [1]) for n in range(1001)])]])),
            f"expected at most {MAX_TENSORS} tensors, got 1001",
        ),
        (
            basic_rnn(
                tables.table(
                    [
                        [tables.meta([tables.described("x", [1])])],
                        [tables.values("x", np.ones(1, np.float32))] * 2,
                    ]
                )
            ),
            "expected x once, got it twice",
        ),
        (
            basic_rnn(tables.checkpoint({**WEIGHTS, f"{LSTM}weights": WEIGHTS[f"{LSTM}kernel"]})),
            "expected each variable once, got one under two of its names",
        ),
        (basic_rnn(tables.checkpoint(WEIGHTS, compression=1)), "expected an uncompressed checkpoint"),
        (basic_rnn(tables.checkpoint(WEIGHTS, repeat=50)), "expected each part of the checkpoint once"),
        (
            basic_rnn(tables.checkpoint({"rnn/multi_rnn_cell/cell_99999999999999999999/basic_lstm_cell/kernel":
                                         np.ones(1, np.float32)})),
            "got layers [99999999999999999999]",
        ),
    ],
)  # fmt: skip
def test_a_checkpoint_that_was_made_to_do_harm(data: bytes, message: str) -> None:
    assert message in refused(data)


def with_sizes(*sizes: int, copies: int = 1) -> bytes:
    tensors = tables.checkpoint(weights("attention_rnn", ATTENTION, LENGTH))
    return tables.bundle("attention_rnn", tensors, metagraph=tables.metagraph(sizes, copies))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (with_sizes(26, 6 * 10**12), "expected attention to 1–1000 steps, got 1000000000000"),
        (with_sizes(26, 6 * 1001), "expected attention to 1–1000 steps, got 1001"),
        (with_sizes(2**62, 2**62, 2**62), "expected a state of 26 + 6 · attention length"),
        (with_sizes(26, -6), "expected the size of the state zeros_1 in the metagraph, got none"),
        (with_sizes(26, 0), "expected the size of the state zeros_1 in the metagraph, got none"),
        (with_sizes(1, 1, copies=100_000), "expected a state of at most 34 parts in the metagraph, got more"),
    ],
)
def test_a_metagraph_that_was_made_to_do_harm(data: bytes, message: str) -> None:
    assert message in refused(data)


def test_a_state_whose_size_is_reported_twice_or_not_at_all() -> None:
    shape = tables.shape([1, 8])
    for shapes in ([], [shape] * 2, [tables.shape([8])], [tables.shape([1, 2, 4])]):
        message = tables.part(
            5, tables.part(1, b"_output_shapes") + tables.part(2, tables.part(1, tables.part(7, *shapes)))
        )
        node = tables.part(2, tables.part(1, tables.part(1, b"zeros") + message))
        listed = tables.part(2, tables.part(1, tables.part(1, b"zeros:0")))
        metagraph = node + tables.part(4, tables.part(1, b"initial_state") + listed)
        tensors = tables.checkpoint(weights("attention_rnn", ATTENTION, LENGTH))
        data = tables.bundle("attention_rnn", tensors, metagraph=metagraph)
        assert "expected the size of the state zeros in the metagraph" in refused(data)


def test_a_table_whose_handles_point_outside_or_nowhere() -> None:
    good = tables.checkpoint(WEIGHTS)
    for offset, size in ((len(good), 8), (0, len(good)), (2**63, 2**63), (len(good) - 4, 0), (0, 0), (0, 3)):
        footer = tables.footer(tables.handle(0, 0), tables.handle(offset, size))
        refused(basic_rnn(good[: -tables.FOOTER_BYTES] + footer))
    refused(basic_rnn(good[: -tables.FOOTER_BYTES] + b"\xff" * 40 + tables.MAGIC))


def test_a_block_that_counts_wrongly() -> None:
    """Its checksum fits: somebody has meant it."""

    def entry(shared: int, unshared: int, length: int) -> bytes:
        return tables.varint(shared) + tables.varint(unshared) + tables.varint(length)

    restarts = struct.pack("<2I", 0, 1)
    beyond = "expected an entry of the block to end within it, and it does not"
    for content, message in (
        (entry(5, 0, 0) + restarts, beyond),  # shares with a key that there is not
        (entry(0, 2**40, 0) + restarts, beyond),
        (entry(0, 0, 2**40) + restarts, beyond),
        (entry(0, 1025, 0) + bytes(1025) + restarts, beyond),
        (b"\xff" * 20 + restarts, "expected a number of at most 64 bits, got a longer one"),
        (entry(0, 0, 0) + restarts, "expected a number, got the end of the data"),  # a handle of nothing
        (struct.pack("<I", 2**32 - 1), "expected the weights of 1–16 LSTM layers, got layers []"),
        (b"", "expected a block of 4 bytes or more, got 0"),
    ):
        footer = tables.footer(tables.handle(0, 0), tables.handle(0, len(content)))
        assert refused(basic_rnn(tables.sealed(content) + footer)) == message


def peak_bytes(data: bytes) -> int:
    tracemalloc.start()
    try:
        read_bundle(data)
    except FormatError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


EMPTY_PARTS = {
    "of a bundle": tables.part(2, *[b""] * 300_000),
    "of a checkpoint's description": basic_rnn(
        tables.table([[(b"", tables.part(1, tables.part(1, *[b""] * 300_000)))]])
    ),
    "of a checkpoint": basic_rnn(tables.table([[(b"k", b"")] * 100_000])),
    "of a checkpoint's index": basic_rnn(tables.table([[]] * 50_000)),
    "of a metagraph": tables.bundle(
        "attention_rnn",
        tables.checkpoint(weights("attention_rnn", ATTENTION, LENGTH)),
        metagraph=tables.part(2, tables.part(1, *[b""] * 300_000)),
    ),
    "of a state": with_sizes(*[1] * 30, copies=10_000),
    "with the same beginning": basic_rnn(
        tables.table([[(b"k" * 1000 + struct.pack(">I", n), b"") for n in range(2_000)]])
    ),
}


@pytest.mark.parametrize("data", EMPTY_PARTS.values(), ids=EMPTY_PARTS)
def test_many_empty_parts_take_little_memory(data: bytes) -> None:
    assert peak_bytes(data) < 20 * len(data)


@pytest.mark.parametrize("data", [written("attention_rnn", (128, 128), 40), written("mono_rnn", (64,))])
def test_a_good_bundle_takes_little_memory(data: bytes) -> None:
    assert peak_bytes(data) < 20 * len(data)


def test_a_file_that_is_too_large_is_not_looked_into() -> None:
    message = refused(bytes(MAX_BUNDLE_BYTES + 1))
    assert re.fullmatch(r"expected at most [\d,]+ bytes, got [\d,]+", message)


def test_parts_that_are_too_large_are_not_looked_into() -> None:
    """A protocol buffer takes far more room once it is parsed than in the file."""
    tensors = tables.checkpoint(weights("attention_rnn", ATTENTION, LENGTH))
    large = tables.bundle("attention_rnn", tensors, metagraph=bytes(MAX_METAGRAPH_BYTES + 1))
    assert refused(large) == "expected a metagraph of at most 4,194,304 bytes, got more"
    described = (b"", tables.part(1, bytes(MAX_META_BYTES)))
    message = refused(basic_rnn(tables.table([[described]])))
    assert message.startswith("expected at most 1,048,576 bytes about the tensors, got 1,048,")
    assert refused(tables.part(2, *[b""] * 1000)).startswith("expected a Magenta bundle (.mag)")


def test_the_description_is_one_line() -> None:
    data = tables.bundle("basic_rnn", tables.checkpoint(WEIGHTS), description="a\x1b[31m\nb" * 1000)
    assert read_bundle(data).description.startswith("a�[31m�b")
    assert len(read_bundle(data).description) == 200


def test_attention_is_read_off_the_names() -> None:
    around_none = {
        name.replace(AROUND_FIRST, "rnn/multi_rnn_cell/cell_0/"): tensor
        for name, tensor in weights("attention_rnn", ATTENTION, 0).items()
    }
    assert read_bundle(attention_rnn(around_none, length=0)).attention_length == 0
