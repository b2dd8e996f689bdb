"""National indicators by year, each with its source."""

from __future__ import annotations

from sqlalchemy import Float, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matcher.models.base import Code, Key, Line, Model


class Indicator(Model):
    """One figure of one year, as published."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("code", "year", "area"),)

    id: Mapped[Key]
    code: Mapped[Code]
    year: Mapped[int]
    area: Mapped[Code] = mapped_column(default="NL")
    value: Mapped[float] = mapped_column(Float)
    unit: Mapped[Code] = mapped_column(default="percent")
    source: Mapped[Line]
