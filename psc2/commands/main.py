"""The command line: arguments and exit codes.

0: ended as asked; 1: ``models compare`` found a difference, or ``doctor`` something missing; 2: it could
not start, and one line says why; 130: interrupted before it played; 143: asked to end.
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
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from psc2.commands.arguments import parser
from psc2.errors import Psc2Error, StartError

if TYPE_CHECKING:
    from psc2.settings.config import Config

TERMINATED = 128 + 15  # as shells count it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of psc2. Returns: its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "→" is no reason to stop
    options = parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # an exception ends all that was started
    try:
        code = COMMANDS[options.command](options)
        sys.stdout.flush()
    except Psc2Error as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        _discard_output()  # nobody reads any more
        return 0
    except OSError as error:
        _discard_output()
        print(f"cannot go on: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _discard_output() -> None:
    """Send what is still to be written to stdout nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _play(options: argparse.Namespace) -> int:
    from psc2 import daemon

    daemon.play(_configured(options), options.seed, not options.no_sclang, _print_line, options.plain)
    return 0


def _configured(options: argparse.Namespace) -> Config:
    """The configuration that files and command line make together. Raises: ConfigError."""
    from psc2.settings.config import load_files, own_files

    ports = {"receive_port": options.receive_port, "send_port": options.send_port}
    overrides = {"osc": {key: port for key, port in ports.items() if port is not None}}
    files = own_files(options.config)
    config = load_files(files, overrides)
    if len(files) > (options.config is not None):
        _print_line(f"with your own settings, {files[0]}")
    return config


def _print_line(line: str) -> None:
    """Print a line for the player; where nobody reads any more, the music goes on."""
    with suppress(OSError, ValueError):
        print(line, flush=True)


def _demo(options: argparse.Namespace) -> int:
    from psc2.demo import demo

    if options.live:
        demo.play(_configured(options), options.seed, not options.no_sclang, _print_line, options.plain)
        return 0
    if options.config or options.receive_port or options.send_port or options.no_sclang or options.plain:
        raise StartError("demo: expected --live before what only a demo that is live can do")
    take, out = demo.perform(demo.SONG, options.seed), options.out or Path()
    for path in demo.write(take, out):
        print(path)
    try:
        print(demo.write_sound(take, out))
    except StartError as error:
        print(error, file=sys.stderr)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from psc2.doctor import report as doctor

    return doctor.write_report(options.config, options.quick, options.json, partial(print, flush=True))


def _config(options: argparse.Namespace) -> int:
    from psc2.commands import config as config_commands

    return config_commands.COMMANDS[options.config_command](options)


def _completion(options: argparse.Namespace) -> int:
    from psc2.commands import completion

    print(completion.script(parser(), options.shell))
    return 0


def _models(options: argparse.Namespace) -> int:
    if options.models_command == "names":  # a shell asks at each press of a key: nothing else is loaded
        from psc2.models import catalogue

        print(*catalogue.names(), sep="\n")
        return 0
    from psc2.commands import models as model_commands

    return model_commands.COMMANDS[options.models_command](options)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "play": _play,
    "demo": _demo,
    "doctor": _doctor,
    "config": _config,
    "models": _models,
    "completion": _completion,
}
