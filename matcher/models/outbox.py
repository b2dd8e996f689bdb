"""What waits to be mailed, and the runs of jobs: work that must survive a crash."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import Code, Key, Line, Model, Moment, Prose, choice, owned

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.link import PersonalLink


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutboxMail(Model):
    """A rendered mail, frozen with the deed that caused it; sent after the commit."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_moment"),
        Index("ix_outbox_mail_state_next", "state", "next_try_at"),
    )

    id: Mapped[Key]
    dedupe_key: Mapped[Line]
    message: Mapped[Code]  # name of the template pair
    person_id: Mapped[int | None] = owned("person.id")
    to_address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[Line]
    body: Mapped[Prose]
    message_id: Mapped[Line] = mapped_column(unique=True)
    state: Mapped[MailState] = mapped_column(choice(MailState, "state"), default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[Moment] = mapped_column(default=clock.now)
    leased_until: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    sent_at: Mapped[Moment | None]
    error: Mapped[Prose] = mapped_column(default="")

    link_id: Mapped[int | None] = mapped_column(
        ForeignKey("personal_link.id", ondelete="SET NULL"), index=True
    )

    person: Mapped[Person | None] = relationship()
    link: Mapped[PersonalLink | None] = relationship()

    @property
    def text(self) -> str:
        """The body as it is sent: with the reader's own link, whose secret is not stored."""
        if self.link is None:
            return self.body
        return self.body.replace(self.link.untold_path, self.link.path)


class JobRunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(Model):
    """One firing of one job; its key is what lets a second scheduler do nothing."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "scheduled_for"),)

    id: Mapped[Key]
    job: Mapped[Code]
    scheduled_for: Mapped[Moment]
    state: Mapped[JobRunState] = mapped_column(
        choice(JobRunState, "state"), default=JobRunState.RUNNING
    )
    started_at: Mapped[Moment] = mapped_column(default=clock.now)
    finished_at: Mapped[Moment | None]
    did: Mapped[Line] = mapped_column(default="")
    error: Mapped[Prose] = mapped_column(default="")


class Heartbeat(Model):
    """The leading jobs process says here that it lives."""

    __tablename__ = "heartbeat"

    name: Mapped[Code] = mapped_column(primary_key=True)
    process: Mapped[Code] = mapped_column(String(80))
    at: Mapped[Moment]
