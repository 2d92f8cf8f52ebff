"""The whole instrument: MIDI in, the daemon, and what comes out of the loudspeaker."""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import yaml

from psc2.core.fitting import rests
from psc2.scores.chord_symbols import read_symbol
from tests.supercollider.midi import DEVICES, KEYBOARD, SYNTH
from tests.supercollider.osc import Message
from tests.supercollider.processes import Process, until, wait_until
from tests.supercollider.rig import AT_ONCE_S, AUDIO, BUSY_S, Rig
from tests.supercollider.sound import Sound, load, residuals_ms

pytestmark = pytest.mark.supercollider

# The controller's control change numbers: see configs/controllers/nanokontrol2.yaml.
PLAY, STOP = 41, 42
RECORD_BASS, IMPROV, FREE = 65, 68, 36
MUTE_CLICK, MUTE_BASS, MUTE_DRUMS, MUTE_CHORDS = 48, 49, 50, 51
BASSLINES_BEAT = 34
DENOMINATOR_UP = 62
PEDAL = 64  # of the keyboard

LOW_KEY = 24  # no model answers so low

LOOKAHEAD_S = 0.1
CLICK_S = 0.06  # how long a click sounds
RELEASE_S = 0.12  # of the lead
LINE_KEY_S = 0.15  # how long a key of a line is down
ROOM_S = 0.4  # in which the room's echo has died away
QUARTER_S = 0.5
MISSED_S = 3.5
PLAYED_S = 15.0


@pytest.fixture(scope="module", autouse=True)
def missed(session_rig: Rig) -> Iterator[None]:
    """SuperCollider misses the last daemon and is silent once, before others go on with it."""
    yield
    time.sleep(MISSED_S)


@contextmanager
def started(
    rig: Rig,
    folder: Path,
    melody: str = "markov",
    output: Mapping[str, object] = MappingProxyType({}),
    sound: Mapping[str, object] = MappingProxyType({}),
    improv: Mapping[str, object] = MappingProxyType({}),
    midi: Mapping[str, object] = MappingProxyType({}),
    band: Mapping[str, object] = MappingProxyType({}),
    practice: Mapping[str, object] = MappingProxyType({}),
    **music: object,
) -> Iterator[Process]:
    """The daemon, once it knows SuperCollider and the controller; the other arguments add to its settings.

    Its models have nothing to load unless told: few tests are about them.
    """
    config = folder / "config.yaml"
    usual = {"min_primer_length": 4, "max_robot_length": 4, "model": melody, "deadline_s": 30}
    settings = {
        "music": {"qpm": 60 / QUARTER_S} | music,
        "output": {"lookahead_ms": LOOKAHEAD_S * 1000} | dict(output),
        "sound": dict(sound),
        "improv": usual | dict(improv),
        "midi": dict(midi),
        "band": {"bass": "off", "comping": "off", "drums": False} | dict(band),
        "practice": dict(practice),
        "drums": {"model": "markov"},
    }
    config.write_text(yaml.safe_dump(settings))
    with rig.daemon(config) as daemon:
        for line in ("SuperCollider is there", "controller found"):
            wait_for_line(daemon, line)
        yield daemon


def wait_for_line(daemon: Process, line: str) -> None:
    """Waits until a line of the daemon's status begins like this."""
    try:
        until(lambda: f"\n{line}" in daemon.output(), 10, f"the daemon says {line!r}")
    except TimeoutError as error:
        raise TimeoutError(f"{error}; it said:\n{daemon.output()}") from None


def play_key(rig: Rig, pitch: int, length_s: float = 0.3) -> None:
    rig.note_on(pitch)
    time.sleep(length_s)
    rig.note_off(pitch)


def play_line(rig: Rig, start: float, pitches: Sequence[int]) -> None:
    """A key an 8th, the first at ``start``, as time.time."""
    for number, pitch in enumerate(pitches):
        wait_until(start + number * QUARTER_S / 2)
        play_key(rig, pitch, LINE_KEY_S)


