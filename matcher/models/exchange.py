"""Files that wait for a yes, and what stood here twice and became one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Json, Key, Line, Model, Moment, Record, choice, owned

if TYPE_CHECKING:
    from matcher.models.account import Person


class ImportKind(StrEnum):
    """What a file holds."""

    SCHOOLS = "schools"
    COMPANIES = "companies"
    PEOPLE = "people"
    NEEDS = "needs"
    OFFERS = "offers"


class ImportUpload(Model):
    """A file that was looked at and not yet confirmed; forgotten once it is, or after a day."""

    __tablename__ = "import_upload"

    id: Mapped[Key]
    by_id: Mapped[int] = owned("person.id", cascade=True)
    kind: Mapped[ImportKind] = mapped_column(choice(ImportKind, "kind"))
    filename: Mapped[Line]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(String(64))  # of what it would do, as it was shown
    report: Mapped[Record]  # what was shown
    created_at: Mapped[Moment] = mapped_column(default=clock.now)

    by: Mapped[Person] = relationship()


class MergeKind(StrEnum):
    """What can stand twice."""

    SCHOOL = "school"
    COMPANY = "company"
    PERSON = "person"


class MergeState(StrEnum):
    MERGED = "merged"
    UNDONE = "undone"
    APART = "apart"  # somebody looked, and they are two


class Merge(Model):
    """Two rows that became one, with every step of it so that it can be undone."""

    __tablename__ = "merge"
    __table_args__ = (Index("ix_merge_kind_state", "kind", "state", "id"),)

    id: Mapped[Key]
    kind: Mapped[MergeKind] = mapped_column(choice(MergeKind, "kind"))
    state: Mapped[MergeState] = mapped_column(choice(MergeState, "state"))
    kept_id: Mapped[int]
    gone_id: Mapped[int]
    kept_label: Mapped[Line]
    gone_label: Mapped[Line]
    gone_key: Mapped[str] = mapped_column(String(254), default="")  # by which files still name it
    steps: Mapped[list[dict[str, Any]]] = mapped_column(
        Json
    )  # in the order in which they were done
    by_id: Mapped[int] = owned("person.id")
    at: Mapped[Moment] = mapped_column(default=clock.now)
    undone_at: Mapped[Moment | None]

    by: Mapped[Person] = relationship()
