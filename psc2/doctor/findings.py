"""What a check of ``psc2 doctor`` looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from psc2 import resources
from psc2.core.requests import Model
from psc2.resources import COMMAND
from psc2.settings.config import Config
from psc2.settings.players import ModelEngine
from psc2.supercollider import platforms
from psc2.supercollider.platforms import System

CHECKOUT = (resources.ROOT / "scripts" / "run").is_file()  # else psc2 has been installed as a package
PLAY = f"{COMMAND} play"


class Mark(Enum):
    """How serious a finding is."""

    OK = "ok"
    NOTE = "note"  # worth knowing; one can play
    MISSING = "missing"  # one cannot, or not as the configuration wants it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what helps if something is wrong with it."""

    mark: Mark
    what: str  # a word or two
    message: str  # one line
    fix: str = ""  # the one command that helps, or what to do


@dataclass(frozen=True, slots=True)
class Device:
    """A MIDI port as SuperCollider sees it."""

    device: str
    name: str

    @property
    def port_name(self) -> str:
        return platforms.port_name(self.device, self.name)


@dataclass(frozen=True, slots=True)
class Devices:
    """The MIDI ports and sound cards that SuperCollider sees."""

    sources: tuple[Device, ...] = ()  # MIDI in
    destinations: tuple[Device, ...] = ()  # MIDI out
    audio: tuple[str, ...] = ()
    midi: bool = True  # whether it can be opened
    error: str = ""  # why nothing is known


@dataclass(frozen=True, slots=True)
class Case:
    """All that the checks look at: the machine, the configuration, its devices and models."""

    system: System
    config: Config | None  # None: it cannot be used, because of …
    problems: tuple[str, ...]  # … these, a line each
    config_name: str  # which files it is of
    devices: Callable[[], Devices | None]  # None: not looked at
    ask: Callable[[Model, str, ModelEngine], float]  # a model, once: how long it takes, in seconds


Check = Callable[[Case], Iterator[Finding]]


def get_extra(name: str) -> str:
    """What gets one of psc2's extras."""
    return f"scripts/extra {name}" if CHECKOUT else "get psc2's repository, which has scripts/extra"


def last_line(output: str) -> str:
    """The last line of a program's output that is not empty."""
    return next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it says nothing")


def rows_of(output: str) -> list[list[str]]:
    """The fields, between tabs, of each line that a program has written for psc2: they follow ``psc2:``."""
    return [line.split("\t")[1:] for line in output.splitlines() if line.startswith("psc2:\t")]
