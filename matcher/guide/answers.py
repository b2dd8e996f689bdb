"""What companies answered in the guide, counted for coordinators, and company by company."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.guide import GuideResult
from matcher.models.organisation import Company
from matcher.reference.taking_part import GuideTable

SINCE = timedelta(days=365)
MOST_COUNTED = 5000
QUESTIONS = ("hours", "means", "horizon", "issues", "actions")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many results there are, and how often each answer was given, by question and code."""

    results: int
    by_question: dict[str, Counter[str]]

    def of(self, question: str, code: str) -> int:
        return self.by_question[question][code]


def counts_of(person: Person) -> Counts:
    """Of the last year: without a company from everywhere, of companies in one's own regions."""
    rows = db.session.scalars(_seen_by(person).limit(MOST_COUNTED)).all()
    counted: dict[str, Counter[str]] = {name: Counter() for name in QUESTIONS}
    for row in rows:
        for name in QUESTIONS:
            counted[name].update(_codes(row.answers.get(name)))
    return Counts(len(rows), counted)


def of_companies(person: Person) -> Select[Any]:
    """Results of named companies in one's own regions, the latest first."""
    return _seen_by(person).where(GuideResult.company_id.is_not(None))


def _seen_by(person: Person) -> Select[Any]:
    found = (
        select(GuideResult)
        .outerjoin(GuideResult.company)
        .options(contains_eager(GuideResult.company))
        .where(GuideResult.at > clock.now() - SINCE)
        .order_by(GuideResult.at.desc(), GuideResult.id.desc())
    )
    if person.has_role(Role.ADMINISTRATOR):
        return found
    regions = {g.region_id for g in person.grants if g.role == Role.COORDINATOR}
    return found.where(or_(GuideResult.company_id.is_(None), Company.region_id.in_(regions)))


def _codes(answer: object) -> list[str]:
    if isinstance(answer, str):
        return [answer]
    return [str(code) for code in answer] if isinstance(answer, list) else []


def answers_of(result: GuideResult, table: GuideTable) -> dict[str, list[str]]:
    """The codes of a result that the table still knows, by question."""
    known = {name: {one.code for one in getattr(table, name)} for name in QUESTIONS[:-1]}
    known["actions"] = {action.activity for action in table.actions}
    return {
        name: [code for code in _codes(result.answers.get(name)) if code in known[name]]
        for name in QUESTIONS
    }
