import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from psc2.errors import ModelError
from psc2.models.bundles import download
from psc2.models.bundles.download import fetch

MAX_BYTES = 1000
PAUSE_S = 0.05  # between the bytes of a server that trickles …
MAX_PARTS = 40  # … and how many it sends


class Shelf(BaseHTTPRequestHandler):
    """Files as servers hand them out, well and badly."""

    def do_GET(self) -> None:
        match self.path:
            case "/good.mag":
                self._answer(b"x" * 500)
            case "/elsewhere.mag":
                self._answer(b"", 302, Location="/good.mag")
            case "/downgrade.mag":
                self._answer(b"", 302, Location=f"http://{self.headers['Host']}/good.mag")
            case "/circle.mag":
                self._answer(b"", 302, Location="/circle.mag")
            case "/large.mag":
                self._answer(b"x" * 2000)
            case "/endless.mag":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"x" * 200_000)
            case "/cut.mag":
                self.send_response(200)
                self.send_header("Content-Length", "900")
                self.end_headers()
                self.wfile.write(b"x" * 100)
            case "/liar.mag":
                self._answer(b"x", Content_Length="many")
            case "/negative.mag":
                self._answer(b"x", Content_Length="-5")
            case "/huge.mag":
                self._answer(b"x", Content_Length="9" * 5000)
            case "/announced.mag":
                self._answer(b"x", Content_Length="1001")
            case "/local.mag":
                self._answer(b"", 302, Location="file:///etc/passwd")
            case "/steering.mag":
                self.send_response(404, "Not \x1b[31mFound")
                self.end_headers()
            case "/endless_redirect.mag":
                self._answer(b"", 302, Location="/missing.mag", Content_Length=str(2**40))
            case "/trickle.mag":
                self._answer(b"", Content_Length="900")
                self._trickle(b"x")
            case "/trickling_headers.mag":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                self._trickle(b"A: b\r\n")
            case _:
                self._answer(b"", 404)

    def _trickle(self, part: bytes) -> None:
        for _ in range(MAX_PARTS):
            with suppress(OSError):
                self.wfile.write(part)
            time.sleep(PAUSE_S)

    def _answer(self, body: bytes, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None: ...


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody but this test trusts, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the test's certificate, is not installed")
    path = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    command += " -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(
        [*command.split(), "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True
    )
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def server(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Shelf) as shelf:
        shelf.socket = context.wrap_socket(shelf.socket, server_side=True)
        thread = threading.Thread(target=shelf.serve_forever, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{shelf.server_port}"
        shelf.shutdown()
        thread.join()


@pytest.mark.loopback
@pytest.mark.parametrize("name", ["good", "elsewhere"])
def test_a_file_is_fetched_also_from_where_its_address_leads(server: str, name: str) -> None:
    assert fetch(f"{server}/{name}.mag", MAX_BYTES) == b"x" * 500


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "the server says 404 Not Found"),
        ("large", "expected at most 1,000 bytes, got more"),
        ("endless", "expected at most 1,000 bytes, got more"),
        ("cut", "expected 900 bytes, got 100"),
        ("downgrade", "which is not https"),
        ("circle", "the server says 302"),
        ("liar", "expected a Content-Length of so many bytes, got many"),
        ("negative", "expected a Content-Length of so many bytes, got -5"),
        ("huge", "expected a Content-Length of so many bytes, got 9999"),
        ("announced", "expected at most 1,000 bytes, got more"),
        ("local", "is not allowed"),
        ("steering", "the server says 404 Not �\\[31mFound"),
        ("endless_redirect", "the server says 404"),
        ("trickle", "too slow: got [0-9]+ bytes in [0-9] s"),
        ("trickling_headers", "too slow: got [0-9]+ bytes in [0-9] s"),
    ],
)
def test_what_cannot_be_had_is_reported_in_one_line(
    server: str, name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TIMEOUT_S", 0.4)
    with pytest.raises(ModelError, match=message) as raised:
        fetch(f"{server}/{name}.mag", MAX_BYTES)
    assert str(raised.value).startswith(f"{server}/{name}.mag: ")
    assert "\n" not in str(raised.value)


@pytest.mark.loopback
def test_a_server_that_nobody_vouches_for_is_not_believed(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ModelError, match="certificate"):
        fetch(f"{server}/good.mag", MAX_BYTES)


@pytest.mark.parametrize("address", ["http://127.0.0.1/a.mag", "file:///etc/passwd", "ftp://127.0.0.1/a.mag"])
def test_no_other_way_than_https_is_gone(address: str) -> None:
    with pytest.raises(ModelError, match="expected an address that begins with https://"):
        fetch(address, MAX_BYTES)


@pytest.mark.loopback
def test_where_nobody_listens_is_reported() -> None:
    with pytest.raises(ModelError, match="Connection refused"):
        fetch("https://127.0.0.1:9/a.mag", MAX_BYTES)
