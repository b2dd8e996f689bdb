"""What a region's people call a concept, beside the labels of the thesaurus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Code, Key, Line, Model, Moment, owned

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.organisation import Region


class Synonym(Model):
    """One more label of a concept, for one region; the matcher reads it from the next run on."""

    __tablename__ = "synonym"
    __table_args__ = (
        UniqueConstraint("region_id", "concept", "language", "label"),
        CheckConstraint("label <> ''", name="label_said"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    concept: Mapped[Code]  # its key in reference/data/concepts.tsv
    language: Mapped[str] = mapped_column(String(2))
    label: Mapped[Line]
    by_id: Mapped[int] = owned("person.id")
    at: Mapped[Moment] = mapped_column(default=clock.now)

    region: Mapped[Region] = relationship()
    by: Mapped[Person] = relationship()
