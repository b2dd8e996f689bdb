"""A class that waits for a seat at a webinar's full date."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Key, Model, Moment, choice, owned

if TYPE_CHECKING:
    from matcher.models.need import Need
    from matcher.models.professional import Slot
    from matcher.models.proposal import Proposal


class WaitState(StrEnum):
    WAITING = "waiting"
    SEATED = "seated"
    LEFT = "left"  # of the teacher's own accord, or no longer needed
    MISSED = "missed"  # the date came, or was called off, before a seat did


class WaitingPlace(Model):
    """A class's place in the line for one date: first come, first served, by id."""

    __tablename__ = "waiting_place"
    __table_args__ = (
        CheckConstraint("(state = 'seated') = (proposal_id IS NOT NULL)", name="seated_has_seat"),
        Index(
            "uq_waiting_place_waiting",
            "slot_id",
            "need_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_waiting_place_slot_state", "slot_id", "state", "id"),
    )

    id: Mapped[Key]
    slot_id: Mapped[int] = owned("slot.id", cascade=True)
    need_id: Mapped[int] = owned("need.id", cascade=True)
    state: Mapped[WaitState] = mapped_column(choice(WaitState, "state"), default=WaitState.WAITING)
    proposal_id: Mapped[int | None] = owned("proposal.id")
    at: Mapped[Moment] = mapped_column(default=clock.now)
    ended_at: Mapped[Moment | None]

    slot: Mapped[Slot] = relationship()
    need: Mapped[Need] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
