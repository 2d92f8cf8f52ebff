"""Several places where sounds go, as one."""

from __future__ import annotations

from collections.abc import Sequence

from psc2.core.effects import Outbound
from psc2.ports import Output


class Outputs:
    """Sends effects to each of several outputs, one after the other."""

    def __init__(self, *outputs: Output) -> None:
        self._outputs = outputs

    def add(self, output: Output) -> None:
        """From now on there is another one."""
        self._outputs = (*self._outputs, output)

    def send(self, effects: Sequence[Outbound]) -> None:
        for output in self._outputs:
            output.send(effects)
