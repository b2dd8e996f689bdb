"""A real web server on this machine, that answers as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answering = Callable[[Any], None]


@contextmanager
def serving(pages: dict[str, Answering]) -> Iterator[str]:
    """Serve these paths; gives "127.0.0.1:port"."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages.get(self.path, _missing)(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_words: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _missing(handler: Any) -> None:
    handler.send_error(404)


def page(body: bytes, **headers: str) -> Answering:
    """A page with its right length, unless a header says otherwise."""

    def answer(handler: Any) -> None:
        handler.send_response(200)
        told = {"Content-Length": str(len(body))} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        for name, value in told.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def elsewhere(address: str) -> Answering:
    def answer(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", address)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def endless(chunk: bytes, pause: threading.Event, seconds: float = 0.02) -> Answering:
    """Sends without ever ending, a little at a time, until the reader is gone."""

    def answer(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not pause.wait(seconds):
                handler.wfile.write(chunk)
        except OSError:
            return

    return answer
