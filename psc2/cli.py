"""The command line: arguments and exit codes.

0: ended as asked; 2: it could not start, and one line says why; 130: interrupted before it played.
"""

from __future__ import annotations

import argparse
import io
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from psc2.errors import Psc2Error

PLAY_EXAMPLES = """\
examples:
  psc2 play                                 the instrument, as configs/default.yaml has it
  psc2 play --config blues.yaml             … with settings of your own
  psc2 play --no-sclang --send-port 57121   … with a SuperCollider that runs already
  psc2 play --seed 1                        … and a machine that plays the same way each time
"""
DEMO_EXAMPLES = """\
examples:
  psc2 demo --out demo                      a whole set without any hardware, as MIDI and picture
  psc2 demo --out other --seed 2            … with another machine
"""
EXAMPLES = PLAY_EXAMPLES + DEMO_EXAMPLES.removeprefix("examples:\n")


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
            case _:
                _play(options)
    except Psc2Error as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="psc2",
        description="A live looper and improvisation partner for jazz.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"psc2 {version('psc2')}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    play = commands.add_parser(
        "play",
        help="play the instrument, until Ctrl-C",
        description="Play the instrument, until Ctrl-C.",
        epilog=PLAY_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    play.add_argument("--config", type=Path, metavar="FILE", help="YAML with the settings that differ")
    play.add_argument(
        "--receive-port", type=_port, metavar="N", help="listen for OSC on this UDP port (12345)"
    )
    play.add_argument("--send-port", type=_port, metavar="N", help="SuperCollider's UDP port (57120)")
    play.add_argument("--no-sclang", action="store_true", help="do not start SuperCollider")
    play.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same machine")

    demo = commands.add_parser(
        "demo",
        help="play a scripted set without any hardware",
        description="Play configs/songs/demo.yaml without any hardware: demo.mid and demo.png.",
        epilog=DEMO_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    demo.add_argument(
        "--out", type=Path, default=Path("."), metavar="DIR", help="where the two files go (here)"
    )
    demo.add_argument(
        "--seed", type=int, default=0, metavar="N", help="the same seed gives the same bytes (0)"
    )
    return top


def _port(text: str) -> int:
    """Raises: ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"expected a whole number within 1–65535, got {text}")
    return int(text)


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
