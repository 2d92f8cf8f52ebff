import hashlib
from pathlib import Path

import mido
import pytest

from psc2 import resources
from psc2.commands.main import main
from psc2.models.bundles import store
from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.models.rnn.written_primer import read_primer
from tests.models.bundles.examples import written


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models are installed meanwhile."""
    folder = tmp_path / "models"
    monkeypatch.setenv(store.VARIABLE, str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def installed(name: str, configuration: str, layers: tuple[int, ...] = (8,), attention: int = 0) -> bytes:
    data = written(configuration, layers, attention)
    store.add(data, name, f"{name}.mag")
    return data


def refused(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said when a command cannot be done: one line, and exit code 2."""
    capsys.readouterr()
    assert main(["models", *arguments]) == 2
    output = capsys.readouterr()
    assert not output.out
    assert output.err.count("\n") == 1
    return output.err.removesuffix("\n")


# --- add, list, show, remove ----------------------------------------------------------


def test_the_list_says_what_comes_with_psc2_and_where_to_find_more(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "list"]) == 0
    *ours, markov, nothing, more = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in ours] == [
        ["changes", "melody"], ["groove", "drums"], ["weimar", "melody"],
    ]  # fmt: skip
    assert all(line.endswith("  comes with psc2") for line in ours)
    assert markov.split() == ["markov", "offered", "by", "psc2"]
    assert not nothing
    assert more == f"None is installed in {models}; psc2 models add --help says where there are more."
    with pytest.raises(SystemExit):
        main(["models", "add", "--help"])
    assert "http://download.magenta.tensorflow.org/models/" in capsys.readouterr().out


