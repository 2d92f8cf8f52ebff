"""A file from the web, by https only, of a bounded size, with a progress bar."""

from __future__ import annotations

import ssl
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from psc2.core.ranges import counted
from psc2.errors import ModelError
from psc2.text import printable

SCHEME = "https://"
CHUNK_BYTES = 2**16
TIMEOUT_S = 30.0  # without a byte, and for those that a server may be slow with …
SLOWEST = 10_000  # bytes a second, on average: no line that plays music is as slow …
TOTAL_S = 600.0  # … and in all
MAX_DIGITS = 12  # of a Content-Length
MAX_REASON = 200  # characters of what a server says


class Pace:
    """How long a server may take, by what has come: one that stalls or trickles is not waited for."""

    def __init__(self, now: float) -> None:
        self._began = now  # seconds
        self._received = 0  # bytes

    def receive(self, count: int) -> None:
        self._received += count

    def left_s(self, now: float) -> float:
        """Seconds to wait for the next byte. Raises: TimeoutError where no time is left.

        >>> pace = Pace(now=0.0)
        >>> pace.receive(10_000)
        >>> pace.left_s(now=1.0), pace.left_s(now=21.0)
        (30.0, 10.0)
        """
        allowed_s = min(TOTAL_S, TIMEOUT_S + self._received / SLOWEST)
        taken_s = now - self._began
        if taken_s >= allowed_s:
            raise self.too_slow(now)
        return min(TIMEOUT_S, allowed_s - taken_s)

    def too_slow(self, now: float) -> TimeoutError:
        return TimeoutError(f"too slow: got {self._received:,} bytes in {now - self._began:.0f} s")


def _context(pace: Pace) -> ssl.SSLContext:
    """What secures a connection, and keeps to the pace, headers and redirects included."""

    class PacedSocket(ssl.SSLSocket):
        def recv_into(self, *arguments: Any) -> int:
            self.settimeout(pace.left_s(time.monotonic()))
            try:
                count = super().recv_into(*arguments)
            except TimeoutError as error:
                raise pace.too_slow(time.monotonic()) from error
            pace.receive(count)
            return count

    context = ssl.create_default_context()
    context.sslsocket_class = PacedSocket
    return context


class SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows an address that leads elsewhere, as long as it is https too."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.startswith(SCHEME):
            raise urllib.error.URLError(f"it leads to {printable(newurl, MAX_REASON)}, which is not https")
        fp.close()  # what comes with it is not read: it may have no end
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(address: str, max_bytes: int) -> bytes:
    """Download the file at ``address`` into memory. Raises: ModelError, also for more than ``max_bytes``."""
    if not address.startswith(SCHEME):
        raise ModelError(f"{address}: expected an address that begins with {SCHEME}")
    pace = Pace(time.monotonic())
    secure = urllib.request.HTTPSHandler(context=_context(pace))
    opener = urllib.request.build_opener(SecureRedirects, secure)
    try:
        with opener.open(address, timeout=TIMEOUT_S) as response:
            return _body(response, address, max_bytes)
    except urllib.error.HTTPError as error:
        raise ModelError(f"{address}: the server says {error.code} {_line(error.reason)}") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise ModelError(f"{address}: {_line(reason) or type(error).__name__}") from error


def _body(response: HTTPResponse, address: str, max_bytes: int) -> bytes:
    """What the server sends, as long as it has announced. Raises: ModelError, OSError, HTTPException."""
    data = bytearray()
    announced = _announced(response, address)
    if announced is not None and announced > max_bytes:
        raise ModelError(f"{address}: expected at most {max_bytes:,} bytes, got more")
    with _progress() as progress:
        task = progress.add_task(printable(address.rpartition("/")[2], MAX_REASON), total=announced)
        while chunk := response.read1(CHUNK_BYTES):
            data += chunk
            if len(data) > max_bytes:
                raise ModelError(f"{address}: expected at most {max_bytes:,} bytes, got more")
            progress.update(task, completed=len(data))
    if announced is not None and len(data) < announced:
        raise ModelError(f"{address}: expected {counted(announced, 'byte')}, got {len(data):,}")
    return bytes(data)


def _announced(response: HTTPResponse, address: str) -> int | None:
    """How many bytes the server says will come, if it does. Raises: ModelError for what is no number."""
    text = response.headers.get("Content-Length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        got = printable(text, MAX_REASON)
        raise ModelError(f"{address}: expected a Content-Length of so many bytes, got {got}")
    return int(text)


def _line(reason: object) -> str:
    return printable(" ".join(str(reason).split()), MAX_REASON)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
