"""Offers: lectures, tours, challenges and webinars a company gives."""

from __future__ import annotations

import unicodedata
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import (
    Json,
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
from matcher.models.need import PlaceKind

if TYPE_CHECKING:
    from matcher.models.guide import Resource
    from matcher.models.organisation import Company, Region
    from matcher.models.professional import Professional, Slot


class OfferKind(StrEnum):
    LECTURE = "lecture"
    TOUR = "tour"
    CHALLENGE = "challenge"
    WEBINAR = "webinar"


class OfferState(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"  # waits for the coordinator to read it
    PUBLISHED = "published"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class TourForm(StrEnum):
    """A tour exists as a film, or is given live (on site or online) by a professional."""

    FILM = "film"
    LIVE = "live"


offer_professional = Table(
    "offer_professional",
    Model.metadata,
    Column("offer_id", ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "professional_id",
        ForeignKey("professional.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)


class Offer(Model):
    """What a company gives. What only one kind has is empty for the others."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 5 AND 2400", name="minutes"),
        CheckConstraint("max_group IS NULL OR max_group BETWEEN 1 AND 5000", name="max_group"),
        CheckConstraint(
            "state <> 'published' OR kind <> 'tour' OR (lesson_sheet <> ''"
            " AND tour_form IS NOT NULL AND (tour_form <> 'film' OR film_url <> ''))",
            name="tour_has_lesson_sheet",
        ),
        CheckConstraint(
            "state <> 'published' OR kind <> 'challenge' OR brief <> ''", name="challenge_has_brief"
        ),
        CheckConstraint(
            "opens_on IS NULL OR closes_on IS NULL OR closes_on >= opens_on", name="period"
        ),
        CheckConstraint("(kind = 'tour') OR (tour_form IS NULL)", name="only_tours_have_form"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_at"),
        UniqueConstraint("company_id", "reference"),
        Index("ix_offer_state_kind", "state", "kind", "id"),
    )

    id: Mapped[Key]
    company_id: Mapped[int] = owned("company.id")
    region_id: Mapped[int] = owned("region.id")
    reference: Mapped[str | None] = mapped_column(String(80))  # the company's own, from a file
    kind: Mapped[OfferKind] = mapped_column(choice(OfferKind, "kind"))
    state: Mapped[OfferState] = mapped_column(choice(OfferState, "state"), default=OfferState.DRAFT)
    title: Mapped[Line] = mapped_column(default="")
    description: Mapped[Prose] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(2), default="nl")  # of the text
    languages: Mapped[StrList]  # in which it can be given
    subjects: Mapped[StrList]
    levels: Mapped[StrList]
    place: Mapped[PlaceKind] = mapped_column(choice(PlaceKind, "place"), default=PlaceKind.ONSITE)
    minutes: Mapped[int] = mapped_column(default=50)
    max_group: Mapped[int | None]
    angles: Mapped[StrList]  # class-profile types it speaks to
    needs_in_room: Mapped[Prose] = mapped_column(default="")
    ask_first: Mapped[bool] = mapped_column(default=True)  # no: the school's yes confirms
    postcode: Mapped[str] = mapped_column(String(10), default="")
    town: Mapped[Line] = mapped_column(default="")
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    tour_form: Mapped[TourForm | None] = mapped_column(choice(TourForm, "tour_form"))
    film_url: Mapped[str] = mapped_column(String(500), default="")
    stops: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)  # see offers.stops
    lesson_sheet: Mapped[Prose] = mapped_column(default="")
    brief: Mapped[Prose] = mapped_column(default="")
    deliverables: Mapped[Prose] = mapped_column(default="")
    jury: Mapped[Prose] = mapped_column(default="")
    data_links: Mapped[Prose] = mapped_column(default="")  # one address a line
    opens_on: Mapped[date | None]  # of a challenge: the days in which classes work on it
    closes_on: Mapped[date | None]
    join_url: Mapped[str] = mapped_column(String(500), default="")
    published_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]  # when the company last said "still true"
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    extra: Mapped[Record]
    search: Mapped[Prose] = mapped_column(default="")  # its words, lower case, without accents

    company: Mapped[Company] = relationship()
    region: Mapped[Region] = relationship()
    professionals: Mapped[list[Professional]] = relationship(
        secondary=offer_professional, order_by="Professional.id"
    )
    resources: Mapped[list[Resource]] = relationship(
        secondary="offer_resource", order_by="Resource.id"
    )
    dates: Mapped[list[Slot]] = relationship(back_populates="offer", order_by="Slot.starts_at")

    @property
    def is_on_demand(self) -> bool:
        """Needs no date: a film that stands there, a challenge a class can start any day."""
        return self.kind == OfferKind.CHALLENGE or self.tour_form == TourForm.FILM


def folded(text: str) -> str:
    """Lower case without accents, so that people find "coördinator" by "coordinator"."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


@event.listens_for(Offer, "before_insert")
@event.listens_for(Offer, "before_update")
def _keep_search(_mapper: Any, _connection: Any, offer: Offer) -> None:
    words = (offer.title, offer.description, offer.brief, offer.town)
    offer.search = folded(" ".join(word for word in words if word))
