"""Schools, companies, the regions and programmes they belong to, and their partnerships."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Float, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import (
    Code,
    IntList,
    Key,
    Line,
    Model,
    Moment,
    Prose,
    Record,
    choice,
    owned,
)

SMALL_UNDER = 50  # staff


class ReviewPolicy(StrEnum):
    """Who releases what the matcher suggests."""

    COORDINATOR = "coordinator"
    AUTOMATIC = "automatic"


class PartnershipState(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    ENDED = "ended"


class Programme(Model):
    """A country's or nation's programme; its school system is files under reference/data."""

    __tablename__ = "programme"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Line]
    time_zone: Mapped[Code]


class Region(Model):
    """A part of a programme with its own coordinators, review policy and matcher settings."""

    __tablename__ = "region"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("run_hour BETWEEN 0 AND 23", name="run_hour"),
    )

    id: Mapped[Key]
    programme_id: Mapped[int] = owned("programme.id")
    code: Mapped[Code]
    name: Mapped[Line]
    review_policy: Mapped[ReviewPolicy] = mapped_column(
        choice(ReviewPolicy, "review_policy"), default=ReviewPolicy.COORDINATOR
    )
    settings: Mapped[Record]  # what differs from the matcher's defaults
    answer_days: Mapped[int] = mapped_column(default=7)
    alternates_asked: Mapped[int] = mapped_column(default=3)  # how often a decline heals itself
    # With nobody found by the earlier of these days a class is offered something else.
    ladder_after_days: Mapped[int] = mapped_column(default=7)  # after it was published
    # The first offer of a new company is read before schools see it.
    reads_first_offers: Mapped[bool] = mapped_column(default=False)
    ladder_before_days: Mapped[int] = mapped_column(default=14)  # before its first day
    # When the region is matched by itself: weekdays from Monday 0, an hour on its wall clock.
    run_days: Mapped[IntList] = mapped_column(default=lambda: list(range(7)))
    run_hour: Mapped[int] = mapped_column(default=5)

    programme: Mapped[Programme] = relationship()


class School(Model):
    """One school location of the register."""

    __tablename__ = "school"
    __table_args__ = (
        UniqueConstraint("register_code"),
        Index("ix_school_search", "search"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    register_code: Mapped[Code]  # BRIN and location: 6 characters in the Netherlands
    name: Mapped[Line]
    kind: Mapped[Code] = mapped_column(String(60), default="")
    street: Mapped[Line] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    town: Mapped[Line]
    municipality: Mapped[Line] = mapped_column(default="")
    province: Mapped[Code] = mapped_column(default="")
    holiday_region: Mapped[str] = mapped_column(String(10), default="")
    pupils: Mapped[int | None]
    website: Mapped[Line] = mapped_column(default="")
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    lesson_minutes: Mapped[int] = mapped_column(default=50)
    arrival: Mapped[Prose] = mapped_column(default="")  # what every guest must know
    search: Mapped[str] = mapped_column(String(400))  # lower case, without accents
    is_open: Mapped[bool] = mapped_column(default=True)

    region: Mapped[Region] = relationship()


class LessonPeriod(Model):
    """One lesson of a school's bell times, on the wall clock: "3", 10:20 to 11:10."""

    __tablename__ = "lesson_period"
    __table_args__ = (
        UniqueConstraint("school_id", "name"),
        CheckConstraint("ends > starts", name="ends_after_start"),
    )

    id: Mapped[Key]
    school_id: Mapped[int] = owned("school.id", cascade=True)
    name: Mapped[str] = mapped_column(String(20))
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))


class Company(Model):
    """A company that offers; ``term_cap`` bounds its visits per half school year."""

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("employees >= 1", name="employees_positive"),
        CheckConstraint("term_cap IS NULL OR term_cap >= 0", name="term_cap_positive"),
        UniqueConstraint("register_code", "establishment"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    name: Mapped[Line] = mapped_column(unique=True)
    register_code: Mapped[str | None] = mapped_column(String(12))  # KvK number
    # KvK's number of one of its places, where several take part (12 digits); else empty.
    establishment: Mapped[str] = mapped_column(String(12), default="")
    about: Mapped[Prose] = mapped_column(default="")
    sector: Mapped[Line] = mapped_column(default="")
    employees: Mapped[int]
    street: Mapped[Line] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(String(10))
    town: Mapped[Line]
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    website: Mapped[Line] = mapped_column(default="")
    term_cap: Mapped[int | None]
    paused_until: Mapped[date | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)

    region: Mapped[Region] = relationship()

    @property
    def is_small(self) -> bool:
        return self.employees < SMALL_UNDER


class Partnership(Model):
    """One school and one company with a year plan; active once both have signed."""

    __tablename__ = "partnership"
    __table_args__ = (
        UniqueConstraint("school_id", "company_id", "starts_on"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_moment"),
        CheckConstraint(
            "state <> 'active' OR (school_signed_at IS NOT NULL AND company_signed_at IS NOT NULL)",
            name="active_is_signed",
        ),
    )

    id: Mapped[Key]
    school_id: Mapped[int] = owned("school.id")
    company_id: Mapped[int] = owned("company.id")
    state: Mapped[PartnershipState] = mapped_column(
        choice(PartnershipState, "state"), default=PartnershipState.PROPOSED
    )
    plan: Mapped[Prose] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    school_signed_at: Mapped[Moment | None]
    company_signed_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    renewal_asked_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    ended_note: Mapped[Prose] = mapped_column(default="")

    school: Mapped[School] = relationship()
    company: Mapped[Company] = relationship()
    activities: Mapped[list[PlannedActivity]] = relationship(
        back_populates="partnership",
        cascade="all, delete-orphan",
        order_by="PlannedActivity.month, PlannedActivity.id",
    )


class PlannedActivity(Model):
    """One line of a year plan: what the two mean to do together, and in which month."""

    __tablename__ = "planned_activity"

    id: Mapped[Key]
    partnership_id: Mapped[int] = owned("partnership.id", cascade=True)
    kind: Mapped[Code]  # of offer
    title: Mapped[Line]
    month: Mapped[str] = mapped_column(String(7))  # "2027-02"
    done_at: Mapped[Moment | None]

    partnership: Mapped[Partnership] = relationship(back_populates="activities")
