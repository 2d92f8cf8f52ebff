"""``psc2 doctor``: what is there and what is missing, a line each, and the one command that fixes it."""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from psc2.core.instruments import Instrument
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest, Model, PrimerNote, PrimerRhythm
from psc2.doctor import checks, packages, sound
from psc2.doctor.findings import PLAY, Case, Check, Finding, Mark
from psc2.doctor.machine import Machine
from psc2.errors import ConfigError
from psc2.models.generation import GenerationCancelled, GenerationError
from psc2.models.process import ModelProcess
from psc2.resources import COMMAND
from psc2.settings.config import Config, load_files, own_files
from psc2.settings.players import ModelEngine
from psc2.settings.yaml_file import shown

CHECKS: tuple[Check, ...] = (
    checks.python,
    checks.own_version,
    packages.required_packages,
    packages.extras,
    sound.supercollider,
    sound.sound_server,
    sound.realtime,
    sound.sequencer,
    checks.loopback,
    checks.ports,
    sound.devices,
    checks.configuration,
    sound.midi_outputs,
    sound.controller,
    checks.models,
    checks.computer,
)
ANSWER_TIMEOUT_S = 30.0  # for a model to be loaded and asked: Magenta's take long
CANDIDATES = 16  # of a call, as by default
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
SUBJECT_WIDTH = 14  # characters, for what a line is about
WIDTH = 110  # … and for all of it


def examine(config: Path | None, quick: bool, on_finding: Callable[[Finding], None]) -> int:
    """Make all checks at once; ``on_finding`` gets each finding, in order, as soon as it is known.

    ``quick``: without what sclang sees.

    Returns: the exit code.
    """
    machine = Machine()
    pool = ThreadPoolExecutor(max_workers=len(CHECKS) + 1)
    try:
        seen = None if quick else pool.submit(sound.find_devices, machine)
        files = own_files(config)
        usable, problems = _configuration(files)
        case = Case(
            system=machine,
            config=usable,
            problems=problems,
            config_name=", then ".join(["psc2's defaults", *map(shown, files)]),
            devices=(lambda: None) if seen is None else seen.result,
            ask=partial(ask, is_cancelled=machine.is_closing),
        )
        found: list[Finding] = []
        for findings in [pool.submit(findings_of, check, case) for check in CHECKS]:
            for finding in findings.result():
                found.append(finding)
                on_finding(finding)
        return code_of(found, problems)
    finally:
        machine.close()
        pool.shutdown(cancel_futures=True)


def _configuration(files: Sequence[Path]) -> tuple[Config | None, tuple[str, ...]]:
    """The configuration, or why it cannot be used."""
    try:
        config = load_files(files)
    except ConfigError as error:
        return None, error.problems
    return config, ()


def code_of(found: Sequence[Finding], problems: Sequence[str]) -> int:
    """The exit code: 0 if nothing is missing, 1 if something is, 2 for a configuration with problems."""
    if problems:
        return 2
    return 1 if any(finding.mark is Mark.MISSING for finding in found) else 0


def findings_of(check: Check, case: Case) -> list[Finding]:
    """The findings of a check; of one that raises, a note that says so."""
    try:
        return list(check(case))
    except Exception as error:
        name = check.__name__.replace("_", " ")
        message = f"could not be looked at ({type(error).__name__}: {error}); please report this"
        return [Finding(Mark.NOTE, name, message)]


def ask(
    model: Model, name: str, engine: ModelEngine, is_cancelled: Callable[[], bool] = lambda: False
) -> float:
    """How long a model takes to answer once it is loaded, in seconds, in a process as the instrument has it.

    Raises: GenerationError if it does not.
    """
    process = ModelProcess(model, name, engine, ANSWER_TIMEOUT_S)
    try:
        process.start()
        process.ask(_request(model), is_cancelled)
        began = time.perf_counter()
        process.ask(_request(model), is_cancelled)
        return time.perf_counter() - began
    except GenerationCancelled:
        raise GenerationError("was not waited for") from None
    finally:
        process.stop()


def _request(model: Model) -> MelodyRequest | DrumsRequest:
    """A request as the instrument usually makes it: twenty notes after a scale, or a beat of two bars."""
    if model is Model.MELODY:
        notes = tuple(PrimerNote(pitch, 90, n * 0.25, 0.2) for n, pitch in enumerate(SCALE))
        return MelodyRequest(1, notes, 20, 120.0, 0.0, PrimerRhythm.EVEN, 1.0, 0, candidates=CANDIDATES)
    kicks = (Hit(step, Instrument.KICK, 100) for step in (0, 16))
    hats = (Hit(step, Instrument.CLOSED_HIHAT, 80) for step in range(0, 32, 2))
    return DrumsRequest(1, (*kicks, *hats), 4, 16, 2, 120.0, 1.0, 0)


# ── What it looks like


def lines(finding: Finding) -> Iterator[str]:
    """A finding as lines for the terminal; its fix stands alone on the last, to be copied.

    >>> for line in lines(Finding(Mark.MISSING, "JACK", "no server runs", "jackd -d alsa &")):
    ...     print(line)
    missing  JACK           no server runs
                            → jackd -d alsa &
    """
    head, indent = f"{finding.mark.value:8} {finding.what:{SUBJECT_WIDTH}} ", " " * (SUBJECT_WIDTH + 10)
    yield from textwrap.wrap(finding.message, WIDTH, initial_indent=head, subsequent_indent=indent)
    if finding.fix:  # in one piece, to be copied
        yield f"{indent}→ {finding.fix}"


def summary(findings: Sequence[Finding]) -> str:
    """The last line of the report: what is missing, or how to play."""
    missing = list(dict.fromkeys(finding.what for finding in findings if finding.mark is Mark.MISSING))
    if not missing:
        return f"Everything that playing needs is there: {PLAY}"
    return f"Missing: {', '.join(missing)}. Do what the arrows say, and ask again: {COMMAND} doctor"


def write_report(config: Path | None, quick: bool, as_json: bool, write: Callable[[str], None]) -> int:
    """Write the findings as lines, or all at once as JSON. Returns: the exit code."""
    found: list[Finding] = []

    def write_finding(finding: Finding) -> None:
        found.append(finding)
        if not as_json:
            for line in lines(finding):
                write(line)

    code = examine(config, quick, write_finding)
    if as_json:
        # the keys are a format that scripts read: they stay
        rows = [{"mark": f.mark.value, "what": f.what, "told": f.message, "mend": f.fix} for f in found]
        write(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        write("")
        write(summary(found))
    return code
