"""The command line: arguments and exit codes.

0: ended as asked; 1: ``models compare`` found a difference; 2: it could not start, and one line
says why; 130: interrupted before it played.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from psc2.arguments import parser
from psc2.errors import Psc2Error


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "→" is no reason to stop
    options = parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    try:
        match options.command:
            case "demo":
                _demo(options)
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
    from psc2.config import load_config

    ports = {"receive_port": options.receive_port, "send_port": options.send_port}
    overrides = {"osc": {key: port for key, port in ports.items() if port is not None}}
    config = load_config(options.config, overrides)
    daemon.play(config, options.seed, not options.no_sclang, _say)


def _say(line: str) -> None:
    """A line for the player; where nobody reads any more, the music goes on."""
    with suppress(OSError, ValueError):
        print(line, flush=True)


def _demo(options: argparse.Namespace) -> None:
    from psc2 import demo

    for path in demo.write(options.out, options.seed):
        print(path)


def _models(options: argparse.Namespace) -> int:
    from psc2 import model_commands

    return model_commands.COMMANDS[options.models_command](options)
