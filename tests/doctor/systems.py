"""A machine that exists only in a test: what psc2 doctor looks at on Linux, macOS and Windows."""

import errno
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from psc2.core.requests import Model
from psc2.doctor.findings import Case, Devices
from psc2.settings.config import Config, load_config
from psc2.settings.players import ModelEngine
from psc2.supercollider.platforms import Platform, RunResult, System


@dataclass
class FakeSystem:
    """A Linux without any programs, unless told otherwise."""

    platform: Platform = Platform.LINUX
    environ: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[str, ...] = ()  # names on the path, or whole paths of others
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, RunResult] = field(
        default_factory=dict
    )  # a part of the command → what becomes of it
    taken: Mapping[int, int] = field(default_factory=dict)  # port → errno
    versions: Mapping[str, str] = field(default_factory=dict)
    root: bool = False
    priority: int = 95
    memory: float = float("inf")
    loopback: float | None = 0.05
    busy: float | None = 0.1
    free: float = 1e12
    read_only: tuple[str, ...] = ()

    def which(self, program: str) -> str | None:
        if program not in self.programs:
            return None
        return program if "/" in program or "\\" in program else f"/usr/bin/{program}"

    def run(
        self, command: Sequence[str], timeout_s: float, environ: Mapping[str, str] | None = None
    ) -> RunResult:
        line = shlex.join(command)
        return next((result for part, result in self.answers.items() if part in line), RunResult(None, ""))

    def glob(self, pattern: str) -> Sequence[str]:
        return [path for path in (*self.files, *self.links, *self.programs) if fnmatchcase(path, pattern)]

    def read(self, path: str) -> str:
        return self.files.get(path, "")

    def link(self, path: str) -> str:
        return self.links.get(path, "")

    def writable(self, path: str) -> bool:
        return path in self.files and path not in self.read_only

    def bind_error(self, host: str, port: int) -> int:
        return self.taken.get(port, 0)

    def loopback_ms(self) -> float | None:
        return self.loopback

    def is_root(self) -> bool:
        return self.root

    def rtprio(self) -> int:
        return self.priority

    def memlock_bytes(self) -> float:
        return self.memory

    def cores(self) -> int:
        return 2

    def load(self) -> float | None:
        return self.busy

    def free_bytes(self, path: str) -> float:
        return self.free

    def version(self, distribution: str) -> str:
        return self.versions.get(distribution, "")


TAKEN = errno.EADDRINUSE


def case_of(
    system: System | None = None,
    devices: Devices | None = None,
    answer_s: float | Exception = 0.02,
    problems: tuple[str, ...] = (),
    **overrides: Mapping[str, object],
) -> Case:
    """``overrides`` are sections of the configuration."""

    def ask(model: Model, name: str, engine: ModelEngine) -> float:
        if isinstance(answer_s, Exception):
            raise answer_s
        return answer_s

    config: Config | None = None if problems else load_config(None, overrides)
    return Case(system or FakeSystem(), config, problems, "psc2's defaults", lambda: devices, ask)
