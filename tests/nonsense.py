"""Files as nobody means them, one for each seed; what reads them says so in one line."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from psc2 import resources
from psc2.models.bundles.bundle import read_bundle, save
from psc2.models.bundles.files import METADATA_ENTRY
from psc2.models.rnn.weights import modern_name
from tests.models.bundles import tables
from tests.models.bundles.examples import Floats, state_sizes, weights
from tests.scores import midi_bytes

LAYERS, ATTENTION = (4, 4, 4), 3
INTERESTING = b"\x00\x01\x7f\x80\xff"


def edited(random: Random, data: bytes) -> bytes:
    """Data with a few bytes changed, left out or put in, or cut off."""
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(made) + 1)
        end = at + random.choice((0, 1, 1, 4, 100))
        count = random.choice((0, 1, 1, 4, 30))
        made[at:end] = bytes(random.choice((*INTERESTING, random.randrange(256))) for _ in range(count))
    return bytes(made[: random.choice((len(made), len(made), random.randrange(len(made) + 1)))])


# --- configurations -------------------------------------------------------------------

VALUES = (
    *(
        "2024-13-45",
        "2024-02-29",
        "9" * 5000,
        "-" + "9" * 5000,
        "0x" + "f" * 9000,
        "0b" + "1" * 9000,
        "1e999",
    ),
    *(
        "1" + ":2" * 5000,
        "1_0",
        "0o8",
        ".inf",
        "-.inf",
        ".nan",
        "~",
        "",
        "''",
        "' '",
        "[]",
        "{}",
        "true",
        "=",
        "-",
    ),
    *(
        '"\\0"',
        '"\\e[31m"',
        '"\\u202e"',
        '"\\ud800"',
        '"\\U0010ffff"',
        "x" * 99_999,
        "'unclosed",
        '"',
        "@",
        "`",
        "%",
    ),
    *(
        "!!python/object/apply:os.system [ls]",
        "!!python/name:os.system ''",
        "!!binary aGk=",
        "!!set {a}",
        "!x y",
    ),
    *("!!timestamp 2024-01-01", "!!int x", "!!float x", "!!omap [a: 1]", "!!null x", "!!bool x", "!!merge x"),
    *(
        "&a [*a]",
        "&a {b: *a}",
        "*nobody",
        "&a 1",
        "[&a 1, *a]",
        "<<",
        "{<<: {qpm: 90}}",
        "{<<: 1}",
        "{<<: [1]}",
    ),
    *(
        "[" * 3000,
        "{a: " * 3000,
        "[" * 30 + "]" * 30,
        "{[1]: 2}",
        "{? {a: 1} : 2}",
        "{1: 2, 1: 3}",
        "{null: 1}",
    ),
    *(
        "{.nan: 1}",
        "|",
        ">-",
        "? a",
        "a: b: c",
        "[a, b",
        "a]",
        "\x07",
        "\x00",
        "\x7f",
        "\x85",
        "\ufeff",
        "\u202e",
    ),
)
LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
WHOLES = (
    *(
        b"",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x1b]0;x\x07",
        b"---\n---\n",
        b"...",
        b"%YAML 9.9\n---\n",
        b"- a",
    ),
    *(LAUGHS.encode(), b"&a {b: *a}", b"&a [*a]", b"? [a]\n: b", b"<<: {music: {qpm: 90}}", b"x" * 1_000_001),
    "".join(f"k{n}: {n}\n" for n in range(60_000)).encode(),
    *(b"[" * 200_000, b"{a: " * 200_000, b"- " * 200_000, b"? " * 200_000, b"#" * 999_999, b"a" * 999_999),
    *(
        ("music: {qpm: 90}\n" * 2).encode(code)
        for code in ("utf-16", "utf-32", "utf-8-sig", "utf-7", "cp500")
    ),
)


def configuration(seed: int) -> bytes:
    """Psc2's own defaults with one thing wrong, or something else altogether."""
    random = Random(f"configuration {seed}")
    text = resources.DEFAULT_CONFIG.read_text(encoding="utf-8")
    lines = [line.partition("  #")[0] for line in text.splitlines() if ":" in line.partition("#")[0]]
    match random.randrange(8):
        case 0 | 1 | 2 | 3:
            number = random.randrange(len(lines))
            key, _, _ = lines[number].partition(":")
            lines[number] = f"{key}: {random.choice(VALUES)}"
            return "\n".join(lines).encode(errors="surrogatepass")
        case 4:
            return f"{random.choice(VALUES)}: {random.choice(VALUES)}".encode(errors="surrogatepass")
        case 5:
            return edited(random, "\n".join(lines).encode())
        case 6:
            return random.choice(WHOLES)
        case _:
            return random.randbytes(random.choice((1, 10, 1000)))


# --- MIDI files -----------------------------------------------------------------------


