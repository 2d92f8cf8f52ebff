"""Models by name: psc2's own, installed ones and those that packages offer, in either engine."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.models.markov import Markov
from psc2.models.rnn.native import NativeRnn
from psc2.models.rnn.players import RnnDrums, RnnMelody
from tests.models.bundles.examples import Foundry, written

Engine = Literal["native", "magenta"]

KNOWN = "markov, changes, groove, kit, lead, weimar"


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(store.VARIABLE, str(tmp_path))
    store.add(written("basic_rnn"), "lead", "lead.mag")
    store.add(written("one_drum"), "kit", "kit.mag")


@pytest.mark.parametrize("model", Model)
def test_markov_is_offered_as_any_package_offers_a_model(model: Model) -> None:
    assert catalogue.offered()["markov"].value == "psc2.models.markov:Markov"
    assert isinstance(catalogue.open_model(model, "markov", "native"), Markov)


def test_an_installed_model_is_opened_as_what_it_is() -> None:
    assert isinstance(catalogue.open_model(Model.MELODY, "lead", "native"), RnnMelody)
    assert isinstance(catalogue.open_model(Model.DRUMS, "kit", "native"), RnnDrums)
    assert isinstance(catalogue.open_rnn(store.read("lead"), "native"), NativeRnn)


def test_a_model_that_comes_with_psc2_is_opened_as_what_it_is() -> None:
    assert isinstance(catalogue.open_model(Model.MELODY, "weimar", "native"), RnnMelody)
    assert isinstance(catalogue.open_model(Model.DRUMS, "groove", "native"), RnnDrums)


@pytest.mark.models
def test_the_other_engine_opens_the_same_models(foundry: Foundry) -> None:
    from psc2.models.magenta.engine import MagentaRnn

    assert isinstance(catalogue.open_model(Model.MELODY, "lead", "magenta"), RnnMelody)
    assert isinstance(catalogue.open_model(Model.DRUMS, "kit", "magenta"), RnnDrums)
    assert isinstance(catalogue.open_rnn(store.read("lead"), "magenta"), MagentaRnn)


@pytest.mark.parametrize(
    ("model", "name", "message"),
    [
        (Model.MELODY, "led", f"melody model: expected one of {KNOWN}, got led (psc2 models list)"),
        (Model.DRUMS, "", f"drums model: expected one of {KNOWN}, got  (psc2 models list)"),
        (Model.DRUMS, "../kit", f"drums model: expected one of {KNOWN}, got ../kit (psc2 models list)"),
        (Model.MELODY, "groove", "groove: expected a melody model, got a drums model"),
        (Model.DRUMS, "weimar", "weimar: expected a drums model, got a melody model"),
        (Model.MELODY, "kit", "kit: expected a melody model, got a drums model"),
        (Model.DRUMS, "lead", "lead: expected a drums model, got a melody model"),
    ],
)
def test_a_name_that_is_no_such_model_is_reported(model: Model, name: str, message: str) -> None:
    for use in (catalogue.check, catalogue.open_model):
        with pytest.raises(ModelError) as raised:
            use(model, name, "native")
        assert str(raised.value) == message


def test_an_engine_that_is_not_all_there_is_reported(tmp_path: Path) -> None:
    """What stands for Magenta and TensorFlow cannot be imported here."""
    for name in ("tensorflow", "magenta"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('half installed')")
    code = """
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
try:
    catalogue.open_model(Model.MELODY, "lead", "magenta")
except ModelError as error:
    print(error)
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert run.stdout.strip() == catalogue.INSTALL_MAGENTA, run.stderr
