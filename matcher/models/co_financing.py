"""What a region's companies gave in a school year, in hours and money; frozen once signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher.models.base import Json, Key, Model, Moment, owned

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.organisation import Region


class CoFinancing(Model):
    """One region's statement of one school year: its rate, and once signed its lines as they
    were that day."""

    __tablename__ = "co_financing"
    __table_args__ = (
        UniqueConstraint("region_id", "school_year"),
        CheckConstraint("rate_cents BETWEEN 1 AND 100000", name="rate"),
        CheckConstraint("(signed_at IS NULL) = (signed_by_id IS NULL)", name="signed_by_somebody"),
        CheckConstraint("signed_at IS NULL OR total_cents IS NOT NULL", name="signed_has_total"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    school_year: Mapped[str] = mapped_column(String(7))
    rate_cents: Mapped[int]  # an hour
    preparation_minutes: Mapped[int | None]  # beside each visit; None until signed
    lines: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    total_cents: Mapped[int | None]
    signed_at: Mapped[Moment | None]
    signed_by_id: Mapped[int | None] = owned("person.id")

    region: Mapped[Region] = relationship()
    signed_by: Mapped[Person | None] = relationship()

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None
