"""Texts that a reader found not right, and what a coordinator made of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Key, Model, Moment, Prose, choice, owned

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.need import Need
    from matcher.models.offer import Offer


class ReportReason(StrEnum):
    """What a reader finds not right."""

    ADVERTISING = "advertising"
    PERSONAL = "personal"  # it names pupils or other people
    OFFENSIVE = "offensive"
    WRONG = "wrong"
    OTHER = "other"


class ReportState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"  # the text was taken away
    DISMISSED = "dismissed"


class TextReport(Model):
    """One reader's word on one offer's or need's text."""

    __tablename__ = "text_report"
    __table_args__ = (
        CheckConstraint("(offer_id IS NULL) <> (need_id IS NULL)", name="offer_or_need"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_moment"),
        Index("ix_text_report_region_state", "region_id", "state", "id"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    offer_id: Mapped[int | None] = owned("offer.id", cascade=True)
    need_id: Mapped[int | None] = owned("need.id", cascade=True)
    by_id: Mapped[int] = owned("person.id")
    reason: Mapped[ReportReason] = mapped_column(choice(ReportReason, "reason"))
    note: Mapped[Prose] = mapped_column(default="")
    state: Mapped[ReportState] = mapped_column(
        choice(ReportState, "state"), default=ReportState.OPEN
    )
    at: Mapped[Moment] = mapped_column(default=clock.now)
    decided_by_id: Mapped[int | None] = owned("person.id")
    decided_at: Mapped[Moment | None]
    decision: Mapped[Prose] = mapped_column(default="")  # why, as the writer reads it

    offer: Mapped[Offer | None] = relationship()
    need: Mapped[Need | None] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
