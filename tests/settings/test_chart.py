"""``music.chart``, as a text, a file or a link."""

from pathlib import Path

import pytest

from psc2.core.chart import Chart
from psc2.errors import ConfigError
from psc2.settings.config import in_force, load_config, load_files
from tests.scores.ireal_links import fields, link


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("blues.yaml")


def chart_of(file: Path, text: str) -> Chart:
    file.write_text(text, encoding="utf-8")
    chart = load_config(file).chart
    assert chart is not None
    return chart


def symbols(chart: Chart) -> list[str]:
    return [placed.chord.symbol for bar in chart.bars for placed in bar.chords]


def test_there_is_none_unless_it_is_set(file: Path) -> None:
    assert load_config(None).chart is None
    file.write_text('music: {chart: ""}')
    assert load_config(file).chart is None


def test_a_text_is_the_chart(file: Path) -> None:
    assert symbols(chart_of(file, 'music: {chart: "| Dm7 | G7 | C6 | % |"}')) == ["Dm7", "G7", "C6", "C6"]
    assert symbols(chart_of(file, "music:\n  chart: |\n    title: Ours\n    F7 Bb7\n    F7\n")) == [
        "F7",
        "Bb7",
        "F7",
    ]


def test_a_link_is_the_chart(file: Path) -> None:
    assert symbols(chart_of(file, f"music: {{chart: '{link(fields('T44[C-7   |F7   Z'))}'}}")) == [
        "Cm7",
        "F7",
    ]


def test_a_file_is_looked_for_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tunes"
    folder.mkdir()
    (folder / "ours.txt").write_text("| Ebmaj7 |")
    (folder / "evening.yaml").write_text("music: {chart: ours.txt}")
    (tmp_path / "faster.yaml").write_text("music: {qpm: 200}")
    monkeypatch.chdir(tmp_path)
    files = [folder / "evening.yaml", Path("faster.yaml")]
    chart = load_files(files).chart
    assert chart is not None
    assert symbols(chart) == ["Ebmaj7"]
    assert in_force(files)["music"]["chart"] == str(folder / "ours.txt")


@pytest.mark.parametrize(
    ("chart", "told"),
    [
        (
            '"| C | H7 |"',
            "bar 2: expected a chord such as Bbm7, F7b9, Cmaj7/E or N.C., got H7; did you mean B7?",
        ),
        ("ours.txt", "ours.txt: Ours: bar 1: expected :| where the repeat that begins here ends, got none"),
        (
            "none.txt",
            "{folder}/none.txt: No such file or directory, and it is no chart such as | Dm7 | G7 | Cmaj7 |",
        ),
        (
            "/",
            "/: expected a chart such as | Dm7 | G7 | Cmaj7 |, a file with one, or a link of iReal Pro, "
            "got a folder",
        ),
        (
            '"-"',
            "expected a chart, a file or a link, got -: the keys are read there; put the chart into a file",
        ),
        (
            '" "',
            "expected a chart such as | Dm7 | G7 | Cmaj7 |, a file with one, or a link of iReal Pro, "
            "got nothing",
        ),
        ("irealb://Ours", "the link is cut off: copy it again, whole, as iReal Pro shares it"),
        ("3", "expected a chart of chords, the path of one, or a link of iReal Pro, got 3"),
    ],
)  # fmt: skip
def test_a_wrong_chart_is_told_with_its_place(chart: str, told: str, file: Path, tmp_path: Path) -> None:
    Path("ours.txt").write_text("title: Ours\n|: C | F |")
    file.write_text(f"music: {{chart: {chart}}}")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert caught.value.problems == (f"blues.yaml: music.chart: {told.replace('{folder}', str(tmp_path))}",)


def test_a_playlist_has_to_be_one_tune(file: Path) -> None:
    Path("jazz.html").write_text(link(fields("T44[C   Z"), fields("T44[F   Z")))
    file.write_text("music: {chart: jazz.html}")
    with pytest.raises(
        ConfigError, match=r"music\.chart: jazz\.html: expected one tune, got 2: .* chart FILE --tune N"
    ):
        load_config(file)


def test_bars_and_beats_are_held_against_the_charts_meter_and_not_the_settings(file: Path) -> None:
    waltz = 'chart: "meter: 3/4\\n| C | F |"'
    assert chart_of(file, f"music: {{{waltz}, num_bars: 64}}").form.num_bars == 2
    five = 'chart: "meter: 5/4\\n| C | F |"'
    assert chart_of(file, f"music: {{{five}}}\npractice: {{click_beats: [5]}}").form.num_bars == 2
    file.write_text(f"music: {{{waltz}}}\npractice: {{click_beats: [4]}}")
    told = "practice.click_beats: expected a beat of 3/4, which has beats 1–3, got [4]"
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert caught.value.problems == (f"blues.yaml: {told}",)


def test_a_chart_may_have_more_bars_than_the_button_goes_to(file: Path) -> None:
    file.write_text('music: {max_bars: 2, num_bars: 1, chart: "|: C | F :| x2"}')
    config = load_config(file)
    assert (config.memory().form.num_bars, config.settings().max_bars) == (4, 4)
