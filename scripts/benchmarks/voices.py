"""voices: how loud and how bright each voice is, by velocity, and what it costs, through the real scsynth.

Nothing is played: scsynth renders into files. A voice is heard as it leaves its SynthDef, at level 1;
a bass line and a melody are played up to twice as loud, at level 2. Then a quartet plays, through the rig
of the default settings.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scripts.benchmarks import quartet
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.rig import not_installed
from tests.supercollider.offline import Note, Studio, missing_programs
from tests.supercollider.voices import (
    AIR_HZ,
    CHORDS_S,
    LINE_S,
    LOUDNESS_LUFS,
    VOICES,
    Voice,
    air_db,
    centroid_hz,
    click_db,
    loudness_lufs,
    peak_db,
    spread,
)

VELOCITIES = (30, 64, 100, 127)
TOLERANCE_LU = 1
SPREAD_LU = 3
CLICK_DB = -50
PEAK_DB = -3  # of a line at velocity 127 and level 2: less would be left to the limiter
CEILING_DB = -0.5
CROWD = 40  # notes at once
CROWD_S, QUICK_CROWD_S = 20.0, 5.0
COST_PERCENT = 0.5  # of a core, for a note


def measure(folder: Path, quick: bool) -> Values:
    studio = Studio(folder / "voices")
    values: dict[str, float] = {}
    for voice in VOICES:
        values |= {f"{voice.name}_{name}": value for name, value in sound_of(studio, voice).items()}
        values[f"{voice.name}_percent"] = cost(studio, voice, QUICK_CROWD_S if quick else CROWD_S)
    everybody = [
        Note(voice.name, 28 + 4 * number, 127, 0.05 * number, 1.5, level=4)
        for number, voice in enumerate(VOICES * 4)
    ]
    return {
        **values,
        **quartet.measure(studio, folder, QUICK_CROWD_S if quick else CROWD_S),
        "crowd_db": peak_db(studio.play(everybody, 3)),
        "master_db": peak_db(studio.play(everybody, 3, master=True)),
    }


def sound_of(studio: Studio, voice: Voice) -> Values:
    """Of the line, at each velocity, and of the chords."""
    values: dict[str, float] = {}
    for velocity in VELOCITIES:
        line = studio.play(voice.phrase(velocity), LINE_S)
        values[f"lufs_{velocity}"] = loudness_lufs(line)
        values[f"centroid_{velocity}"] = centroid_hz(line)
        values[f"air_{velocity}"] = air_db(line)
    hard = [replace(note, level=2) for note in voice.phrase(127)]
    samples = studio.play(hard, LINE_S)
    return values | {
        "peak_db": peak_db(samples),
        "click_db": click_db(samples, [note.at + part for note in hard for part in (0, note.held_s)]),
        "chords_lufs": loudness_lufs(studio.play(voice.chords(), CHORDS_S)),
    }


def cost(studio: Studio, voice: Voice, length_s: float) -> float:
    """How many percent of a core a note takes: many are rendered, and none."""
    crowd = [Note(voice.name, 40 + number, held_s=length_s) for number in range(CROWD)]
    seconds = []
    for notes in (crowd, []):
        begin = time.perf_counter()
        studio.play(notes, length_s)
        seconds.append(time.perf_counter() - begin)
    return 100 * (seconds[0] - seconds[1]) / length_s / CROWD


def rows(runs: Runs) -> list[Row]:
    return [
        *(row for voice in VOICES for row in rows_of(runs, voice)),
        *rows_of_all(runs),
        *quartet.rows(runs),
    ]


def rows_of(runs: Runs, voice: Voice) -> list[Row]:
    return [*line_rows(runs, voice), *edge_rows(runs, voice.name)]


def line_rows(runs: Runs, voice: Voice) -> list[Row]:
    name = voice.name
    loudness, brightness, air = (
        [runs.median(f"{name}_{what}_{velocity}") for velocity in VELOCITIES]
        for what in ("lufs", "centroid", "air")
    )
    at_100 = VELOCITIES.index(100)
    velocities = ", ".join(map(str, VELOCITIES))
    return [
        Row(
            "voices",
            f"{name}: a line at velocity {velocities}",
            f"{LOUDNESS_LUFS:g} ± {TOLERANCE_LU} LUFS at 100",
            f"{figures(loudness)} LUFS",
            f"a chord of four at 100: {runs.median(f'{name}_chords_lufs'):.1f} LUFS",
            abs(loudness[at_100] - LOUDNESS_LUFS) <= TOLERANCE_LU,
        ),
        Row(
            "voices",
            f"{name}: its centroid at these",
            "rises",
            f"{figures(brightness, 0)} Hz",
            "",
            sorted(set(brightness)) == brightness,
        ),
        Row(
            "voices",
            f"{name}: what of it is above {AIR_HZ} Hz at these",
            f"≥ {voice.air_db:g} dB at 100",
            f"{figures(air)} dB",
            "of the whole",
            air[at_100] >= voice.air_db,
        ),
    ]


def edge_rows(runs: Runs, name: str) -> list[Row]:
    peak, click, percent = (runs.median(f"{name}_{what}") for what in ("peak_db", "click_db", "percent"))
    return [
        Row(
            "voices",
            f"{name}: peak at velocity 127, level 2",
            f"≤ {PEAK_DB} dBFS",
            f"{peak:.1f} dBFS",
            f"above 10 kHz at its edges {click:.0f} dB of the loudest (≤ {CLICK_DB})",
            peak <= PEAK_DB and click <= CLICK_DB,
        ),
        Row(
            "voices",
            f"{name}: cost of a note",
            f"≤ {COST_PERCENT:g} % of a core",
            f"{percent:.2f} %",
            f"{CROWD} at once; most {runs.worst(f'{name}_percent'):.2f} %",
            percent <= COST_PERCENT,
        ),
    ]


def rows_of_all(runs: Runs) -> list[Row]:
    spreads = [
        spread([runs.median(f"{voice.name}_lufs_{velocity}") for voice in VOICES]) for velocity in VELOCITIES
    ]
    return [
        Row(
            "voices",
            "loudest less softest voice, at these velocities",
            f"≤ {SPREAD_LU} LU",
            f"{figures(spreads)} LU",
            "",
            max(spreads) <= SPREAD_LU,
        ),
        Row(
            "voices",
            f"{4 * len(VOICES)} far too loud notes, after the master",
            f"≤ {CEILING_DB:g} dBFS",
            f"{runs.worst('master_db'):.2f} dBFS",
            f"{runs.median('crowd_db'):.1f} dBFS before it",
            runs.worst("master_db") <= CEILING_DB,
        ),
    ]


def figures(values: Sequence[float], digits: int = 1) -> str:
    return ", ".join(f"{value:.{digits}f}" for value in values)


def why_not() -> str:
    return not_installed(missing_programs())


SOUND = Measure(names=("voices",), seconds=60, quick_seconds=35, run=measure, rows=rows, why_not=why_not)
