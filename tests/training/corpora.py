"""Small corpora in the form of the large ones."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from psc2.models.rnn.encodings import NO_EVENT
from psc2.training.datasets import Piece

KICK, SNARE, HIHAT = 1, 2, 4
ROCK = [HIHAT * (step % 2 == 0) | KICK * (step in (0, 8)) | SNARE * (step in (4, 12)) for step in range(16)]
SILENCE = [0] * 16


def even(pitches: Sequence[int]) -> list[int]:
    """In 8ths."""
    return [event for pitch in pitches for event in (pitch, NO_EVENT)]


def write_solos(folder: Path, split: str, solos: Sequence[Sequence[tuple[int, int, int]]]) -> Path:
    """Solos of (step, steps long, pitch) in the form of the Weimar Jazz Database's. Returns: the file."""
    path = folder / f"{split}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, notes in enumerate(solos):
            solo = {
                "id": f"solo{number}",
                "grid": 4,
                "chords": [[0, "C7"], [40, "F7"]],
                "notes": [[*note, 0.0, 0.0, 4, 1] for note in notes],
            }
            file.write(json.dumps(solo) + "\n")
    return path


def write_groove(folder: Path, rows: Sequence[dict[str, str]], fits: dict[str, float]) -> None:
    """The two tables of the Groove set; the MIDI files lie beside them."""
    names = ("id", "beat_type", "time_signature", "midi_filename", "split")
    with (folder / "info.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows(rows)
    with (folder / "fit16.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ("id", "within_quarter_step"))
        table.writeheader()
        table.writerows({"id": name, "within_quarter_step": str(fit)} for name, fit in fits.items())


def scales(number: int, steps: int, seed: int) -> list[Piece]:
    """Melodies that go up and down by steps of C major, a note each 8th: easily foreseen."""
    random = Random(seed)
    ladder = [48 + 12 * octave + note for octave in range(3) for note in (0, 2, 4, 5, 7, 9, 11)]
    pieces = []
    for piece in range(number):
        place, way, events = random.randrange(len(ladder)), 1, []
        for _ in range(steps // 2):
            way = -way if not 0 <= place + way < len(ladder) or random.random() < 0.05 else way
            place += way
            events += [ladder[place], -2]
        pieces.append(Piece(f"scale{piece}", events))
    return pieces


def beats(number: int, steps: int, seed: int) -> list[Piece]:
    """Rock beats, with a crash now and then."""
    random = Random(seed)
    bar = [5, 0, 4, 0, 6, 0, 4, 0, 5, 0, 5, 0, 6, 0, 4, 0]
    return [
        Piece(f"beat{n}", [bar[step % 16] | 128 * (random.random() < 0.03) for step in range(steps)])
        for n in range(number)
    ]
