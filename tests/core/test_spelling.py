"""How notes are spelled."""

import pytest

from psc2.core.spelling import pitch_class, spelled, transposed_key


@pytest.mark.parametrize(
    ("tonic", "names"),
    [
        ("C", "C Db D Eb E F F# G Ab A Bb B"),
        ("Eb", "Eb E F Gb G Ab A Bb B C Db D"),
        ("D", "D Eb E F F# G G# A Bb B C C#"),
        ("B", "B C C# D D# E F F# G G# A A#"),
        ("Gb", "Gb G Ab A Bb B C Db D Eb E F"),
    ],
)
def test_a_key_names_its_notes_as_players_read_them(tonic: str, names: str) -> None:
    assert [spelled(pitch_class(tonic) + above, tonic) for above in range(12)] == names.split()


@pytest.mark.parametrize("name", ["H", "c", "", "Cbbb", "C "])
def test_what_is_no_note_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected a note such as Bb"):
        pitch_class(name)


def test_keys_go_up_by_semitones_as_jazz_players_name_them() -> None:
    majors = [transposed_key("C", semitones) for semitones in range(12)]
    minors = [transposed_key("Am", semitones) for semitones in range(12)]
    assert " ".join(majors) == "C Db D Eb E F Gb G Ab A Bb B"
    assert " ".join(minors) == "Am Bbm Bm Cm C#m Dm Ebm Em Fm F#m Gm G#m"
    assert transposed_key("", 3) == ""
