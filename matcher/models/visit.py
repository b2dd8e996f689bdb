"""A visit: a confirmed proposal as both sides see it, until it has been held and looked back on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Key, Line, Model, Moment, Prose, Record, StrList, choice, owned
from matcher.models.moves import Side

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.proposal import Proposal


SMALLEST_CLASS = 8  # a show of hands in a smaller one would tell who raised theirs


class Visit(Model):
    """What both sides share from confirmation on."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("proposal_id"),
        CheckConstraint("attended IS NULL OR attended >= 0", name="attended_positive"),
        CheckConstraint(
            "hands_before IS NULL OR (attended >= 8 AND hands_before BETWEEN 0 AND attended)",
            name="hands_before_in_class",
        ),
        CheckConstraint(
            "hands_after IS NULL OR (attended >= 8 AND hands_after BETWEEN 0 AND attended)",
            name="hands_after_in_class",
        ),
    )

    id: Mapped[Key]
    proposal_id: Mapped[int] = owned("proposal.id")
    calendar_uid: Mapped[str] = mapped_column(String(80), unique=True)
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    room: Mapped[Line] = mapped_column(default="")
    arrival: Mapped[Prose] = mapped_column(default="")
    video_url: Mapped[str] = mapped_column(String(500), default="")
    material: Mapped[Prose] = mapped_column(default="")
    pupils_questions: Mapped[Prose] = mapped_column(default="")
    conduct_wished: Mapped[bool] = mapped_column(default=False)  # the school asks for a VOG
    teacher_stays_at: Mapped[Moment | None]  # when both said yes to that
    checklist: Mapped[Record]  # item -> when it was ticked, and by whom
    reminded: Mapped[Record]  # reminder -> moment it was queued
    attended: Mapped[int | None]  # pupils, counted on the day
    hands_before: Mapped[int | None]  # of them, who could imagine such work before the visit
    hands_after: Mapped[int | None]  # and after it; neither is kept of fewer than SMALLEST_CLASS
    created_at: Mapped[Moment] = mapped_column(default=clock.now)

    proposal: Mapped[Proposal] = relationship()
    reports: Mapped[list[Report]] = relationship(
        back_populates="visit", cascade="all, delete-orphan", order_by="Report.id"
    )
    feedback: Mapped[list[Feedback]] = relationship(
        back_populates="visit", cascade="all, delete-orphan", order_by="Feedback.id"
    )


class Report(Model):
    """One side's word, afterwards, on whether the visit took place."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("visit_id", "side"),)

    id: Mapped[Key]
    visit_id: Mapped[int] = owned("visit.id", cascade=True)
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    by_id: Mapped[int] = owned("person.id")
    held: Mapped[bool]
    attended: Mapped[int | None]
    reasons: Mapped[StrList]  # why not, where it was not held
    note: Mapped[Prose] = mapped_column(default="")
    at: Mapped[Moment] = mapped_column(default=clock.now)

    visit: Mapped[Visit] = relationship(back_populates="reports")


class Feedback(Model):
    """One side looking back: a mark per question, a word, and whether they would again."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("visit_id", "side"),)

    id: Mapped[Key]
    visit_id: Mapped[int] = owned("visit.id", cascade=True)
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    by_id: Mapped[int] = owned("person.id")
    marks: Mapped[Record]  # question -> 1..5
    again: Mapped[bool | None]
    words: Mapped[Prose] = mapped_column(default="")
    at: Mapped[Moment] = mapped_column(default=clock.now)

    visit: Mapped[Visit] = relationship(back_populates="feedback")


class Message(Model):
    """A line from one side of a proposal to the other; from its first question on."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("side IN ('school', 'company')", name="of_a_side"),
        CheckConstraint(
            "reported_at IS NOT NULL OR (settled_at IS NULL AND NOT is_hidden)",
            name="only_reported_is_settled",
        ),
        Index("ix_message_by_at", "by_id", "at"),
    )

    id: Mapped[Key]
    proposal_id: Mapped[int] = owned("proposal.id", cascade=True)
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    by_id: Mapped[int | None] = owned("person.id")  # None: a guest without an account
    words: Mapped[Prose]
    at: Mapped[Moment] = mapped_column(default=clock.now)
    reported_at: Mapped[Moment | None]  # the other side asked the coordinator to look
    reported_by_id: Mapped[int | None] = owned("person.id")
    report_note: Mapped[Prose] = mapped_column(default="")
    settled_at: Mapped[Moment | None]  # the coordinator has
    is_hidden: Mapped[bool] = mapped_column(default=False)  # and took it away

    proposal: Mapped[Proposal] = relationship()
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