def test_a_bundle_is_added_listed_shown_and_removed(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = written("attention_rnn", (16, 8), 5)
    Path("My Solos.mag").write_bytes(data)
    assert main(["models", "add", "My Solos.mag"]) == 0
    assert capsys.readouterr().out == (
        "my_solos: melody, attention_rnn, 16 + 8, attention 5\n"
        "to play with it: improv: {model: my_solos} in a configuration, psc2 play --config FILE\n"
    )
    assert main(["models", "list"]) == 0
    _, _, mine, _, _ = capsys.readouterr().out.splitlines()
    assert mine.split() == [
        "my_solos", "melody", "attention_rnn", "16", "+", "8,", "attention", "5", "installed"
    ]  # fmt: skip
    assert main(["models", "show", "my_solos"]) == 0
    shown = capsys.readouterr().out
    assert f"sha256 {hashlib.sha256(data).hexdigest()}" in shown
    assert str(models / "my_solos.npz") in shown
    assert main(["models", "remove", "my_solos"]) == 0
    assert list(models.iterdir()) == []


def test_a_name_is_chosen_and_taken_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("drums.mag").write_bytes(written("one_drum"))
    assert main(["models", "add", "drums.mag", "--name", "mine"]) == 0
    output = refused("add", "drums.mag", "--name", "mine", capsys=capsys)
    assert output == (
        "mine: expected a new name, got one that is installed (psc2 models remove mine, or --name)"
    )


@pytest.mark.parametrize("name", ["../evil", "A", "", "x" * 65, "a b", ".hidden"])
def test_a_name_that_is_none_is_refused(name: str, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("drums.mag").write_bytes(written("one_drum"))
    if not name:
        Path("---.mag").write_bytes(written("one_drum"))
        assert "expected a name" in refused("add", "./---.mag", capsys=capsys)
    else:
        assert "expected a name" in refused("add", "drums.mag", "--name", name, capsys=capsys)
    assert not models.exists()


@pytest.mark.parametrize(
    ("file", "output"),
    [
        ("nowhere.mag", "nowhere.mag: No such file or directory"),
        (".", ".: Is a directory"),
        ("notes.txt", "notes.txt: expected a Magenta bundle (.mag), got something else"),
    ],
)
def test_a_file_that_is_no_bundle_is_reported_and_nothing_is_installed(
    file: str, output: str, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("notes.txt").write_text("A Night in Tunisia")
    name = [] if "." in file[1:] else ["--name", "here"]
    assert refused("add", file, *name, capsys=capsys) == output
    assert not models.exists()


def test_what_is_no_file_is_not_even_read(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused("add", "/dev/zero", "--name", "zero", capsys=capsys) == (
        "/dev/zero: expected a file, got something else"
    )


def test_the_name_of_a_model_that_a_package_offers_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    Path("markov.mag").write_bytes(written("one_drum"))
    assert refused("add", "markov.mag", capsys=capsys) == (
        "markov: expected a new name, got one that a package offers (--name)"
    )


def test_a_damaged_model_is_listed_as_such_beside_the_others(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed("good", "one_drum")
    (models / "bad.npz").write_text("not a model")
    assert main(["models", "list"]) == 0
    bad, _, good, *_ = capsys.readouterr().out.splitlines()
    assert bad.split() == ["bad", "damaged", "psc2", "models", "remove", "bad", "installed"]
    assert good.split()[:2] == ["good", "drums"]


def test_a_file_that_is_too_large_is_reported(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("huge.mag").open("wb") as file:
        file.truncate(2**40)
    assert refused("add", "huge.mag", capsys=capsys) == (
        "huge.mag: expected at most 67,108,864 bytes, got more"
    )


@pytest.mark.parametrize(
    "arguments",
    [["show"], ["generate", "--primer", "C4", "--out", "x.mid"], ["score", "."], ["examples", "--out", "."]],
)
def test_a_name_that_is_none_is_reported_with_all_that_are_listed(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command, *more = arguments
    name = ["--melody", "solo"] if command == "examples" else ["solo"]
    assert refused(command, *name, *more, capsys=capsys) == (
        "solo: expected one of changes, groove, markov, weimar (psc2 models add FILE.mag installs more)"
    )


@pytest.mark.parametrize("command", ["remove", "compare"])
def test_a_model_that_is_not_there_is_reported_with_those_that_are(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "(psc2 models add FILE.mag installs more)"
    assert refused(command, "solo", capsys=capsys) == f"solo: expected one of changes, groove, weimar {more}"
    installed("beat", "one_drum")
    assert (
        refused(command, "solo", capsys=capsys)
        == f"solo: expected one of beat, changes, groove, weimar {more}"
    )


# --- those that come with psc2 --------------------------------------------------------


@pytest.mark.parametrize("name", store.PACKAGED)
def test_a_model_that_comes_with_psc2_is_shown_with_the_checksum_of_its_file(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = resources.BUNDLES / store.FILES[name]
    assert main(["models", "show", name]) == 0
    shown = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    assert shown["original"].strip() == f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert shown["here"].strip() == f"comes with psc2, {path} ({path.stat().st_size:,} bytes)"


def test_a_model_that_comes_with_psc2_is_neither_removed_nor_replaced(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused("remove", "weimar", capsys=capsys) == (
        "weimar: expected a model of yours, got one that comes with psc2 and stays"
    )
    Path("x.mag").write_bytes(written("basic_rnn"))
    assert refused("add", "x.mag", "--name", "weimar", capsys=capsys) == (
        "weimar: expected a new name, got one that comes with psc2 (--name)"
    )
    assert not models.exists()


def test_a_model_that_was_installed_before_psc2_had_one_of_its_name_is_listed_as_such(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed("mine", "basic_rnn")
    (models / "mine.npz").rename(models / "weimar.npz")
    assert main(["models", "list"]) == 0
    _, _, weimar, _ = capsys.readouterr().out.splitlines()
    assert weimar.split()[:3] == ["weimar", "melody", "basic_rnn"]
    assert weimar.endswith("  installed, in place of psc2's own")


def test_models_that_come_with_psc2_go_on_with_a_primer(capsys: pytest.CaptureFixture[str]) -> None:
    for name, primer in (("weimar", "C4 Eb4 - G4"), ("groove", "[(36, 42), (), (42,), (38,)]")):
        assert main(["models", "generate", name, "--primer", primer, "--out", f"{name}.mid"]) == 0
        assert capsys.readouterr().out == f"{name}.mid: 4 steps of primer, 64 new ones\n"
        assert main(["models", "score", name, f"{name}.mid"]) == 0
        assert "nats per event over " in capsys.readouterr().out


def test_one_of_a_thing_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "generate", "markov", "--primer", "C4", "--steps", "1", "--out", "one.mid"]) == 0
    assert capsys.readouterr().out == "one.mid: 1 step of primer, 1 new one\n"
    assert main(["models", "score", "markov", "one.mid"]) == 0
    assert " over 1 event of 1 piece (markov, " in capsys.readouterr().out


@pytest.mark.models
@pytest.mark.parametrize("name", ["groove", "weimar"])
def test_magenta_itself_runs_the_models_that_come_with_psc2(
    name: str, foundry: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "compare", name]) in (0, 1)
    *compared, _ = capsys.readouterr().out.splitlines()
    assert compared
    for line in compared:  # how far roundings grow is the weights' own affair
        assert float(line.partition("largest difference ")[2].split()[0]) < 1e-3


# --- generate -------------------------------------------------------------------------


def notes_of(path: Path) -> list[int]:
    return [m.note for m in mido.MidiFile(path) if m.type == "note_on" and m.velocity]


def test_a_continuation_is_written_with_its_primer_and_the_same_seed_gives_the_same_bytes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    installed("solo", "attention_rnn", (16,), 4)
    command = ["models", "generate", "solo", "--primer", "C4 E4 - G4 . Bb4", "--steps", "40"]
    assert main([*command, "--out", "one.mid"]) == 0
    assert capsys.readouterr().out == "one.mid: 6 steps of primer, 40 new ones\n"
    assert main([*command, "--out", "two.mid"]) == 0
    assert main([*command, "--out", "three.mid", "--seed", "1"]) == 0
    one, two, three = (Path(f"{name}.mid").read_bytes() for name in ("one", "two", "three"))
    assert one == two != three
    assert notes_of(Path("one.mid"))[:4] == [60, 64, 67, 70]
    assert len(notes_of(Path("one.mid"))) > 4


def test_a_midi_file_primes_too(capsys: pytest.CaptureFixture[str]) -> None:
    installed("solo", "attention_rnn", (16,), 4)
    installed("kit", "drum_kit", (16,), 4)
    assert main(["models", "generate", "solo", "--primer", "C5 D5 E5", "--out", "a.mid", "--steps", "1"]) == 0
    assert main(["models", "generate", "solo", "--primer", "a.mid", "--out", "b.mid"]) == 0
    assert notes_of(Path("b.mid"))[:3] == [72, 74, 76]
    beat = "[(36, 42), (), (42,), (38,)]"
    assert main(["models", "generate", "kit", "--primer", beat, "--out", "c.mid", "--steps", "1"]) == 0
    assert main(["models", "generate", "kit", "--primer", "c.mid", "--out", "d.mid"]) == 0
    assert sorted(notes_of(Path("d.mid"))[:2]) == [36, 42]


@pytest.mark.parametrize(
    ("name", "primer", "shown"),
    [
        ("solo", "H4", "'H4'"),
        ("solo", "", "''"),
        ("solo", "[60, 200]", "'[60, 200]'"),
        ("solo", "[60, __import__('os')]", "\"[60, __import__('os')]\""),
        ("solo", "[60, True]", "'[60, True]'"),
        ("solo", "[]", "'[]'"),
        ("solo", "[" * 500, "'[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…'"),
        ("kit", "C4", "'C4'"),
        ("kit", "[36]", "'[36]'"),
        ("kit", "[(36.5, 'a'), ()]", "\"[(36.5, 'a'), ()]\""),
    ],
)
def test_a_primer_that_is_none_is_reported(
    name: str, primer: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    installed("solo", "attention_rnn", (16,), 4)
    installed("kit", "drum_kit", (16,), 4)
    output = refused("generate", name, "--primer", primer, "--out", "x.mid", capsys=capsys)
    assert output.startswith("--primer: expected notes" if name == "solo" else "--primer: expected a list of")
    assert output.endswith(f", or a MIDI file, got {shown}")
    assert not Path("x.mid").exists()


def test_a_primer_that_is_none_is_reported_for_each_kind_that_the_model_plays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = refused("generate", "markov", "--primer", "C4 Z9", "--out", "x.mid", capsys=capsys)
    assert output.startswith("--primer: expected notes such as")
    assert "; --primer: expected a list of drum pitches" in output


def test_a_midi_file_that_is_none_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    installed("solo", "attention_rnn", (16,), 4)
    Path("broken.mid").write_bytes(b"MThd")
    header = "expected a MIDI file, got one whose header is cut short"
    for name, why in (("nothing.mid", "No such file or directory"), ("broken.mid", header)):
        output = refused("generate", "solo", "--primer", name, "--out", "x.mid", capsys=capsys)
        assert output == f"{name}: {why}"


def test_a_file_that_cannot_be_written_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    installed("solo", "basic_rnn")
    assert refused("generate", "solo", "--primer", "C4", "--out", "no/x.mid", capsys=capsys) == (
        "no/x.mid: No such file or directory"
    )


@pytest.mark.parametrize(
    "option", ["--steps=0", "--temperature=0", "--temperature=nan", "--seed=-1", "--qpm=x"]
)
def test_an_option_that_makes_no_sense_is_reported(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["models", "generate", "solo", "--primer", "C4", "--out", "x.mid", option])
    assert exit_.value.code == 2
    assert f"argument {option.split('=')[0]}: expected" in capsys.readouterr().err


def test_magentas_way_to_write_a_primer_is_understood() -> None:
    assert read_primer("[60, -2, -1, 64]", CONFIGURATIONS["basic_rnn"]) == [60, -2, -1, 64]
    assert read_primer("[(39,), ()]", CONFIGURATIONS["one_drum"]) == [1, 0]


# --- score, compare -------------------------------------------------------------------


def test_a_score_is_that_of_all_the_files_that_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    installed("solo", "lookback_rnn", (16,))
    for number in ("0", "1"):
        arguments = ["--primer", "C4", "--seed", number, "--out", f"{number}.mid"]
        assert main(["models", "generate", "solo", *arguments]) == 0
    Path("broken.mid").write_bytes(b"MThd")
    capsys.readouterr()

    def score(data: str) -> tuple[float, int]:
        """Nats in all, and of how many events."""
        assert main(["models", "score", "solo", data]) == 0
        output = capsys.readouterr()
        as_magenta_counts, by_any_class = output.out.splitlines()
        assert as_magenta_counts.endswith(
            "of 2 pieces (native engine)" if data == "." else "of 1 piece (native engine)"
        )
        assert float(by_any_class.split()[0]) < float(as_magenta_counts.split()[0])
        assert output.err.startswith("left out: broken.mid: ") if data == "." else not output.err
        words = output.out.split()
        return float(words[0]) * int(words[5]), int(words[5])

    (nats, events), (more_nats, more_events), (all_nats, all_events) = map(score, ("0.mid", "1.mid", "."))
    assert all_events == events + more_events
    assert all_nats == pytest.approx(nats + more_nats, abs=1e-4 * all_events)


def test_a_score_of_nothing_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed("kit", "drum_kit")
    installed("solo", "basic_rnn")
    assert refused("score", "kit", str(tmp_path), capsys=capsys).endswith(
        "expected a MIDI file, or a folder of them, got none"
    )
    assert main(["models", "generate", "solo", "--primer", "C4", "--out", "solo.mid"]) == 0
    assert refused("score", "kit", "solo.mid", capsys=capsys) == (
        "solo.mid: expected drums of two events or more, got none"
    )


@pytest.mark.models
def test_magenta_scores_and_compares_alike(capfd: pytest.CaptureFixture[str], foundry: object) -> None:
    installed("solo", "attention_rnn", (16, 8), 5)
    assert main(["models", "generate", "solo", "--primer", "C4", "--out", "solo.mid"]) == 0
    capfd.readouterr()
    nats = []
    for engine in ("native", "magenta"):
        assert main(["models", "score", "solo", "solo.mid", "--engine", engine]) == 0
        output = capfd.readouterr()
        nats.append(float(output.out.split()[0]))
        assert not output.err
    assert nats[0] == pytest.approx(nats[1], abs=2e-4)
    assert main(["models", "compare", "solo"]) == 0
    output = capfd.readouterr()
    assert output.out.splitlines()[-1] == "all differences are smaller than 1e-05"
    assert not output.err
