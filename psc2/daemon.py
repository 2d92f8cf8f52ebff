"""The composition root: builds everything, starts it in order, and ends it.

Threads: the OSC receiver and the looper, which must not wait; one worker a model, which
may, and waits for its model's process until the deadline; one a model that keeps its process
running; one that keeps SuperCollider running; one that shows the status, and one that reads
the terminal's keys; one that serves the page; the main thread, which waits for the end.
"""

from __future__ import annotations

import gc
import logging
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from psc2 import resources
from psc2.core import accompaniment
from psc2.core.events import Event, Shutdown, SuperColliderProcess
from psc2.core.memory import state_of
from psc2.core.requests import DrumsRequest, MelodyRequest, Model, PitchRequest
from psc2.core.state import SharedState
from psc2.errors import StartError
from psc2.models import catalogue
from psc2.models.markov import Markov
from psc2.models.process import ModelProcess
from psc2.resources import COMMAND
from psc2.runtime.clock import SystemClock
from psc2.runtime.ending import Ending
from psc2.runtime.engine import Engine
from psc2.runtime.looper import Looper
from psc2.runtime.outputs import Outputs
from psc2.runtime.workers import BandWorker, Worker, drums_answer, soloists_answer
from psc2.screen.computer_keyboard import ComputerKeyboard
from psc2.screen.display import Display
from psc2.screen.key_reader import KeyReader
from psc2.screen.plain import PlainScreen
from psc2.screen.standard_streams import can_show_panel, can_take_keys
from psc2.settings.config import Config
from psc2.supercollider.log import new_log
from psc2.supercollider.platforms import find_sclang
from psc2.supercollider.process import Keeper, LatestHello, Sclang
from psc2.text import printable
from psc2.web.browser import has_screen
from psc2.web.listener import WebListener
from psc2.wire.osc_in import OscReceiver
from psc2.wire.osc_out import OscOutput

if TYPE_CHECKING:
    from psc2.screen.panel import Panel

logger = logging.getLogger(__name__)

SEEDS = 2**32  # 0 to one less
TOKEN_BYTES = 8
SWITCH_S = 0.0005  # for which a thread may hold the interpreter while another wants it: hands do not wait
MAX_THREADS = 16  # of this process: what it starts itself, and two for each model's channel


def initial_state(config: Config, seed: int | None, token: str = "") -> SharedState:
    """The instrument as it is configured; a seed is drawn if none is given.

    ``token``: by which the SuperCollider that is started proves itself.
    """
    seed = random.SystemRandom().randrange(SEEDS) if seed is None else seed
    settings = replace(config.settings(), token=token)
    state = state_of(config.memory(), settings, seed, random.Random(seed))
    accompaniment.sit_down(state)
    return state


def model_processes(config: Config) -> dict[Model, ModelProcess]:
    """The models that the configuration names, not yet started. Raises: ModelError if there is none."""
    processes = {}
    for model, section in ((Model.MELODY, config.improv), (Model.DRUMS, config.drums)):
        catalogue.check(model, section.model, section.engine)
        processes[model] = ModelProcess(model, section.model, section.engine, section.deadline_s)
    return processes


