"""A package with models of its own, as somebody else would write it; written where a test wants it."""

from pathlib import Path

NAME = "strange_models"
SOURCE = '''
import os
import pickle
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count

import psc2
from psc2.core.requests import Hit
from psc2.core.instruments import Instrument

# what a request's seed asks for
ANSWER, RAISE, EXIT, HANG, GO_ON, CROWD, SHOUT, WHERE, PRINT, GARBLE, FORGE, FORK, QUIT = range(13)


class Moody:
    """Does what the request's seed says."""

    def continue_melody(self, request):
        self._be(request.seed)
        for number in range(3) if request.seed in (ANSWER, FORK) else count():
            if request.seed == GO_ON:
                time.sleep(0.01)
            yield (request.primer[-1].pitch + 7 * number) % 128

    def make_beat(self, request):
        self._be(request.seed)
        if request.seed == CROWD:
            return [Hit(step % 64, Instrument.KICK, 90) for step in range(50_000)]
        return [Hit(0, Instrument.KICK, 90), Hit(2, Instrument.RIDE, os.nice(0))]

    def _be(self, mood):
        if mood == RAISE:
            raise ValueError("out of tune,\\nout of time")
        if mood == EXIT:
            print("the bridge", "a string broke", sep="\\n", file=sys.stderr, flush=True)
            os._exit(3)
        if mood == QUIT:
            print("tuning", file=sys.stderr)
            sys.exit("no reed is left")
        if mood == HANG:
            time.sleep(1000)
        if mood == SHOUT:
            for stream in (sys.stdout, sys.stderr):
                for _ in range(45):
                    print("x" * 2**20, file=stream, flush=True)
            subprocess.run([sys.executable, "-c", "import sys; print(sys.stdin.read() or 'nothing')"])
            assert sys.stdin.read() == ""
        if mood == PRINT:
            while True:
                print("x", end="")
        if mood == FORK and not os.fork():
            time.sleep(8)
            os._exit(0)
        if mood in (GARBLE, FORGE):
            data = pickle.dumps("no reply")
            message = len(data).to_bytes(8, "big") + data if mood == FORGE else bytes([255]) * 4096
            for descriptor in range(3, 30):
                with suppress(OSError):
                    os.write(descriptor, message)
            time.sleep(1000)
        if mood == WHERE:
            print(sys.platform, psc2.__file__, flush=True)


class Shy:
    def __init__(self):
        raise RuntimeError("nobody is listening")


class Sleepy(Moody):
    def __init__(self):
        time.sleep(1.5)


class Mute:
    """Neither a melody model nor a drums model."""
'''
MODELS = {"moody": "Moody", "shy": "Shy", "sleepy": "Sleepy", "mute": "Mute", "absent": "Nobody"}
ANSWER, RAISE, EXIT, HANG, GO_ON, CROWD, SHOUT, WHERE, PRINT, GARBLE, FORGE, FORK, QUIT = range(13)
SHOUT_BYTES = 90 * 2**20


def write(folder: Path) -> None:
    """The package as an installer leaves it in ``folder``, which is to be on the path."""
    (folder / f"{NAME}.py").write_text(SOURCE, encoding="utf-8")
    information = folder / f"{NAME}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
    entries = "".join(f"{name} = {NAME}:{model}\n" for name, model in MODELS.items())
    (information / "entry_points.txt").write_text(f"[psc2.models]\n{entries}")


def write_project(folder: Path) -> None:
    """The package as its author keeps it, to be installed."""
    (folder / f"{NAME}.py").write_text(SOURCE, encoding="utf-8")
    entries = "".join(f'{name} = "{NAME}:{model}"\n' for name, model in MODELS.items())
    (folder / "pyproject.toml").write_text(
        f"""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{NAME}"
version = "1.0"
dependencies = ["psc2"]

[project.entry-points."psc2.models"]
{entries}
[tool.hatch.build.targets.wheel]
only-include = ["{NAME}.py"]
"""
    )
