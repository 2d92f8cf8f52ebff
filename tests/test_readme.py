import re
from pathlib import Path

import pytest

from psc2.core.actions import ACTIONS
from psc2.settings.controller import load_controller

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_the_readmes_examples_run(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {})


def test_the_readme_names_every_control() -> None:
    table = README.split("## Controls")[1].split("## ")[0]
    buttons = {32: "S1", 34: "S3", 36: "S5", 48: "M1", 65: "R2", 66: "R3", 67: "R4", 68: "R5"}
    knobs = {16: "knob 1", 18: "knob 3", 20: "knob 5"}
    for number, name in (buttons | knobs).items():
        assert number in load_controller("nanokontrol2").controls
        assert name in table
    assert {control.action for control in load_controller("nanokontrol2").controls.values()} == set(ACTIONS)
