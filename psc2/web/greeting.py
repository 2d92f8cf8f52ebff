"""What a page is told first: what may be asked for, and what is played with."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psc2 import version
from psc2.core.action_table import Action
from psc2.core.actions import ACTIONS
from psc2.core.controls import ControllerMap
from psc2.core.effects import SetUp
from psc2.screen.keys import BINDINGS
from psc2.settings.config import Config
from psc2.wire.codec import to_json


def welcome(config: Config) -> dict[str, Any]:
    """What a page is welcomed with, as JSON has it; ``docs/page.md`` explains the parts."""
    return {
        "version": version.describe(),
        "actions": [_action(action) for action in ACTIONS.values()],
        "keys": [
            {"key": key, "action": binding.action, "layer": _name(binding.layer), "step": binding.step,
             "repeats": binding.repeats}
            for key, binding in BINDINGS.items()
        ],
        "rig": to_json(SetUp(config.settings().rig))["rig"],
        "controller": _controller(config.controller_map),
        "models": {"melody": config.improv.model, "drums": config.drums.model},
    }  # fmt: skip


def _action(action: Action) -> dict[str, Any]:
    return {
        "name": action.name,
        "description": action.description,
        "layers": [layer.value for layer in action.layers],
        "values": None if action.values is None else asdict(action.values),
    }


def _controller(controller: ControllerMap) -> dict[str, Any]:
    return {
        "name": controller.name,
        "controls": [
            {
                "number": number,
                "action": control.action,
                "layer": _name(control.layer),
                "scale": control.scale,
            }
            for number, control in controller.controls.items()
        ],
    }


def _name(layer: Any) -> str | None:
    return None if layer is None else str(layer.value)
