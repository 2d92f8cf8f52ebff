"""The composition root: builds everything, starts and stops the threads, handles signals.

Threads: the OSC receiver and the looper, which must not wait; one worker a model, which
may; the main thread, which prints the status.
"""

from __future__ import annotations

import logging
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from psc2.adapters import sclang
from psc2.adapters.clock import SystemClock
from psc2.adapters.osc_in import OscReceiver
from psc2.adapters.osc_out import OscOutput
from psc2.adapters.terminal import StatusLines
from psc2.config import Config
from psc2.core.events import DrumsRequest, MelodyRequest, Shutdown
from psc2.core.rules import begin
from psc2.core.state import SharedState
from psc2.engine import Engine
from psc2.looper import Looper
from psc2.models.markov import MarkovDrums, MarkovMelody
from psc2.ports import DrumsModel, MelodyModel
from psc2.workers import Worker, drums_answer, melody_answer

logger = logging.getLogger(__name__)

STATUS_S = 0.05  # how often the status is looked at


def initial_state(config: Config, seed: int | None) -> SharedState:
    """Raises: ConfigError for the controller's map."""
    music = config.music
    chance = random.Random(seed)
    return begin(config.settings(), chance, music.time_signature, music.num_bars, music.qpm)


def models(config: Config) -> tuple[MelodyModel, DrumsModel]:
    """The models that the configuration names."""
    match config.improv.model:
        case "markov":
            return MarkovMelody(), MarkovDrums()


def play(config: Config, seed: int | None, with_sclang: bool, write: Callable[[str], None]) -> None:
    """The instrument, until SIGTERM or SIGINT. Raises: Psc2Error if it cannot start."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with instrument(config, seed) as (engine, output, receive_port), ExitStack() as stack:
        osc = config.osc
        write(f"psc2 listens on {osc.receive_host}:{receive_port}, "
              f"sends to {osc.send_host}:{osc.send_port}; Ctrl-C ends")  # fmt: skip
        status = StatusLines(write)
        status.show(engine.snapshot())
        output.greet(receive_port)
        process = _start_sclang(config, receive_port, stack, write) if with_sclang else None
        while not stopping.wait(STATUS_S):
            status.show(engine.snapshot())
            if process is not None and process.ended():
                write(f"SuperCollider has ended; its messages are in {process.log}")
                process = None
        status.show(engine.snapshot())


@contextmanager
def instrument(config: Config, seed: int | None) -> Iterator[tuple[Engine, OscOutput, int]]:
    """The running instrument without its screen: engine, output, and the port it listens on."""
    clock = SystemClock()
    output = OscOutput(config.osc.send_host, config.osc.send_port, clock)
    melody_model, drums_model = models(config)
    # The workers dispatch to the engine, which hands them its requests.
    melody: Worker[MelodyRequest] = Worker(
        "melody", partial(melody_answer, melody_model, clock), lambda event: engine.dispatch(event)
    )
    drums: Worker[DrumsRequest] = Worker(
        "drums", partial(drums_answer, drums_model, clock), lambda event: engine.dispatch(event)
    )
    engine = Engine(initial_state(config, seed), output, melody, drums)
    receiver = OscReceiver(config.osc.receive_host, config.osc.receive_port, clock, engine.dispatch)
    looper = Looper(engine, clock)
    threads = (melody, drums, looper, receiver)
    for thread in threads:
        thread.start()
    try:
        yield engine, output, receiver.port
    finally:
        for thread in reversed(threads):
            thread.stop()
        engine.dispatch(Shutdown(clock.now()))
        output.close()


def _start_sclang(
    config: Config, receive_port: int, stack: ExitStack, write: Callable[[str], None]
) -> sclang.Sclang | None:
    executable = sclang.find()
    if executable is None:
        write("sclang is not installed: no sound of our own, but OSC goes out all the same")
        return None
    process = sclang.Sclang(executable, receive_port, config.osc.send_port)
    stack.callback(process.stop)
    write(f"starting SuperCollider; its messages are in {process.log}")
    return process
