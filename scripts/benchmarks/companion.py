"""What runs beside the daemon and is compared with it: small programs, each in a process of its own.

python -m scripts.benchmarks.companion NAME ARGUMENTS…
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer
from pythonosc.udp_client import SimpleUDPClient

from scripts.benchmarks.packets import FLOODS
from scripts.benchmarks.wire import HOST, Sender, encoded

END_S = 5.0
BURST_PITCHES = 128


def echo(port: int, answer_port: int) -> None:
    """The least that an OSC program can do with a note: answer it with the instrument's message."""
    client = SimpleUDPClient(HOST, answer_port)
    dispatcher = Dispatcher()
    dispatcher.map("/processnoteon", lambda _, *arguments: client.send_message("/playwurly", arguments))
    dispatcher.map("/processnoteoff", lambda _, *arguments: client.send_message("/stopnote", arguments))
    BlockingOSCUDPServer((HOST, port), dispatcher).serve_forever()


def deadlines(start: float, period_s: float, number: int) -> None:
    """Only waits, for one absolute deadline after the other; prints when it woke (seconds, as time.time)."""
    woke = []
    for n in range(number):
        time.sleep(max(0.0, start + n * period_s - time.time()))
        woke.append(time.time())
    print(json.dumps(woke))


def relative_sleeps(start: float, step_s: float, number: int) -> None:
    """The looper of 2018: plays what is due at a step, then sleeps for a step; prints when each began."""
    nowhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    nowhere.bind((HOST, 0))
    client = SimpleUDPClient(HOST, nowhere.getsockname()[1])
    began = []
    time.sleep(max(0.0, start - time.time()))
    for n in range(number):
        began.append(time.time())
        for address, *arguments in messages_at(n % 16):
            client.send_message(address, arguments)
        time.sleep(step_s)
    print(json.dumps(began))


def messages_at(step: int) -> Iterator[tuple[Any, ...]]:
    """About what the daemon's loop plays, step by step of a bar."""
    if step % 4 == 0:
        yield ("/playclick2",)
    if step % 2 == 0:
        yield "/playbass", 40, 100
        yield "/playsnare", 100
        yield "/playclhat", 80
    else:
        yield "/stopbass", 40, 0
    if step % 8 in (4, 7):
        for pitch in (60, 64, 67):
            yield "/playchords" if step % 8 == 4 else "/stopchords", pitch, 100


def burst(port: int, number: int) -> None:
    """Notes on and off in turn as fast as they can be sent; prints when the first and the last were."""
    datagrams = [encoded(*message) for note in range(number // 2) for message in burst_note(note)]
    sender = Sender(port)
    first = time.time()
    for datagram in datagrams:
        sender.send(datagram)
    print(json.dumps([first, time.time()]))


def burst_note(note: int) -> Iterator[tuple[Any, ...]]:
    """Pitch and velocity tell which note it is, up to 128 · 127 of them."""
    pitch, velocity = note % BURST_PITCHES, note // BURST_PITCHES + 1
    yield "/processnoteon", pitch, velocity
    yield "/processnoteoff", pitch, 0


def web_echo(port: int) -> None:
    """The least that the page's server can do with a message: say it back."""
    import uvicorn  # a fifth of a second, which the others need not wait for

    async def app(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})

    uvicorn.run(
        app, host=HOST, port=port, log_config=None, access_log=False, lifespan="off", loop="asyncio",
        http="h11", ws="websockets-sansio", ws_per_message_deflate=False,
    )  # fmt: skip


PROGRAMS: dict[str, tuple[Callable[..., None], tuple[type, ...]]] = {
    "echo": (echo, (int, int)),
    "deadlines": (deadlines, (float, float, int)),
    "relative_sleeps": (relative_sleeps, (float, float, int)),
    "burst": (burst, (int, int)),
    "web_echo": (web_echo, (int,)),
    **FLOODS,
}


@contextmanager
def running_program(
    name: str, *arguments: float, within: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """The program while the block runs; then it is ended, if it has not ended itself.

    ``within``: a command that runs it.
    """
    command = [*within, sys.executable, "-m", __name__, name, *map(repr, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def printed(process: subprocess.Popen[bytes]) -> list[float]:
    """What a program prints at its end."""
    out, _ = process.communicate(timeout=30)
    values: list[float] = json.loads(out)
    return values


if __name__ == "__main__":
    program, types = PROGRAMS[sys.argv[1]]
    program(*(kind(argument) for kind, argument in zip(types, sys.argv[2:], strict=True)))
