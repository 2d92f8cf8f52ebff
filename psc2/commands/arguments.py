"""What the command line understands."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from psc2.commands import help_texts
from psc2.core.ranges import PORTS, QPM, SEEDS, TEMPERATURES, Range
from psc2.resources import COMMAND
from psc2.text import print_line, printable

SHELLS = ("bash", "zsh", "fish", "tcsh")
STEPS = Range(1, 100_000)
SEMITONES = Range(-12, 12)
MAX_DIGITS = 20  # of a whole number
MAX_SHOWN, MAX_ERROR = 60, 400  # characters, of a value and of what is said of it

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """The parser of psc2's command line, with the help of every command."""
    top: argparse.ArgumentParser = _Parser(
        prog=COMMAND,
        description="A live looper and improvisation partner for jazz.",
        epilog=as_started(help_texts.PSC2),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _play(commands)
    _demo(commands)
    _doctor(commands)
    _chart(commands)
    config = _command(commands, "config", "the settings that are in force, and your own", help_texts.CONFIG)
    _config(config.add_subparsers(dest="config_command", required=True, metavar="COMMAND"))
    models = _command(commands, "models", "models for the melody and the drums", help_texts.MODELS)
    _models(models.add_subparsers(dest="models_command", required=True, metavar="COMMAND"))
    completion = _command(
        commands, "completion", "what makes your shell complete psc2", help_texts.COMPLETION
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    return top


def as_started(text: str) -> str:
    """A text with examples, which begin with what psc2 was started by."""
    return re.sub(r"\bpsc2(?= [a-z])", COMMAND, text)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the command line in one line, whatever stands in it."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, printable(f"{self.prog}: error: {message}", MAX_ERROR) + "\n")


class _Version(argparse.Action):
    """The option --version, which finds the version out only where it is given."""

    def __init__(self, option_strings: list[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help="which psc2 this is")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from psc2 import version

        print_line(f"psc2 {version.describe()}")
        parser.exit()


def _command(commands: Commands, name: str, what: str, epilog: str = "") -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=as_started(epilog),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _play(commands: Commands) -> None:
    play = _command(commands, "play", "play the instrument, until Ctrl-C", help_texts.PLAY)
    _add_instrument_options(play)
    play.add_argument(
        "--chart", metavar="CHART", help="the tune's chords: a file, a link, or a text; '' is none"
    )
    play.add_argument("--seed", type=_whole(SEEDS), metavar="N", help="the same seed gives the same machine")


def _add_instrument_options(command: argparse._ActionsContainer) -> None:
    """Add the options of every command that starts the instrument."""
    command.add_argument("--config", type=Path, metavar="FILE", help="YAML with the settings that differ")
    port = _whole(PORTS)
    command.add_argument(
        "--receive-port", type=port, metavar="N", help="listen for OSC on this UDP port (12345)"
    )
    command.add_argument("--send-port", type=port, metavar="N", help="SuperCollider's UDP port (57120)")
    command.add_argument("--no-sclang", action="store_true", help="do not start SuperCollider")
    command.add_argument("--no-web", action="store_true", help="do not serve the page")
    command.add_argument(
        "--open", action=argparse.BooleanOptionalAction,
        help="open the page in a browser, or not (where SuperCollider is missing)",
    )  # fmt: skip
    command.add_argument("--plain", action="store_true", help="a line for each change, and no panel")


def _demo(commands: Commands) -> None:
    demo = _command(
        commands, "demo", "play configs/songs/demo.yaml without any hardware: demo.mid, .png and .wav",
        help_texts.DEMO,
    )  # fmt: skip
    demo.add_argument(
        "--seed", type=_whole(SEEDS), default=0, metavar="N", help="the same seed gives the same bytes (0)"
    )
    way = demo.add_mutually_exclusive_group()
    way.add_argument("--out", type=Path, metavar="DIR", help="where the files go (here)")
    way.add_argument("--live", action="store_true", help="play it now, against the clock, and write nothing")
    _add_instrument_options(demo.add_argument_group("with --live"))


def _doctor(commands: Commands) -> None:
    doctor = _command(commands, "doctor", "what is missing for playing, and what fixes it", help_texts.DOCTOR)
    doctor.add_argument("--config", type=Path, metavar="FILE", help=f"as for {COMMAND} play")
    doctor.add_argument(
        "--quick", action="store_true", help="do not start SuperCollider to see what is plugged in"
    )
    doctor.add_argument("--json", action="store_true", help="as JSON, for a report")


def _chart(commands: Commands) -> None:
    chart = _command(
        commands, "chart", "the chords of a tune, from a text or from iReal Pro", help_texts.CHART
    )
    chart.add_argument(
        "chart", metavar="CHART",
        help="a file, a link of iReal Pro, the chart itself, or - for what is piped in",
    )  # fmt: skip
    chart.add_argument("--tune", metavar="TUNE", help="which one of several: its number, or part of its name")
    chart.add_argument(
        "--transpose", type=_whole(SEMITONES), default=0, metavar="N",
        help=f"so many semitones higher, {SEMITONES} (0)",
    )  # fmt: skip


def _config(commands: Commands) -> None:
    show = _command(commands, "show", "every setting that is in force, and where it comes from")
    show.add_argument("--config", type=Path, metavar="FILE", help=f"as {COMMAND} play is to have it")
    _command(commands, "path", "where your own settings are, or would be")
    _command(commands, "edit", "change your own settings in an editor, and check them")
    schema = _command(commands, "schema", "the JSON Schema of such files, for editors", help_texts.SCHEMA)
    schema.add_argument(
        "kind", nargs="?", choices=("config", "controller"), default="config",
        help="of configurations, or of controllers' maps (config)",
    )  # fmt: skip


def _models(commands: Commands) -> None:
    _command(commands, "list", "the models that there are")
    _command(commands, "names", "their names alone, one a line")
    add = _command(commands, "add", "install one of Magenta's bundles (.mag)", help_texts.ADD)
    add.add_argument("file", metavar="FILE.mag", help="a file, or an address that begins with https://")
    add.add_argument("--name", metavar="NAME", help="what to call it (as the file)")
    _model_command(commands, "show", "what a model is made of")
    _model_command(commands, "remove", "remove a model that you have installed")
    _generate(commands)
    score = _model_command(
        commands, "score", "how well a model foresees music, in nats per event", help_texts.SCORE
    )
    _add_engine(score)
    score.add_argument("data", type=Path, metavar="DATA", help="a MIDI file, a folder of them, or a corpus")
    _model_command(
        commands, "compare", "hold the native engine against Magenta's own, step by step", help_texts.COMPARE
    )
    _train(commands)
    report = _model_command(
        commands, "report", "measure a model: scores, statistics, pictures", help_texts.REPORT
    )
    report.add_argument("data", type=Path, metavar="DATA", help="what it was trained on")
    _add_folder(report)
    examples = _command(commands, "examples", "music to judge a model by: MIDI files and pictures")
    examples.add_argument("--melody", default="weimar", metavar="NAME", help="whose melodies (weimar)")
    examples.add_argument("--drums", default="groove", metavar="NAME", help="whose beats (groove)")
    _add_seed(examples)
    _add_folder(examples)


def _model_command(commands: Commands, name: str, what: str, epilog: str = "") -> argparse.ArgumentParser:
    """A command whose first argument is the name of a model."""
    command = _command(commands, name, what, epilog)
    command.add_argument("name", metavar="NAME", help=f"which of {COMMAND} models list")
    return command


def _generate(commands: Commands) -> None:
    generate = _model_command(commands, "generate", "continue a primer, as a MIDI file", help_texts.GENERATE)
    _add_engine(generate)
    generate.add_argument(
        "--primer", required=True, metavar="MUSIC",
        help='a MIDI file; notes such as "C4 E4 - - . G4", one a 16th, - to hold and . to rest; or '
        'a list as Magenta has it, "[60, -2, 64]" or "[(36, 42), ()]"',
    )  # fmt: skip
    generate.add_argument("--out", required=True, type=Path, metavar="FILE.mid", help="what to write")
    generate.add_argument(
        "--steps", type=_whole(STEPS), default=64, metavar="N", help="how many new steps (64)"
    )
    generate.add_argument(
        "--qpm", type=_within(QPM), metavar="N",
        help=f"quarter notes a minute, {QPM} (the primer's own, or 120)",
    )  # fmt: skip
    generate.add_argument(
        "--temperature", type=_within(TEMPERATURES), default=1.0, metavar="X",
        help=f"{TEMPERATURES}: below 1 likelier, above 1 more surprising (1)",
    )  # fmt: skip
    _add_seed(generate)


def _train(commands: Commands) -> None:
    train = _command(
        commands, "train", "make a model of music, as one of Magenta's bundles", help_texts.TRAIN
    )
    train.add_argument(
        "configuration",
        choices=("interval_rnn", "attention_rnn", "drum_kit"),
        help="of melodies over chords, of melodies, or of drums",
    )
    train.add_argument(
        "data", type=Path, metavar="DATA", help="a folder of MIDI files, or one of the two corpora"
    )
    train.add_argument(
        "--out", required=True, type=Path, metavar="DIR",
        help="for the checkpoint, the curve and the bundle",
    )  # fmt: skip
    train.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE",
        help="another learning rate, dropout …: psc2/training/recipe.py has them all",
    )  # fmt: skip
    train.add_argument("--description", metavar="TEXT", help="what the bundle says of itself")


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument("--engine", choices=("native", "magenta"), default="native", help="(native)")


def _add_seed(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--seed", type=_whole(SEEDS), default=0, metavar="N", help="the same seed gives the same music (0)"
    )


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the files go")


def _whole(limits: Range) -> Callable[[str], int]:
    """What reads an option's whole number within ``limits``. Raises: ArgumentTypeError for another."""

    def read(text: str) -> int:
        digits = re.sub(r"^[+-]", "", text) if limits.low < 0 else text
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
        if is_number and limits.low <= int(text) <= limits.high:
            return int(text)
        got = printable(text, MAX_SHOWN)
        raise argparse.ArgumentTypeError(f"expected a whole number within {limits}, got {got}")

    return read


def _within(limits: Range) -> Callable[[str], float]:
    """What reads an option's number within ``limits``. Raises: ArgumentTypeError for another."""

    def read(text: str) -> float:
        with suppress(ValueError):
            if (number := float(text)) in limits:
                return number
        got = printable(text, MAX_SHOWN)
        raise argparse.ArgumentTypeError(f"expected a number within {limits}, got {got}")

    return read
