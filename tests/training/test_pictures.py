"""Pictures are the same whenever they are drawn, and there is one of everything."""

from collections.abc import Callable
from pathlib import Path

import pytest

from psc2.core.requests import Model, PrimerRhythm
from psc2.training import pictures
from psc2.training.continuation import NUMBERS, Study, StudyRow
from psc2.training.epoch import Epoch
from psc2.training.pictures import Roll
from psc2.training.statistics import Figure, beat_statistics, melody_statistics

PNG = b"\x89PNG"
ROCK = [5, 0, 4, 0, 6, 0, 4, 0] * 4
MELODY = [60, -2, 62, -1, 64, 65, 67, -2] * 4
MEASURED = {"repeated notes": 0.5, NUMBERS[0]: 2.0}
STUDY = Study(
    2,
    MEASURED,
    MEASURED,
    tuple(StudyRow(rhythm, t, 1.0, MEASURED, 0.5) for rhythm in PrimerRhythm for t in (0.5, 1.0)),
)


HISTORY = [Epoch(1, 2.0, 2.1), Epoch(2, 1.5, 1.8), Epoch(3, 1.2, 1.9)]
GROUPS = {"training": beat_statistics([ROCK]), "model": beat_statistics([ROCK[::-1]])}
DRAWN: dict[str, Callable[[Path], Path]] = {
    "a training": lambda path: pictures.loss_curve(HISTORY, path),
    "one epoch": lambda path: pictures.loss_curve(HISTORY[:1], path),
    "temperatures": lambda path: pictures.temperatures(STUDY, path),
    "a profile": lambda path: pictures.profile(GROUPS, "drums", "Drums", path),
    "shares": lambda path: pictures.shares({"model": Figure(0.3), "soloist": Figure(0.5)}, "Chords", path),
    "figures that are 0": lambda path: pictures.figures({"model": {"copies": Figure(0.0)}}, "Copies", path),
    "melodies": lambda path: pictures.rolls([Roll("a", MELODY, 16)], Model.MELODY, "Melodies", path),
    "beats": lambda path: pictures.rolls([Roll("a", ROCK, 16)], Model.DRUMS, "Beats", path),
    "silence": lambda path: pictures.rolls([Roll("a", [-2] * 16, 8)], Model.MELODY, "Melodies", path),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN.keys())
def test_a_picture_is_the_same_each_time(draw: Callable[[Path], Path], tmp_path: Path) -> None:
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    assert (draw(one), draw(other)) == (one, other)
    assert one.read_bytes().startswith(PNG)
    assert one.read_bytes() == other.read_bytes()
    assert b"Software" not in one.read_bytes()


def test_a_picture_shows_what_it_is_given(tmp_path: Path) -> None:
    def drawn(primer_steps: int) -> bytes:
        roll = Roll("a", MELODY, primer_steps)
        return pictures.rolls([roll], Model.MELODY, "Melodies", tmp_path / "roll.png").read_bytes()

    assert drawn(8) != drawn(16)


def test_every_statistic_has_a_picture(tmp_path: Path) -> None:
    groups = {"training": melody_statistics([MELODY]), "validation": melody_statistics([MELODY])}
    written = pictures.statistics(groups, "Melodies", tmp_path / "new", "melodies")
    assert [path.name for path in written] == [
        "melodies_intervals.png",
        "melodies_range.png",
        "melodies_note_lengths.png",
        "melodies_onsets_apart.png",
        "melodies_figures.png",
    ]
    assert all(path.is_file() for path in written)
