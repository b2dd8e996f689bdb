"""Reading an address that somebody typed in, without being led inside our own network.

A name is looked up once and the connection goes to that very address, so that a second look-up
cannot lead elsewhere. Every redirect is checked as the first address was. One clock runs over the
whole, so that a server that drips holds nobody up.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

MOST_BYTES = 2_000_000
SECONDS = 10.0
REDIRECTS = 3
LONGEST_ADDRESS = 1000
PORTS = {80, 443, 8080, 8443}
_REDIRECTED = {301, 302, 303, 307, 308}
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SAYS = "Lesbrug (+reads calendars of its users)"


class Unreadable(Exception):
    """Why nothing was read: refused, unreachable, slow, large, status, redirects or encoded."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may cost. ``allowed`` are places ("127.0.0.1:8001") that may also be asked
    over http and inside our own network: for demo and tests."""

    most_bytes: int = MOST_BYTES
    seconds: float = SECONDS
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: reading, unless a method and a body say otherwise."""

    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    address: str  # after redirects


def fetch(address: str, question: Question | None = None, limits: Limits | None = None) -> Answer:
    """Ask, follow at most three redirects of a reading, and give the answer whatever its status.

    Raises Unreadable.
    """
    question, limits = question or Question(), limits or Limits()
    watch = _Watch(limits.seconds)
    try:
        for _step in range(REDIRECTS + 1):
            answer, target = _ask(address, question, limits, watch)
            if target is None or question.method != "GET":
                return answer
            address = urljoin(address, target)
        raise Unreadable("redirects")
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = "slow" if watch.rang or isinstance(error, TimeoutError) else "unreachable"
        raise Unreadable(why) from error
    finally:
        watch.stop()


def is_public(address: str) -> bool:
    """Whether an IP address, of either version, is one of the open internet."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.sixtofour is not None or ip.teredo is not None or ip.is_site_local:
            return False
    elif ip in _PROTOCOLS:
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def check(address: str, limits: Limits) -> SplitResult:
    """The parts of an address we may ask at all; Unreadable where we may not."""
    if len(address) > LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
        raise Unreadable("refused")
    try:
        parts = urlsplit(address)
        port = _port(parts)
    except ValueError as error:
        raise Unreadable("refused") from error
    if not parts.hostname or parts.username is not None or " " in address:
        raise Unreadable("refused")
    if parts.scheme == "http" and _is_allowed(parts, limits):
        return parts
    if parts.scheme != "https" or not (port in PORTS or _is_allowed(parts, limits)):
        raise Unreadable("refused")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_allowed(parts: SplitResult, limits: Limits) -> bool:
    return f"{parts.hostname}:{_port(parts)}" in limits.allowed


def _ask(
    address: str, question: Question, limits: Limits, watch: _Watch
) -> tuple[Answer, str | None]:
    parts = check(address, limits)
    connection = _connect(parts, limits, watch)
    try:
        target = parts.path or "/"
        headers = {"Accept-Encoding": "identity", "User-Agent": _SAYS, "Connection": "close"}
        connection.request(
            question.method,
            f"{target}?{parts.query}" if parts.query else target,
            body=question.body,
            headers={**headers, **question.headers},
        )
        response = connection.getresponse()
        if response.status in _REDIRECTED and response.headers.get("Location"):
            return Answer(response.status, b"", address), response.headers["Location"]
        return Answer(response.status, _body(response, limits, watch), address), None
    finally:
        connection.close()


def _connect(parts: SplitResult, limits: Limits, watch: _Watch) -> http.client.HTTPConnection:
    """A connection to the one address that the name was found at, and that was checked."""
    host = str(parts.hostname)
    port = _port(parts)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not (_is_allowed(parts, limits) or all(map(is_public, addresses))):
        raise Unreadable("refused")
    plain = socket.create_connection((addresses[0], port), timeout=limits.seconds)
    watch.over(plain)
    connection = http.client.HTTPConnection(host, port, timeout=limits.seconds)
    connection.sock = plain
    if parts.scheme == "https":
        context = ssl.create_default_context()
        secure = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        watch.over(secure)
        connection.sock = secure
        secure.do_handshake()
    return connection


def _body(response: http.client.HTTPResponse, limits: Limits, watch: _Watch) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreadable("encoded")
    if (response.length or 0) > limits.most_bytes:
        raise Unreadable("large")
    body = response.read(limits.most_bytes + 1)
    if len(body) > limits.most_bytes:
        raise Unreadable("large")
    if watch.rang:
        raise Unreadable("slow")
    if response.length:  # the line broke before all had come
        raise Unreadable("unreachable")
    return body


class _Watch:
    """Cuts the connection when the time is over, whatever the other side does."""

    def __init__(self, seconds: float) -> None:
        self.rang = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def over(self, connection: socket.socket) -> None:
        self._socket = connection

    def stop(self) -> None:
        self._timer.cancel()

    def _ring(self) -> None:
        self.rang = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was closed already
