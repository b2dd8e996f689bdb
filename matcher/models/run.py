"""A match run: what went in, with which settings, what came out; and questions to the matcher."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from matcher import clock
from matcher.models.base import (
    Code,
    IntList,
    Json,
    Key,
    Model,
    Moment,
    Prose,
    Record,
    choice,
    owned,
)

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.need import Need
    from matcher.models.organisation import Region
    from matcher.models.proposal import Proposal


class RunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RunScope(StrEnum):
    """All open needs of a region, or only those that have just come in."""

    REGION = "region"
    NEW_NEEDS = "new_needs"


class QuestionKind(StrEnum):
    """What a web worker asks of the jobs process, because it never computes it itself."""

    RUN = "run"
    ADVICE = "advice"
    SWAP_PRICE = "swap_price"
    WHAT_IF = "what_if"
    LEARN = "learn"


class MatchRun(Model):
    """One run of the matcher for one region; replayable from ``inputs`` and ``settings``."""

    __tablename__ = "match_run"
    __table_args__ = (
        CheckConstraint("state <> 'done' OR finished_at IS NOT NULL", name="done_is_finished"),
        Index("ix_match_run_region_started", "region_id", "started_at"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    scope: Mapped[RunScope] = mapped_column(choice(RunScope, "scope"), default=RunScope.REGION)
    state: Mapped[RunState] = mapped_column(choice(RunState, "state"), default=RunState.WAITING)
    started_by_id: Mapped[int | None] = owned("person.id")
    started_at: Mapped[Moment] = mapped_column(default=clock.now)
    finished_at: Mapped[Moment | None]
    settings: Mapped[Record]
    fingerprint: Mapped[str] = mapped_column(String(64), default="")  # sha256 of the inputs
    inputs: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))  # gzip of their JSON
    result_digest: Mapped[str] = mapped_column(String(64), default="")
    statistics: Mapped[Record]
    stage: Mapped[Code] = mapped_column(default="")  # the last one done, while it runs
    # Needs that got something, something else, nothing any more, the same: beside what stood.
    changes: Mapped[dict[str, Any]] = deferred(mapped_column(Json, default=dict, nullable=False))
    error: Mapped[Prose] = mapped_column(default="")

    region: Mapped[Region] = relationship()
    started_by: Mapped[Person | None] = relationship()
    proposals: Mapped[list[Proposal]] = relationship(back_populates="run", order_by="Proposal.id")
    unmatched: Mapped[list[UnmatchedNeed]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="UnmatchedNeed.id"
    )


class UnmatchedNeed(Model):
    """A need a run left without a proposal, with what blocks it and what would help."""

    __tablename__ = "unmatched_need"

    id: Mapped[Key]
    run_id: Mapped[int] = owned("match_run.id", cascade=True)
    need_id: Mapped[int] = owned("need.id", cascade=True)
    blockers: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    instead: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)  # the ladder
    on_topic: Mapped[int] = mapped_column(default=0)  # offers the blockers count among

    run: Mapped[MatchRun] = relationship(back_populates="unmatched")
    need: Mapped[Need] = relationship()


class Release(Model):
    """Suggestions released together; undone while nobody has answered."""

    __tablename__ = "release"
    __table_args__ = (
        CheckConstraint("undone_by_id IS NULL OR undone_at IS NOT NULL", name="undone_has_moment"),
        Index("ix_release_region_at", "region_id", "at"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = owned("region.id")
    by_id: Mapped[int | None] = owned("person.id")  # nobody: the region's policy
    at: Mapped[Moment] = mapped_column(default=clock.now)
    proposals: Mapped[IntList]  # ids, in the order they were released
    undone_at: Mapped[Moment | None]
    undone_by_id: Mapped[int | None] = owned("person.id")

    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    undone_by: Mapped[Person | None] = relationship(foreign_keys=[undone_by_id])


class Question(Model):
    """A request to the jobs process and its answer; the page polls it."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_state_id", "state", "id"),)

    id: Mapped[Key]
    kind: Mapped[QuestionKind] = mapped_column(choice(QuestionKind, "kind"))
    region_id: Mapped[int] = owned("region.id")
    need_id: Mapped[int | None] = owned("need.id", cascade=True)
    proposal_id: Mapped[int | None] = owned("proposal.id", cascade=True)
    asked_by_id: Mapped[int] = owned("person.id")
    asked_at: Mapped[Moment] = mapped_column(default=clock.now)
    state: Mapped[RunState] = mapped_column(choice(RunState, "state"), default=RunState.WAITING)
    details: Mapped[Record]
    answer: Mapped[Record]
    error: Mapped[Code] = mapped_column(String(300), default="")
