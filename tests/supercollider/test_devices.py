"""devices.scd and what psc2 doctor makes of it; and JACK, as psc2 doctor finds it."""

import time
from pathlib import Path

import pytest

from psc2.doctor import sound
from psc2.doctor.findings import Device, Devices, Mark
from psc2.doctor.machine import Machine
from psc2.supercollider import platforms
from tests.doctor.systems import case_of
from tests.supercollider.conftest import require_programs
from tests.supercollider.processes import language_settings
from tests.supercollider.rig import MIDI_DEVICES, PERIOD, RATE, Rig

pytestmark = pytest.mark.supercollider


class WithDevices(Machine):
    """This machine, where sclang sees the devices of a file."""

    def __init__(self, folder: Path, devices: str | None) -> None:
        super().__init__()
        settings = language_settings(folder, MIDI_DEVICES)
        self._wrapper = folder / "sclang"
        lines = ["#!/bin/sh"]
        if devices is not None:
            (folder / "devices.txt").write_text(devices)
            lines.append(f"export PSC2_TEST_DEVICES='{folder / 'devices.txt'}'")
        sclang = platforms.find_sclang()
        assert sclang is not None
        self._wrapper.write_text("\n".join([*lines, f"exec '{sclang}' -l '{settings}' \"$@\"", ""]))
        self._wrapper.chmod(0o755)

    def which(self, program: str) -> str | None:
        return str(self._wrapper) if program == "sclang" else super().which(program)


def test_the_keyboards_and_instruments_that_supercollider_sees_are_reported(tmp_path: Path) -> None:
    require_programs()
    plugged = (
        "0\tSystem\tTimer\n14\tMidi Through\tMidi Through Port-0\n"
        "24\tKeystation 61\tKeystation 61 MIDI 1\n28\tnanoKONTROL2\tnanoKONTROL2 MIDI 1\n"
        "32\tMinilogue\tMinilogue MIDI 1\tout\n"
    )
    seen = sound.find_devices(WithDevices(tmp_path, plugged))
    assert seen == Devices(
        sources=(
            Device("Keystation 61", "Keystation 61 MIDI 1"),
            Device("nanoKONTROL2", "nanoKONTROL2 MIDI 1"),
        ),
        destinations=(Device("Minilogue", "Minilogue MIDI 1"),),
    )
    assert [finding.mark for finding in sound.controller(case_of(devices=seen))] == [Mark.OK]


def test_without_a_sequencer_that_is_reported_and_sclang_ends_by_itself(tmp_path: Path) -> None:
    require_programs()
    began = time.monotonic()
    assert sound.find_devices(WithDevices(tmp_path, None)) == Devices(midi=False)
    assert time.monotonic() - began < sound.DEVICES_TIMEOUT_S


def test_jack_is_seen_while_it_runs_and_missed_when_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_programs()
    rig = Rig(tmp_path)
    for name, value in rig.jack_environment.items():
        monkeypatch.setenv(name, value)
    try:
        rig.start_sound_card()
        (running,) = sound.sound_server(case_of(Machine()))
        _, click = sound.sound_server(case_of(Machine(), sound={"click_out": 3}))
    finally:
        rig.stop()
    assert f"{RATE} Hz, {PERIOD} frames" in running.message
    assert "and JACK has 2" in click.message  # as its dummy driver has
    (stopped,) = sound.sound_server(case_of(Machine()))
    assert (running.mark, stopped.mark) == (Mark.OK, Mark.MISSING)
    assert "no JACK server runs" in stopped.message
