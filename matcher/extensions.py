"""The extensions, unbound: a leaf that everyone may import and that imports none of us."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase

READING = {"GET", "HEAD", "OPTIONS"}


class Base(DeclarativeBase):
    """All tables; constraints carry names, so that a refusal can be told by its name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts are read: ``folder`` keeps what takes long to make and is safe to delete;
    ``model`` holds a sentence model, where one is used. Can be sent to another process."""

    folder: Path | None = None
    model: Path | None = None


class Cache:
    """How this installation reads texts."""

    reading = Reading()

    def init_app(self, app: Flask) -> None:
        model = app.config["EMBEDDINGS"]
        self.reading = Reading(Path(app.config["CACHE_FOLDER"]), Path(model) if model else None)


class Workers:
    """Where the regions of a nightly run are computed: here, over processes, or over Dask."""

    engine = "here"
    count = 2
    scheduler = ""

    def init_app(self, app: Flask) -> None:
        """Take the settings; ValueError for one that makes no sense, before the first night."""
        self.engine = app.config["MATCH_ENGINE"]
        self.count = app.config["MATCH_WORKERS"]
        self.scheduler = app.config["DASK_SCHEDULER"]
        if self.engine not in {"here", "processes", "dask"}:
            raise ValueError(f"MATCH_ENGINE is here, processes or dask, not {self.engine!r}")
        if self.engine == "dask" and not self.scheduler:
            raise ValueError("MATCH_ENGINE=dask needs DASK_SCHEDULER, as tcp://host:8786")
        if self.count < 1:
            raise ValueError("MATCH_WORKERS must be at least 1")


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(get_remote_address, default_limits=[])
cache = Cache()
workers = Workers()


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """SQLite as a server database: WAL, foreign keys, patience, and our own BEGIN (see below)."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=30000",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """A writer takes SQLite's lock at once; a reader never does.

    A deferred transaction that reads first and writes later fails with "database is locked"
    whatever its patience. The request's method decides, because Flask-Login has opened the
    transaction before any view could ask; outside a request every transaction may write.
    """
    if connection.dialect.name != "sqlite":
        return
    reading = has_request_context() and request.method in READING
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
