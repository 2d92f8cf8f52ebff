"""A file from the web, by https only, of a bounded size, with a progress bar."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from psc2.core.ranges import counted
from psc2.errors import ModelError

SCHEME = "https://"
CHUNK_BYTES = 2**16
TIMEOUT_S = 30.0  # without a byte


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
            raise urllib.error.URLError(f"it leads to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(address: str, max_bytes: int) -> bytes:
    """Download the file at ``address`` into memory. Raises: ModelError, also for more than ``max_bytes``."""
    if not address.startswith(SCHEME):
        raise ModelError(f"{address}: expected an address that begins with {SCHEME}")
    opener = urllib.request.build_opener(SecureRedirects)
    data = bytearray()
    try:
        with opener.open(address, timeout=TIMEOUT_S) as response, _progress() as progress:
            announced = int(response.headers.get("Content-Length") or 0) or None
            task = progress.add_task(address.rpartition("/")[2], total=announced)
            while chunk := response.read(CHUNK_BYTES):
                data += chunk
                if len(data) > max_bytes or (announced or 0) > max_bytes:
                    raise ModelError(f"{address}: expected at most {max_bytes:,} bytes, got more")
                progress.update(task, completed=len(data))
    except urllib.error.HTTPError as error:
        raise ModelError(f"{address}: the server says {error.code} {_line(error.reason)}") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise ModelError(f"{address}: {_line(reason) or type(error).__name__}") from error
    if announced is not None and len(data) < announced:
        raise ModelError(f"{address}: expected {counted(announced, 'byte')}, got {len(data):,}")
    return bytes(data)


def _line(reason: object) -> str:
    return " ".join(str(reason).split())


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
