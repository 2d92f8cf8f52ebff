import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from psc2.commands.main import main
from psc2.daemon import MAX_THREADS
from psc2.resources import LOGS_VARIABLE, started_as
from psc2.testing import free_port
from tests.daemons import PSC2, daemon

STARTED_WITH = """
import os, signal, sys
signal.signal(signal.SIGHUP, getattr(signal, sys.argv[1]))  # which the tests themselves may have otherwise
os.execv(sys.argv[2], sys.argv[2:])
"""

# psc2 gets two signals at the moment when it begins to load a module.
SIGNALLED_WHEN = """
import os, runpy, signal, sys
module, numbers = sys.argv[1], [int(number) for number in sys.argv[2:4]]
class Signals:
    def find_spec(self, name, path, target=None):
        if name == module:
            signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
            for number in numbers:
                os.kill(os.getpid(), number)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
sys.meta_path.insert(0, Signals())
del sys.argv[1:4]
runpy.run_module("psc2", run_name="__main__", alter_sys=True)
"""


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    assert "psc2 play --config blues.yaml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("script", "typed"),
    [("scripts/run", "scripts/run"), ("../my psc2/scripts/run", "'../my psc2/scripts/run'"),
     ("", "python -m psc2")],
)  # fmt: skip
def test_commands_are_named_as_psc2_was_started(script: str, typed: str) -> None:
    environment = {**os.environ, "PSC2_COMMAND": script}
    command = [sys.executable, "-m", "psc2", "models"]
    told = subprocess.run([*command, "show", "nobody"], env=environment, capture_output=True, text=True)
    assert f"({typed} models add FILE.mag installs more)" in told.stderr
    shown = subprocess.run([*command, "--help"], env=environment, capture_output=True, text=True).stdout
    assert shown.startswith(f"usage: {typed} models")
    assert f"\n  {typed} models show weimar" in shown


def test_psc2_is_named_by_its_path_where_it_is_not_on_the_path(tmp_path: Path) -> None:
    program = tmp_path / "psc2"
    program.write_text("")
    program.chmod(0o755)
    assert started_as({"PATH": str(tmp_path)}, str(program)) == "psc2"
    assert started_as({"PATH": "/nowhere"}, ".venv/bin/psc2") == ".venv/bin/psc2"
    assert started_as({"PATH": "/nowhere"}, "/tests/pytest") == "psc2"


def test_a_bad_configuration_is_reported_in_a_line_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("blues.yaml").write_text("music: {qpm: 12}", encoding="utf-8")
    assert main(["play", "--config", "blues.yaml"]) == 2
    assert capsys.readouterr().err == "blues.yaml: music.qpm: expected a number within 20–400, got 12\n"


@pytest.mark.parametrize("option", ["--receive-port", "--send-port"])
@pytest.mark.parametrize("port", ["99999", "0", "-1", "twelve"])
def test_a_bad_port_is_reported_as_the_option_that_it_is(
    option: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["play", f"{option}={port}"])
    assert exit_.value.code == 2
    assert f"argument {option}: expected a whole number within 1–65535, got {port}" in capsys.readouterr().err


@pytest.mark.loopback
def test_a_host_that_is_not_ours_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "far.yaml"
    config.write_text("osc: {receive_host: 192.0.2.1}")
    assert main(["play", "--no-sclang", "--config", str(config)]) == 2
    assert capsys.readouterr().err.startswith("osc.receive_host: cannot listen on 192.0.2.1:12345: ")


@pytest.mark.loopback
def test_a_port_that_is_taken_is_reported_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert main(["play", "--no-sclang", "--receive-port", str(port)]) == 2
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


@pytest.mark.loopback
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_switches_everything_off_and_ends_with_0_within_a_second(number: int) -> None:
    with daemon() as (process, client):
        client.hello()
        client.control(41)
        client.key_down(60)
        client.receive_until("/playwurly")
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - began < 1.0
        addresses = [message.address for message in client.receive(0.2)]
        assert addresses.index("/psc2/flush") < addresses.index("/stopnote")


