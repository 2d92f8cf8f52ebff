"""Corpora and MIDI files as passages."""

from itertools import chain
from pathlib import Path

import pytest

from psc2.errors import ModelError
from psc2.models.rnn import midi_events
from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.training import datasets
from psc2.training.datasets import Piece
from tests.scores.midi_bytes import file, line, meter, tempo
from tests.training.corpora import write_groove, write_solos

MELODY, DRUMS = CONFIGURATIONS["attention_rnn"], CONFIGURATIONS["drum_kit"]


def solo(folder: Path, *notes: tuple[int, int, int]) -> Piece:
    (piece,) = datasets.weimar(write_solos(folder, "train", [notes]))
    return piece


def test_a_solo_has_an_event_a_step_from_the_first_bar_line_on(tmp_path: Path) -> None:
    assert solo(tmp_path, (2, 2, 60), (4, 1, 62), (7, 1, 64)).events == [-2, -2, 60, -2, 62, -1, -2, 64, -1]


def test_a_note_left_out_of_the_grid_is_left_out(tmp_path: Path) -> None:
    assert solo(tmp_path, (0, 1, 60), (-1, 0, 61), (1, 1, 62)).events == [60, 62, -1]


@pytest.mark.parametrize(("onset", "kept"), [(32, 32), (33, 17), (48, 32), (49, 17)])
def test_of_a_long_rest_whole_bars_are_left_out(tmp_path: Path, onset: int, kept: int) -> None:
    """As they are of a player's call."""
    events = solo(tmp_path, (0, 1, 60), (onset, 1, 62), (onset + 1, 1, 64)).events
    assert [step for step, event in enumerate(events) if event >= 0] == [0, kept, kept + 1]
    assert events[1] == -1


def test_chords_of_a_rest_that_is_left_out_do_not_overtake_later_ones(tmp_path: Path) -> None:
    piece = solo(tmp_path, (0, 1, 60), (170, 1, 62), (200, 1, 64))
    assert piece.chords == ((0, "C7"), (26, "F7"))
    assert piece.events[26] == 62


def test_chords_lie_at_the_steps_that_their_notes_have(tmp_path: Path) -> None:
    piece = solo(tmp_path, (0, 1, 60), (130, 1, 61), (160, 1, 62))
    f7 = next(step for step, symbol in piece.chords if symbol == "F7")
    assert piece.events[f7] == 62


@pytest.mark.parametrize("line", ["", "{}", "[1]", '{"notes": 3}', "\x00", '{"notes": [[1, 2]]}'])
def test_what_is_no_solo_is_reported(tmp_path: Path, line: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(ModelError, match=r"train\.jsonl: expected solos of the Weimar Jazz Database"):
        datasets.weimar(path)


def test_passages_are_cut_at_bar_lines_and_none_is_lost() -> None:
    events = list(range(1, 301)) * 4
    found = datasets.passages([Piece("long", events)], DRUMS)
    assert [len(passage) for passage in found] == [512, 512, 176]
    assert list(chain(*found)) == events


def test_a_short_end_is_left_out_and_a_short_piece_is_not() -> None:
    assert [len(p) for p in datasets.passages([Piece("a", [1] * 520)], DRUMS)] == [512]
    assert [len(p) for p in datasets.passages([Piece("a", [1] * 9), Piece("b", [1] * 40)], DRUMS)] == [9, 40]


def test_a_melodys_passages_are_in_the_models_key_and_range() -> None:
    d_major = [62, 64, 66, 67, 69, 71, 73, 74]
    (passage,) = datasets.passages([Piece("low", [pitch - 24 for pitch in d_major])], MELODY)
    assert [(p - 60) % 12 for p in passage] == [0, 2, 4, 5, 7, 9, 11, 0]
    assert min(passage) >= 48


# --- which pieces ---------------------------------------------------------------------


def names(reads: list[datasets.Read]) -> list[str]:
    return [piece.name for read in reads for piece in read()]


def test_a_folder_of_solos_is_trained_on_one_split_and_scored_on_the_other(tmp_path: Path) -> None:
    notes = [(0, 1, 60), (1, 1, 62)]
    write_solos(tmp_path, "train", [notes] * 3)
    held_out = write_solos(tmp_path, "validation", [notes] * 2)
    assert [len(names(reads)) for reads in datasets.to_train(tmp_path, MELODY)] == [3, 2]
    assert len(names(datasets.to_score(tmp_path, MELODY))) == 2
    assert len(names(datasets.to_score(held_out, MELODY))) == 2


def test_of_midi_files_every_tenth_is_held_out(tmp_path: Path) -> None:
    for number in range(12):
        midi_events.write([60, 62, 64], MELODY, 120.0, tmp_path / f"{number:02}.mid")
    train, held_out = datasets.to_train(tmp_path, MELODY)
    assert names(held_out) == ["00", "10"]
    assert len(names(train)) == 10
    assert len(names(datasets.to_score(tmp_path, MELODY))) == 12


def test_too_few_files_to_train_on_are_reported(tmp_path: Path) -> None:
    midi_events.write([60, 62, 64], MELODY, 120.0, tmp_path / "only.mid")
    with pytest.raises(ModelError, match="expected pieces to train on and to choose by, got too few"):
        datasets.to_train(tmp_path, MELODY)


def test_of_the_groove_set_the_beats_in_4_4_are_taken_without_ghost_notes(tmp_path: Path) -> None:
    import note_seq

    for name in ("beat", "fill", "waltz", "other"):
        sequence = note_seq.NoteSequence(ticks_per_quarter=220)
        sequence.tempos.add(qpm=120)
        for step, (pitch, velocity) in enumerate([(36, 10), (38, 31), (38, 32), (42, 100)]):
            sequence.notes.add(
                pitch=pitch, velocity=velocity, start_time=step / 8, end_time=step / 8 + 0.1, is_drum=True
            )
        sequence.total_time = 0.5
        note_seq.sequence_proto_to_midi_file(sequence, str(tmp_path / f"{name}.mid"))

    def row(name: str, beat: str = "beat", meter: str = "4-4", split: str = "validation") -> dict[str, str]:
        return {
            "id": name,
            "beat_type": beat,
            "time_signature": meter,
            "midi_filename": f"{name}.mid",
            "split": split,
        }

    rows = [row("beat"), row("fill", beat="fill"), row("waltz", meter="3-4"), row("other", split="train")]
    write_groove(tmp_path, rows, {"beat": 0.75})
    (read,) = datasets.to_score(tmp_path, DRUMS)
    (piece,) = read()
    assert (piece.name, piece.grid_fit) == ("beat", 0.75)
    assert piece.events[:4] == [1, 0, 2, 4]


def test_a_damaged_table_is_reported(tmp_path: Path) -> None:
    (tmp_path / "info.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ModelError, match="expected the tables of the Groove MIDI Dataset"):
        datasets.to_score(tmp_path, DRUMS)


def test_a_file_whose_meter_and_tempo_change_is_pieces_to_train_on_and_what_is_left_out_is_told(
    tmp_path: Path,
) -> None:
    data = file(
        tempo(0, 90), line([36, 38], channel=9), meter(0, 3, 2), tempo(0, 91), line([36, 99], channel=9)
    )
    for name in ("0", "1"):
        (tmp_path / f"{name}.mid").write_bytes(data)
    told: list[str] = []
    train, held_out = datasets.to_train(tmp_path, DRUMS, told.append)
    assert names(train) == ["1", "1"]
    assert names(held_out) == ["0", "0"]
    assert told == [
        f"{tmp_path / name}: left out 1 stroke of pitches that no drum has: 99" for name in ("1.mid", "0.mid")
    ]
