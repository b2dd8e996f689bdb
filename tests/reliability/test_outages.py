"""The database away, the disk full: a page that says so, nothing half done, and on as before.

Each has its control: without the page for it, the same outage is a failure (500).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, make_url, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError, StatementError

from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.proposals import consistency
from tests import postgres
from tests.cast import Cast, make_cast
from tests.conftest import build_app

WRITES = "/account/copy"  # a small deed: one line in the journal, and a file
CLIENTS = 6
EACH = 40


def _without_the_page(app: Flask) -> None:
    """Take the handlers for what a database says out, as if nobody had thought of it."""
    for kind in (OperationalError, StatementError):
        app.error_handler_spec[None][None].pop(kind)


def _written() -> int:
    found = select(func.count()).where(JournalEntry.deed == "copy")
    return db.session.scalar(found) or 0


# ---- the database goes away ---------------------------------------------------------------------
@contextmanager
def _away(home: str, name: str) -> Iterator[None]:
    """Nobody gets in, and who was in is thrown out."""
    postgres.execute(home, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.execute(
        home, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    try:
        yield
    finally:
        postgres.execute(home, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def _storm(app: Flask, enter: Callable[[], FlaskClient], outage: Callable[[], None]) -> list[int]:
    """Browsers write while, in the middle of it, the outage happens."""
    halfway = threading.Event()
    over = threading.Event()
    answers: list[int] = []

    def ask(client: FlaskClient) -> None:
        for turn in range(EACH):
            if turn == EACH // 3:
                halfway.set()
            if turn == 2 * EACH // 3:
                over.wait(60)
            answers.append(client.post(WRITES).status_code)

    def break_it() -> None:
        halfway.wait(60)
        outage()
        over.set()

    clients = [enter() for _ in range(CLIENTS)]
    db.session.commit()
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        pool.submit(break_it)
        list(pool.map(ask, clients))
    return answers


@pytest.fixture
def far_app(postgres_url: str, tmp_path) -> Iterator[Flask]:  # type: ignore[no-untyped-def]
    app = build_app(postgres_url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _outage(app: Flask, home: str) -> Callable[[], None]:
    name = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
    assert name

    def outage() -> None:
        with _away(home, name):
            browser = app.test_client()
            told = Counter(browser.get("/offers").status_code for _ in range(5))
            assert set(told) <= {503, 500}

    return outage


@pytest.mark.postgres
def test_while_the_database_is_away_everybody_is_told_and_nothing_is_half_done(
    far_app: Flask, postgres_home: str, sign_in
) -> None:
    cast = make_cast()
    enter = lambda: sign_in(far_app.test_client(), cast.anna)  # noqa: E731
    answers = Counter(_storm(far_app, enter, _outage(far_app, postgres_home)))
    assert set(answers) <= {200, 503}
    assert answers.total() == CLIENTS * EACH
    made = _written()
    # A commit may be cut off after it was done and before it was told: said 503, and is there.
    assert answers[200] <= made <= answers[200] + answers[503]
    assert {rule: rows for rule, rows in consistency.check().items() if rows} == {}
    assert sign_in(far_app.test_client(), cast.anna).get("/needs").status_code == 200


@pytest.mark.postgres
def test_control_without_the_page_an_outage_is_a_failure(
    far_app: Flask, postgres_home: str
) -> None:
    _without_the_page(far_app)
    name = make_url(far_app.config["SQLALCHEMY_DATABASE_URI"]).database
    assert name
    db.session.commit()
    with _away(postgres_home, name):
        statuses = {far_app.test_client().get("/offers").status_code for _ in range(3)}
    assert statuses == {500}


# ---- the disk is full ---------------------------------------------------------------------------
@contextmanager
def _full(app: Flask) -> Iterator[None]:
    """SQLite may take no page more than it has."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    db.session.commit()
    db.engine.dispose()
    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)
        db.session.rollback()
        db.engine.dispose()


def _write_many(client: FlaskClient) -> Counter[int]:
    """Write more than fits in what is left of the last page."""
    return Counter(client.post(WRITES).status_code for _ in range(120))


def test_a_full_disk_is_told_and_what_stood_there_stays(app: Flask, cast: Cast, sign_in) -> None:
    browser = sign_in(app.test_client(), cast.anna)
    with _full(app):
        answers = _write_many(browser)
        assert set(answers) == {200, 503}
        assert browser.get("/needs").status_code == 200  # pages that write nothing go on
    assert _written() == answers[200]
    assert db.session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert {rule: rows for rule, rows in consistency.check().items() if rows} == {}
    db.session.rollback()
    assert _write_many(browser) == {200: 120}


def test_control_without_the_page_a_full_disk_is_a_failure(app: Flask, cast: Cast, sign_in) -> None:
    _without_the_page(app)
    browser = sign_in(app.test_client(), cast.anna)
    with _full(app), pytest.raises(SQLAlchemyError):
        _write_many(browser)
