"""Charts, wherever they come from."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.errors import ChartError
from psc2.scores.chart_text import written
from psc2.scores.charts import read_chart, read_sheets
from tests.scores.ireal_links import fields, link

WORDS = ["Dm7", "G7b9", "C/E", "N.C.", ".", "/", "%", "Bbmaj7#11"]
CELLS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
SIGNS = st.sampled_from(
    ["|", "|:", ":|", "||", "\n", ":| x3", "|1.", "|2.", "[A]", "<D.C. al Fine>", "<Fine>", "<Segno>",
     "<Coda>", "<To Coda>", "<D.S. al Coda>", "%%", "key: Eb\n", "meter: 3/4\n", "#"]
)  # fmt: skip


def problem(source: str | Path) -> str:
    with pytest.raises(ChartError) as caught:
        read_chart(source)
    return str(caught.value)


def test_text_links_and_files_are_read(tmp_path: Path) -> None:
    text, address = (
        "title: Ours\nstyle: Medium Swing\n| Dm7 | G7 |",
        link(fields("T44[D-7   |G7   Z", title="Ours", composer="", key="")),
    )
    (expected,) = read_chart(text)
    assert read_chart(address) == [expected]
    for content in (text, address, f'<a href="{address}">Ours</a>'):
        path = tmp_path / "tune.txt"
        path.write_text(content, encoding="utf-8")
        assert read_chart(path) == read_chart(str(path)) == [expected]


def test_a_link_in_a_comment_is_for_people() -> None:
    (chart,) = read_chart("# from irealb://Ours\n| C | F |")
    assert len(chart.bars) == 2


def test_what_cannot_be_read_is_told_in_a_line(tmp_path: Path) -> None:
    missing = tmp_path / "none.txt"
    assert (
        problem(missing)
        == f"{missing}: No such file or directory, and it is no chart such as | Dm7 | G7 | Cmaj7 |"
    )
    chart = "a chart such as | Dm7 | G7 | Cmaj7 |, a file with one, or a link of iReal Pro"
    assert problem(tmp_path) == f"{tmp_path}: expected {chart}, got a folder"
    assert [problem(source) for source in ("/", "", " ")] == [
        f"/: expected {chart}, got a folder",
        f"expected {chart}, got nothing",
        f"expected {chart}, got nothing",
    ]
    (tmp_path / "latin.txt").write_bytes(b"| C\xe9 |")
    told = "expected a chart, got no text in UTF-8: save it as plain text in UTF-8"
    assert problem(tmp_path / "latin.txt") == f"{tmp_path / 'latin.txt'}: {told}"
    assert "\n" not in problem("no\0file")
    assert problem("x" * 5000).endswith(
        "x…: File name too long, and it is no chart such as | Dm7 | G7 | Cmaj7 |"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_text_file_of_any_computer_is_read(encoding: str, line_end: str, tmp_path: Path) -> None:
    text = line_end.join(["title: Ours", "| CΔ7\tBø7 |", "| B♭7 |", ""])
    bom = encoding.endswith("-bom")
    data = ("\ufeff" * bom + text).encode(encoding.removesuffix("-bom"))
    (tmp_path / "tune.txt").write_bytes(data)
    assert read_chart(tmp_path / "tune.txt") == read_chart("title: Ours\n| Cmaj7 Bm7b5 | Bb7 |")


def test_a_wrong_chart_names_its_tune_and_bar() -> None:
    assert problem("title: Ours\n| C | H |").startswith("Ours: bar 2: expected a chord")
    (sheet,) = read_sheets("| C |\n")
    assert sheet.title == ""


@given(st.lists(st.one_of(CELLS, SIGNS), max_size=24).map(" ".join))
def test_any_chart_is_read_and_written_again_or_told_what_is_wrong(text: str) -> None:
    with suppress(ChartError):
        (chart,) = read_chart(f"{text}\n")
        assert read_chart(written(chart)) == [chart]
        around = chart
        for _ in range(12):
            around = around.transposed(1)
        assert len(around.bars) == len(chart.bars)
        assert read_chart(written(around)) == [around]


@given(st.text(max_size=60))
def test_any_text_is_a_chart_or_a_clear_error(text: str) -> None:
    for source in (f"{text}\n", f"| {text} |", text):
        with suppress(ChartError):
            read_chart(source)
