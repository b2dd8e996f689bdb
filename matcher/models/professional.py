"""Professionals, the moments in which they can be booked, and the time they have given away."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Code, Key, Line, Model, Moment, Prose, StrList, choice, owned

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.offer import Offer
    from matcher.models.organisation import Company

QUARTER_SECONDS = 15 * 60


class Pledge(StrEnum):
    """Whether somebody gives lessons this school year."""

    YES = "yes"
    MAYBE = "maybe"  # asked only when nobody firmer fits as well
    NO = "no"  # neither asked nor written to until the month they chose


class Professional(Model):
    """The person of a company who gives lectures or hosts a tour; may have no account yet."""

    __tablename__ = "professional"
    __table_args__ = (
        UniqueConstraint("company_id", "email"),
        CheckConstraint("month_cap BETWEEN 0 AND 31", name="month_cap"),
        CheckConstraint("term_cap BETWEEN 0 AND 100", name="term_cap"),
        CheckConstraint("radius_km BETWEEN 0 AND 500", name="radius_km"),
    )

    id: Mapped[Key]
    company_id: Mapped[int] = owned("company.id")
    person_id: Mapped[int | None] = owned("person.id")
    name: Mapped[Line]
    email: Mapped[str] = mapped_column(String(254))
    profession: Mapped[Line]
    about: Mapped[Prose] = mapped_column(default="")
    languages: Mapped[StrList]
    postcode: Mapped[str] = mapped_column(String(10), default="")
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    radius_km: Mapped[int] = mapped_column(default=40)
    month_cap: Mapped[int] = mapped_column(default=2)
    term_cap: Mapped[int] = mapped_column(default=4)
    paused_until: Mapped[date | None]
    conduct_on: Mapped[date | None]  # issue date of a certificate of conduct, as they declare it
    is_active: Mapped[bool] = mapped_column(default=True)
    pledge: Mapped[Pledge] = mapped_column(choice(Pledge, "pledge"), default=Pledge.YES)
    pledged_at: Mapped[Moment | None]
    ask_again_on: Mapped[date | None]  # when one mail asks for the pledge anew
    pledge_asked_on: Mapped[date | None]
    confirmed_at: Mapped[Moment | None]  # when they last said that moments and limits hold
    still_asked_on: Mapped[date | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)

    company: Mapped[Company] = relationship()
    person: Mapped[Person | None] = relationship()

    def can_be_asked(self, day: date) -> bool:
        """Takes part, and has neither paused nor said no."""
        paused = self.paused_until is not None and self.paused_until >= day
        return self.is_active and not paused and self.pledge != Pledge.NO

    @classmethod
    def may_be_asked(cls, day: date) -> ColumnElement[bool]:
        """The same, asked of the database."""
        free = or_(cls.paused_until.is_(None), cls.paused_until < day)
        return and_(cls.is_active, free, cls.pledge != Pledge.NO)


class SlotSeries(Model):
    """Availability that comes back: the weekdays and wall-clock hours it expands from."""

    __tablename__ = "slot_series"
    __table_args__ = (CheckConstraint("until >= first_day", name="until_after_first"),)

    id: Mapped[Key]
    professional_id: Mapped[int] = owned("professional.id", cascade=True)
    rule: Mapped[Line]  # an RRULE, without DTSTART
    first_day: Mapped[date]
    until: Mapped[date]
    starts: Mapped[str] = mapped_column(String(5))  # wall clock "13:30"
    ends: Mapped[str] = mapped_column(String(5))


class Slot(Model):
    """A moment in which a professional, or a webinar's seats, can be booked."""

    __tablename__ = "slot"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("taken BETWEEN 0 AND seats", name="taken_within_seats"),
        CheckConstraint(
            "(professional_id IS NULL) <> (offer_id IS NULL)", name="professional_or_offer"
        ),
        UniqueConstraint("professional_id", "starts_at"),
        Index("ix_slot_starts_at", "starts_at"),
    )

    id: Mapped[Key]
    professional_id: Mapped[int | None] = owned("professional.id", cascade=True)
    offer_id: Mapped[int | None] = owned("offer.id", cascade=True)  # a webinar's own date
    series_id: Mapped[int | None] = mapped_column(ForeignKey("slot_series.id", ondelete="SET NULL"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    seats: Mapped[int] = mapped_column(default=1)
    taken: Mapped[int] = mapped_column(default=0)
    withdrawn_at: Mapped[Moment | None]
    recording_url: Mapped[str] = mapped_column(String(500), default="")  # of a webinar, afterwards

    professional: Mapped[Professional | None] = relationship()
    offer: Mapped[Offer | None] = relationship(back_populates="dates")


class ClaimedQuarter(Model):
    """A quarter of an hour of a professional given to a confirmed proposal.

    The primary key is what refuses two visits at one time, on both databases alike.
    """

    __tablename__ = "claimed_quarter"

    professional_id: Mapped[int] = mapped_column(
        ForeignKey("professional.id", ondelete="CASCADE"), primary_key=True
    )
    quarter: Mapped[int] = mapped_column(primary_key=True)  # quarters since 1970, UTC
    proposal_id: Mapped[int] = owned("proposal.id", cascade=True)


class Load(Model):
    """How many confirmed visits somebody has in a period; counted up only below the cap."""

    __tablename__ = "load"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken_positive"),)

    holder: Mapped[Code] = mapped_column(primary_key=True)  # "professional:7", "company:3"
    period: Mapped[str] = mapped_column(String(10), primary_key=True)  # month or term
    taken: Mapped[int] = mapped_column(default=0)
