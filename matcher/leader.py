"""One leader among several jobs processes: an advisory lock, or a locked file beside SQLite."""

from __future__ import annotations

import contextlib
import fcntl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from matcher.extensions import db

LOCK_KEY = 7_305_217  # any number, the same in every process
RETRY_SECONDS = 2.0


@contextlib.contextmanager
def lead(app: Flask, stop: threading.Event) -> Iterator[Callable[[], bool] | None]:
    """Wait until this process leads; gives a function that tells whether it still does.

    Gives None when ``stop`` was set before the lead was won.
    """
    with app.app_context():
        on_file = db.engine.dialect.name == "sqlite"
        path = Path(db.engine.url.database or "").parent / "jobs.lock"
    attempt = _by_file(path, stop) if on_file else _by_database(app, stop)
    with attempt as leading:
        yield leading


@contextlib.contextmanager
def _by_file(path: Path, stop: threading.Event) -> Iterator[Callable[[], bool] | None]:
    with path.open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if stop.wait(RETRY_SECONDS):
                    yield None
                    return
            else:
                break
        yield lambda: True


@contextlib.contextmanager
def _by_database(app: Flask, stop: threading.Event) -> Iterator[Callable[[], bool] | None]:
    """The lock lives with one connection: when that drops, another process may lead."""
    with app.app_context():
        engine = db.engine
    while not stop.is_set():
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
                if link.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
                    yield lambda: _is_alive(link)
                    return
        except SQLAlchemyError:
            pass  # the database is away; try again until it is back or we are told to stop
        stop.wait(RETRY_SECONDS)
    yield None


def _is_alive(link: Connection) -> bool:
    try:
        link.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