def lead(messages: Sequence[Message], address: str = "/playwurly") -> list[int]:
    """The pitches of the keys that have begun to sound, or with /stopnote of those that have ended."""
    return [int(message.arguments[0]) for message in messages if message.address == address]


def heard_pitches(sound: Sound, messages: Sequence[Message], address: str = "/playwurly") -> list[int]:
    """What is heard where each of a layer's notes has been sent; the first of them is the first sound."""
    sent = [message.at for message in messages if message.address == address]
    onsets = [sound.onsets()[0] + at - sent[0] for at in sent]
    return [round(sound.strongest_pitch(onset + 0.05, onset + LINE_KEY_S)) for onset in onsets]


def test_a_recorded_bassline_is_heard_in_the_next_pass(rig: Rig, tmp_path: Path) -> None:
    line = [40, 43, 45, 47]
    with started(rig, tmp_path, num_bars=1) as daemon:
        rig.press(RECORD_BASS)
        rig.press(PLAY)
        first = rig.wait_until_heard("/playclick0").at
        for beat, pitch in enumerate(line):
            wait_until(first + beat * QUARTER_S + 0.02)  # a little late, as people are
            play_key(rig, pitch, 0.6 * QUARTER_S)
        rig.press(MUTE_CLICK)
        wait_for_line(daemon, "bass: 4 notes")
        wait_until(first + 4 * QUARTER_S)
        with rig.recording() as recording:
            time.sleep(6 * QUARTER_S)
        rig.press(STOP)
    onsets = [onset for onset in recording.sound.onsets(gap_s=0.05) if onset > 0.1][
        :4
    ]  # 0: it was on already
    heard = [round(recording.sound.strongest_pitch(onset, onset + 0.2)) for onset in onsets]
    assert heard in [line[first:] + line[:first] for first in range(4)]
    steps = np.round((np.array(onsets) - onsets[0]) / (QUARTER_S / 4)) * (QUARTER_S / 4)
    assert np.abs(residuals_ms(onsets, list(steps))).max() < 1.5


