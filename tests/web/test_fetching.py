"""Reading addresses people type in: where we go, where never, what an answer may cost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from matcher.web.fetching import Limits, Question, Unreadable, check, fetch, is_public
from tests.web.servers import elsewhere, endless, page, serving

REFUSED = (
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",  # carriers' own
    "169.254.169.254",  # where clouds keep their secrets
    "192.0.0.8",
    "192.0.2.7",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "not an address",
)
OPEN = ("1.1.1.1", "145.97.0.1", "2a00:1450:400e:80d::200e", "::ffff:1.1.1.1", "64:ff9b::101:101")


@pytest.mark.parametrize("address", REFUSED)
def test_no_address_of_an_own_network_is_public(address: str) -> None:
    assert is_public(address) is False


@pytest.mark.parametrize("address", OPEN)
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address) is True


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.ics",
        "file:///etc/passwd",
        "ftp://example.org/a.ics",
        "gopher://example.org/",
        "//example.org/a.ics",
        "https:///a.ics",
        "https://",
        "https://user:word@example.org/a.ics",
        "https://example.org:22/a.ics",
        "https://example.org:99999/a.ics",
        "https://[::1/a.ics",
        "https://exämple.org/a.ics",
        "https://example.org/a b.ics",
        "https://example.org/a\r\nHost: other",
        "https://example.org/" + "a" * 1000,
        "",
    ],
)
def test_addresses_we_do_not_even_look_up(address: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        check(address, Limits())
    assert refusal.value.why == "refused"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001", "127.1"],
)
def test_however_it_is_written_this_machine_is_not_asked(host: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        fetch(f"https://{host}/a.ics", limits=Limits(seconds=2))
    assert refusal.value.why == "refused"


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """One server with all kinds of answers."""
    over = threading.Event()
    pages = {
        "/fine": page(b"hello"),
        "/large": page(b"x" * 3000),
        "/lies": page(b"x" * 3000, Content_Length="10"),
        "/half": page(b"x" * 10, Content_Length="30"),
        "/zipped": page(b"\x1f\x8b", Content_Encoding="gzip"),
        "/endless": endless(b"x" * 500, over),
        "/drips": endless(b"x", over),
        "/once": elsewhere("/fine"),
        "/round": elsewhere("/round"),
        "/inside": elsewhere("http://127.0.0.1:1/secret"),
        "/meta": elsewhere("http://169.254.169.254/latest/meta-data/"),
        "/file": elsewhere("file:///etc/passwd"),
    }
    with serving(pages) as where:
        yield where
        over.set()


def limits(place: str, **more: float) -> Limits:
    return Limits(most_bytes=2000, seconds=more.get("seconds", 5), allowed=frozenset({place}))


def test_what_is_read_and_where_it_came_from(place: str) -> None:
    answer = fetch(f"http://{place}/once", limits=limits(place))
    assert (answer.status, answer.body, answer.address) == (200, b"hello", f"http://{place}/fine")
    assert fetch(f"http://{place}/nothing", limits=limits(place)).status == 404
    posted = fetch(f"http://{place}/fine", Question("POST", b"{}"), limits(place))
    assert posted.body == b"hello"
    assert fetch(f"http://{place}/once", Question("POST", b"{}"), limits(place)).status == 302


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/large", "large"),
        ("/endless", "large"),
        ("/half", "unreachable"),
        ("/zipped", "encoded"),
        ("/round", "redirects"),
        ("/inside", "refused"),
        ("/meta", "refused"),
        ("/file", "refused"),
    ],
)
def test_what_an_answer_may_not_do(place: str, path: str, why: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        fetch(f"http://{place}{path}", limits=limits(place))
    assert refusal.value.why == why


def test_more_than_was_announced_is_not_read(place: str) -> None:
    assert fetch(f"http://{place}/lies", limits=limits(place)).body == b"x" * 10


def test_a_server_that_drips_is_cut_off(place: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        fetch(f"http://{place}/drips", limits=limits(place, seconds=0.3))
    assert refusal.value.why == "slow"


def test_nobody_there(place: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        fetch("http://127.0.0.1:1/", limits=Limits(allowed=frozenset({"127.0.0.1:1"})))
    assert refusal.value.why == "unreachable"
    with pytest.raises(Unreadable) as refusal:
        fetch("https://nobody.invalid/a.ics", limits=Limits(seconds=5))
    assert refusal.value.why == "unreachable"


def test_a_secure_address_wants_a_certificate_of_its_name(place: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        fetch(f"https://{place}/fine", limits=limits(place))
    assert refusal.value.why == "unreachable"
