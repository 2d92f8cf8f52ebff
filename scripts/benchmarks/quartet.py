"""A part of voices: whether the band sounds like one, in SuperCollider and in the page where it can be had.

A quartet plays four bars of swing through the rig of the default settings (``tests/web/quartet.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import nan
from pathlib import Path

import numpy as np

from psc2.core.drum_styles import KICK_VELOCITY
from scripts.benchmarks.browser import no_browser
from scripts.benchmarks.measure import Row, Runs, Values
from tests.supercollider.offline import MIX, TAIL, Note, Score, Studio
from tests.supercollider.sound import Samples
from tests.supercollider.voices import between, decay_s, loudness_lufs, peak_db, rms_db, spread
from tests.web import quartet
from tests.web.sound_studio import Score as Entries
from tests.web.sound_studio import in_supercollider, sound_studio

SPREAD_LU = 3
KICK_DB = 3
LIKE_LU = 3
DECAY_S, DECAY_TOLERANCE_S = 0.4, 0.1
ROOMS = 20  # at once
ROOM_PERCENT = 1.0  # of a core, for a room


def measure(studio: Studio, folder: Path, length_s: float) -> Values:
    """``length_s``: of the silence in which a room's cost is measured."""
    there = players("supercollider", lambda score: in_supercollider(score, folder))
    here = dict.fromkeys((key.replace("supercollider", "page") for key in there), nan)
    if not no_browser():
        with sound_studio(folder / "browser") as page:
            here |= players("page", lambda score: page.play(score, quartet.LENGTH_S))
    return {**there, **here, **room(studio), "room_percent": room_cost(studio, length_s)}


def players(name: str, play: Callable[[Entries], Samples]) -> dict[str, float]:
    """How loud each is, and the largest sample."""
    values: dict[str, float] = {}
    for part in quartet.PARTS:
        samples = between(play(quartet.score(part)), 0, quartet.LENGTH_S)
        values[f"{name}_{part}_lufs"] = loudness_lufs(samples)
        values[f"{name}_{part}_db"] = peak_db(samples)
    return values


def room(studio: Studio) -> Values:
    """Of what a note has in a room of 1: in which time it dies away, and how loud it is beside the note."""
    note = [Note("organ", 69, held_s=0.5)]
    dry = studio.play(note, 3, master=True)
    echo = studio.play(note, 3, master=True, changes=[(0.0, ("room", 1.0))]) - dry
    level_db = rms_db(between(echo, 0.2, 0.5)) - rms_db(between(dry, 0.2, 0.5))
    return {"room_decay_s": decay_s(between(echo, 0.6, 3)), "room_db": level_db}


def room_cost(studio: Studio, length_s: float) -> float:
    """How many percent of a core a room takes: many are rendered, and none."""
    arguments = ("in", MIX, "out", MIX + 2)
    rooms: Score = [
        (0.0, ("/s_new", "psc2_room", 1000 + number, TAIL, 0, *arguments)) for number in range(ROOMS)
    ]
    seconds = []
    for score in (rooms, []):
        begin = time.perf_counter()
        studio.render(score, length_s)
        seconds.append(time.perf_counter() - begin)
    return 100 * (seconds[0] - seconds[1]) / length_s / ROOMS


def rows(runs: Runs) -> list[Row]:
    pages = [] if np.isnan(runs.median("page_all_db")) else ["page"]
    return [
        *(row for name in ("supercollider", *pages) for row in rows_of(runs, name)),
        *(like_row(runs) for _ in pages),
        *room_rows(runs),
    ]


def rows_of(runs: Runs, name: str) -> list[Row]:
    lufs = {part: runs.median(f"{name}_{part}_lufs") for part in quartet.PARTS}
    peaks = {part: runs.median(f"{name}_{part}_db") for part in quartet.PARTS}
    pitched = [lufs[part] for part in quartet.PITCHED]
    kick_db = peaks["all"] - peaks["without_kick"]
    return [
        Row(
            "voices",
            f"a quartet in {name}: bass, chords, lead",
            f"spread ≤ {SPREAD_LU} LU",
            f"{', '.join(f'{value:.1f}' for value in pitched)} LUFS: {spread(pitched):.1f} LU",
            f"drums {lufs['drums']:.1f} LUFS, all {lufs['all']:.1f} LUFS",
            spread(pitched) <= SPREAD_LU,
        ),
        Row(
            "voices",
            f"the same: what the kick adds to the peak of the bars, at velocity {KICK_VELOCITY}",
            f"≤ {KICK_DB} dB",
            f"{kick_db:.1f} dB, to {peaks['all']:.1f} dBFS",
            f"alone {peaks['kick']:.1f} dBFS",
            kick_db <= KICK_DB,
        ),
    ]


def like_row(runs: Runs) -> Row:
    apart = [
        abs(runs.median(f"page_{part}_lufs") - runs.median(f"supercollider_{part}_lufs"))
        for part in quartet.PARTS
    ]
    return Row(
        "voices",
        "the quartet's players, page less SuperCollider, at most",
        f"≤ {LIKE_LU} LU",
        f"{max(apart):.2f} LU",
        "",
        max(apart) <= LIKE_LU,
    )


def room_rows(runs: Runs) -> list[Row]:
    found_s, percent = runs.median("room_decay_s"), runs.median("room_percent")
    return [
        Row(
            "voices",
            "the room: time in which it falls by 60 dB",
            f"{DECAY_S:g} ± {DECAY_TOLERANCE_S:g} s",
            f"{found_s:.2f} s",
            f"at room 1 {runs.median('room_db'):+.1f} dB of the sound itself",
            abs(found_s - DECAY_S) <= DECAY_TOLERANCE_S,
        ),
        Row(
            "voices",
            "the room: its cost, for a pair of outputs",
            f"≤ {ROOM_PERCENT:g} % of a core",
            f"{percent:.2f} %",
            f"{ROOMS} at once",
            percent <= ROOM_PERCENT,
        ),
    ]