def midi_file(seed: int) -> bytes:
    """A short line, with numbers that a file can say and no player means, or with wrong bytes."""
    random = Random(f"MIDI file {seed}")
    pitches = [random.randrange(128) for _ in range(random.choice((0, 1, 12)))]
    some = random.choice((0, 1, 96, 2**10, 2**28 - 1))  # ticks
    messages = (
        midi_bytes.meta(0, 0x51, random.randbytes(random.choice((0, 1, 3, 3, 9)))),
        midi_bytes.meta(0, 0x58, bytes(random.choice(INTERESTING) for _ in range(4))),
        midi_bytes.meta(some, random.randrange(256), random.randbytes(random.choice((0, 1, 300)))),
        midi_bytes.line(pitches, ticks=some, channel=random.randrange(16)),
        midi_bytes.after(some, random.randrange(256), random.randrange(256)),
    )
    tracks = random.choice((0, 1, 2, 500))
    division = random.choice((0, 1, 96, 96, 2**15 - 1, -1, -(2**15), -0x1800 + 40))
    header = midi_bytes.header(random.randrange(4), random.choice((tracks, 0, 65_535)), division)
    chosen = random.sample(messages, random.randrange(1, len(messages) + 1))
    data = header + tracks * midi_bytes.track(*chosen)
    return edited(random, data) if random.random() < 0.7 else data


# --- bundles --------------------------------------------------------------------------


def _tensors(random: Random) -> dict[str, Floats]:
    """A network's weights, of which some are missing, others, of another shape, or no numbers."""
    tensors = dict(weights("attention_rnn", LAYERS, ATTENTION))
    name = random.choice(list(tensors))
    match random.randrange(7):
        case 0:
            del tensors[name]
        case 1:
            number = random.randrange(len(LAYERS))
            tensors = {name: tensor for name, tensor in tensors.items() if f"cell_{number}/" not in name}
        case 2:
            tensors[f"rnn/{random.choice(['', chr(27), 'x' * 300])}/kernel"] = tensors[name]
        case 3:
            tensors[name] = tensors[name][..., np.newaxis]
        case 4:
            tensors[name] = np.full_like(tensors[name], random.choice([np.nan, np.inf, -np.inf]))
        case 5:
            tensors[name] = tensors[name][:0]
        case _:
            pass
    return tensors


def magenta_bundle(seed: int) -> bytes:
    """One of Magenta's bundles (.mag) whose weights, state or bytes are wrong."""
    random = Random(f"bundle {seed}")
    sizes = state_sizes(LAYERS, ATTENTION)
    if random.random() < 0.2:
        sizes[random.randrange(len(sizes))] = random.choice((1, 5, 2**31, 2**62))
    kind = random.choice((*["attention_rnn"] * 12, "drum_kit", "\x1b[31m", ""))
    metagraph = tables.metagraph(sizes, random.choice((*[1] * 12, 2, 1000)))
    checkpoint = tables.checkpoint(_tensors(random), compression=random.choice((*[0] * 12, 1)))
    data = tables.bundle(kind, *[checkpoint] * random.choice((*[1] * 12, 0, 2)), metagraph=metagraph)
    return edited(random, data) if random.random() < 0.4 else data


@cache
def _copy() -> Mapping[str, bytes]:
    """The entries of an installed model."""
    good = weights("attention_rnn", LAYERS, ATTENTION)
    metagraph = tables.metagraph(state_sizes(LAYERS, ATTENTION))
    bundle = read_bundle(tables.bundle("attention_rnn", tables.checkpoint(good), metagraph=metagraph))
    with TemporaryDirectory() as folder:
        save(bundle, path := Path(folder) / "good.npz")
        with zipfile.ZipFile(path) as file:
            return {name: file.read(name) for name in file.namelist()}


def installed_model(seed: int) -> bytes:
    """An installed model (.npz) whose weights, metadata or bytes are wrong."""
    random = Random(f"model {seed}")
    entries = {name: data for name, data in _copy().items() if not name.startswith(("rnn", "fully"))}
    for name, tensor in _tensors(random).items():
        np.save(file := io.BytesIO(), tensor, allow_pickle=False)
        entries[f"{modern_name(name)}.npy"] = file.getvalue()
    about = json.loads(entries[METADATA_ENTRY])
    if random.random() < 0.4:
        key = random.choice([*about, "other"])
        about[key] = random.choice(
            [None, "", 0, -1, 10**30, [], {}, [4, 4], "\x1b[31m", float("nan"), "x" * 9999]
        )
        entries[METADATA_ENTRY] = json.dumps(about).encode()
    if random.random() < 0.2:
        name = random.choice(list(entries))
        entries[name] = edited(random, entries[name])
    compression = random.choice((0, 0, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(made := io.BytesIO(), "w") as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)  # without the time of day
    return edited(random, made.getvalue()) if random.random() < 0.3 else made.getvalue()


KINDS: Mapping[str, Callable[[int], bytes]] = {
    "configurations": configuration,
    "MIDI files": midi_file,
    "bundles": magenta_bundle,
    "installed models": installed_model,
}
