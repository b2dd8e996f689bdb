"""Questions web workers leave for the jobs process, and their answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
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
Answerer = Callable[[Question], dict[str, Any]]


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


def waiting() -> list[Question]:
    """The oldest questions without an answer."""
    found = select(Question).where(Question.state == RunState.WAITING).order_by(Question.id)
    return list(db.session.scalars(found.limit(AT_ONCE)))


def answer(question: Question, answerers: Mapping[QuestionKind, Answerer]) -> None:
    """Answer one question. What goes wrong is its answer, and leaves nothing else behind."""
    try:
        with db.session.begin_nested():
            question.answer = answerers[question.kind](question)
            question.state = RunState.DONE
    except Exception as error:
        if not isinstance(error, DomainError | ValueError):
            log.exception("question %s could not be answered", question.id)
        question.state = RunState.FAILED
        question.error = str(error)[:300]
    db.session.flush()