def signalled(module: str, first: int, second: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """psc2, with two signals when it begins to load ``module``."""
    program = [sys.executable, "-c", SIGNALLED_WHEN, module, str(int(first)), str(int(second))]
    return subprocess.run([*program, *arguments], capture_output=True, text=True, timeout=20)


def test_ctrl_c_before_anything_is_there_ends_it_without_a_word() -> None:
    ended = signalled("psc2.commands.arguments", signal.SIGINT, signal.SIGINT, "play")
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.loopback
@pytest.mark.parametrize("command", [("play",), ("demo", "--live")])
@pytest.mark.parametrize("module", ["psc2.daemon", "psc2.settings.config"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (signal.SIGINT, signal.SIGTERM),
        (signal.SIGINT, signal.SIGINT),
        (signal.SIGTERM, signal.SIGTERM),
    ],
)
def test_two_signals_while_it_starts_are_an_end_like_any_other(
    module: str, first: int, second: int, command: tuple[str, ...]
) -> None:
    port = str(free_port())
    ended = signalled(module, first, second, *command, "--no-sclang", "--receive-port", port)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (signal.SIGINT, signal.SIGTERM, 130),
        (signal.SIGINT, signal.SIGINT, 130),
        (signal.SIGTERM, signal.SIGTERM, 143),
    ],
)
def test_two_signals_end_a_command_once(first: int, second: int, code: int) -> None:
    ended = signalled("psc2.commands.config", first, second, "config", "show")
    assert (ended.returncode, ended.stderr) == (code, "")


@pytest.mark.loopback
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal here")
def test_a_window_that_is_closed_ends_it_but_not_under_nohup() -> None:
    with daemon(program=(sys.executable, "-c", STARTED_WITH, "SIG_DFL", *PSC2)) as (process, client):
        process.send_signal(signal.SIGHUP)
        assert process.wait(timeout=10) == 0
    with daemon(program=(sys.executable, "-c", STARTED_WITH, "SIG_IGN", *PSC2)) as (process, client):
        process.send_signal(signal.SIGHUP)
        client.control(41)
        client.receive_until("/playclick1")  # the fifth: it plays on
        assert process.poll() is None


