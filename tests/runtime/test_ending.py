"""The end of a session, in processes of their own, whose signals are nobody else's."""

import signal
import subprocess
import sys
import threading

import pytest

from psc2.runtime.ending import Ending

WAITS = """
from psc2.runtime.ending import Ending
with Ending() as ending:
    print("ready", flush=True)
    ending.wait()
print("over", flush=True)
"""


def test_a_thread_asks_for_the_end_and_others_see_that_it_has_come() -> None:
    with Ending() as ending:
        threading.Thread(target=ending.request).start()
        ending.wait()
        assert ending.over.is_set()
    ending.request()  # too late, and no trouble


def test_the_handlers_before_are_there_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Ending():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.timing
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no such signals here")
@pytest.mark.parametrize(
    "numbers",
    [
        (signal.SIGTERM, signal.SIGHUP),
        (signal.SIGINT, signal.SIGTERM),
        (signal.SIGINT,) * 20,
        (signal.SIGQUIT,),
    ],
)
def test_signals_at_once_are_never_lost(numbers: tuple[signal.Signals, ...]) -> None:
    for _ in range(10):
        with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for number in numbers:
                process.send_signal(number)
            try:
                assert process.wait(timeout=10) == 0
            finally:
                process.kill()
