"""The pages say what is so: links, paths, commands, settings, controls and examples."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
import yaml

from psc2 import resources
from psc2.commands.arguments import parser
from psc2.settings.config import load_files
from psc2.settings.controller import load_controller
from tests.test_architecture import FLOORS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PICTURES = DOCS / "pictures"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
MOST_BYTES = 150_000  # of a picture
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
OURS = re.compile(r"(?<![\w./-])(?:psc2|configs|sclang|tests|scripts|docs)/[\w./-]*\w")
SETTING = re.compile(r"`((?:music|practice|osc|output|sound|improv|drums)(?:\.[a-z_0-9]+)+)`")


class Block(NamedTuple):
    """A piece of code that stands by itself in a page."""

    page: str
    language: str
    code: str


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose_of(page: Path) -> str:
    """Without the code that stands by itself."""
    return FENCE.sub("", text_of(page))


BLOCKS = [Block(page.name, *found) for page in PAGES for found in FENCE.findall(text_of(page))]


def blocks(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def name_of(block: Block) -> str:
    return f"{block.page}: {block.code.splitlines()[0][:40]}"


def places(page: Path) -> set[str]:
    """What a link into a page may name: its headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.*)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# ── links and paths


def links(page: Path) -> list[str]:
    found = ["".join(groups) for groups in LINK.findall(prose_of(page))]
    return [link for link in found if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_a_file_and_to_a_heading(page: Path) -> None:
    for link in links(page):
        path, _, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not place or place in places(target), link


def test_every_page_is_linked_from_the_front_page() -> None:
    linked = {link.partition("#")[0] for link in links(PAGES[0])}
    assert {f"docs/{page.name}" for page in PAGES[1:]} <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_are_named_exist(page: Path) -> None:
    for path in OURS.findall(text_of(page)):
        assert (ROOT / path).exists(), path


# ── commands and settings


def commands(page: Path) -> Iterator[str]:
    """What is to be typed, alone or in a sentence: all that calls psc2, without what is a comment."""
    alone = [
        line for language, code in FENCE.findall(text_of(page)) for line in code.splitlines() if not language
    ]
    for line in [*alone, *CODE.findall(prose_of(page))]:
        called = re.match(r"(?:pw-jack )?(?:scripts/run(?!\S)|psc2(?= ))(.*)", re.split(r"\s[#>&]", line)[0])
        if called and "…" not in line:
            yield called[1]


def is_understood(command: str) -> bool:
    try:
        parser().parse_args(shlex.split(command) or ["play"])
    except SystemExit as exit_:  # with 0 of --help and --version
        return exit_.code == 0
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_understood(page: Path) -> None:
    assert [command for command in commands(page) if not is_understood(command)] == []


def test_commands_are_found_where_they_stand() -> None:
    assert "".join(commands(PAGES[0])).count("demo") >= 3
    assert " models train attention_rnn solos/ --out mine" in set(commands(DOCS / "models.md"))
    assert " doctor" in set(commands(DOCS / "platforms.md"))  # after pw-jack


@pytest.mark.parametrize("block", blocks("yaml"), ids=name_of)
def test_settings_and_maps_can_be_used(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(block.code, encoding="utf-8")
    if "controls" in yaml.safe_load(block.code):
        assert load_controller(str(path)).controls
    else:
        shutil.copy(resources.CONTROLLERS / "nanokontrol2.yaml", tmp_path / "pocket.yaml")
        path = path.rename(tmp_path / "evening.yaml")
        shutil.copy(tmp_path / "pocket.yaml", tmp_path / "mine.yaml")
        load_files([path]).settings()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_are_named_exist(page: Path) -> None:
    defaults = yaml.safe_load(resources.DEFAULT_CONFIG.read_text(encoding="utf-8"))
    for setting in SETTING.findall(prose_of(page)):
        value = defaults
        for key in setting.split("."):
            assert key in value, setting
            value = value[key]


# ── controls

NANOKONTROL2 = {  # what is printed on it, and the control change that it sends from the factory
    **{f"fader {n + 1}": n for n in range(8)},
    **{f"knob {n + 1}": 16 + n for n in range(8)},
    **{f"S{n + 1}": 32 + n for n in range(8)},
    **{f"M{n + 1}": 48 + n for n in range(8)},
    **{f"R{n + 1}": 64 + n for n in range(8)},
    "track ◄": 58, "track ►": 59, "cycle": 46, "marker set": 60, "marker ◄": 61, "marker ►": 62,
    "rewind": 43, "forward": 44, "stop": 42, "play": 41, "record": 45,
}  # fmt: skip


def controls_named() -> list[str]:
    """In the first column of the table of every control."""
    section = text_of(DOCS / "controls.md").split("## Every control")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (.*?) \|", section, re.MULTILINE)[1:]
    names = "|".join(map(re.escape, sorted(NANOKONTROL2, key=len, reverse=True)))
    for cell in cells:
        assert not re.sub(rf"(?:{names})|[ /,]", "", cell), f"{cell}: not all of it is a control"
    return [name for cell in cells for name in re.findall(names, cell)]


def test_the_table_names_every_control_that_does_something() -> None:
    named = controls_named()
    assert len(named) == len(set(named))
    assert {NANOKONTROL2[name] for name in named} == set(load_controller("nanokontrol2").controls)


def test_what_has_a_layer_names_its_layers_in_order() -> None:
    section = text_of(DOCS / "controls.md").split("## Every control")[1]
    for row in (
        line for line in section.splitlines() if line.startswith(("| M1", "| R2", "| S2", "| fader 1"))
    ):
        left, right = (cell.strip() for cell in row.strip("|").split("|")[:2])
        numbers = [NANOKONTROL2[name] for name in re.findall(r"fader \d|[MRS]\d", left)]
        layers = [
            control.layer for control in map(load_controller("nanokontrol2").controls.get, numbers) if control
        ]
        assert re.findall(r"click|bass|drums|chords|lead", right) == [
            layer.value for layer in layers if layer
        ]


# ── rooms and recipes


def test_every_room_and_script_has_its_line() -> None:
    page = text_of(DOCS / "developing.md")
    rooms = [f"psc2/{path.parent.name}/" for path in (ROOT / "psc2").glob("*/__init__.py")]
    loose = [f"psc2/{path.name}" for path in (ROOT / "psc2").glob("[!_]*.py")]
    sclang = [f"sclang/{path.name}" for path in (ROOT / "sclang").glob("*.scd")]
    scripts = [
        f"scripts/{path.name}" for path in (ROOT / "scripts").iterdir()
        if path.is_file() and path.read_bytes().startswith(b"#!") and path.name != "run"
    ]  # fmt: skip
    assert not [name for name in (*rooms, *loose, *sclang, *scripts) if f"`{name}" not in page]


def test_the_order_of_imports_is_the_one_that_is_checked() -> None:
    page = text_of(DOCS / "developing.md").replace("\n", " ")
    (order,) = re.findall(r"core ← [\w, ←]+ commands", page)
    there = {path.stem for path in (ROOT / "psc2").iterdir() if path.suffix == ".py" or path.is_dir()}
    floors = [floor & there - {"__main__"} for floor in FLOORS]
    assert [set(re.split(", ?", floor.strip())) for floor in order.split("←")] == [f for f in floors if f]


@pytest.mark.loopback
@pytest.mark.timing  # a click that is sent too late has no time tag
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page: Path, tmp_path: Path) -> None:
    """One after the other; one that begins with a file's name is that file for those after it."""
    for block in (block for block in blocks("python") if block.page == page.name):
        named = re.match(r"# (\w+\.py)\n", block.code)
        path = tmp_path / (named[1] if named else "example.py")
        path.write_text(block.code, encoding="utf-8")
        run = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert run.returncode == 0, run.stderr


def test_a_voice_is_made_of_what_voices_are_made_of() -> None:
    (block,) = blocks("supercollider")
    definitions = text_of(ROOT / "sclang" / "synthdefs.scd")
    called = set(re.findall(r"(?<![.\w])([a-z]\w*)\.\(", block.code))
    assert called >= {"voice", "keyed"}
    assert called <= set(re.findall(r"^var (\w+) = ", definitions, re.MULTILINE))
    arguments = re.findall(r"voice\.\(\\\w+, \{ (\|.*?\|)", definitions + block.code)
    assert len(arguments) > len(set(arguments)) == 1


# ── pictures


def test_the_script_makes_the_committed_pictures(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "pictures"), str(tmp_path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in PICTURES.glob("*.svg")}
    photographs = {path.name for path in PICTURES.iterdir()} - made.keys()
    assert photographs == {"page-dark.png", "page-light.png"}  # by --page


@pytest.mark.parametrize("picture", sorted(PICTURES.iterdir()), ids=lambda path: path.name)
def test_pictures_are_small(picture: Path) -> None:
    assert picture.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("picture", sorted(PICTURES.glob("*.svg")), ids=lambda path: path.name)
def test_pictures_fetch_nothing(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert text.count("://") == 1  # the name of the format
    assert not re.search(r"url\(|href|@import|<script", text)


def test_every_picture_is_shown_and_described() -> None:
    pages = "".join(map(prose_of, PAGES))
    for picture in PICTURES.iterdir():
        assert f"pictures/{picture.name}" in pages
    assert all(re.findall(r"!\[(.*?)\]\(", pages))
    assert all("alt=" in image for image in re.findall(r"<img [^>]*>", pages))
