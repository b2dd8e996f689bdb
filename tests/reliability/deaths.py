"""Work that is killed: a child of this process that dies (SIGKILL) at a chosen step, or some time.

A step is one statement or one commit on the database, or one mail handed over. Which steps there
are is found by letting the child live once.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event

from matcher import mail
from matcher.extensions import db

FULL = os.environ.get("LESBRUG_TORTURE") == "full"
Work = Callable[[], object]


def steps(app: Flask, work: Work) -> int:
    """How many steps the work takes; it is done, by a child."""
    reader, writer = os.pipe()

    def counted() -> None:
        seen = [0]
        with _each_step(app, lambda: seen.__setitem__(0, seen[0] + 1)):
            work()
        os.write(writer, str(seen[0]).encode())

    status = _in_child(app, counted)
    os.close(writer)
    told = os.read(reader, 40)
    os.close(reader)
    assert status == 0, status
    return int(told)


def dies_at(app: Flask, work: Work, step: int) -> bool:
    """Do the work in a child that dies as it comes to the step; whether it died."""

    def mortal() -> None:
        left = [step]

        def count() -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        with _each_step(app, count):
            work()

    return _in_child(app, mortal) == -signal.SIGKILL


def dies_after(app: Flask, work: Work, seconds: float) -> bool:
    """Kill a child that does the work after some time; whether it was still at it."""

    def mortal() -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)  # unheeded, SIGALRM ends a process
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        work()

    return _in_child(app, mortal) == -signal.SIGKILL


@contextmanager
def _each_step(app: Flask, count: Callable[[], None]) -> Iterator[None]:
    """Call ``count`` before each statement, each commit, and before and after each mail."""
    engine = db.engine
    listeners: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", lambda *_: count()),
        ("commit", lambda *_: count()),
    ]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    folder = mail._into(Path(app.config["MAIL_FOLDER"]))

    @contextmanager
    def told() -> Iterator[mail.Send]:
        def send(letter: Any) -> None:
            count()
            with (Path(app.config["MAIL_FOLDER"]).parent / "sent").open("a") as sent:
                sent.write(f"{letter['Message-ID']}\n")
            folder(letter)
            count()

        yield send

    before, mail._transport = mail._transport, told
    try:
        yield
    finally:
        mail._transport = before
        for name, listener in listeners:
            event.remove(engine, name, listener)


def _in_child(app: Flask, work: Work) -> int:
    """Fork, work with connections of the child's own, and give its exit (negative: the signal)."""
    db.session.commit()  # what the test holds stays in its session, without a connection
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with app.app_context():
                work()
            code = 0
        except BaseException as error:  # the child must never return into the test
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def points(count: int, *, some: int) -> list[int]:
    """All steps in the full run; else some of them, spread evenly, first and last included."""
    if FULL or count <= some:
        return list(range(count))
    return sorted({round(n * (count - 1) / (some - 1)) for n in range(some)})
