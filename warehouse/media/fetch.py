"""Media at addresses of the web: fetched only from public hosts, and only as much as was allowed.

A name is resolved once and the connection goes to the address that was checked, so that a second answer of the name
server cannot lead anywhere else. Redirects are followed by hand, each checked like the first address.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_REDIRECTS: Final = 5
MOST_SECONDS: Final = 20.0
TRIES: Final = 3
_BLOCK: Final = 1 << 16
# Prefixes that hold an IPv4 address in their last 32 bits: translators hand such packets on to it.
_TRANSLATED: Final = [ipaddress.IPv6Network(said) for said in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")]
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_WORTH_ANOTHER_TRY: Final = (408, 425, 429, 500, 502, 503, 504)


class Unfetched(Exception):
    """Raised when an address gives no medium; its text is a sentence. `is_passing` says that trying again may help."""

    def __init__(self, why: str, *, is_passing: bool = False) -> None:
        super().__init__(why)
        self.is_passing = is_passing


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet, whatever way an IPv4 address is written inside it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(address in network for network in _TRANSLATED):
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(each is not None and not each.is_global for each in inner):
            return False
    return address.is_global and not address.is_multicast


class Guards(NamedTuple):
    """What a fetch may do: to whom it may connect, how many bytes and seconds it may take."""

    max_bytes: int
    seconds: float = MOST_SECONDS
    is_public: Callable[[Address], bool] = is_public
    pause: float = 0.5


def fetch(url: str, guards: Guards) -> bytes:
    """Fetch what lies at `url`, trying again if that may help. Raises `Unfetched` with a sentence if nothing does."""
    for attempt in range(TRIES):
        try:
            return _fetched(url, guards)
        except Unfetched as error:
            if not error.is_passing or attempt + 1 == TRIES:
                raise
            time.sleep(guards.pause * 2**attempt)
    raise AssertionError("the last try returns or raises")


def _fetched(url: str, guards: Guards) -> bytes:
    ends = time.monotonic() + guards.seconds
    for _ in range(MOST_REDIRECTS + 1):
        answer = _ask(url, guards, ends)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise Unfetched(f"refused: more than {MOST_REDIRECTS} redirects")


def _ask(url: str, guards: Guards, ends: float) -> bytes | str:
    """Ask for `url` once; return what it holds, or where it leads."""
    host, port, path, is_secure = _parts(url)
    address = _resolve(host, port, guards)
    with _connected(host, address, port, ends, is_secure=is_secure) as connection:
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "identity", "User-Agent": "winnow"})
            answer = connection.getresponse()
            if answer.status in _REDIRECTS and answer.headers.get("Location"):
                return str(answer.headers["Location"])
            if answer.status != http.client.OK:
                is_passing = answer.status in _WORTH_ANOTHER_TRY
                raise Unfetched(f"the server answers {answer.status} {answer.reason}".strip(), is_passing=is_passing)
            return _body(answer, guards, ends)
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = time.monotonic() >= ends
            why = f"it takes more than {guards.seconds:g} s" if late else f"the connection broke: {_named(error)}"
            raise Unfetched(why, is_passing=not late) from error


def _parts(url: str) -> tuple[str, int, str, bool]:
    try:
        said = urlsplit(url)
        host, port = said.hostname, said.port
    except ValueError as error:
        raise Unfetched(f"refused: it is no address: {error}") from error
    if said.scheme not in ("http", "https") or not host:
        raise Unfetched("refused: only http and https addresses are fetched")
    if said.username is not None or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        raise Unfetched("refused: the address holds a name, a blank or a control character")
    is_secure = said.scheme == "https"
    path = (said.path or "/") + (f"?{said.query}" if said.query else "")
    try:
        path.encode("ascii")
        host.encode("idna")
    except UnicodeError as error:
        raise Unfetched("refused: the address is not written in ASCII") from error
    return host, port or (443 if is_secure else 80), path, is_secure


def _resolve(host: str, port: int, guards: Guards) -> str:
    """Return an address of `host`. Every address that it has must be public, for which one answers is chance."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unfetched(f"the host {host} is not known", is_passing=isinstance(error, OSError)) from error
    names = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
    inner = [name for name in names if not guards.is_public(ipaddress.ip_address(name))]
    if inner or not names:
        raise Unfetched(f"refused: {host} is not a host of the public internet")
    return names[0]


@contextmanager
def _connected(
    host: str, address: str, port: int, ends: float, *, is_secure: bool
) -> Iterator[http.client.HTTPConnection]:
    """Connect to `address` as `host`; when the time is up the connection breaks, whatever it is waiting for."""
    try:
        plain = socket.create_connection((address, port), timeout=max(0.01, ends - time.monotonic()))
    except OSError as error:
        raise Unfetched(f"no connection to {host}: {_named(error)}", is_passing=True) from error
    watch = threading.Timer(max(0.0, ends - time.monotonic()), _shut, [plain])
    watch.daemon = True
    watch.start()
    try:
        connection = http.client.HTTPConnection(host, port)
        connection.sock = _secured(plain, host) if is_secure else plain
        yield connection
    finally:
        watch.cancel()
        plain.close()


def _secured(plain: socket.socket, host: str) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except (OSError, ValueError) as error:
        raise Unfetched(f"no secure connection to {host}: {_named(error)}", is_passing=True) from error


def _body(answer: http.client.HTTPResponse, guards: Guards, ends: float) -> bytes:
    said = answer.headers.get("Content-Length", "")
    if said.isdigit() and int(said) > guards.max_bytes:
        raise Unfetched(f"too large: {int(said):,} bytes, and media.max_bytes is {guards.max_bytes:,}")
    blocks, size = [], 0
    while block := answer.read1(_BLOCK):
        size += len(block)
        if size > guards.max_bytes:
            raise Unfetched(f"too large: more than {guards.max_bytes:,} bytes, which media.max_bytes allows")
        blocks.append(block)
    # When the time was up the connection was shut, and that looks like its end.
    if time.monotonic() >= ends:
        raise TimeoutError
    if said.isdigit() and size != int(said):
        raise Unfetched(f"it ends after {size:,} of {int(said):,} bytes", is_passing=True)
    return b"".join(blocks)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()


def _named(error: Exception) -> str:
    return str(error) or type(error).__name__
