"""How Alembic finds our tables: through the running application."""

from contextlib import contextmanager

import sqlalchemy as sa
from alembic import context
from flask import current_app

from matcher.extensions import db
from matcher.models.base import UtcDateTime

config = context.config


def _render(kind, thing, _autogen):
    """Migrations stand alone: our own column type is written as what it is in the database."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, sa.JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _engine():
    return current_app.extensions["migrate"].db.engine


@contextmanager
def _without_foreign_keys(connection):
    """SQLite changes a table by copying and dropping it, which must not take its children along.

    It can only be switched outside a transaction, and what refers to nothing is told afterwards.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows that refer to nothing: {broken[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def run_online() -> None:
    with _engine().connect() as connection, _without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            render_as_batch=True,
            render_item=_render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


def run_offline() -> None:
    context.configure(
        url=_engine().url.render_as_string(hide_password=False),
        target_metadata=db.metadata,
        literal_binds=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
