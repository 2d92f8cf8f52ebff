"""``psc2 models train``, ``report`` and ``examples``, as they are typed."""

from importlib import util
from pathlib import Path

import pytest

from psc2.commands.main import main
from psc2.models.bundles import store
from psc2.models.rnn import midi_events
from psc2.models.rnn.configurations import CONFIGURATIONS
from tests.training.corpora import scales

needs_training = pytest.mark.usefixtures("jax", "foundry")
SMALL = ["units=8", "attention=3", "window=64", "part=32", "batch=2", "epochs=2"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "models"))


def solos(number: int) -> None:
    Path("solos").mkdir()
    for index, piece in enumerate(scales(number, 96, seed=1)):
        midi_events.write(piece.events, CONFIGURATIONS["attention_rnn"], 120.0, Path(f"solos/{index}.mid"))


def train(*options: str) -> int:
    settings = [word for setting in SMALL for word in ("--set", setting)]
    return main(["models", "train", "attention_rnn", "solos", "--out", "mine", *settings, *options])


@pytest.mark.models
@needs_training
def test_ones_own_midi_files_become_a_bundle_that_plays(capsys: pytest.CaptureFixture[str]) -> None:
    solos(4)
    assert train("--description", "Of mine.") == 0
    output = capsys.readouterr().out.splitlines()
    assert output[0] == "attention_rnn: 3 pieces (288 events) to train on, 1 piece (96 events) held out"
    assert [line.split()[:2] for line in output[1:3]] == [["epoch", "1"], ["epoch", "2"]]
    assert output[-1] == "to play with it: psc2 models add mine/attention_rnn.mag"
    assert Path("mine/loss.png").read_bytes().startswith(b"\x89PNG")
    assert main(["models", "add", "mine/attention_rnn.mag", "--name", "mine"]) == 0
    assert (store.read("mine").units, store.read("mine").description) == ([8], "Of mine.")
    capsys.readouterr()
    assert train() == 0
    assert "going on after epoch 2" in capsys.readouterr().out


@pytest.mark.models
@needs_training
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "attention_rnn", "nowhere", "--out", "x"], "nowhere: "),
        (
            ["train", "attention_rnn", "nowhere", "--out", "file"],
            "file: expected a folder that can be written",
        ),
        (
            ["train", "attention_rnn", "nowhere", "--out", "x", "--set", "speed=1"],
            "--set speed=1: expected one of",
        ),
        (["train", "attention_rnn", "train.jsonl", "--out", "x"], "train.jsonl: expected a folder of"),
        (["report", "nobody", "nowhere", "--out", "x"], "nobody: expected"),
        (["report", "weimar", "nowhere", "--out", "x"], "nowhere: "),
    ],
)
def test_what_cannot_be_done_is_reported_in_a_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_bytes(b"")
    Path("train.jsonl").write_text("")
    assert main(["models", *arguments]) == 2
    output = capsys.readouterr()
    assert output.err.startswith(message)
    assert len(output.err.splitlines()) == 1


def test_without_the_extra_training_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "jax" else name)
    assert main(["models", "train", "drum_kit", "x", "--out", "y"]) == 2
    assert capsys.readouterr().err == "training needs jax: scripts/extra train\n"


def test_examples_are_written_by_the_models_that_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "examples", "--out", "heard"]) == 0
    files = capsys.readouterr().out.splitlines()
    assert len(files) == 14
    assert all(Path(file).is_file() for file in files)
    assert main(["models", "examples", "--out", "heard", "--melody", "groove"]) == 2
    assert capsys.readouterr().err == "groove: expected a melody model, got a drums model\n"
