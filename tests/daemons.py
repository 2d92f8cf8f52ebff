"""The instrument in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psc2.testing import FakeClient, free_port

PSC2 = (sys.executable, "-m", "psc2")


@contextmanager
def daemon(
    *arguments: str, program: Sequence[str] = PSC2, command: str = "play"
) -> Iterator[tuple[subprocess.Popen[str], FakeClient]]:
    """psc2 play, or another ``command``, in a process of its own, and the other side of its wire.

    ``program``: what is run.
    """
    port = free_port()
    with FakeClient(port) as client:
        started = [*program, command, "--no-sclang", *arguments]
        ports = ["--receive-port", str(port), "--send-port", str(client.port)]
        process = subprocess.Popen([*started, *ports], stdout=subprocess.PIPE, text=True, errors="replace")
        try:
            client.receive_until("/psc2/hello", timeout_s=20.0)
            yield process, client
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
