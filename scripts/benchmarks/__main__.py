"""Runs the measures, and prints a table of what was promised and what was found.

It measures and is not a test: its exit code is 0 also where a target is missed, and 1 only if a
measure could not be taken.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import textwrap
import time
from collections.abc import Sequence
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path

from psc2.resources import CONFIG_VARIABLE
from scripts.benchmarks import plot, rolls
from scripts.benchmarks.audio import AUDIO
from scripts.benchmarks.band import BAND
from scripts.benchmarks.beat import BEAT
from scripts.benchmarks.choice import CHOICE
from scripts.benchmarks.clock_steps import CLOCK_STEPS
from scripts.benchmarks.endings import ENDINGS
from scripts.benchmarks.engines import ENGINES
from scripts.benchmarks.exchanges import IMPROV, MODELS_START
from scripts.benchmarks.floods import DATAGRAMS, FUZZ, NEW_SOURCES
from scripts.benchmarks.hangs import PROCESSES, STALL
from scripts.benchmarks.load import LOAD, THREADS
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.nonsense import FILES
from scripts.benchmarks.notes import BURST, LIVE
from scripts.benchmarks.pitches import PITCHES
from scripts.benchmarks.returns import RETURNS
from scripts.benchmarks.stage import STAGE
from scripts.benchmarks.start import START
from scripts.benchmarks.strangers import STRANGERS
from scripts.benchmarks.swing import SWING
from scripts.benchmarks.tags import TAGS
from scripts.benchmarks.tick import TICK
from scripts.benchmarks.turns import TURNS
from scripts.benchmarks.voices import SOUND
from scripts.benchmarks.web import CHECKOUT, WEIGHT
from scripts.benchmarks.web import START as WEB_START
from scripts.benchmarks.web_pages import PAGES_OPEN
from scripts.benchmarks.web_sound import KEY, LOOP

MEASURES = (
    TAGS, SWING, TURNS, PITCHES, CHOICE, BAND, TICK, START, BURST, BEAT, LIVE, AUDIO, STAGE, RETURNS, SOUND,
    ENGINES, MODELS_START, IMPROV, LOAD, THREADS, FUZZ, DATAGRAMS, NEW_SOURCES, STRANGERS, PROCESSES, ENDINGS,
    STALL, CLOCK_STEPS, FILES, CHECKOUT, WEB_START, WEIGHT, KEY, LOOP, PAGES_OPEN,
)  # fmt: skip
NAMES = {
    "tags": "time tags against start + n · step, in virtual time",
    "swing": "swung lines recorded: what the loop learns, and where it plays them, in virtual time",
    "improv": "solos played with the machine: whether turns change between lines, in virtual time",
    "improv_pitches": "… with the real model: its pitches beside the keys, and over the solos' chords",
    "choice": "answers chosen among candidates, beside the first that the model draws",
    "band": "choruses of the band over held-out tunes and usual forms, and what they cost",
    "tick": "what a step costs, by the notes due and by those stored",
    "start": "from the command to the first click, and memory",
    "burst": "20,000 notes as fast as they can be sent",
    "late": "looped notes sent after their time tag, beside a bare deadline process",
    "drift": "the loop's drift, beside the looper of 2018",
    "live": "a live note's way through the daemon, beside a bare python-osc echo",
    "stage_live": "from a MIDI note to its sound, through the real SuperCollider",
    "stage_beat": "the loop's onsets in recorded audio while everything plays",
    "stage_cpu": "what everybody needs of a core meanwhile",
    "stage_return": "sclang, scsynth or the daemon killed: until sound, or silence",
    "fault_clock": "the computer's clock set while the loop plays: silence, and a held key",
    "voices": "how loud and how bright each voice is, and what it costs",
    "model_speed": "the native engine beside Magenta's own, warm and rebuilt for each call",
    "model_cost": "what longer primers and answers cost the native engine",
    "model_start": "from the command to both models' first answers, and memory",
    "model_notes": "10,000 improv notes: one generation at a time, every phrase whole",
    "model_load": "the beat and live notes while both models are always at work",
    "model_threads": "what that would be with the models in the daemon's own threads",
    "fault_fuzz": "a million fuzzed packets beside a live hand",
    "fault_datagrams": "64 kB datagrams as fast as can be beside a live hand",
    "fault_sources": "notes without end and names of a million unknown devices beside a live hand",
    "fault_strangers": "another address, and another program that says hello all the time",
    "fault_processes": "sclang, scsynth and each model hang or are killed: until told, until sound",
    "fault_signals": "1,000 pairs of ending signals, while it plays and while it starts",
    "fault_stall": "sclang stands still for 8 s while the loop plays: what begins late",
    "fault_files": "nonsense configurations, MIDI files and models: one line each, soon, in little room",
    "web_checkout": "from a clean checkout to the first click heard in the page, without SuperCollider",
    "web_start": "from the command to the first click scheduled in the page",
    "web_weight": "the page's bytes, and the time until START can be pressed",
    "web_key": "from a key in the page to its sound scheduled there, beside a bare WebSocket echo",
    "web_loop": "the loop's onsets in the page's rendered audio while both models are always at work",
    "web_pages": "the beat, live notes and memory with five open pages, beside a daemon without",
}
GROUPS = {
    "models": "model_",
    "stage": "stage_",
    "faults": "fault_",
    "web": "web_",
}  # all those whose names begin so
RUNS = 5
EXAMPLES = f"""\
measures:
{chr(10).join(f"  {name:16}{what}" for name, what in NAMES.items())}
{chr(10).join(f"  {group:16}all that begin with {start}" for group, start in GROUPS.items())}

