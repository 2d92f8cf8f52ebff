"""Writes the commit into what is built: the package's file ``commit.txt``, which psc2/version.py reads.

hatchling runs this; see pyproject.toml.
"""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Commit(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the file to a wheel or sdist, if the commit is known and the file is not there already, as
        it is in an sdist. An editable install asks git."""
        module = runpy.run_path(str(Path(self.root) / "psc2" / "version.py"))
        commit, name = module["commit"](), module["COMMIT_FILE"]
        self._folder = tempfile.TemporaryDirectory()
        if version == "editable" or commit == module["UNKNOWN"] or (Path(self.root) / "psc2" / name).exists():
            return
        file = Path(self._folder.name) / name
        file.write_text(f"{commit}\n", encoding="ascii")
        build_data["force_include"][str(file)] = f"psc2/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        self._folder.cleanup()
