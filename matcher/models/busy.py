"""When a professional is busy by their own calendar: where it is read, and start and end only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Code, Key, Line, Model, Moment, Prose, owned

if TYPE_CHECKING:
    from matcher.models.professional import Professional


class BusyCalendar(Model):
    """The address a professional gave; it is a secret, kept under the service's key."""

    __tablename__ = "busy_calendar"

    professional_id: Mapped[int] = mapped_column(
        ForeignKey("professional.id", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[Prose]
    host: Mapped[Line]  # what the page shows of the address
    tried_at: Mapped[Moment | None]
    read_at: Mapped[Moment | None]  # when it was last read well
    problem: Mapped[Code] = mapped_column(default="")  # of the last try; empty when it went well
    created_at: Mapped[Moment] = mapped_column(default=clock.now)

    professional: Mapped[Professional] = relationship()

    @property
    def id(self) -> int:
        return self.professional_id


class BusyBlock(Model):
    """A stretch of time that is taken. What for is not kept, and was never stored."""

    __tablename__ = "busy_block"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_busy_block_professional_starts", "professional_id", "starts_at"),
    )

    id: Mapped[Key]
    professional_id: Mapped[int] = owned("professional.id", cascade=True)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
