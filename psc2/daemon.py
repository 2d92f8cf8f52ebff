"""The composition root: builds everything, starts and stops the threads, handles signals.

Threads: the OSC receiver and the looper, which must not wait; one worker a model, which
may, and waits for its model's process; the heartbeat; one that keeps SuperCollider running;
one that shows the status; the main thread, which waits for the end.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from psc2.core.events import DrumsRequest, Event, MelodyRequest, Model, Shutdown
from psc2.core.rules import begin
from psc2.core.state import SharedState
from psc2.models import catalogue
from psc2.models.markov import Markov
from psc2.models.process import ModelProcess
from psc2.ports import Screen
from psc2.runtime.clock import SystemClock
from psc2.runtime.engine import Engine
from psc2.runtime.heartbeat import Heartbeat
from psc2.runtime.looper import Looper
from psc2.runtime.workers import Worker, drums_answer, melody_answer
from psc2.screen.panel import Panel
from psc2.screen.picture import Facts
from psc2.screen.plain import PlainScreen, StatusLines
from psc2.screen.terminal import can_show_panel
from psc2.settings.config import Config
from psc2.supercollider import process as sclang
from psc2.supercollider.process import Keeper, LatestHello, Sclang
from psc2.wire.osc_in import OscReceiver
from psc2.wire.osc_out import OscOutput

PATIENCE_S = 0.2  # for the last lines to be written
ENDING_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")  # asked to, Ctrl-C, the terminal's window closed
TRIES = 10  # at letting them through where the terminal takes nothing


def initial_state(config: Config, seed: int | None) -> SharedState:
    """Raises: ConfigError for the controller's map."""
    music = config.music
    chance = random.Random(seed)
    return begin(config.settings(), chance, music.time_signature, music.num_bars, music.qpm)


def model_processes(config: Config) -> dict[Model, ModelProcess]:
    """The models that the configuration names, not yet started. Raises: ModelError if there is none."""
    processes = {}
    for model, section in ((Model.MELODY, config.improv), (Model.DRUMS, config.drums)):
        catalogue.check(model, section.model, section.engine)
        processes[model] = ModelProcess(model, section.model, section.engine, section.deadline_s)
    return processes


