"""The end of a session: whatever goes wrong with one part, the others end, and nothing goes on sounding."""

import threading
from collections.abc import Iterator

import pytest

from psc2.core.requests import Model
from psc2.daemon import Session
from psc2.models.process import ModelProcess
from psc2.runtime.looper import Looper
from psc2.runtime.workers import Worker
from psc2.settings.config import load_config
from psc2.testing import FakeClient, free_port
from psc2.wire.osc_in import OscReceiver
from psc2.wire.osc_out import OscOutput

pytestmark = [pytest.mark.loopback, pytest.mark.timing]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def client(port: int) -> Iterator[FakeClient]:
    with FakeClient(port) as one:
        yield one


@pytest.fixture
def session(port: int, client: FakeClient) -> Session:
    osc = {"receive_port": port, "send_port": client.port}
    markov = {"model": "markov"}
    return Session(load_config(None, {"osc": osc, "improv": markov, "drums": markov}), seed=1)


@pytest.mark.parametrize("part", [OscReceiver, Looper, Worker, ModelProcess, OscOutput])
def test_a_part_that_cannot_be_stopped_leaves_nothing_sounding(
    session: Session,
    client: FakeClient,
    part: type,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = "close" if part is OscOutput else "stop"
    stop = getattr(part, name)

    def stop_badly(self: object) -> None:
        stop(self)
        raise RuntimeError("it would not stop")

    monkeypatch.setattr(part, name, stop_badly)
    before = set(threading.enumerate())
    session.start()
    client.receive_until("/psc2/hello")
    client.key_down(60)
    client.receive_until("/playwurly")
    session.stop()
    assert client.receive_until("/stopnote")[-1].arguments[0] == 60
    for thread in set(threading.enumerate()) - before:
        thread.join(5.0)
    assert set(threading.enumerate()) <= before
    assert "it would not stop" in caplog.text


class Strange:
    """A model's process that has ended with what would steer a terminal."""

    def failed_to_load(self) -> bool:
        return True

    def reason(self) -> str:
        return "\x1b[2Jno strings"

    def new_lines(self) -> Iterator[str]:
        yield "has ended: \x1b[2Jno strings"


def test_what_a_model_prints_steers_no_terminal(session: Session) -> None:
    session._models = {Model.DRUMS: Strange()}  # type: ignore[dict-item]
    assert session.unable() == {Model.DRUMS: "�[2Jno strings"}
    assert list(session.new_lines()) == ["has ended: �[2Jno strings"]
    session._models = {}
    session._output.close()
