"""Fixtures: the service on a fresh database, the named cast, a way to sign in."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from matcher import create_app
from matcher.extensions import db
from tests import postgres
from tests.cast import Cast, make_cast
from tests.house.asvs import mapped_tests

REQUIRE_POSTGRES = os.environ.get("LESBRUG_REQUIRE_POSTGRES") == "1"
CACHE = Path(Config.INSTANCE) / "cache"  # shared by all tests: the matcher's texts are learnt once
_counter = itertools.count()


class TestConfig(Config):
    """The service as tests run it: cheap passwords, no rate limits by address, mail to files."""

    __test__ = False
    TESTING = True
    SECRET_KEY = "tests only, never anywhere else"
    RATELIMIT_ENABLED = False
    WTF_CSRF_ENABLED = False
    CHEAP_PASSWORDS = True
    PUBLIC_URL = "http://localhost"
    DEMO = False
    SMTP_URL = ""
    LOG_FORMAT = "off"
    SECOND_FACTOR = False
    SESSION_COOKIE_SECURE = False


def build_app(database: str, folder: Path, **overrides: Any) -> Flask:
    return create_app(
        TestConfig,
        SQLALCHEMY_DATABASE_URI=database,
        INSTANCE=str(folder),
        CACHE_FOLDER=str(CACHE),
        MAIL_FOLDER=str(folder / "mail"),
        **overrides,
    )


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "empty.sqlite"
    app = build_app(f"sqlite:///{path}", folder)
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running server whose database ``template`` has all tables; skipped where there is none."""
    if postgres.server_binaries() is None:
        reason = "no PostgreSQL server binary on this machine"
        if REQUIRE_POSTGRES:
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.server() as home:
        postgres.execute(home, "CREATE DATABASE empty")
        app = build_app(postgres.url(home, "empty"), tmp_path_factory.mktemp("postgres"))
        with app.app_context():
            db.create_all()
            db.session.remove()
            db.engine.dispose()
        yield home


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    copy = tmp_path / "lesbrug.sqlite"
    shutil.copy(sqlite_template, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def postgres_url(postgres_home: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_counter)}"
    postgres.execute(postgres_home, f"CREATE DATABASE {name} TEMPLATE empty")
    yield postgres.url(postgres_home, name)
    postgres.execute(postgres_home, f"DROP DATABASE {name} WITH (FORCE)")


def _living(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The service on an empty SQLite database, inside an application context."""
    yield from _living(build_app(sqlite_url, tmp_path))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The service on each of the two databases in turn."""
    database = request.getfixturevalue(f"{request.param}_url")
    yield from _living(build_app(database, tmp_path))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The named cast, committed."""
    return make_cast()


@pytest.fixture
def any_cast(any_app: Flask) -> Cast:
    return make_cast()


@pytest.fixture
def sign_in() -> Callable[[FlaskClient, Any], FlaskClient]:
    """Sign a person in without the form, through the same sessions the form uses."""
    from matcher.accounts import sessions

    def enter(client: FlaskClient, person: Any) -> FlaskClient:
        key = sessions.start(person, browser="test")
        db.session.commit()
        with client.session_transaction() as cookie:
            cookie[sessions.COOKIE_KEY] = key
        return client

    return enter


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where all is installed, a skipped test that shows a security requirement is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not REQUIRE_POSTGRES or reporter is None:
        return
    skipped = {report.nodeid.partition("[")[0] for report in reporter.stats.get("skipped", [])}
    missed = sorted(skipped & mapped_tests())
    if missed:
        reporter.write_line(f"skipped, and yet a security requirement rests on it: {missed}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