class Session:
    """Everything between the wires: engine, threads and models.

    Nothing runs before ``start``; after ``stop`` everything that sounded is switched off.
    """

    def __init__(self, config: Config, seed: int | None) -> None:
        """Bind the port and find the models. Raises: StartError, ModelError."""
        self.clock = SystemClock()
        self.token = os.urandom(TOKEN_BYTES).hex()
        osc = config.osc
        self._output = OscOutput(osc.send_host, osc.send_port, self.clock)
        self._models = model_processes(config)
        generate_melody, generate_beat = (self._models[model].ask for model in (Model.MELODY, Model.DRUMS))
        melody: Worker[MelodyRequest | PitchRequest] = Worker(
            Model.MELODY, partial(soloists_answer, generate_melody, Markov(), self.clock), self._dispatch
        )
        drums: Worker[DrumsRequest] = Worker(
            Model.DRUMS, partial(drums_answer, generate_beat, Markov(), self.clock), self._dispatch
        )
        self.outputs = Outputs(self._output)
        band = BandWorker(self._dispatch)
        self.engine = Engine(initial_state(config, seed, self.token), self.outputs, melody, drums, band)
        self._receiver = OscReceiver(
            osc.receive_host, osc.receive_port, config.allowed_hosts(), self.clock, self.engine.dispatch
        )
        self._threads = (melody, drums, band, Looper(self.engine, self.clock), self._receiver)
        self._stops = ExitStack()

    def start(self) -> None:
        """Start models and threads, and greet SuperCollider. Raises: StartError."""
        self._later(self._output.close)
        for model in self._models.values():
            self._later(model.stop)
            model.start()
        self._later(lambda: self.engine.dispatch(Shutdown(self.clock.now())))
        sys.setswitchinterval(SWITCH_S)
        gc.collect()
        gc.freeze()  # what is there now stays: later collections need not look at it, and so are short
        for thread in self._threads:
            thread.start()
            self._later(thread.stop)
        self._output.greet(self._receiver.port)

    def stop(self) -> None:
        """End all that was started, the latest first, whatever goes wrong with one of them."""
        self._stops.close()

    def _dispatch(self, event: Event) -> None:
        """What workers say; they are built before the engine that they speak to."""
        self.engine.dispatch(event)

    def _later(self, stop: Callable[[], object]) -> None:
        self._stops.callback(_logged, stop)

    def unable(self) -> dict[Model, str]:
        """The models that cannot be loaded, and why."""
        processes = self._models.items()
        return {
            model: printable(process.reason()) for model, process in processes if process.failed_to_load()
        }

    def new_lines(self) -> Iterator[str]:
        """Lines for the player about what has become of the models since the last call."""
        return map(printable, chain.from_iterable(process.new_lines() for process in self._models.values()))

    def hello(self) -> LatestHello | None:
        """SuperCollider's latest sign of life."""
        peer = self.engine.snapshot().peer
        return None if peer.hello_at is None else LatestHello(peer.hello_at, peer.port)


Write = Callable[[str], None]
Performer = Callable[[Session, Ending, Write], None]  # plays on a session, tells of it, may ask for its end


@dataclass(frozen=True, slots=True)
class Choices:
    """What a command line decides beside the configuration."""

    seed: int | None = None  # None: drawn
    with_sclang: bool = True  # whether SuperCollider is started
    with_page: bool = True  # whether the page is served …
    opens_page: bool | None = None  # … and opened in a browser; None: where nothing else sounds
    plain: bool = False  # lines, even where a panel could be shown

    def opens(self, has_sound: bool) -> bool:
        """Whether the page is opened; ``has_sound``: whether SuperCollider is there."""
        return self.with_sclang and not has_sound if self.opens_page is None else self.opens_page


def play(
    ending: Ending, config: Config, choices: Choices, write: Write, performer: Performer | None = None
) -> None:
    """The instrument, until its end is asked for.

    ``performer``: plays it in a thread of its own.

    Raises: Psc2Error if it cannot start.
    """
    _check_threads()
    with ExitStack() as stops:
        session = Session(config, choices.seed)
        keyboard = ComputerKeyboard(session.engine.dispatch, session.engine.snapshot, ending.request)
        told: list[str] = []  # of the page, before anything can be shown
        page = _page(config, session, choices, told.append)
        screen = _screen(config, write, choices.plain, keyboard, page)
        display = Display(screen, session.clock, session.engine.snapshot, session.unable)
        display.follow(session.new_lines)
        stops.callback(_logged, display.stop)
        for line in (*_description(config), *told):
            screen.write_line(line)
        supercollider = _supercollider(config, session, screen.write_line) if choices.with_sclang else None
        if supercollider is not None:
            stops.callback(_logged, supercollider.stop)
            display.follow(supercollider.new_lines)
        display.follow(keyboard.new_lines)
        display.start()  # and from now on nobody else writes
        stops.callback(session.stop)
        stops.callback(display.finish)
        session.start()
        for part in (page, _key_reader(screen, keyboard, session)):
            if part is not None:
                stops.callback(_logged, part.stop)
                part.start()
        if performer is not None:
            tell = _everywhere(screen.write_line, page)
            threading.Thread(target=performer, args=(session, ending, tell), daemon=True).start()
        ending.wait()
    if display.is_alive():
        os._exit(0)  # everything is off; the interpreter's own end would wait for the writer


