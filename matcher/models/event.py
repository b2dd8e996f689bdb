"""Events: webinars for teachers, network meetings, career days, and who registered."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Key, Line, Model, Moment, Prose, Record, choice, owned

if TYPE_CHECKING:
    from matcher.models.account import Person


class EventKind(StrEnum):
    WEBINAR = "webinar"
    MEETING = "meeting"
    CAREER_DAY = "career_day"
    STUDY_VISIT = "study_visit"


class RegistrationState(StrEnum):
    REGISTERED = "registered"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class Event(Model):
    """Something a coordinator organises; ``taken`` is counted up only below ``seats``."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("taken BETWEEN 0 AND seats", name="taken_within_seats"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    kind: Mapped[EventKind] = mapped_column(choice(EventKind, "kind"))
    title: Mapped[Line]
    description: Mapped[Prose] = mapped_column(default="")
    venue: Mapped[Line] = mapped_column(default="")
    join_url: Mapped[str] = mapped_column(String(500), default="")
    programme: Mapped[Record]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    seats: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[Moment | None]

    registrations: Mapped[list[Registration]] = relationship(
        back_populates="event", order_by="Registration.id"
    )


class Registration(Model):
    """One person's seat, or place on the waiting list, at an event."""

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("event_id", "person_id"),)

    id: Mapped[Key]
    event_id: Mapped[int] = owned("event.id", cascade=True)
    person_id: Mapped[int] = owned("person.id")
    state: Mapped[RegistrationState] = mapped_column(choice(RegistrationState, "state"))
    at: Mapped[Moment] = mapped_column(default=clock.now)
    attended: Mapped[bool | None]

    event: Mapped[Event] = relationship(back_populates="registrations")
    person: Mapped[Person] = relationship()
