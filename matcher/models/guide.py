"""The guide's own records: toolbox resources, what they suit, a company's answers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Float, ForeignKey, String, Table, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import (
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
from matcher.models.offer import folded

if TYPE_CHECKING:
    from matcher.models.organisation import Company


class ResourceKind(StrEnum):
    """What somebody finds in the toolbox."""

    TOOL = "tool"
    HANDBOOK = "handbook"
    SCAN = "scan"
    VIDEO = "video"
    WHITE_PAPER = "whitepaper"
    INFOGRAPHIC = "infographic"
    REPORT = "report"
    IMPACT_STUDY = "impact_study"
    NETWORK_MAP = "network_map"


class Theme(StrEnum):
    """What a resource is good for."""

    VISITS = "visits"
    PROFILE = "profile"
    GIRLS = "girls"
    CHOOSING = "choosing"
    TEACHERS = "teachers"
    PARTNERSHIP = "partnership"
    FIGURES = "figures"


def _attached(name: str, owner: str) -> Table:
    """Resources that stand beside an offer or a visit."""
    return Table(
        name,
        Model.metadata,
        Column(f"{owner}_id", ForeignKey(f"{owner}.id", ondelete="CASCADE"), primary_key=True),
        Column(
            "resource_id",
            ForeignKey("resource.id", ondelete="CASCADE"),
            primary_key=True,
            index=True,
        ),
    )


offer_resource = _attached("offer_resource", "offer")
proposal_resource = _attached("proposal_resource", "proposal")


class Resource(Model):
    """Something in the toolbox, with its licence and source."""

    __tablename__ = "resource"

    id: Mapped[Key]
    code: Mapped[str | None] = mapped_column(String(40), unique=True)  # where it came with us
    title: Mapped[Line]
    kind: Mapped[ResourceKind] = mapped_column(choice(ResourceKind, "kind"))
    language: Mapped[str] = mapped_column(String(2))
    themes: Mapped[StrList]
    levels: Mapped[StrList]  # none: any
    about: Mapped[Prose] = mapped_column(default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    licence: Mapped[Line] = mapped_column(default="")  # empty: not stated by the source
    source: Mapped[Line] = mapped_column(default="")
    added_at: Mapped[Moment] = mapped_column(default=clock.now)
    added_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    changed_at: Mapped[Moment] = mapped_column(default=clock.now)
    hidden_at: Mapped[Moment | None]
    search: Mapped[Prose] = mapped_column(default="")  # its words, lower case, without accents


class SuggestedResource(Model):
    """A resource whose words speak of what a need asks; worked out by the jobs process."""

    __tablename__ = "suggested_resource"
    __table_args__ = (UniqueConstraint("need_id", "resource_id"),)

    id: Mapped[Key]
    need_id: Mapped[int] = owned("need.id", cascade=True)
    resource_id: Mapped[int] = owned("resource.id", cascade=True)
    score: Mapped[float] = mapped_column(Float)  # likeness of the texts, 0 to 1

    resource: Mapped[Resource] = relationship()


@event.listens_for(Resource, "before_insert")
@event.listens_for(Resource, "before_update")
def _keep_search(_mapper: Any, _connection: Any, resource: Resource) -> None:
    words = (resource.title, resource.about, resource.source)
    resource.search = folded(" ".join(word for word in words if word))


class GuideResult(Model):
    """What a company answered in the three-step guide; shareable by its key."""

    __tablename__ = "guide_result"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    company_id: Mapped[int | None] = owned("company.id")
    answers: Mapped[Record]
    at: Mapped[Moment] = mapped_column(default=clock.now)

    company: Mapped[Company | None] = relationship()
