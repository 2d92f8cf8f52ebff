"""The two bundles that come with psc2 are real ones: Magenta's unmodified commands play them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from psc2 import resources
from psc2.commands.main import main
from psc2.core.requests import Model
from psc2.models.bundles import store
from psc2.models.bundles.bundle import read_bundle
from psc2.models.rnn import midi_events
from psc2.models.rnn.configurations import CONFIGURATIONS

COMMANDS = {  # of magenta 2.1.4, with what each needs besides the bundle
    "weimar": ("melody_rnn_generate", "--config=attention_rnn", "--primer_melody=[60, 62, 64, 65, 67]"),
    "groove": ("drums_rnn_generate", "--config=drum_kit", "--primer_drums=[(36, 42), (), (42,), ()]"),
}
STEPS = 48
LICENCES = {
    "weimar": "Contains information from the Weimar Jazz Database, which is made available here under "
    "the Open Database License (ODbL).",
    "groove": "CC BY 4.0",
}


@pytest.mark.models
@pytest.mark.usefixtures("foundry")
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_magentas_own_command_loads_it_and_writes_midi(name: str, tmp_path: Path) -> None:
    program, *options = COMMANDS[name]
    run = subprocess.run(
        [
            Path(sys.executable).parent / program,
            *options,
            f"--bundle_file={resources.BUNDLES / f'{name}.mag'}",
            f"--output_dir={tmp_path}",
            "--num_outputs=2",
            f"--num_steps={STEPS}",
        ],
        env={**os.environ, "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    files = sorted(tmp_path.glob("*.mid"))
    assert len(files) == 2
    configuration = CONFIGURATIONS["attention_rnn" if name == "weimar" else "drum_kit"]
    (first,), (second,) = (midi_events.read(file, configuration) for file in files)
    struck = [sum(e > 0 for e in events[5:]) for events in (first, second)]
    assert min(struck) >= 4
    assert first != second


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_it_can_be_installed_like_any_other(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSC2_MODELS", str(tmp_path))
    assert main(["models", "add", str(resources.BUNDLES / f"{name}.mag"), "--name", "copy"]) == 0
    assert store.read("copy").sha256 == store.read(name).sha256


def test_they_are_of_magentas_own_sizes() -> None:
    weimar, groove = (
        read_bundle((resources.BUNDLES / f"{n}.mag").read_bytes()) for n in ("weimar", "groove")
    )
    assert (weimar.configuration.id, weimar.units, weimar.attention_length) == (
        "attention_rnn",
        [128, 128],
        40,
    )
    assert (groove.configuration.id, groove.units, groove.attention_length) == ("drum_kit", [256] * 3, 32)
    assert (weimar.configuration.model, groove.configuration.model) == (Model.MELODY, Model.DRUMS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_its_card_names_the_file_and_its_licence(name: str) -> None:
    card = (resources.BUNDLES / f"{name}.md").read_text(encoding="utf-8")
    data = (resources.BUNDLES / f"{name}.mag").read_bytes()
    assert hashlib.sha256(data).hexdigest() in card
    assert LICENCES[name] in " ".join(card.split())
    assert f"{name}/figures.md" in card
    for picture in ("loss.png", "copies.png"):
        assert (resources.BUNDLES / name / picture).read_bytes().startswith(b"\x89PNG")
