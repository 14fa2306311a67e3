"""Fetching reaches public hosts only, and ends in time and in bounds. Everything here is on loopback."""

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from warehouse.media.fetch import Guards, Unfetched, fetch, is_public

DATA = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


class Site(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self):
        self.server.asked.append(self.path)
        name, _, rest = self.path.strip("/").partition("/")
        getattr(self, f"answer_{name}", self.answer_missing)(rest)

    def answer_good(self, rest):
        self.reply(200, DATA)

    def answer_missing(self, rest):
        self.reply(404, b"")

    def answer_status(self, rest):
        self.reply(int(rest), b"")

    def answer_flaky(self, rest):
        self.reply(200 if self.server.asked.count(self.path) > int(rest) else 503, DATA)

    def answer_hop(self, rest):
        self.send_response(302)
        self.send_header("Location", f"/hop/{int(rest) - 1}" if int(rest) else "/good")
        self.end_headers()

    def answer_away(self, rest):
        self.send_response(302)
        self.send_header("Location", rest)
        self.end_headers()

    def answer_endless(self, rest):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(bytes(1 << 16))
        except OSError:
            pass

    def answer_drip(self, rest):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"x")
                self.wfile.flush()
                self.server.wait.wait(0.05)
        except OSError:
            pass

    def answer_short(self, rest):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(DATA)

    def answer_long(self, rest):
        self.send_response(200)
        self.send_header("Content-Length", "99999999")
        self.end_headers()

    def reply(self, status, data):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *said):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked, server.wait = [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.wait.set()
    server.shutdown()
    server.server_close()


def guards(**said):
    return Guards(**({"max_bytes": 1 << 20, "seconds": 5.0, "is_public": lambda address: True, "pause": 0.0} | said))


def at(site, path):
    return f"http://127.0.0.1:{site.server_port}/{path}"


def test_what_lies_there_is_fetched(site):
    assert fetch(at(site, "good"), guards()) == DATA
    assert fetch(at(site, "hop/4"), guards()) == DATA


@pytest.mark.parametrize("path", ["missing", "status/403", "status/410", "hop/9", "long"])
def test_what_will_not_change_is_asked_for_once(site, path):
    with pytest.raises(Unfetched):
        fetch(at(site, path), guards())
    assert len(set(site.asked)) == len(site.asked)


def test_what_may_pass_is_tried_again(site):
    assert fetch(at(site, "flaky/2"), guards()) == DATA
    assert len(site.asked) == 3
    with pytest.raises(Unfetched, match="503"):
        fetch(at(site, "flaky/99"), guards())
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    ("path", "why"), [("endless", "too large"), ("drip", "more than"), ("short", r"ends after|broke")]
)
def test_bytes_and_seconds_are_bounded(site, path, why):
    with pytest.raises(Unfetched, match=why):
        fetch(at(site, path), guards(seconds=1.0))


PRIVATE = [
    "127.0.0.1", "127.1", "0177.0.0.1", "0x7f.1", "2130706433", "0", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fd00::1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[::127.0.0.1]", "localhost", "224.0.0.1", "255.255.255.255",
    "198.18.0.1", "192.0.2.1", "[2001:db8::1]", "[ff02::1]", "240.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_inside_is_reached(site, monkeypatch, host):
    monkeypatch.setattr(socket, "create_connection", lambda *said, **more: pytest.fail(f"connected to {said}"))
    with pytest.raises(Unfetched, match=r"refused|not known"):
        fetch(f"http://{host}:{site.server_port}/good", Guards(max_bytes=1000, pause=0.0))
    assert site.asked == []


@pytest.mark.parametrize(
    "place", ["http://169.254.169.254/latest", "file:///etc/passwd", "ftp://example.org/x", "//[::1]/x"]
)
def test_a_redirect_is_checked_like_the_first_address(site, place):
    own = ipaddress.ip_address("127.0.0.1")
    with pytest.raises(Unfetched, match="refused"):
        fetch(at(site, f"away/{place}"), guards(is_public=lambda address: address == own or is_public(address)))
    assert len(site.asked) == 1


def test_a_name_that_leads_inside_as_well_is_refused(site, monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, 80)) for name in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *said, **more: answers)
    monkeypatch.setattr(socket, "create_connection", lambda *said, **more: pytest.fail("connected"))
    with pytest.raises(Unfetched, match="refused"):
        fetch("http://rebind.example/x", Guards(max_bytes=1000, pause=0.0))


def test_a_name_is_asked_for_once_and_its_answer_kept(site, monkeypatch):
    asked = []

    def answer(host, port, *said, **more):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    connect = socket.create_connection
    reached = []
    monkeypatch.setattr(
        socket, "create_connection", lambda place, **more: reached.append(place[0]) or connect(place, **more)
    )
    assert fetch(f"http://rebind.example:{site.server_port}/good", guards()) == DATA
    assert (asked[0], reached) == ("rebind.example", ["127.0.0.1"])


@pytest.mark.parametrize("url", ["http://user:pass@example.org/x", "http://exa mple.org/", "http:///x", "javascript:1", "",
                                 "http://example.org:99999/", "http://example.org/\r\nHost: x", "https://[::1", "http://ex\0.org"])  # fmt: skip
def test_what_is_no_plain_address_is_refused(monkeypatch, url):
    monkeypatch.setattr(socket, "create_connection", lambda *said, **more: pytest.fail("connected"))
    with pytest.raises(Unfetched, match="refused"):
        fetch(url, Guards(max_bytes=1000, pause=0.0))


@pytest.mark.parametrize("name", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_hosts_of_the_internet_are_public(name):
    assert is_public(ipaddress.ip_address(name))
