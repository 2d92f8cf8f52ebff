"""The page draws how a take was timed, and leads through the tap test."""

from itertools import pairwise
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from psc2.core.instruments import Layer
from psc2.screen.timing import look_back_line
from psc2.testing import Rehearsal, key, press
from psc2.wire.codec import to_json
from tests.web.pages import PAGE, Page

pytestmark = pytest.mark.browser

LATE_MS = (-30.0, 4.0, 22.0, -6.0, 12.0)
SENSES = ["early", "on time", "late", "on time", "late"]
SIZES = {"phone": (360, 640), "laptop": (1366, 768), "stage": (1920, 1080)}


def taken() -> tuple[dict[str, Any], str]:
    """A look back at a take of a note each beat, as the page is told of it, and its words."""
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    events = [press(start + 0.1, "record", Layer.BASS)]
    for beat, late in enumerate(LATE_MS, 1):
        events += key(start + beat / 2 + late / 1000, 40 + beat)  # type: ignore[arg-type]
    rehearsal.play(events, until=start + 4.5)
    now = rehearsal.engine.snapshot()
    assert now.look_back is not None
    found: dict[str, Any] = to_json(now)["look_back"]
    return found, look_back_line(now.look_back)


def show(page: Page) -> str:
    found, line = taken()
    page.run(f"{PAGE}.timing.show(...arguments)", found, line)
    page.wait(lambda: page.run("return document.querySelectorAll('#timing .onset').length") == len(LATE_MS))
    return line


def shapes(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.run("""
        return [...document.querySelectorAll("#timing .onset")].map((one) => {
          const { left, width, top, height } = one.getBoundingClientRect();
          return { sense: one.dataset.sense, tag: one.tagName, x: left + width / 2, y: top + height / 2,
            fill: getComputedStyle(one).fill, words: one.textContent };
        });
    """)
    return found


def middle(page: Page, selector: str) -> float:
    """How far down something is, by its middle."""
    found: float = page.run(
        "const { top, height } = document.querySelector(arguments[0]).getBoundingClientRect();"
        "return top + height / 2;",
        selector,
    )
    return found


def test_each_onset_is_told_by_place_shape_and_colour(page: Page) -> None:
    line = show(page)
    assert page.text("#timing p") == line
    drawn, exact = shapes(page), middle(page, "#timing line.exact")
    assert [one["sense"] for one in drawn] == SENSES
    assert [one["words"] for one in drawn] == [
        "F2: 30 ms early", "F#2: on time", "G2: 22 ms late", "Ab2: on time", "A2: 12 ms late",
    ]  # fmt: skip
    assert [one["tag"] for one in drawn] == [
        "circle" if sense == "on time" else "polygon" for sense in SENSES
    ]
    assert len({one["fill"] for one in drawn}) == 3
    for one, late in zip(drawn, LATE_MS, strict=True):
        assert (one["y"] < exact) is (late > 0)
    assert sorted(one["x"] for one in drawn) == [one["x"] for one in drawn]
    gaps = {round(after["x"] - before["x"]) for before, after in pairwise(drawn)}
    assert max(gaps) - min(gaps) <= 1
    assert middle(page, "#timing line.mean") == pytest.approx(middle(page, "#timing rect.spread"), abs=1.0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", ["all", "display"])
def test_it_fits_on_every_screen_and_cuts_nothing(page: Page, size: str, view: str) -> None:
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        page.run(f"location.hash = '{view}'")
        page.wait(lambda: page.run("return document.body.dataset.view") == view)
        show(page)
        assert page.run("return document.documentElement.scrollWidth") <= width
        cut = page.run("""
            return ["#head", "#timing"].map((id) => document.querySelector(id))
              .filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => one.id);
        """)
        assert cut == []
        if view == "display":
            assert page.run("return document.documentElement.scrollHeight") <= height
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_piano_stays_under_the_fingers_when_a_take_is_over(page: Page) -> None:
    before = middle(page, "#keyboard .keys")
    show(page)
    assert middle(page, "#keyboard .keys") == before


def test_a_take_played_on_the_page_is_looked_back_at_and_closed(page: Page) -> None:
    page.start()
    page.type("[", "[", Keys.ARROW_LEFT)  # short passes
    page.click("#controls [aria-label='record bass']")
    page.type("k", "a", "s", "d")
    page.wait(lambda: page.text("#timing p").startswith("bass take: "))
    page.click("#timing button")
    page.wait_for("look_back", None)
    page.wait(lambda: page.run("return document.querySelector('#timing').hidden"))


def test_the_tap_test_counts_taps_and_can_be_left(page: Page) -> None:
    page.start()
    page.click("#controls [data-action=calibrate]")
    page.wait_for("mode", "calibrate")
    page.wait(lambda: page.text("#head .word") == "TAP")
    page.type("k", "a", pause_s=0.1)
    page.wait(lambda: page.run("return document.querySelectorAll('.taps .on').length") == 1)
    page.click("#taptest button")
    page.wait_for("mode", "free")
    page.wait(lambda: page.run("return document.querySelector('#practice').clientHeight") == 0)
