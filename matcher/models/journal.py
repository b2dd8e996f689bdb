"""The journal: who did what to which record, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.extensions import db
from matcher.models.base import Code, Key, Model, Moment, Record, owned

if TYPE_CHECKING:
    from matcher.models.account import Person


class JournalEntry(Model):
    """One deed. ``changes`` maps a field to its value before and after."""

    __tablename__ = "journal_entry"
    __table_args__ = (Index("ix_journal_entry_record", "record_type", "record_id", "id"),)

    id: Mapped[Key]
    at: Mapped[Moment] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = owned("person.id")
    for_id: Mapped[int | None] = owned("person.id")  # acting for somebody who phones
    deed: Mapped[Code]
    record_type: Mapped[Code]
    record_id: Mapped[int]
    changes: Mapped[Record]

    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])


def write_journal(
    deed: str,
    record: Model,
    *,
    by: Person | None,
    changes: Mapping[str, object] | None = None,
) -> None:
    """Write down a deed in the same transaction as the deed itself. The record must have an id."""
    db.session.add(
        JournalEntry(
            deed=deed,
            record_type=record.__class__.__name__,
            record_id=record.id,  # type: ignore[attr-defined]
            by_id=by.id if by else None,
            changes=dict(changes or {}),
        )
    )