examples:
  scripts/bench                          everything, medians of {RUNS} runs
  scripts/bench live burst               only these
  scripts/bench stage --runs 1           the whole instrument with its SuperCollider
  scripts/bench models --plots out       MelodyRNN and DrumsRNN, and a plot of what they cost
  scripts/bench faults --runs 1          the machine's edges: floods, strangers, signals
  scripts/bench web --runs 1             the page in the real Chromium
  scripts/bench --quick                  once and short, to see whether it works
  scripts/bench late --runs 1 --json late.json
"""
HEADINGS = ("measure", "target", "measured", "compared with", "met?")
WIDTHS = (34, 15, 24, 34, 4)


def main() -> int:
    options = parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception ends all that was started
    os.environ[CONFIG_VARIABLE] = os.devnull  # whoever measures may have settings of their own
    names = set(options.names or NAMES)
    for group in names & set(GROUPS):
        names |= {name for name in NAMES if name.startswith(GROUPS[group])}
    chosen = [measure for measure in MEASURES if names & set(measure.names)]
    number = options.runs or (1 if options.quick else RUNS)
    missing = {measure: why for measure in chosen if (why := measure.why_not())}
    able = [measure for measure in chosen if measure not in missing]
    report_length(able, number, options.quick)
    began = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    runs, problems = take(able, number, options.quick)
    rows = [row for m in able if runs[m] for row in m.rows(Runs(runs[m])) if row.name in names]
    unmeasured = [f"not measured: {', '.join(m.names)}: {why}" for m, why in missing.items()] + problems
    print_table(rows, number, options.quick)
    if options.plots is not None and ENGINES in able and runs[ENGINES]:
        print(plot.draw(Runs(runs[ENGINES]), options.plots / "model_cost.png"))
    if options.plots is not None and TURNS in able:
        print(rolls.draw(options.plots / "improv.png"))
    if options.plots is not None and PITCHES in able:
        print(rolls.draw_pitches(options.plots / "improv_pitches.png"))
    for line in unmeasured:
        print(line)
    if options.json is not None:
        found = {
            "began": began,
            "quick": options.quick,
            "runs": number,
            "machine": machine(),
            "rows": [asdict(row) for row in rows],
            "values": {" ".join(measure.names): runs[measure] for measure in able},
            "unmeasured": unmeasured,
        }
        options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if problems else 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures what psc2 promises, and prints it beside what it is compared with.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("names", nargs="*", type=known, metavar="NAME", help="a measure; all by default")
    top.add_argument("--runs", type=positive, metavar="N", help=f"how often each is run; {RUNS} by default")
    top.add_argument("--quick", action="store_true", help="short runs, one by default: to try it out")
    top.add_argument(
        "--json", type=writable, metavar="FILE", help="write all that was found there, each run too"
    )
    top.add_argument(
        "--plots",
        type=folder,
        metavar="DIR",
        help="draw there what the models' steps cost, and a solo in turns",
    )
    return top


def folder(text: str) -> Path:
    path = Path(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write to {text}: {error.strerror}") from error
    return path


def known(name: str) -> str:
    if name not in (*NAMES, *GROUPS):
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(NAMES)}, got {name!r}")
    return name


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a number of runs from 1 on, got {text!r}")
    return int(text)


def writable(text: str) -> Path:
    """Better told now than after a quarter of an hour."""
    path = Path(text)
    try:
        path.open("a").close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write {text}: {error.strerror}") from error
    return path


def take(
    measures: Sequence[Measure], number: int, quick: bool
) -> tuple[dict[Measure, list[Values]], list[str]]:
    """Every measure once, then every measure again, so that a busy minute does not hit one alone."""
    runs: dict[Measure, list[Values]] = {measure: [] for measure in measures}
    problems = []
    with tempfile.TemporaryDirectory(prefix="psc2-bench-") as folder:
        for n in range(1, number + 1):
            for measure in measures:
                title = ", ".join(measure.names)
                show_progress(f"run {n}/{number}: {title} (about {max(1, round(seconds(measure, quick)))} s)")
                try:
                    runs[measure].append(measure.run(Path(folder), quick))
                except Exception as error:  # one failure is no reason to lose the others' results
                    problems.append(f"run {n} of {title} failed: {type(error).__name__}: {error}")
    show_progress("")
    return runs, problems


def seconds(measure: Measure, quick: bool) -> float:
    return measure.quick_seconds if quick else measure.seconds


def report_length(measures: Sequence[Measure], number: int, quick: bool) -> None:
    total_s = number * sum(seconds(measure, quick) for measure in measures)
    length = f"{total_s:.0f} s" if total_s < 100 else f"{total_s / 60:.0f} min"
    print(f"{number} {'run' if number == 1 else 'runs'}, about {length}", file=sys.stderr)


def show_progress(line: str) -> None:
    """One line that changes on a terminal, a line each elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
    elif line:
        print(line, file=sys.stderr, flush=True)


def print_table(rows: Sequence[Row], number: int, quick: bool) -> None:
    marked = {True: "yes", False: "NO", None: ""}
    print_cells(HEADINGS)
    print("─┼─".join("─" * width for width in WIDTHS))
    for row in rows:
        print_cells((row.what, row.target, row.measured, row.compared_with, marked[row.met]))
    print(
        f"\n{'QUICK, good for trying out only: ' if quick else ''}medians of {number} "
        f"{'run' if number == 1 else 'runs'}; {describe_machine()}"
    )


def print_cells(cells: Sequence[str]) -> None:
    wrapped = [textwrap.wrap(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)]
    for line in zip_longest(*wrapped, fillvalue=""):
        print(" │ ".join(part.ljust(width) for part, width in zip(line, WIDTHS, strict=True)).rstrip(" │"))


def machine() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }


def describe_machine() -> str:
    return f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
