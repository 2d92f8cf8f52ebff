"""Which addresses and names are this computer's own, and where it finds its page."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import quote

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")


def is_local(address: str) -> bool:
    """Whether an address is this computer's own.

    >>> is_local("127.0.0.1"), is_local("::1"), is_local("192.168.1.20"), is_local("localhost.evil.example")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def address_of(host: str, port: int, token: str) -> str:
    """Where a browser on this computer finds what is served at ``host``.

    >>> address_of("0.0.0.0", 8808, "sotto-voce"), address_of("192.168.1.20", 8808, "sotto voce")
    ('http://127.0.0.1:8808/', 'http://192.168.1.20:8808/?token=sotto%20voce')
    """
    if host == "0.0.0.0":
        host = "127.0.0.1"
    given = "" if host in LOCAL_NAMES or is_local(host) else f"?token={quote(token)}"
    return f"http://{host}:{port}/{given}"


def own_names(host: str) -> set[str]:
    """What this computer is called by others: the address that is served, or its name and addresses."""
    if host != "0.0.0.0":
        return {host.lower()}
    name = socket.gethostname()
    with suppress(OSError):
        found = socket.getaddrinfo(name, None, socket.AF_INET)
        return {name.lower(), f"{name.lower()}.local", *(str(address[0]) for *_, address in found)}
    return {name.lower()}
