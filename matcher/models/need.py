"""A need: what a teacher asks for one class, and when it could be."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
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
    StrList,
    choice,
    owned,
)

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.guide import SuggestedResource
    from matcher.models.organisation import Region, School


class NeedState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"  # its last window has passed


class PlaceKind(StrEnum):
    """Where it can happen; shared words of needs and offers."""

    ONSITE = "onsite"
    ONLINE = "online"
    BOTH = "both"


class Support(StrEnum):
    """What a class as a whole asks of a guest; never of single pupils."""

    SHORT_PARTS = "short_parts"
    PLAIN_WORDS = "plain_words"
    DOING = "doing"
    FIXED_PLAN = "fixed_plan"
    QUIET = "quiet"
    SMALL_GROUPS = "small_groups"
    STEP_FREE = "step_free"
    CAPTIONS = "captions"
    LARGE_PRINT = "large_print"


class Need(Model):
    """What a teacher asks for one class. Codes are those of the programme's school system."""

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint("group_size IS NULL OR group_size BETWEEN 1 AND 1000", name="group_size"),
        CheckConstraint(
            "lesson_minutes IS NULL OR lesson_minutes BETWEEN 10 AND 600", name="lesson_minutes"
        ),
        CheckConstraint("visits_wanted BETWEEN 1 AND 10", name="visits_wanted"),
        CheckConstraint("travel_km IS NULL OR travel_km BETWEEN 1 AND 500", name="travel_km"),
        CheckConstraint("groups BETWEEN 1 AND 10", name="groups"),
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (published_at IS NOT NULL AND subject <> ''"
            " AND levels <> '[]' AND group_size IS NOT NULL AND lesson_minutes IS NOT NULL)",
            name="open_is_complete",
        ),
        UniqueConstraint("school_id", "reference"),
        Index("ix_need_region_state", "region_id", "state", "published_at", "id"),
        Index("ix_need_teacher_state", "teacher_id", "state"),
    )

    id: Mapped[Key]
    school_id: Mapped[int] = owned("school.id")
    region_id: Mapped[int] = owned("region.id")
    teacher_id: Mapped[int] = owned("person.id")
    reference: Mapped[str | None] = mapped_column(String(80))  # the school's own, from a file
    state: Mapped[NeedState] = mapped_column(choice(NeedState, "state"), default=NeedState.DRAFT)
    title: Mapped[Line] = mapped_column(default="")
    goal: Mapped[Prose] = mapped_column(default="")  # what pupils should take home
    hook: Mapped[Prose] = mapped_column(default="")  # the chapter, what the class knows already
    language: Mapped[str] = mapped_column(String(2), default="nl")  # of the text
    subject: Mapped[Code] = mapped_column(default="")
    levels: Mapped[StrList]  # several where they sit in one class
    other_levels: Mapped[StrList]  # of offers that are fine too
    years: Mapped[IntList]
    groups: Mapped[int] = mapped_column(default=1)  # classes that come together
    group_size: Mapped[int | None]  # pupils, all groups together
    support: Mapped[StrList]  # see Support
    kinds: Mapped[StrList]
    place: Mapped[PlaceKind] = mapped_column(choice(PlaceKind, "place"), default=PlaceKind.BOTH)
    travel_km: Mapped[int | None]  # how far the class goes to a tour; None: no limit
    languages: Mapped[StrList]
    class_profile: Mapped[Record]  # type -> how many, 0 to 100; the matcher takes shares
    lesson_minutes: Mapped[int | None]
    visits_wanted: Mapped[int] = mapped_column(default=1)
    remarks: Mapped[Prose] = mapped_column(default="")
    rhythm: Mapped[Record]  # the class's own lessons in some weeks; see needs.rhythm
    wish_id: Mapped[int | None] = mapped_column(  # the offer it was written for
        ForeignKey("offer.id", ondelete="SET NULL"), index=True
    )
    alerts: Mapped[bool] = mapped_column(default=True)  # mail when something new fits
    ladder_at: Mapped[Moment | None]  # when a tour, challenge or webinar was offered instead
    end_reasons: Mapped[StrList]  # why it was withdrawn
    end_note: Mapped[Prose] = mapped_column(default="")
    published_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    changed_at: Mapped[Moment] = mapped_column(default=clock.now)
    matched_at: Mapped[Moment | None]  # when the matcher last looked at it alone
    resources_at: Mapped[Moment | None]  # when the toolbox was last searched for it

    @property
    def accepted_levels(self) -> list[str]:
        """The class's own levels and those of offers that are fine too."""
        return list(dict.fromkeys((*self.levels, *(self.other_levels or []))))

    school: Mapped[School] = relationship()
    region: Mapped[Region] = relationship()
    teacher: Mapped[Person] = relationship()
    suggested_resources: Mapped[list[SuggestedResource]] = relationship(
        order_by="SuggestedResource.score.desc()", viewonly=True
    )
    windows: Mapped[list[NeedWindow]] = relationship(
        back_populates="need", cascade="all, delete-orphan", order_by="NeedWindow.starts_at"
    )


class NeedWindow(Model):
    """A stretch of time in which the class can receive a visit."""

    __tablename__ = "need_window"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ends_after_start"),)

    id: Mapped[Key]
    need_id: Mapped[int] = owned("need.id", cascade=True)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    weekly: Mapped[bool] = mapped_column(default=False)  # worked out from the need's rhythm

    need: Mapped[Need] = relationship(back_populates="windows")


class NeedAlert(Model):
    """An offer of which a need's teacher has heard by mail; the pair is told once."""

    __tablename__ = "need_alert"
    __table_args__ = (UniqueConstraint("need_id", "offer_id"),)

    id: Mapped[Key]
    need_id: Mapped[int] = owned("need.id", cascade=True)
    offer_id: Mapped[int] = owned("offer.id", cascade=True)
    at: Mapped[Moment] = mapped_column(default=clock.now)
