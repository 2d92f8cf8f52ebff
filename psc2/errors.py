"""Everything that can go wrong before the count-in.

Psc2Error
├── ConfigError     a configuration, controller map or song file that cannot be used
├── ModelError      a model or bundle that is missing, damaged or not what it should be
├── ChartError      a chart of chords, or a chord symbol, that cannot be read
├── CodecError      JSON that is no event, effect, snapshot or memory of ours
└── StartError      a port, process or file that the start needs and cannot have

After the count-in nothing is raised past the engine: see ``psc2.runtime.engine``.
"""

from __future__ import annotations

from collections.abc import Sequence


class Psc2Error(Exception):
    """One clear line for the person at the keyboard; the command exits with 2."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, one line each."""
        return (str(self),)


class ConfigError(Psc2Error):
    """Every problem of a file at once, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self._problems = tuple(problems)

    @property
    def problems(self) -> tuple[str, ...]:
        return self._problems


class ModelError(Psc2Error):
    """A model that cannot be used."""


class ChartError(Psc2Error, ValueError):
    """A chart, or a chord symbol in it, that cannot be read."""


class CodecError(Psc2Error):
    """JSON that is none of our values, or a value that JSON cannot hold."""


class StartError(Psc2Error):
    """Something that the start needs is missing or taken."""