def test_the_band_swings_as_the_bass_was_played(rig: Rig, tmp_path: Path) -> None:
    ratio = 0.64
    with started(rig, tmp_path, num_bars=1) as daemon:
        rig.press(RECORD_BASS)
        rig.press(PLAY)
        first = rig.wait_until_heard("/playclick0").at
        for beat in range(4):
            for after in (0.0, ratio):
                wait_until(first + (beat + after) * QUARTER_S + 0.01)
                play_key(rig, 40 + beat, 0.1)
        wait_for_line(daemon, "bass: 8 notes")
        wait_for_line(daemon, "swing ")
        learned = float(daemon.output().partition("\nswing ")[2].split()[0]) / 100
        for control in (BASSLINES_BEAT, MUTE_CLICK, MUTE_BASS):
            rig.press(control)
        time.sleep(4 * QUARTER_S)
        with rig.recording() as recording:
            time.sleep(9 * QUARTER_S)
        rig.press(STOP)
    assert learned == pytest.approx(ratio, abs=0.03)  # who plays here sleeps until each moment
    onsets = [onset for onset in recording.sound.onsets(-25, gap_s=0.02) if onset > 0.1]
    is_on_beat = onsets[1] - onsets[0] > QUARTER_S / 2
    places = [(n + 1 - is_on_beat) // 2 + (0 if n % 2 != is_on_beat else learned) for n in range(len(onsets))]
    assert len(onsets) >= 16
    assert np.abs(residuals_ms(onsets, [place * QUARTER_S for place in places])).max() < 1.5


def test_a_live_key_is_heard_at_its_pitch_while_it_is_down(rig: Rig, tmp_path: Path) -> None:
    with started(rig, tmp_path):
        rig.press(FREE)
        with rig.recording() as recording:
            for pitch in (60, 76):
                play_key(rig, pitch, 0.4)
                time.sleep(0.3)
    low, high = recording.sound.onsets(gap_s=0.1)
    assert round(recording.sound.strongest_pitch(low + 0.05, low + 0.3)) == 60
    assert round(recording.sound.strongest_pitch(high + 0.05, high + 0.3)) == 76
    assert recording.sound.is_silent(low + 0.4 + RELEASE_S + AT_ONCE_S + BUSY_S, high - 0.002)


def test_the_machine_gives_the_pitch_and_the_player_the_rhythm(rig: Rig, tmp_path: Path) -> None:
    primer, key = [60, 62, 64, 65], 1  # no model answers so low
    with started(rig, tmp_path, melody="weimar") as daemon:
        rig.press(MUTE_CLICK)
        rig.press(PLAY)
        rig.press(IMPROV)
        for pitch in primer:
            play_key(rig, pitch, 0.05)
        wait_for_line(daemon, "the machine's pitches")
        rig.forget_heard()
        with rig.recording() as recording:
            play_key(rig, key, 0.4)
            sent = rig.wait_until_heard("/playwurly")
            time.sleep(0.3)
        rig.press(STOP)
    onset = recording.sound.onsets()[-1]
    assert round(recording.sound.strongest_pitch(onset + 0.05, onset + 0.35)) == sent.arguments[0]
    assert sent.arguments[0] != key
    assert "model:" not in daemon.output()


def test_the_machine_answers_the_call_that_a_pedal_frames(rig: Rig, tmp_path: Path) -> None:
    before, call, answer, after = [72], [60, 62, 64, 65, 67, 69], [LOW_KEY] * 5, [71, 74]
    pedal = {"controls": [{"control": PEDAL, "action": "hold"}]}
    with started(rig, tmp_path, melody="weimar", improv={"turns": "pedal"}, midi=pedal) as daemon:
        rig.press(IMPROV)
        with rig.recording() as recording:
            play_line(rig, time.time(), before)
            rig.control_change(PEDAL, 127, uid=KEYBOARD)
            play_line(rig, time.time() + 0.1, call)
            rig.control_change(PEDAL, 0, uid=KEYBOARD)
            wait_for_line(daemon, "the machine's pitches")
            play_line(rig, time.time() + 0.1, answer[:-1])
            time.sleep(0.1)
            rig.note_on(LOW_KEY)
            time.sleep(LINE_KEY_S)
            rig.control_change(PEDAL, 127, uid=KEYBOARD)
            time.sleep(0.1)
            rig.note_off(LOW_KEY)  # the key is down when the turn changes, and keeps the machine's pitch
            play_line(rig, time.time() + 0.1, after)
        rig.wait_for_voices(0)  # though the pedal is down: it is bound, and sustains nothing
        messages = rig.heard()
    pitches = lead(messages)
    machines_from = len(before) + len(call)
    assert pitches[:machines_from] == before + call
    assert LOW_KEY not in pitches
    assert pitches[machines_from + len(answer) :] == after
    assert lead(messages, "/stopnote") == pitches
    assert heard_pitches(recording.sound, messages) == pitches
    assert "model:" not in daemon.output()


def test_the_player_and_the_machine_trade_bars(rig: Rig, tmp_path: Path) -> None:
    bar_s, players, machines = 3 * QUARTER_S, [60, 62, 64, 65, 67, 69], [LOW_KEY] * 6
    trading = {"turns": "bars: 1", "max_robot_length": 12}
    with started(rig, tmp_path, melody="weimar", improv=trading, time_signature="3/4") as daemon:
        rig.press(IMPROV)
        rig.press(PLAY)
        first = rig.wait_until_heard("/playclick0").at
        rig.press(MUTE_CLICK)
        second = first + bar_s  # the player's, too, as nothing is played in the first
        wait_until(second - 0.5)
        with rig.recording() as recording:
            # In the middle of the 8ths: each bar line is an equal way from the keys before and after it.
            play_line(rig, second + QUARTER_S / 4, [*players, *machines, *players, *machines])
        rig.press(STOP)
        rig.wait_for_voices(0)
        messages = rig.heard()
    pitches = lead(messages)
    bars = [pitches[first : first + 6] for first in range(0, len(pitches), 6)]
    assert [len(bar) for bar in bars] == [6] * 4
    assert bars[0] == bars[2] == players
    assert LOW_KEY not in pitches
    assert lead(messages, "/stopnote") == pitches
    assert heard_pitches(recording.sound, messages) == pitches
    assert "model:" not in daemon.output()


def test_trading_with_the_machine_that_plays_its_own_line(rig: Rig, tmp_path: Path) -> None:
    turn_s, call, step_s = 4 * QUARTER_S, [60, 62, 64, 65, 67, 69], QUARTER_S / 4
    trading = {"turns": "bars: 1", "answer": "machine", "max_robot_length": 12}
    with started(rig, tmp_path, melody="weimar", improv=trading) as daemon:
        rig.press(IMPROV)
        rig.press(PLAY)
        second = rig.wait_until_heard("/playclick0").at + turn_s  # the player's, too: the first was empty
        rig.press(MUTE_CLICK)
        play_line(rig, second, call)
        rig.forget_heard()
        wait_until(second + turn_s - 0.2)
        with rig.recording() as recording:
            play_line(rig, second + 2 * turn_s, call[:3])
        rig.press(STOP)
        rig.wait_for_voices(0)
        messages = [message for message in rig.heard() if message.address == "/playwurly"]
    machines = [message.at - second - turn_s for message in messages[:-3]]
    assert len(machines) >= 3
    assert 0 <= machines[0] <= machines[-1] < turn_s - 1e-3
    assert [round(at / step_s) for at in machines] == pytest.approx(
        [at / step_s for at in machines], abs=0.01
    )
    assert lead(messages)[-3:] == call[:3]
    onsets = recording.sound.onsets(gap_s=0.05)
    apart = [at for before, at in pairwise([-1.0, *machines]) if at - before >= 2 * step_s]
    heard = [min(onsets, key=lambda onset: abs(onset - onsets[0] - (at - machines[0]))) for at in apart]
    assert np.abs(residuals_ms(heard, apart)).max() < 1.5
    assert "model:" not in daemon.output()


def test_the_answer_follows_a_chart_that_moves_and_the_hands_come_back_without_a_leap(
    rig: Rig, tmp_path: Path
) -> None:
    """Keys on the strong beats, a chord a bar: two of a call, six of the answer, two of the player's own."""
    changes, turns = ["Dm7", "Ebmaj7", "E7alt", "Amaj7"], {"takeover": "now", "handback": "now"}
    numbers = {"min_primer_length": 2, "max_robot_length": 6}
    with started(
        rig, tmp_path, melody="weimar", improv={**turns, **numbers}, chart=" | ".join(changes)
    ) as daemon:
        rig.press(IMPROV)
        rig.press(PLAY)
        first = rig.wait_until_heard("/playclick0").at
        rig.press(MUTE_CLICK)
        wait_until(first + 4 * 4 * QUARTER_S - 0.5)
        with rig.recording() as recording:
            for n in range(10):
                wait_until(first + (16 + 2 * n) * QUARTER_S)
                play_key(rig, 60, LINE_KEY_S)
        rig.press(STOP)
        rig.wait_for_voices(0)
        messages = [one for one in rig.heard() if one.address in ("/playwurly", "/stopnote")]
    pitches = lead(messages)
    assert len(pitches) == 10
    assert heard_pitches(recording.sound, messages) == pitches
    for n, pitch in enumerate(pitches[2:8], 2):
        assert rests(pitch, read_symbol(changes[n // 2 % 4]), is_strong=True), (n, pitch)
        assert abs(pitch - 60) <= 12
    assert pitches[:2] + pitches[8:] == [60] * 4
    assert abs(pitches[8] - pitches[7]) <= 7
    assert "model:" not in daemon.output()


def test_a_chart_is_a_rhythm_section_whose_bass_has_the_roots(rig: Rig, tmp_path: Path) -> None:
    """Two choruses, the second a fourth up: what is heard on beat 1 of each bar is its chord's root."""
    changes, everybody = ["Dm7", "G7", "C6", "A7"], {"bass": "walking", "comping": "cells", "drums": True}
    chart, practice, bar_s = " | ".join(changes), {"transpose": 5}, 4 * QUARTER_S
    with started(rig, tmp_path, band=everybody, practice=practice, chart=chart) as daemon:
        for control in (MUTE_CLICK, MUTE_DRUMS, MUTE_CHORDS):
            rig.press(control)
        with rig.recording() as recording:
            rig.press(PLAY)
            first = rig.wait_until_heard("/playbass")
            for control in (MUTE_DRUMS, MUTE_CHORDS):
                wait_until(first.at + 8 * bar_s - LOOKAHEAD_S)
                rig.press(control)
        wait_until(first.at + 11 * bar_s)
        rig.press(STOP)
        messages = [first, *rig.heard()]
    assert {one.address for one in messages} >= {"/playbass", "/playchords", "/playride"}
    played = [one for one in messages if one.address == "/playbass" and one.at < first.at + 7.9 * bar_s]
    bars = [[one for one in played if int((one.at - first.at + 0.02) // bar_s) == n] for n in range(8)]
    roots = [read_symbol(symbol).root for symbol in changes]
    assert [int(bar[0].arguments[0]) % 12 for bar in bars] == roots + [(root + 5) % 12 for root in roots]
    heard = zip(heard_pitches(recording.sound, played, "/playbass"), lead(played, "/playbass"), strict=True)
    assert all((sounding - sent) % 12 == 0 for sounding, sent in heard)
    assert "band: bass walking, chords cells" in daemon.output()


def test_stop_is_heard_at_once_wherever_it_falls_between_two_steps(rig: Rig, tmp_path: Path) -> None:
    step = QUARTER_S / 4
    with started(rig, tmp_path):
        rig.press(DENOMINATOR_UP)
        rig.press(DENOMINATOR_UP)  # sixteenths: a click every step
        for phase in map(float, np.arange(0.0, step, step / 4)):
            rig.forget_heard()
            with rig.recording() as recording:
                rig.press(PLAY)
                first = rig.wait_until_heard("/playclick0").at
                wait_until(first + 3 * step + phase)
                stopped = rig.press(STOP) - first
                time.sleep(0.4)
            start = recording.sound.onsets()[0]
            end = recording.sound.silent_from() - start
            print(
                f"stopped {phase * 1000:3.0f} ms after a click: silent after {1000 * (end - stopped):4.0f} ms"
            )
            assert end > 3 * step
            assert end < stopped + AT_ONCE_S + BUSY_S + CLICK_S


def test_bass_here_and_the_lead_on_a_synthesizer(rig: Rig, tmp_path: Path) -> None:
    rig.devices.write_text(f"{DEVICES}{SYNTH}\tMinilogue\tMinilogue MIDI 1\n")
    lead = {"port": "minilogue", "channel": 5, "transpose": -12}
    output = {"target": {"lead": "midi"}, "midi": {"lead": lead}}
    with started(rig, tmp_path, output=output):
        rig.press(FREE)
        rig.played_out()
        with rig.recording() as recording:
            pressed = rig.note_on(72)
            time.sleep(0.2)
            rig.note_off(72)
            rig.press(RECORD_BASS)
            play_key(rig, 40)
            time.sleep(0.3)
        sent = rig.played_out(0.2)
    assert [message.arguments for message in sent[:2]] == [
        (SYNTH, 0x90, 4, 60, 100),
        (SYNTH, 0x80, 4, 60, 0),
    ]
    assert sent[0].at - pressed < BUSY_S
    (bass,) = recording.sound.onsets(gap_s=0.2)  # and nothing of the lead
    assert round(recording.sound.strongest_pitch(bass + 0.05, bass + 0.25)) in (40, 52)


def test_panic_silences_held_keys(rig: Rig, tmp_path: Path) -> None:
    with started(rig, tmp_path):
        rig.press(FREE)
        with rig.recording() as recording:
            pressed = rig.note_on(60)
            rig.note_on(64)
            rig.note_on(67)
            time.sleep(0.4)
            panicked = rig.press(STOP) - pressed
            time.sleep(0.9)
            rig.note_off(60)
            rig.note_off(64)
            rig.note_off(67)
            play_key(rig, 72)
            time.sleep(0.3)
    start = recording.sound.onsets()[0]
    again = recording.sound.onsets(gap_s=0.1)[-1]
    # The first sound was at once too, so its delay is in both moments.
    silent_s = start + panicked + RELEASE_S + ROOM_S + AT_ONCE_S + BUSY_S
    assert recording.sound.is_silent(silent_s, again - 0.002)
    assert again > start + panicked + 0.4
    assert round(recording.sound.strongest_pitch(again + 0.05, again + 0.25)) == 72
    rig.wait_for_voices(0)


def test_the_wheels_of_the_keyboard_reach_the_lead(rig: Rig, tmp_path: Path) -> None:
    with started(rig, tmp_path):
        rig.press(FREE)
        with rig.recording() as recording:
            rig.note_on(72)
            time.sleep(0.3)
            rig.pitch_wheel(0)
            time.sleep(0.4)
            rig.note_off(72)
            time.sleep(0.2)
    onset = recording.sound.onsets()[0]
    assert round(recording.sound.strongest_pitch(onset + 0.05, onset + 0.28)) == 72
    assert round(recording.sound.strongest_pitch(onset + 0.45, onset + 0.65)) == 70


def test_nothing_sounds_on_when_the_daemon_ends(rig: Rig, tmp_path: Path) -> None:
    with started(rig, tmp_path) as daemon, rig.recording() as recording:
        rig.press(FREE)
        rig.note_on(60)
        rig.press(PLAY)
        time.sleep(0.7)
        daemon.end()
        time.sleep(0.5)
    assert recording.sound.is_silent(recording.sound.length_s - 0.2, recording.sound.length_s)
    assert daemon.popen.returncode == 0
    rig.wait_for_voices(0)


def test_a_killed_daemon_leaves_no_key_sounding(rig: Rig, tmp_path: Path) -> None:
    """SuperCollider misses its heartbeat after three seconds."""
    with started(rig, tmp_path, sound={"voices": {"lead": "organ"}}) as daemon:
        rig.press(FREE)
        time.sleep(2)  # for a first heartbeat
        with rig.recording() as recording:
            pressed = rig.note_on(60)
            time.sleep(0.5)
            os.kill(daemon.popen.pid, signal.SIGKILL)
            killed = time.time() - pressed
            time.sleep(5)
    start = recording.sound.onsets()[0]
    assert not recording.sound.is_silent(start + killed + 1.0, start + killed + 1.5)
    assert recording.sound.silent_from() < start + killed + 4.0 + BUSY_S
    rig.wait_for_voices(0)


@pytest.mark.timeout(240)
def test_the_click_stays_on_the_grid(rig: Rig, tmp_path: Path) -> None:
    rig.settle()
    qpm = 132
    with started(rig, tmp_path, qpm=qpm, num_bars=2):
        with rig.recording() as recording:
            rig.press(PLAY)
            time.sleep(PLAYED_S)
            rig.press(STOP)
        clicks = [message for message in rig.heard() if message.address.startswith("/playclick")]
    names = [click.address.removeprefix("/play") for click in clicks]
    assert names[:9] == [*["click0"], *["click2"] * 3, *["click1"], *["click2"] * 3, *["click0"]]
    waves = {name: load(AUDIO / f"{name}.wav").samples[:480] for name in set(names)}
    start = recording.sound.onsets()[0]
    quarter = 60 / qpm
    grid = [number * quarter for number in range(len(names))]
    heard = []
    for name, moment in zip(names, grid, strict=True):
        if start + moment + 0.1 > recording.sound.length_s:
            break
        where, likeness = recording.sound.matches(waves[name], start + moment, within_s=0.02)
        if likeness < 0.9:
            break  # dropped by the flush of the stop
        heard.append(where)
    assert len(heard) >= PLAYED_S / quarter - 2
    residuals = residuals_ms(heard, grid[: len(heard)])
    print(f"{len(heard)} clicks, the worst {np.abs(residuals).max():.3f} ms off")
    assert np.abs(residuals).max() < 1.5
    assert len(recording.sound.onsets(threshold_db=-40)) == len(heard)  # and no click that was not due
