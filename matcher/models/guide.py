"""The guide's own records: toolbox resources, support measures, a company's answers."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import (
    Code,
    Key,
    Line,
    Model,
    Moment,
    Prose,
    Record,
    StrList,
    choice,
    owned,
)

if TYPE_CHECKING:
    from matcher.models.organisation import Company


class MeasureState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Resource(Model):
    """Something in the toolbox, with its licence and source."""

    __tablename__ = "resource"

    id: Mapped[Key]
    title: Mapped[Line]
    kind: Mapped[Code]
    language: Mapped[str] = mapped_column(String(2))
    themes: Mapped[StrList]
    levels: Mapped[StrList]
    about: Mapped[Prose] = mapped_column(default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    licence: Mapped[Line] = mapped_column(default="")
    source: Mapped[Line] = mapped_column(default="")
    added_at: Mapped[Moment] = mapped_column(default=clock.now)


class SupportMeasure(Model):
    """A subsidy for small and medium companies, one row per round, with its rules as data."""

    __tablename__ = "support_measure"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Line]
    state: Mapped[MeasureState] = mapped_column(choice(MeasureState, "state"))
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    rules: Mapped[Record]
    source: Mapped[Line] = mapped_column(default="")


class GuideResult(Model):
    """What a company answered in the three-step guide; shareable by its key."""

    __tablename__ = "guide_result"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    company_id: Mapped[int | None] = owned("company.id")
    answers: Mapped[Record]
    at: Mapped[Moment] = mapped_column(default=clock.now)

    company: Mapped[Company | None] = relationship()
