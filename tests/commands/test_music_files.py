"""MIDI files as strangers have them, given to ``psc2 models generate`` and ``score``."""

import sys
import time
from pathlib import Path

import mido
import pytest

from psc2.commands.main import main
from psc2.models.bundles import store
from tests import plugins
from tests.models.bundles.examples import written
from tests.scores.midi_bytes import QUARTER, after, file, header, line, meta, meter, tempo, track
from tests.training.corpora import write_solos

BAR = 4 * QUARTER
SCALE = line([60, 62, 64, 65])
BEAT = line([36, 38, 36, 38], channel=9)


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    store.add(written("basic_rnn"), "solo", "solo.mag")
    store.add(written("drum_kit"), "kit", "kit.mag")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of strange models, as if it were installed."""
    folder = tmp_path / "installed"
    folder.mkdir()
    plugins.write(folder)
    monkeypatch.syspath_prepend(folder)


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], list[str]]:
    """Exit code, and the lines of stdout and stderr."""
    capsys.readouterr()
    code = main(["models", *arguments])
    output = capsys.readouterr()
    return code, output.out.splitlines(), output.err.splitlines()


def generate(name: str, primer: str, *options: str, capsys: pytest.CaptureFixture[str]) -> mido.MidiFile:
    code, _, errors = run("generate", name, "--primer", primer, "--out", "out.mid", *options, capsys=capsys)
    assert (code, errors) == (0, [])
    return mido.MidiFile("out.mid")


def messages(file: mido.MidiFile, kind: str) -> list[tuple[float, mido.MetaMessage]]:
    """Those of a kind, with the quarter note of each."""
    found = []
    for each in file.tracks:
        now = 0
        for message in each:
            now += message.time
            if message.type == kind:
                found.append((now / file.ticks_per_beat, message))
    return found


def notes(file: mido.MidiFile) -> list[tuple[float, int]]:
    return [(at, message.note) for at, message in messages(file, "note_on") if message.velocity]


ODD = {
    "tempo changes": file(line([60]), tempo(0, 119.9), line([62, 64]), tempo(0, 60), line([65])),
    "meter changes": file(meter(0, 4, 2), SCALE, meter(0, 3, 2), line([60, 62, 64]), meter(0, 4, 2), SCALE),
    "an odd key": file(meta(0, 0x59, b"\x0b\x05"), SCALE),
    "sysex of 8 bits": file(after(0, 0xF0, 3, 0x43, 0xC8, 0xF7), SCALE),
    "time in frames": header(division=(-25 << 8) + 40) + track(line([60, 62, 64, 65], 500)),
    "a RIFF file": b"RIFF\x00\x00\x00\x00RMIDdata\x00\x01\x00\x00" + file(SCALE),
    "a track cut short": file(SCALE)[:-3],
    "format 2": header(2, 2) + track(SCALE) + track(SCALE),
    "a meter of odd bars": file(meter(0, 3, 5), SCALE),
    "a text in no encoding": file(meta(0, 0x03, b"\xff\xfe\x80"), SCALE),
}  # fmt: skip


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in ODD.items()])
def test_files_that_others_open_are_scored_and_gone_on_with(
    data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("odd.mid").write_bytes(data)
    code, _, errors = run("score", "solo", "odd.mid", capsys=capsys)
    assert code == 0, errors
    code, _, errors = run("generate", "solo", "--primer", "odd.mid", "--out", "out.mid", capsys=capsys)
    assert code == 0, errors
    assert [pitch for _, pitch in notes(mido.MidiFile("out.mid"))][:3] == [60, 62, 64]


def test_a_file_of_44_bytes_is_as_short_as_it_sounds(capsys: pytest.CaptureFixture[str]) -> None:
    silence = file(line([60]), after(40_000 * QUARTER, 0x90, 62, 90), after(1, 0x80, 62, 0))
    Path("silence.mid").write_bytes(silence)
    code, (line_, *_), _ = run("score", "solo", "silence.mid", capsys=capsys)
    assert code == 0
    assert int(line_.split()[5].replace(",", "")) < 33


def test_one_late_note_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("late.mid").write_bytes(file(SCALE, after(2**27, 0x90, 62, 90), after(2**27, 0x80, 62, 0)))
    begin = time.process_time()
    code, _, _ = run("score", "solo", "late.mid", capsys=capsys)
    assert code == 0
    assert time.process_time() - begin < 5


def test_strokes_of_no_length_are_gone_on_with(capsys: pytest.CaptureFixture[str]) -> None:
    strokes = [after(QUARTER, 0x99, 36, 90) + after(0, 0x89, 36, 0) for _ in range(4)]
    Path("beat.mid").write_bytes(file(*strokes))
    made = generate("kit", "beat.mid", "--steps", "1", capsys=capsys)
    assert notes(made)[:4] == [(1, 36), (2, 36), (3, 36), (4, 36)]


def test_strokes_that_no_drum_has_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("beat.mid").write_bytes(file(line([36, 99, 38, 20], channel=9)))
    code, _, errors = run("score", "kit", "beat.mid", capsys=capsys)
    assert (code, errors) == (0, ["beat.mid: left out 2 strokes of pitches that no drum has: 20, 99"])
    Path("strange.mid").write_bytes(file(line([99, 20], channel=9)))
    code, _, errors = run("score", "kit", "strange.mid", capsys=capsys)
    assert (code, errors[-1]) == (2, "strange.mid: expected drums of two events or more, got none")
    code, _, errors = run("generate", "kit", "--primer", "[(99,), ()]", "--out", "x.mid", capsys=capsys)
    assert (code, errors) == (
        2, ["--primer: expected drums, got only 1 stroke of pitches that no drum has: 99"],
    )  # fmt: skip
    code, _, errors = run("generate", "kit", "--primer", "[(36, 99)]", "--out", "x.mid", capsys=capsys)
    assert (code, errors) == (0, ["--primer: left out 1 stroke of pitches that no drum has: 99"])


def test_a_primer_of_any_length_is_refused_beyond_a_bound(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, errors = run("generate", "solo", "--primer", "- " * 50_001 * 2, "--out", "x.mid", capsys=capsys)
    assert (code, errors) == (2, ["--primer: expected at most 100,000 steps, got 100,002"])
    code, _, errors = run("generate", "solo", "--primer", "C4 " * 200_000, "--out", "x.mid", capsys=capsys)
    assert (code, errors) == (2, ["--primer: expected at most 500,000 characters, got 600,000"])


# --- tempo and meter ------------------------------------------------------------------


def test_a_primer_keeps_its_tempi_and_its_meters(capsys: pytest.CaptureFixture[str]) -> None:
    data = file(
        tempo(0, 90),
        meter(0, 3, 2),
        line([60, 62, 64]),
        tempo(0, 80),
        meter(0, 7, 3),
        line([65] * 7, QUARTER // 2),
    )
    Path("call.mid").write_bytes(data)
    made = generate("solo", "call.mid", capsys=capsys)
    meters = [(at, m.numerator, m.denominator) for at, m in messages(made, "time_signature")]
    assert meters == [(0, 3, 4), (3, 7, 8)]
    assert [(at, round(mido.tempo2bpm(m.tempo))) for at, m in messages(made, "set_tempo")] == [
        (0, 90),
        (3, 80),
    ]
    assert [pitch for _, pitch in notes(made)][:10] == [60, 62, 64] + [65] * 7


def test_a_tempo_that_is_asked_for_goes_before_the_primers(capsys: pytest.CaptureFixture[str]) -> None:
    Path("call.mid").write_bytes(file(tempo(0, 90), line([60]), tempo(0, 80), line([62, 64])))
    made = generate("solo", "call.mid", "--qpm", "200", capsys=capsys)
    assert [round(mido.tempo2bpm(m.tempo)) for _, m in messages(made, "set_tempo")] == [200]
    made = generate("solo", "C4 D4", capsys=capsys)
    assert [round(mido.tempo2bpm(m.tempo)) for _, m in messages(made, "set_tempo")] == [120]


def test_of_several_instruments_it_is_told_which_one_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    Path("duo.mid").write_bytes(header(1, 2) + track(SCALE) + track(line([72, 74], channel=1)))
    code, _, errors = run("generate", "solo", "--primer", "duo.mid", "--out", "out.mid", capsys=capsys)
    assert (code, errors) == (0, ["duo.mid: goes on with the first of its 2 instruments"])


def test_a_primer_is_a_file_whatever_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("call", "song.kar", "song.rmi", "SONG.MID"):
        Path(name).write_bytes(file(SCALE))
        assert [pitch for _, pitch in notes(generate("solo", name, capsys=capsys))][:4] == [60, 62, 64, 65]


# --- where it goes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("out", "why"),
    [
        ("no/x.mid", "No such file or directory"),
        ("folder", "Is a directory"),
        ("file/x.mid", ""),  # each system says it in its own way
        ("x" * 255, ""),
    ],
)
def test_the_output_is_checked_before_the_work_begins(
    out: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("folder").mkdir()
    Path("file").write_bytes(b"")
    code, _, errors = run("generate", "solo", "--primer", "nothing.mid", "--out", out, capsys=capsys)
    assert (code, len(errors)) == (2, 1)
    assert errors[0].startswith(f"{out}: {why}")
    assert sorted(path.name for path in Path().iterdir()) == ["file", "folder", "models"]


@pytest.mark.parametrize(
    "out",
    [
        "file",
        "file/x",
        pytest.param("/proc", marks=pytest.mark.skipif(sys.platform != "linux", reason="/proc")),
    ],
)
def test_a_folder_of_examples_is_checked_before_the_work_begins(
    out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_bytes(b"")
    code, _, errors = run("examples", "--melody", "nobody", "--out", out, capsys=capsys)
    assert code == 2
    assert errors[0].startswith(f"{out}: ")


def test_what_is_there_stays_until_the_new_file_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    Path("out.mid").write_bytes(b"old")
    code, _, _ = run("generate", "solo", "--primer", "nothing.mid", "--out", "out.mid", capsys=capsys)
    assert (code, Path("out.mid").read_bytes()) == (2, b"old")


# --- every model that is listed -------------------------------------------------------


def test_a_model_that_a_package_offers_is_shown(capsys: pytest.CaptureFixture[str], package: None) -> None:
    code, lines, _ = run("show", "markov", capsys=capsys)
    shown = {key: value.strip() for key, value in (line_.split(":", 1) for line_ in lines)}
    assert (code, shown["model"]) == (0, "melody and drums")
    assert shown["here"].endswith(" as psc2.models.markov:Markov")
    code, lines, _ = run("show", "moody", capsys=capsys)
    assert code == 0
    assert lines[-1].endswith("offered by strange_models 1.0 as strange_models:Moody")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("shy", "shy: RuntimeError: nobody is listening"),
        ("absent", "absent: AttributeError: module 'strange_models' has no attribute 'Nobody'"),
        ("mute", "mute: expected a melody or drums model, got one that is none"),
    ],
)
@pytest.mark.parametrize("command", ["show", "generate", "score", "examples"])
def test_a_package_that_cannot_be_used_is_told(
    command: str, name: str, why: str, capsys: pytest.CaptureFixture[str], package: None
) -> None:
    Path("call.mid").write_bytes(file(SCALE))
    arguments = {
        "show": [name],
        "generate": [name, "--primer", "C4", "--out", "x.mid"],
        "score": [name, "call.mid"],
        "examples": ["--melody", name, "--out", "heard"],
    }
    assert run(command, *arguments[command], capsys=capsys) == (2, [], [why])


def test_the_pitches_of_a_package_are_played_in_the_rhythm_of_the_call(
    capsys: pytest.CaptureFixture[str], package: None
) -> None:
    made = generate("moody", "C4 - D4 E4", "--steps", "8", "--seed", "3000", capsys=capsys)
    assert notes(made) == [(0, 60), (0.5, 62), (0.75, 64)]  # it begins anew at the next bar line
    made = generate("moody", "C4 - D4 E4", "--steps", "32", "--seed", "3000", capsys=capsys)
    assert notes(made)[3:] == [(at + 4 * bar, pitch) for bar, at, pitch in [
        (1, 0, 64), (1, 0.5, 71), (1, 0.75, 78), (2, 0, 85), (2, 0.5, 92), (2, 0.75, 99)
    ]]  # fmt: skip


def test_a_package_makes_beats_of_a_beat(capsys: pytest.CaptureFixture[str], package: None) -> None:
    made = generate("moody", "[(36,), (), (38,), ()]", "--steps", "44", "--seed", "3000", capsys=capsys)
    assert notes(made) == [(0, 36), (0.5, 38), (4, 36), (4.5, 51), (8, 36), (8.5, 51)]


def test_of_a_long_beat_the_end_is_gone_on_with(capsys: pytest.CaptureFixture[str]) -> None:
    bars = BEAT * 300 + line([49] * 4, channel=9) * 256
    Path("beat.mid").write_bytes(file(bars, meter(0, 255, 0), BEAT))  # and in the longest bars that there are
    made = generate("markov", "beat.mid", "--steps", "4", capsys=capsys)
    assert notes(made)[-1][1] in (36, 38)
    Path("beat.mid").write_bytes(file(bars))
    made = generate("markov", "beat.mid", "--steps", "64", capsys=capsys)
    assert {pitch for at, pitch in notes(made) if at >= 4 * 556} == {49}


def test_markov_goes_on_with_melodies_and_beats(capsys: pytest.CaptureFixture[str]) -> None:
    Path("call.mid").write_bytes(file(SCALE))
    Path("beat.mid").write_bytes(file(BEAT))
    assert {pitch for _, pitch in notes(generate("markov", "call.mid", capsys=capsys))} == {60, 62, 64, 65}
    assert {pitch for _, pitch in notes(generate("markov", "beat.mid", capsys=capsys))} == {36, 38}
    one = Path("out.mid").read_bytes()
    generate("markov", "beat.mid", capsys=capsys)
    assert Path("out.mid").read_bytes() == one


def test_what_a_package_raises_is_told(capsys: pytest.CaptureFixture[str], package: None) -> None:
    code, _, errors = run(
        "generate", "moody", "--primer", "C4", "--out", "x.mid", "--seed", str(plugins.RAISE), capsys=capsys
    )
    assert (code, errors) == (2, ["moody: ValueError: out of tune, out of time"])
    code, _, errors = run("generate", "moody", "--primer", "- -", "--out", "x.mid", capsys=capsys)
    assert (code, errors) == (2, ["moody: expected a note or more to go on after, got none"])


def test_markov_is_scored_as_it_learns(capsys: pytest.CaptureFixture[str]) -> None:
    Path("both.mid").write_bytes(header(1, 2) + track(SCALE * 20) + track(BEAT * 20))
    code, lines, errors = run("score", "markov", "both.mid", capsys=capsys)
    assert (code, errors, len(lines)) == (0, [], 2)
    assert lines[0].endswith(" events of 1 piece (markov, melody)")
    assert lines[1].endswith(" of 1 piece (markov, drums)")
    assert all(0 < float(line_.split()[0]) < 1 for line_ in lines)


def test_a_package_that_only_plays_is_not_scored(capsys: pytest.CaptureFixture[str], package: None) -> None:
    Path("call.mid").write_bytes(file(SCALE))
    code, _, errors = run("score", "moody", "call.mid", capsys=capsys)
    assert (code, len(errors)) == (2, 1)
    assert errors[0].startswith(
        "moody: expected a model that says how likely music is, got one that only plays"
    )


@pytest.mark.parametrize("command", ["compare", "remove"])
def test_what_needs_weights_says_so(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "markov", capsys=capsys) == (
        2, [], ["markov: expected a bundle, got a model that a package offers"],
    )  # fmt: skip


def test_markov_plays_the_examples(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["examples", "--melody", "markov", "--drums", "markov", "--out", "heard"]
    code, lines, errors = run(*command, capsys=capsys)
    assert (code, errors, len(lines)) == (0, [], 14)


def test_of_two_kinds_of_music_the_one_that_is_there_is_scored(capsys: pytest.CaptureFixture[str]) -> None:
    Path("solos").mkdir()
    write_solos(Path("solos"), "validation", [[(0, 1, 60), (1, 1, 62)]])
    code, lines, errors = run("score", "markov", "solos", capsys=capsys)
    assert (code, errors, len(lines)) == (0, [], 1)
    assert lines[0].endswith("(markov, melody)")
    code, _, errors = run("score", "markov", "nowhere", capsys=capsys)
    assert (code, errors) == (2, ["nowhere: expected a MIDI file, or a folder of them, got none"])


def test_a_folder_is_searched_for_files_of_music_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("songs/more.mid").mkdir(parents=True)
    Path("songs/more.mid/one.kar").write_bytes(file(SCALE))
    Path("songs/two.MIDI").write_bytes(file(SCALE))
    Path("songs/._two.mid").write_bytes(b"what macOS leaves beside a file")
    code, lines, errors = run("score", "solo", "songs", capsys=capsys)
    assert (code, errors) == (0, [])
    assert lines[0].endswith("of 2 pieces (native engine)")