def _check_threads() -> None:
    """Check that the system has as many threads left as the instrument may start. Raises: RuntimeError."""
    over = threading.Event()
    try:
        for _ in range(MAX_THREADS):
            threading.Thread(target=over.wait, daemon=True).start()
    finally:
        over.set()


def _screen(
    config: Config,
    write: Callable[[str], None],
    plain: bool,
    keyboard: ComputerKeyboard,
    page: WebListener | None,
) -> PlainScreen | Panel:
    if plain or not can_show_panel(sys.stdout):
        return PlainScreen(write)
    from psc2.screen.panel import Panel  # a tenth of all the time until the first click

    typing = keyboard.typing if can_take_keys(sys.stdout, sys.stdin) else None
    names = {Model.MELODY: config.improv.model, Model.DRUMS: config.drums.model}
    return Panel(sys.stdout, names, typing, "" if page is None else page.address)


def _key_reader(
    screen: PlainScreen | Panel, keyboard: ComputerKeyboard, session: Session
) -> KeyReader | None:
    """The computer's keys, where there is a panel that takes them."""
    if isinstance(screen, PlainScreen) or not screen.terminal.takes_keys:
        return None
    return KeyReader(sys.stdin.fileno(), keyboard, session.clock, screen.terminal.gives_keys)


def _description(config: Config) -> Iterator[str]:
    osc = config.osc
    yield (
        f"listening on {osc.receive_host}:{osc.receive_port}, "
        f"sending to {osc.send_host}:{osc.send_port}; Ctrl-C ends"
    )
    yield f"melody by {config.improv.model}, drums by {config.drums.model}"


def _page(config: Config, session: Session, choices: Choices, write: Write) -> WebListener | None:
    """Where the page is served, if it is; without a port for it the music goes on all the same."""
    if not choices.with_page:
        return None
    engine, opens = session.engine, choices.opens(has_sound=find_sclang() is not None)
    try:
        page = WebListener(config, session.clock, engine.dispatch, engine.snapshot, opens)
    except StartError as error:
        write(f"no page: {error}")
        return None
    session.outputs.add(page)
    write(f"the page in a browser: {page.address}")
    if choices.opens_page and not has_screen():
        write("there is no screen here that a browser can open on")
    return page


def _everywhere(write: Write, page: WebListener | None) -> Write:
    """What tells the player a line, at the terminal and in the page."""

    def tell(line: str) -> None:
        write(line)
        if page is not None:
            page.tell_line(line)

    return tell


def _supercollider(config: Config, session: Session, write: Callable[[str], None]) -> Keeper | None:
    """SuperCollider, where it is installed. Raises: StartError."""
    executable = find_sclang()
    if executable is None:
        write("sclang is not installed: OSC is sent all the same, but nothing sounds here")
        missing = f"sclang is not installed: {COMMAND} doctor helps"
        session.engine.dispatch(SuperColliderProcess(session.clock.now(), running=False, reason=missing))
        return None
    osc, log = config.osc, new_log(resources.logs())
    if log.trouble:
        write(log.trouble)
    begin = partial(
        Sclang, executable, osc.receive_host, osc.receive_port, osc.send_port, log.path, session.token
    )
    return Keeper(begin, session.clock, session.hello, session.engine.dispatch)


def _logged(stop: Callable[[], object]) -> None:
    """Stop something; what goes wrong is logged, so that the rest stops too."""
    try:
        stop()
    except Exception:
        logger.exception("while ending")
