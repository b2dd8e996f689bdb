"""Whom we erased, beside the database: an older copy that is put back must not bring them back."""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from sqlalchemy import select

from matcher.extensions import db
from matcher.models.account import Person

FILE = "erased.txt"


def note() -> int:
    """Add the numbers, and no names, of those erased since; how many. Safe to repeat.

    Asked after the commit that erased, and once a day again for what a crash came between.
    """
    erased = select(Person.id).where(Person.erased_at.is_not(None)).order_by(Person.id)
    known = set(noted())
    new = [key for key in db.session.scalars(erased) if key not in known]
    if new:
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="ascii") as ledger:
            ledger.writelines(f"{key}\n" for key in new)
    return len(new)


def noted() -> list[int]:
    """Everybody in the ledger, each once, in order."""
    if not _file().exists():
        return []
    lines = _file().read_text(encoding="ascii").split()
    return sorted({int(line) for line in lines if line.isdigit()})


def _file() -> Path:
    return Path(current_app.config["INSTANCE"]) / FILE
