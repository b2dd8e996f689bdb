"""Whom a school year reached: visits held, pupils and schools, told apart; and shown hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import distinct, func, select

from matcher.extensions import db
from matcher.figures import held
from matcher.figures.dimensions import APART, Dimension, column_of
from matcher.figures.ledger import share
from matcher.figures.scope import Scope
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import School
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit


@dataclass(frozen=True, slots=True)
class Reached:
    """One province, level, subject or kind of visit."""

    code: Any
    visits: int
    pupils: int
    schools: int


@dataclass(frozen=True, slots=True)
class Hands:
    """Pupils who could imagine such work, before and after, in classes that counted both."""

    visits: int
    pupils: int
    before: int
    after: int

    @property
    def before_share(self) -> float | None:
        return share(self.before, self.pupils)

    @property
    def after_share(self) -> float | None:
        return share(self.after, self.pupils)


def reached(scope: Scope, dimension: Dimension) -> list[Reached]:
    """The most pupils first; one query."""
    visits = held.visits(scope)
    rows = db.session.execute(
        select(
            column_of(dimension).label(APART),
            func.count(),
            func.sum(visits.c.reached),
            func.count(distinct(Need.school_id)),
        )
        .select_from(visits)
        .join(Proposal, Proposal.id == visits.c.id)
        .join(Need, Need.id == visits.c.need_id)
        .join(School, School.id == Need.school_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .where(visits.c.held == 1, visits.c.year == scope.year)
        .group_by(APART)
    )
    found = [Reached(*row) for row in rows]
    return sorted(found, key=lambda one: (-one.pupils, -one.visits, str(one.code)))


def hands(scope: Scope) -> Hands:
    """One query."""
    visits = held.visits(scope)
    row = db.session.execute(
        select(
            func.count(),
            func.sum(Visit.attended),
            func.sum(Visit.hands_before),
            func.sum(Visit.hands_after),
        )
        .join(visits, visits.c.id == Visit.proposal_id)
        .where(
            visits.c.held == 1,
            visits.c.year == scope.year,
            Visit.hands_before.is_not(None),
            Visit.hands_after.is_not(None),
        )
    ).one()
    return Hands(row[0], row[1] or 0, row[2] or 0, row[3] or 0)
