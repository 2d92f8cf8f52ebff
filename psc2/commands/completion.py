"""``psc2 completion …``: a script with which a shell completes psc2's commands, options, files and models."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import shtab

NAMES = "psc2 models names 2>/dev/null"  # asked when the key is pressed, so that new models are there
MODELS = {
    "bash": "_psc2_models",
    "zsh": "_psc2_models",
    "fish": f"({NAMES})",
    "tcsh": "`psc2 models names`",
    "preamble": {
        "bash": f"_psc2_models() {{ compgen -W \"$({NAMES})\" -- \"$1\"; }}\n",
        "zsh": f'_psc2_models() {{ local -a names; names=(${{(f)"$({NAMES})"}}); compadd -a names }}\n',
    },
}  # fmt: skip
# How an argument is completed, by what its help calls it; where the option says it better, by that.
BY_METAVAR = {
    "CHART": shtab.FILE,
    "FILE": shtab.FILE,
    "DATA": shtab.FILE,
    "MUSIC": shtab.FILE,
    "DIR": shtab.DIRECTORY,
    "FILE.mag": shtab.glob("*.mag"),
    "FILE.mid": shtab.glob("*.mid", "*.midi"),
    "FILE.wav": shtab.glob("*.wav"),
    "NAME": MODELS,
}
BY_OPTION = {"--config": shtab.glob("*.yaml", "*.yml"), "--name": None}  # --name is for a new one


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script that completes ``parser``. ``shell``: one of ``psc2.commands.arguments.SHELLS``."""
    for argument in _arguments(parser):
        by_option = [BY_OPTION[option] for option in argument.option_strings if option in BY_OPTION]
        completed = by_option[0] if by_option else BY_METAVAR.get(str(argument.metavar))
        if completed is not None:
            argument.complete = completed  # type: ignore[attr-defined]
    return shtab.complete(parser, shell)


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All arguments of the parser and of the commands below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _arguments(below)