class Thread(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


class Instrument:
    """Everything between the wires: engine, threads and models.

    Nothing runs before ``start``; after ``stop`` everything that sounded is switched off.
    """

    def __init__(self, config: Config, seed: int | None) -> None:
        """Raises: StartError if the port is taken, ModelError for a model that there is not,
        ConfigError for the controller's map."""
        self.clock = SystemClock()
        self._output = OscOutput(config.osc.send_host, config.osc.send_port, self.clock)
        self._models = model_processes(config)
        ask_melody, ask_drums = (self._models[model].ask for model in (Model.MELODY, Model.DRUMS))
        melody: Worker[MelodyRequest] = Worker(
            Model.MELODY, partial(melody_answer, ask_melody, Markov(), self.clock), self._dispatch
        )
        drums: Worker[DrumsRequest] = Worker(
            Model.DRUMS, partial(drums_answer, ask_drums, Markov(), self.clock), self._dispatch
        )
        self.engine = Engine(initial_state(config, seed), self._output, melody, drums)
        self._receiver = OscReceiver(
            config.osc.receive_host, config.osc.receive_port, self.clock, self.engine.dispatch
        )
        heartbeat = Heartbeat(self.engine.dispatch, self.clock)
        self._threads = (melody, drums, Looper(self.engine, self.clock), self._receiver, heartbeat)
        self._running: list[Thread] = []

    def start(self) -> None:
        """Raises: StartError."""
        for model in self._models.values():
            model.start()
        gc.collect()
        gc.freeze()  # what is there now stays: later collections need not look at it, and so are short
        for thread in self._threads:
            thread.start()
            self._running.append(thread)
        self._output.greet(self._receiver.port)

    def stop(self) -> None:
        while self._running:
            self._running.pop().stop()
        self.engine.dispatch(Shutdown(self.clock.now()))
        for model in self._models.values():
            model.stop()
        self._output.close()

    def models_that_cannot_load(self) -> dict[Model, str]:
        """And why."""
        processes = self._models.items()
        return {model: process.last_words() for model, process in processes if process.cannot_load()}

    def hello(self) -> LatestHello | None:
        """SuperCollider's latest."""
        now = self.engine.snapshot()
        if now.supercollider_heard_at is None or now.supercollider_port is None:
            return None
        return LatestHello(now.supercollider_heard_at, now.supercollider_port)

    def _dispatch(self, event: Event) -> None:
        """What the workers answer; they are built before the engine that they answer to."""
        self.engine.dispatch(event)


def play(
    config: Config,
    seed: int | None,
    with_sclang: bool,
    write: Callable[[str], None],
    plain: bool,
    hands: Callable[[Instrument, threading.Event], None] | None = None,
) -> None:
    """The instrument, until one of ENDING_SIGNALS.

    ``plain``: lines, even where a panel could be shown. ``hands``: play it in a thread of their own,
    and may set the event, which ends it.

    Raises: Psc2Error if it cannot start.
    """
    stopping = threading.Event()
    for name in ENDING_SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue  # nohup
        signal.signal(number, lambda *_: stopping.set())
    instrument = Instrument(config, seed)
    osc = config.osc
    screen = PlainScreen(write) if plain or not can_show_panel(sys.stdout) else _panel(config, seed)
    write = screen.write_line
    write(f"listening on {osc.receive_host}:{osc.receive_port}, "
          f"sending to {osc.send_host}:{osc.send_port}; Ctrl-C ends")  # fmt: skip
    write(f"melody by {config.improv.model}, drums by {config.drums.model}")
    supercollider = _supercollider(config, instrument, write) if with_sclang else None
    status = StatusLines(write)
    status.show(instrument.engine.snapshot())
    # Writing may block for ever (a terminal held with Ctrl-S), so it has a thread that nobody waits for.
    reader = threading.Thread(
        target=_tell, args=(instrument, supercollider, status, screen, stopping), daemon=True
    )
    reader.start()
    try:
        instrument.start()
        if hands is not None:
            threading.Thread(target=hands, args=(instrument, stopping), daemon=True).start()
        stopping.wait()
    finally:
        stopping.set()
        instrument.stop()
        if supercollider is not None:
            supercollider.stop()
        reader.join(PATIENCE_S)
        for _ in range(TRIES):
            if reader.is_alive():
                screen.unblock()
                reader.join(PATIENCE_S / TRIES)
    if reader.is_alive():
        os._exit(0)  # everything is off; the interpreter's own end would wait for the writer


def _tell(
    instrument: Instrument,
    supercollider: Keeper | None,
    status: StatusLines,
    screen: Screen,
    stopping: threading.Event,
) -> None:
    """A line for each change, and the panel where there is one, until the end."""
    unable: dict[Model, str] = {}
    screen.open()
    try:
        while not stopping.wait(screen.pause_s(instrument.clock.now())):
            now = instrument.engine.snapshot()
            status.show(now)
            before, unable = unable, instrument.models_that_cannot_load()
            for model in unable.keys() - before.keys():
                screen.write_line(
                    f"the {model.value} model cannot be loaded: {unable[model]}; Markov stands in"
                )
            for line in supercollider.new_lines() if supercollider is not None else ():
                screen.write_line(line)
            screen.show(now, instrument.clock.now(), unable)
        status.show(instrument.engine.snapshot())
    finally:
        screen.close()


def _panel(config: Config, seed: int | None) -> Panel:
    return Panel(sys.stdout, Facts(config.improv.model, config.drums.model, seed))


def _supercollider(config: Config, instrument: Instrument, write: Callable[[str], None]) -> Keeper | None:
    """SuperCollider, where it is installed. Raises: StartError."""
    executable = sclang.find()
    if executable is None:
        write("sclang is not installed: OSC is sent all the same, but nothing sounds here")
        return None
    osc = config.osc
    begin = partial(Sclang, executable, osc.receive_host, osc.receive_port, osc.send_port, sclang.new_log())
    return Keeper(begin, instrument.clock, instrument.hello)
