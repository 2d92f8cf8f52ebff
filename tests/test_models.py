"""Models from outside, from the package or the bundle to the sound."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice, takewhile
from pathlib import Path
from random import Random

import psutil
import pytest

from psc2.core.requests import Model
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.models.bundles.bundle import read_bundle
from psc2.models.rnn.native import NativeRnn
from psc2.models.rnn.players import RnnMelody
from psc2.settings.config import load_config
from psc2.testing import FakeClient
from tests import plugins
from tests.daemons import daemon
from tests.models.bundles.examples import written
from tests.models.requests import melody_request

pytestmark = pytest.mark.loopback

PLAY, S3, R3, R5 = 41, 34, 66, 68
CALL = (60, 62, 64)
FIFTHS = [64, 71, 78]  # the package's answer
UNLIKELY = 1  # a key that no model answers with
ATTENTION_RNN = written("attention_rnn", (12, 8), 5)
DRUM_KIT = written("drum_kit", (12, 8), 5)
LONG_S = 30.0


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where the package is installed, by pip."""
    project, target = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("installed")
    plugins.write_project(project)
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", target, project], check=True
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(target))
        patch.setenv("PSC2_MODELS", str(target / "no models"))
        yield dict(os.environ)


KNOWN = ", ".join([*sorted(["markov", *plugins.MODELS]), *sorted(store.PACKAGED)])


def python(code: str, environment: dict[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def test_what_a_package_offers_is_found_and_not_yet_loaded(environment: dict[str, str]) -> None:
    code = f"""
import sys
from psc2.core.requests import Model
from psc2.models import catalogue
catalogue.check(Model.MELODY, "moody", "native")
print(sorted(catalogue.offered()), {plugins.NAME!r} in sys.modules)
"""
    assert python(code, environment) == f"{sorted(['markov', *plugins.MODELS])} False"


def test_what_a_package_offers_is_opened_as_the_model_that_it_is(environment: dict[str, str]) -> None:
    code = """
from psc2.core.requests import Model
from psc2.models import catalogue
for model in Model:
    print(type(catalogue.open_model(model, "moody", "native")).__name__)
"""
    assert python(code, environment) == "Moody\nMoody"


def test_what_is_no_model_is_told(environment: dict[str, str]) -> None:
    code = """
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
for name in ("mute", "nobody"):
    try:
        catalogue.open_model(Model.DRUMS, name, "native")
    except ModelError as error:
        print(error)
"""
    assert python(code, environment).splitlines() == [
        "mute: expected a drums model, got one that is none",
        f"drums model: expected one of {KNOWN}, got nobody (psc2 models list)",
    ]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "strange.yaml"
    path.write_text(
        """
        music: {qpm: 240, num_bars: 1}
        improv:
          {model: moody, min_primer_length: 3, max_robot_length: 3, deadline_s: 30, takeover: now,
           handback: now, register: off, candidates: 1}
        drums: {model: moody, deadline_s: 30}
        """
    )
    return path


def strike(client: FakeClient, pitch: int) -> int:
    """Which pitch a key sounds."""
    client.key_down(pitch)
    heard = client.receive_until("/playwurly")[-1]
    client.key_up(pitch)
    sounded: int = heard.arguments[0]
    return sounded


def exchange(client: FakeClient, call: Sequence[int] = CALL) -> list[int]:
    """A call, and the pitches that it is answered with, as many."""
    client.hello()
    client.control(PLAY)
    client.control(R5)
    assert [strike(client, pitch) for pitch in call] == list(call)
    end = time.monotonic() + LONG_S
    while (first := strike(client, UNLIKELY)) == UNLIKELY and time.monotonic() < end:
        pass  # the machine is thinking
    answer = [first, *(strike(client, UNLIKELY) for _ in call[1:])]
    assert strike(client, UNLIKELY) == UNLIKELY  # and then the keys are the player's again
    return answer


def test_its_pitches_sound_where_the_player_is_answered(environment: dict[str, str], config: Path) -> None:
    with daemon("--config", str(config), "--seed", "1") as (process, client):
        assert exchange(client) == FIFTHS
        process.terminate()
        assert "melody model" not in process.communicate(timeout=10)[0]


def model_process(instrument: subprocess.Popen[str], model: Model) -> psutil.Process:
    """The process that a model of the instrument works in."""
    children = psutil.Process(instrument.pid).children()
    (found,) = [child for child in children if model.value in child.cmdline()]
    return found


def test_a_call_is_answered_at_the_deadline_where_the_model_has_stopped(
    environment: dict[str, str], config: Path
) -> None:
    config.write_text(config.read_text().replace("deadline_s: 30", "deadline_s: 3", 1))
    with daemon("--config", str(config), "--seed", "1") as (process, client):
        assert exchange(client) == FIFTHS
        model = model_process(process, Model.MELODY)
        model.suspend()
        assert [strike(client, pitch) for pitch in CALL] == list(CALL)
        began = time.monotonic()
        while strike(client, UNLIKELY) == UNLIKELY:  # the machine is thinking
            assert time.monotonic() - began < 4.0
    with suppress(psutil.NoSuchProcess):  # the instrument may have been killed before it came to that
        model.kill()


def test_a_model_that_dies_between_two_calls_is_told_and_answers_the_second(
    environment: dict[str, str], config: Path
) -> None:
    with daemon("--config", str(config), "--seed", "1") as (process, client):
        assert exchange(client) == FIFTHS
        model_process(process, Model.MELODY).kill()
        assert process.stdout is not None
        assert "the melody model has ended: code -9; it is started again\n" in process.stdout
        assert exchange(client) == FIFTHS


def test_its_beat_sounds_in_the_loop(environment: dict[str, str], config: Path) -> None:
    with daemon("--config", str(config), "--seed", "1") as (_, client):
        client.hello()
        client.control(PLAY)
        client.control(R3)
        assert client.receive_until("/playride", timeout_s=LONG_S)


def test_a_model_that_there_is_not_is_told_before_anything_starts(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "x.yaml").write_text("improv: {model: moodie}")
    command = [sys.executable, "-m", "psc2", "play", "--no-sclang", "--config", str(tmp_path / "x.yaml")]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr == f"melody model: expected one of {KNOWN}, got moodie (python -m psc2 models list)\n"


# --- an installed bundle --------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with two networks that are installed."""
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "models"))
    store.add(ATTENTION_RNN, "lead", "lead.mag")
    store.add(DRUM_KIT, "kit", "kit.mag")
    path = tmp_path / "networks.yaml"
    path.write_text(
        """
        music: {qpm: 240, num_bars: 1}
        improv:
          {model: lead, min_primer_length: 3, max_robot_length: 3, deadline_s: 30, takeover: now,
           handback: now, register: off, candidates: 1}
        drums: {model: kit, deadline_s: 30}
        """
    )
    return path


