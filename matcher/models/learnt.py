"""Weights learnt from answers that a coordinator has put to use, and whether they were undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Float
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Key, Model, Moment, Record, owned

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.organisation import Region


class LearntWeights(Model):
    """One use of learnt weights by a region. ``by_hand`` is what they were learnt beside."""

    __tablename__ = "learnt_weights"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    by_hand: Mapped[Record]
    before: Mapped[Record]  # the region's own setting until then; empty where it had none
    weights: Mapped[Record]
    answers: Mapped[int]
    loss_before: Mapped[float] = mapped_column(Float)
    loss_after: Mapped[float] = mapped_column(Float)
    used_by_id: Mapped[int] = owned("person.id")
    used_at: Mapped[Moment] = mapped_column(default=clock.now)
    undone_by_id: Mapped[int | None] = owned("person.id")
    undone_at: Mapped[Moment | None]

    region: Mapped[Region] = relationship()
    used_by: Mapped[Person] = relationship(foreign_keys=[used_by_id])
    undone_by: Mapped[Person | None] = relationship(foreign_keys=[undone_by_id])
