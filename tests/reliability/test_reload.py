"""A new release without a lost request: gunicorn reloads while browsers keep asking.

The control ends the same workers at once instead, and must lose some.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ASKED = 240


def _free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return int(some.getsockname()[1])


def _ask(port: int) -> int:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        link.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """gunicorn with the settings we ship, two workers, on a port of its own."""
    port = _free_port()
    settings = {
        "BIND": f"127.0.0.1:{port}",
        "LESBRUG_INSTANCE": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'some.sqlite'}",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counts"),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "wsgi:app"]
    log = (tmp_path / "log").open("wb")
    child = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | settings, stdout=log, stderr=subprocess.STDOUT
    )
    waiting = threading.Event()
    for _ in range(300):
        if _ask(port) == 200:
            break
        waiting.wait(0.1)
    yield child, port
    child.terminate()
    child.wait(timeout=40)
    log.close()


def _ask_while(port: int, meanwhile: list[tuple[int, object]]) -> list[int]:
    """Ask again and again from four browsers; after so many answers do what is due."""
    answers: list[int] = []
    lock = threading.Lock()
    due = sorted(meanwhile, key=lambda entry: entry[0])

    def browse() -> None:
        for _ in range(ASKED // 4):
            status = _ask(port)
            with lock:
                answers.append(status)
                if due and len(answers) >= due[0][0]:
                    due.pop(0)[1]()  # type: ignore[operator]

    browsers = [threading.Thread(target=browse) for _ in range(4)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    return answers


def test_reload_loses_no_request_and_metrics_count_all_workers(
    server: tuple[subprocess.Popen[bytes], int],
) -> None:
    child, port = server
    reload = lambda: child.send_signal(signal.SIGHUP)  # noqa: E731
    answers = _ask_while(port, [(40, reload), (140, reload)])
    assert answers == [200] * ASKED
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    link.request("GET", "/metrics")
    text = link.getresponse().read().decode()
    counted = [
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("lesbrug_requests_total{") and "web.healthz" in line
    ]
    assert sum(counted) >= ASKED


def test_control_a_server_that_just_ends_loses_requests(
    server: tuple[subprocess.Popen[bytes], int],
) -> None:
    child, port = server
    answers = _ask_while(port, [(40, child.kill)])
    assert set(answers) == {0, 200}
