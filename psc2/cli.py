"""The command line: arguments and exit codes.

0: ended as asked; 1: ``models compare`` found a difference, or ``doctor`` something missing; 2: it could
not start, and one line says why; 130: interrupted before it played.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from psc2.arguments import parser
from psc2.errors import Psc2Error, StartError

if TYPE_CHECKING:
    from psc2.config import Config


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "→" is no reason to stop
    options = parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    try:
        match options.command:
            case "config":
                code = _config(options)
                sys.stdout.flush()
                return code
            case "completion":
                _completion(options)
            case "demo":
                _demo(options)
            case "doctor":
                return _doctor(options)
            case "models":
                code = _models(options)
                sys.stdout.flush()
                return code
            case _:
                _play(options)
    except Psc2Error as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more
        return 0
    except KeyboardInterrupt:
        return 130
    return 0


def _play(options: argparse.Namespace) -> None:
    from psc2 import daemon

    daemon.play(_configured(options), options.seed, not options.no_sclang, _say, options.plain)


def _configured(options: argparse.Namespace) -> Config:
    """What files and command line say together. Raises: ConfigError."""
    from psc2.config import load_files, own_files

    ports = {"receive_port": options.receive_port, "send_port": options.send_port}
    overrides = {"osc": {key: port for key, port in ports.items() if port is not None}}
    files = own_files(options.config)
    config = load_files(files, overrides)
    if len(files) > (options.config is not None):
        _say(f"with your own settings, {files[0]}")
    return config


def _say(line: str) -> None:
    """A line for the player; where nobody reads any more, the music goes on."""
    with suppress(OSError, ValueError):
        print(line, flush=True)


def _demo(options: argparse.Namespace) -> None:
    from psc2 import demo

    if options.live:
        demo.play(_configured(options), options.seed, not options.no_sclang, _say, options.plain)
        return
    take = demo.perform(demo.SONG, options.seed)
    for path in demo.write(take, options.out):
        print(path)
    try:
        print(demo.write_sound(take, options.out))
    except StartError as error:
        print(error, file=sys.stderr)


def _doctor(options: argparse.Namespace) -> int:
    from psc2 import doctor

    return doctor.report(options.config, options.quick, options.json, partial(print, flush=True))


def _config(options: argparse.Namespace) -> int:
    from psc2 import config_commands

    return config_commands.COMMANDS[options.config_command](options)


def _completion(options: argparse.Namespace) -> None:
    from psc2 import completion

    print(completion.script(parser(), options.shell))


def _models(options: argparse.Namespace) -> int:
    if (
        options.models_command == "names"
    ):  # asked by a shell at each press of a key, so nothing else is loaded
        from psc2.models import catalogue

        print(*catalogue.names(), sep="\n")
        return 0
    from psc2 import model_commands

    return model_commands.COMMANDS[options.models_command](options)
