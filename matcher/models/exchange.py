"""Files that wait for a yes: what was uploaded, and what reading it would change."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Key, Line, Model, Moment, Record, choice, owned

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
