"""Questions web workers leave for the jobs process, and their answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from matcher.errors import DomainError
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal
from matcher.models.run import Question, QuestionKind, RunState

log = logging.getLogger("lesbrug.questions")
AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Work:
    """A question that has been read for: ``compute`` without the database, then ``finish``."""

    compute: Callable[[], Any]
    finish: Callable[[Any], dict[str, Any]]


def ask(
    kind: QuestionKind,
    region: Region,
    *,
    by: Person,
    need: Need | None = None,
    proposal: Proposal | None = None,
    details: dict[str, Any] | None = None,
) -> Question:
    """Leave a question; the same one still waiting is not left twice."""
    waiting = select(Question).where(
        Question.kind == kind,
        Question.region_id == region.id,
        Question.state == RunState.WAITING,
        Question.need_id == (need.id if need else None),
        Question.proposal_id == (proposal.id if proposal else None),
    )
    for question in db.session.scalars(waiting.order_by(Question.id)):
        if question.details == (details or {}):
            return question
    question = Question(
        kind=kind,
        region_id=region.id,
        need_id=need.id if need else None,
        proposal_id=proposal.id if proposal else None,
        asked_by_id=by.id,
        details=details or {},
        answer={},
    )
    db.session.add(question)
    db.session.flush()
    return question


def merged(settings: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with some in their place; of weights only those that are named."""
    weights = dict(settings.get("weights") or {}) | dict(changed.get("weights") or {})
    return dict(settings) | dict(changed) | ({"weights": weights} if weights else {})


def answer_waiting(prepare: Mapping[QuestionKind, Callable[[Question], Work]]) -> int:
    """Read for all, let go of the database, compute for all, write all. How many there were.

    What goes wrong with one question is its answer, and leaves the others alone.
    """
    asked = select(Question).where(Question.state == RunState.WAITING).order_by(Question.id)
    waiting = list(db.session.scalars(asked.limit(AT_ONCE)))
    if not waiting:
        return 0
    prepared = [(question, _prepared(prepare[question.kind], question)) for question in waiting]
    db.session.rollback()
    computed = [(question, _computed(work)) for question, work in prepared]
    for question, (work, value) in computed:
        _write(question, work, value)
    return len(waiting)


def _prepared(read: Callable[[Question], Work], question: Question) -> Work:
    try:
        return read(question)
    except Exception as error:
        return _failing(error)


def _computed(work: Work) -> tuple[Work, Any]:
    try:
        return work, work.compute()
    except Exception as error:
        return _failing(error), None


def _failing(error: Exception) -> Work:
    def finish(_value: object) -> dict[str, Any]:
        raise error

    return Work(lambda: None, finish)


def _write(question: Question, work: Work, value: Any) -> None:
    try:
        with db.session.begin_nested():
            question.answer = work.finish(value)
            question.state = RunState.FAILED if question.error else RunState.DONE
    except Exception as error:
        if not isinstance(error, DomainError | ValueError):
            log.exception("question %s could not be answered", question.id)
        question.state = RunState.FAILED
        question.error = str(error)[:300]
    db.session.flush()
