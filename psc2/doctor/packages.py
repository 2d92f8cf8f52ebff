"""What ``psc2 doctor`` looks at of the packages: those that playing needs, and the extras."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from psc2.doctor.findings import CHECKOUT, Case, Finding, Mark, get_extra, last_line, rows_of
from psc2.models.child import python
from psc2.resources import COMMAND
from psc2.supercollider.platforms import Platform

NEWEST_PYTHON = (3, 13)  # that psc2 is tested with, and that the extras can be installed for
NEWEST = ".".join(map(str, NEWEST_PYTHON))
IMPORT_TIMEOUT_S = 30.0
_MODULES = {  # where a package's module has another name
    "audioop-lts": "audioop",
    "python-osc": "pythonosc",
    "pyyaml": "yaml",
}
_IMPORT = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        print("psc2:", name, type(error).__name__ + ": " + " ".join(str(error).split()), sep="\\t")
print("psc2:", "end", sep="\\t")
"""
_EXTRAS = {  # what tells whether it is there, and what it is for
    "magenta": (("magenta", "tf-keras"), "engine: magenta"),
    "train": (("jax", "optax", "magenta"), f"{COMMAND} models train and report"),
}


def required() -> list[str]:
    """The packages that playing needs, on this Python."""
    names = []
    for line in metadata.requires("psc2") or ():
        name, _, marker = line.partition(";")
        for_newer = "python_version >= '3.13'" in marker.replace('"', "'") and sys.version_info < (3, 13)
        if "extra ==" not in marker and not for_newer:
            names.append(re.split(r"[^A-Za-z0-9._-]", name.strip())[0])
    return sorted(names)


def required_packages(case: Case) -> Iterator[Finding]:
    """Whether the packages that playing needs are there, and can be imported."""
    versions = {name: case.system.version(name) for name in required()}
    modules = {_MODULES.get(name, name.replace("-", "_")): name for name in versions}
    output = case.system.run(python(_IMPORT, *modules), IMPORT_TIMEOUT_S).output
    rows = rows_of(output)
    wrong = {modules[row[0]]: row[1] for row in rows if len(row) == 2 and row[0] in modules}
    again = "rm -r .venv && scripts/run --version" if CHECKOUT else "pip install --force-reinstall psc2"
    for name, why in wrong.items():
        found = versions[name]
        message = f"{name} {found} cannot be imported: {why}" if found else f"{name} is not installed"
        yield Finding(Mark.MISSING, "packages", message, again)
    if ["end"] not in rows:
        message = f"importing them does not end well: {last_line(output)}"
        yield Finding(Mark.MISSING, "packages", message, again)
    elif not wrong:
        found = ", ".join(f"{name} {version}" for name, version in versions.items())
        yield Finding(Mark.OK, "packages", found)


def extras(case: Case) -> Iterator[Finding]:
    """Whether the extras are there, which only some configurations and commands need."""
    fits = sys.version_info[:2] <= NEWEST_PYTHON and (
        case.system.platform is not Platform.MACOS or platform.machine() == "arm64"
    )
    for extra, (names, purpose) in _EXTRAS.items():
        versions = [f"{name} {version}" for name in names if (version := case.system.version(name))]
        if len(versions) == len(names):
            yield Finding(Mark.OK, extra, ", ".join(versions))
        elif fits:
            message = f"not installed; only {purpose} needs it"
            yield Finding(Mark.NOTE, extra, message, get_extra(extra))
        else:
            needs = f"it needs Python 3.10 to {NEWEST}, and on a Mac Apple silicon ({purpose})"
            yield Finding(Mark.NOTE, extra, f"not for this machine: {needs}")