@pytest.mark.parametrize("arguments", [["--config", "own.yaml"], ["--plain"], ["--send-port", "5"]])
def test_what_only_a_live_demo_can_do_is_refused_without_live(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", *arguments]) == 2
    assert "expected --live" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_reported_in_a_line() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        output = subprocess.run([*PSC2, "config", "show"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (output.returncode, output.stderr) == (2, "cannot go on: No space left on device\n")


def limited(limit: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """psc2 as a shell starts it after ``limit``."""
    command = ["sh", "-c", f'{limit}; exec "$@"', "sh", *PSC2, *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("arguments", [("models", "names"), ("config", "path")])
def test_where_there_is_no_stdout_nothing_is_said(arguments: tuple[str, ...]) -> None:
    output = limited("exec >&-", *arguments)
    assert (output.returncode, output.stderr) == (0, "")


@pytest.mark.parametrize("files", [8, 12])
def test_where_too_few_files_may_be_open_one_line_says_so(files: int) -> None:
    output = limited(f"ulimit -n {files}", "play", "--no-sclang", "--plain")
    assert output.returncode == 2
    assert re.fullmatch(r"cannot [^\n]*Too many open files\n", output.stderr)


@pytest.mark.loopback
def test_the_instrument_plays_over_real_osc() -> None:
    with daemon("--seed", "1") as (process, client):
        client.hello()
        client.control(41)  # play: teaches the controller and acts
        clicks = [message for message in client.receive(2.3) if message.address.startswith("/playclick")]
        assert [click.address[-1] for click in clicks] == ["0", "2", "2", "2", "1"]
        tags = [click.tag for click in clicks if click.tag is not None]
        assert [tag - tags[0] for tag in tags] == pytest.approx([0.5 * n for n in range(5)], abs=1e-6)
        client.control(42)
        assert "/psc2/flush" in [message.address for message in client.receive_until("/psc2/flush")]
        process.terminate()
        output = process.communicate(timeout=10)[0].splitlines()
        assert output[0].startswith("listening on 127.0.0.1:")
        assert {"controller found", "play", "stop"} <= set(output)


@pytest.mark.loopback
def test_bad_input_is_dropped_and_nothing_else_is_lost_or_delayed() -> None:
    with daemon() as (_, client):
        for _ in range(200):
            client.send_raw(os.urandom(50))
            client.send("/processnoteon", 300, "x")
            client.send("/nobody")
        for pitch in range(30, 60):
            client.key_down(pitch)
            client.key_up(pitch)
        messages = client.receive(1.0)
        played = [message.arguments[0] for message in messages if message.address == "/playwurly"]
        assert played == list(range(30, 60))


@pytest.mark.loopback
def test_a_terminal_without_arrows_does_not_stop_the_music(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    with daemon() as (process, client):
        client.control(41)
        client.control(59)  # "meter 4/4 → 5/4 at the next sequence start"
        client.receive(0.3)
        assert process.poll() is None


@pytest.mark.loopback
@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="only Linux can make a pipe small")
def test_a_terminal_that_nobody_reads_holds_up_neither_the_music_nor_the_end() -> None:
    with daemon() as (process, client):
        assert process.stdout is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        client.control(41)
        for number in range(40):
            for control in (*range(5), *range(48, 52), 59 if number % 2 else 58):
                client.control(control, value=127 - number if control < 5 else None)
            client.receive(0.06)
        client.key_down(60)
        client.receive_until("/playwurly")
        process.terminate()
        assert process.wait(timeout=5) == 0
        assert len(process.stdout.read()) > 3900  # it was full


@pytest.mark.loopback
def test_unknown_types_of_arguments_print_no_line_each() -> None:
    with daemon() as (process, client):
        for _ in range(100):
            client.send_raw(b"/processnoteon\0\0,QQ\0\0\0\0\0\0\0\0")
        client.key_down(60)
        client.receive_until("/playwurly")
        process.terminate()
        told = process.communicate(timeout=5)[0].count("dropped input")
        assert 1 <= told <= 3  # the first, and where there are ten and a hundred, if it is looked just then


# ── what the system does not give


def no_thread(self: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("threads", [0, 1, MAX_THREADS - 1])
def test_where_too_few_threads_can_be_started_one_line_says_so_and_nothing_has_begun(
    threads: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left, start = [threads], threading.Thread.start

    def start_some(self: threading.Thread) -> None:
        left[0] -= 1
        (start if left[0] >= 0 else no_thread)(self)

    monkeypatch.setattr(threading.Thread, "start", start_some)
    assert main(["play", "--no-sclang"]) == 2
    output = capsys.readouterr()
    assert (output.out, output.err) == (
        "",
        "cannot go on: the system starts no more threads: "
        "end other programs, or raise the limits (ulimit -u, ulimit -v)\n",
    )


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("arguments", "what"), [(["--no-sclang"], "start a model's process"), ([], "write SuperCollider's log")]
)
def test_where_no_temporary_file_can_be_made_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], what: str
) -> None:
    sclang = tmp_path / "bin" / "sclang"
    sclang.parent.mkdir()
    sclang.write_text("#!/bin/sh")
    sclang.chmod(0o755)
    monkeypatch.setenv("PATH", f"{sclang.parent}{os.pathsep}{os.environ['PATH']}")
    program = "import sys, tempfile; tempfile.tempdir = 'nowhere'; from psc2.commands.main import main; "
    command = [sys.executable, "-c", f"{program}sys.exit(main())", "play", "--receive-port", "45872"]
    monkeypatch.setenv(LOGS_VARIABLE, os.devnull)
    ended = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (2, f"cannot {what}: No such file or directory\n")
