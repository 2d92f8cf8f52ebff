"""The command line: arguments and exit codes.

0: ended as asked; 1: ``models compare`` found a difference, or ``doctor`` something missing; 2: it could
not start, and one line says why; 130: interrupted; 143: asked to end. What plays ends with 0 either way; what
has not begun yet is ended by the signal itself.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from psc2.commands.arguments import parser
from psc2.errors import Psc2Error, StartError
from psc2.runtime.ending import Ending
from psc2.text import PrintableFormatter, print_line, print_lines

if TYPE_CHECKING:
    from psc2.daemon import Choices
    from psc2.settings.config import Config

OF_SIGNALS = 128  # with a signal's number an exit code, as shells count
STOPPING = (signal.SIGINT, signal.SIGTERM)
NO_THREAD = "can't start new thread"  # as Python says it, with RuntimeError
THREAD_CURE = (
    "the system starts no more threads: end other programs, or raise the limits (ulimit -u, ulimit -v)"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of psc2. Returns: its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "→" is no reason to stop
    options = parser().parse_args(arguments)
    _log_to_stderr()
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as for what shells run in the background
            signal.signal(number, _stop)
    try:
        code = COMMANDS[options.command](options)
        if sys.stdout is not None:  # as where a service gives none
            sys.stdout.flush()
    except Psc2Error as error:
        for problem in error.problems:
            print_line(problem, file=sys.stderr)
        return 2
    except BrokenPipeError:
        _discard_output()  # nobody reads any more
        return 0
    except OSError as error:
        _discard_output()
        name = f"{error.filename}: " if error.filename else ""
        print_line(f"cannot go on: {name}{error.strerror or error}", file=sys.stderr)
        return 2
    except RuntimeError as error:
        if str(error) != NO_THREAD:
            raise
        print_line(f"cannot go on: {THREAD_CURE}", file=sys.stderr)
        return 2
    return code


def _stop(number: int, frame: FrameType | None) -> None:
    """An exception ends all that was started; a second signal does not disturb that."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(OF_SIGNALS + number)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(PrintableFormatter("%(levelname)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def _discard_output() -> None:
    """Send what is still to be written to stdout nowhere."""
    with suppress(OSError, AttributeError):  # no descriptor is left for it, or there is no stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _play(options: argparse.Namespace) -> int:
    with Ending() as ending:  # before all that takes time
        from psc2 import daemon

        daemon.play(ending, _configured(options), _choices(options), _print_line)
    return 0


def _choices(options: argparse.Namespace) -> Choices:
    from psc2.daemon import Choices

    return Choices(options.seed, not options.no_sclang, not options.no_web, options.open, options.plain)


def _configured(options: argparse.Namespace) -> Config:
    """The configuration that files and command line make together. Raises: ConfigError."""
    from psc2.settings.config import load_files, own_files

    ports = {"receive_port": options.receive_port, "send_port": options.send_port}
    overrides: dict[str, dict[str, object]] = {
        "osc": {key: port for key, port in ports.items() if port is not None}
    }
    if getattr(options, "chart", None) is not None:
        overrides["music"] = {"chart": options.chart}
    files = own_files(options.config)
    config = load_files(files, overrides)
    if len(files) > (options.config is not None):
        _print_line(f"with your own settings, {files[0]}")
    return config


def _print_line(line: str) -> None:
    """Print a line for the player; where nobody reads any more, the music goes on."""
    with suppress(OSError, ValueError):
        print_line(line, flush=True)


def _demo(options: argparse.Namespace) -> int:
    if options.live:
        return _live_demo(options)
    from psc2.demo import demo

    choices = (options.receive_port, options.send_port, options.no_sclang, options.plain, options.no_web)
    if options.config or any(choices) or options.open is not None:
        raise StartError("demo: expected --live before what only a demo that is live can do")
    take, out = demo.perform(demo.SONG, options.seed), options.out or Path()
    for path in demo.write(take, out):
        print_line(path)
    try:
        print_line(demo.write_sound(take, out))
    except StartError as error:
        print_line(error, file=sys.stderr)
    return 0


def _live_demo(options: argparse.Namespace) -> int:
    with Ending() as ending:
        from psc2.demo import demo

        demo.play(ending, _configured(options), _choices(options), _print_line)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from psc2.doctor import report as doctor

    return doctor.write_report(options.config, options.quick, options.json, print_lines)


def _chart(options: argparse.Namespace) -> int:
    from psc2.commands import chart as chart_command

    return chart_command.show(options)


def _config(options: argparse.Namespace) -> int:
    from psc2.commands import config as config_commands

    return config_commands.COMMANDS[options.config_command](options)


def _completion(options: argparse.Namespace) -> int:
    from psc2.commands import completion

    sys.stdout.write(completion.script(parser(), options.shell) + "\n")
    return 0


def _models(options: argparse.Namespace) -> int:
    if options.models_command == "names":  # a shell asks at each press of a key: nothing else is loaded
        from psc2.models import catalogue

        for name in catalogue.names():
            print_line(name)
        return 0
    from psc2.commands import models as model_commands

    return model_commands.COMMANDS[options.models_command](options)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "play": _play,
    "demo": _demo,
    "doctor": _doctor,
    "chart": _chart,
    "config": _config,
    "models": _models,
    "completion": _completion,
}
