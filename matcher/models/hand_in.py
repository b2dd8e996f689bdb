"""What a class hands in for a challenge, and what the company's jury says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Key, Model, Moment, Prose, StrList, owned

if TYPE_CHECKING:
    from matcher.models.visit import Visit


class HandIn(Model):
    """One for each visit; without names of pupils."""

    __tablename__ = "hand_in"
    __table_args__ = (
        UniqueConstraint("visit_id"),
        CheckConstraint("(verdict = '') = (judged_at IS NULL)", name="verdict_has_moment"),
    )

    id: Mapped[Key]
    visit_id: Mapped[int] = owned("visit.id", cascade=True)
    words: Mapped[Prose] = mapped_column(default="")
    links: Mapped[StrList]
    by_id: Mapped[int] = owned("person.id")
    at: Mapped[Moment] = mapped_column(default=clock.now)
    verdict: Mapped[Prose] = mapped_column(default="")
    judged_by_id: Mapped[int | None] = owned("person.id")
    judged_at: Mapped[Moment | None]

    visit: Mapped[Visit] = relationship()