def test_an_installed_networks_own_pitches_sound(installed: Path) -> None:
    model = RnnMelody(NativeRnn(read_bundle(ATTENTION_RNN)))
    request = melody_request(CALL, num_pitches=3, seed=Random(1).getrandbits(32))
    with daemon("--config", str(installed), "--seed", "1") as (process, client):
        assert exchange(client) == list(islice(model.continue_melody(request), 3))
        process.terminate()
        assert "model:" not in process.communicate(timeout=10)[0]


def test_the_models_end_with_the_instrument(installed: Path) -> None:
    with daemon("--config", str(installed)) as (process, client):
        client.hello()
        client.control(PLAY)
        models = psutil.Process(process.pid).children()
        assert len(models) == 2
        process.terminate()
        assert process.wait(timeout=10) == 0
        _, alive = psutil.wait_procs(models, timeout=10)
        assert alive == []


def test_a_damaged_model_is_told_before_anything_starts(installed: Path) -> None:
    path = store.folder() / "lead.npz"
    path.write_bytes(b"")
    command = [sys.executable, "-m", "psc2", "play", "--no-sclang", "--config", str(installed)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"{path}: it is damaged: python -m psc2 models remove lead, and add it again\n"


# --- those that come with psc2 --------------------------------------------------------


def test_a_daemon_that_is_told_nothing_improvises_and_drums_with_its_own_models(tmp_path: Path) -> None:
    patience = tmp_path / "patience.yaml"
    patience.write_text("{improv: {deadline_s: 30}, drums: {deadline_s: 30}}")  # for busy machines
    call = [60, 62, 63, 65, 67, 70, 69, 65, 62, 60] * 2
    temperature = load_config(None).improv.temperature
    request = melody_request(call, 20, Random(1).getrandbits(32), temperature)
    request = replace(request, candidates=load_config(None).improv.candidates)
    weimar = catalogue.open_model(Model.MELODY, "weimar", "native")
    own = list(islice(weimar.continue_melody(request), 20))  # where it falls silent, Markov goes on
    assert own
    with daemon("--config", str(patience), "--seed", "1") as (process, client):
        answer = exchange(client, call)[: len(own)]
        assert [pitch % 12 for pitch in answer] == [pitch % 12 for pitch in own]  # in the hands' octave
        client.control(S3)
        client.control(R3)
        assert process.stdout is not None
        message = "".join(takewhile(lambda line: line != "drums: the machine's beat\n", process.stdout))
    assert "melody by weimar, drums by groove" in message
    assert "model:" not in message  # no trouble with either
