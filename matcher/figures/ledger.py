"""The fairness ledger: who was served and who waits, and on whose shoulders it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, or_, select
from sqlalchemy.orm import aliased

from matcher.extensions import db
from matcher.figures.dimensions import APART, Dimension, column_of
from matcher.figures.scope import Scope, was_held
from matcher.models.moves import ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer
from matcher.models.organisation import SMALL_UNDER, Company, School
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun
from matcher.organisations.statement import held_at
from matcher.proposals.queries import has_live_proposal

BUSIEST = 10
Rows = Any  # a select of several columns
AGREED = (ProposalState.CONFIRMED, ProposalState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Sums:
    """Of some visits: how many, for whom, by whom."""

    visits: int
    schools: int
    first_time: int  # schools that had none before
    companies: int
    small_visits: int  # given by companies with fewer than 50 staff

    @property
    def small_share(self) -> float | None:
        return share(self.small_visits, self.visits)


@dataclass(frozen=True, slots=True)
class Part:
    """One level, subject or region: requests, those with a visit, those that wait; the visits."""

    code: Any
    asked: int
    served: int
    waiting: int
    visits: int
    small_visits: int

    @property
    def served_share(self) -> float | None:
        return share(self.served, self.asked)

    @property
    def small_share(self) -> float | None:
        return share(self.small_visits, self.visits)


@dataclass(frozen=True, slots=True)
class Load:
    """How many visits one professional or company has in the year, beside the yearly limit."""

    key: int
    name: str
    company: str
    is_small: bool
    visits: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """One school: visits in the year, the last one ever, and who waits there since when."""

    school: School
    visits: int
    last: datetime | None
    waiting: int
    since: datetime | None


def share(part: float, whole: float) -> float | None:
    """``part`` of ``whole``; None where there is no whole."""
    return part / whole if whole else None


def in_year(scope: Scope) -> ColumnElement[bool]:
    """Of a proposal: a visit that was held in the year, or stands in its calendar."""
    return and_(scope.of(Proposal.region_id), Proposal.state.in_(AGREED), scope.during(held_at))


def in_run(run: MatchRun) -> ColumnElement[bool]:
    """Of a proposal: one that this run suggested."""
    return Proposal.run_id == run.id  # type: ignore[no-any-return]


def sums_of(which: ColumnElement[bool], *, before: datetime) -> Sums:
    """The sums of the proposals that ``which`` names; a school is new when it had no visit
    ``before``. One query; a run's report and a region's year are told with the same sums."""
    earlier = aliased(Proposal)
    at_school = aliased(Need)
    had_one = exists().where(
        earlier.need_id == at_school.id,
        at_school.school_id == Need.school_id,
        earlier.state == ProposalState.DELIVERED,
        func.coalesce(earlier.starts_at, earlier.confirmed_at) < before,
    )
    found = db.session.execute(
        select(
            func.count(Proposal.id),
            func.count(distinct(Need.school_id)),
            func.count(distinct(case((~had_one, Need.school_id)))),
            func.count(distinct(Offer.company_id)),
            func.count(case((Company.employees < SMALL_UNDER, 1))),
        )
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Company, Company.id == Offer.company_id)
        .where(which)
    ).one()
    return Sums(*found)


def parts_by(scope: Scope, dimension: Dimension) -> list[Part]:
    """Requests of the year and visits in the year, told apart; the most asked for first."""
    asked = {row[0]: row[1:] for row in db.session.execute(_asked(scope, column_of(dimension)))}
    visits = visits_by(in_year(scope), dimension)
    parts = [
        Part(code, *(*asked.get(code, (0, 0, 0)), *visits.get(code, (0, 0))))
        for code in {*asked, *visits}
    ]
    return sorted(parts, key=lambda part: (-part.asked, -part.visits, str(part.code)))


def visits_by(which: ColumnElement[bool], dimension: Dimension) -> dict[Any, tuple[int, int]]:
    """Proposals that ``which`` names, told apart: how many, and how many of small companies."""
    rows = db.session.execute(
        select(
            column_of(dimension).label(APART),
            func.count(),
            func.count(case((Company.employees < SMALL_UNDER, 1))),
        )
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(School, School.id == Need.school_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Company, Company.id == Offer.company_id)
        .where(which)
        .group_by(APART)
    )
    return {code: (many, small) for code, many, small in rows}


def _asked(scope: Scope, column: Any) -> Rows:
    waits = and_(Need.state == NeedState.OPEN, ~has_live_proposal())
    return (
        select(
            column.label(APART),
            func.count(),
            func.count(case((is_served(), 1))),
            func.count(case((waits, 1))),
        )
        .select_from(Need)
        .join(School, School.id == Need.school_id)
        .where(scope.of(Need.region_id), scope.during(Need.published_at))
        .group_by(APART)
    )


def is_served() -> ColumnElement[bool]:
    return exists().where(Proposal.need_id == Need.id, Proposal.state.in_(AGREED))


# ---- schools ------------------------------------------------------------------------------------
def schools(scope: Scope) -> Select[School]:
    """Schools that were served in the year or wait now: who waits longest first, then who was
    visited least."""
    waiting, served = _waiting(scope).subquery(), _served(scope).subquery()
    return (
        select(School)
        .outerjoin(waiting, waiting.c.school_id == School.id)
        .outerjoin(served, served.c.school_id == School.id)
        .where(or_(waiting.c.many > 0, served.c.visits > 0))
        .order_by(
            waiting.c.since.asc().nulls_last(),
            served.c.visits.asc().nulls_first(),
            School.name,
            School.id,
        )
    )


def lines_of(found: Sequence[School], scope: Scope) -> list[SchoolLine]:
    """These schools with their figures, in two queries."""
    keys = [school.id for school in found]
    waiting = _by_school(_waiting(scope).where(Need.school_id.in_(keys)))
    served = _by_school(_served(scope).where(Need.school_id.in_(keys)))
    return [
        SchoolLine(s, *served.get(s.id, (0, None)), *waiting.get(s.id, (0, None))) for s in found
    ]


def _by_school(statement: Rows) -> dict[int, Any]:
    return {row[0]: tuple(row[1:]) for row in db.session.execute(statement)}


def _waiting(scope: Scope) -> Rows:
    return (
        select(
            Need.school_id, func.count().label("many"), func.min(Need.published_at).label("since")
        )
        .where(scope.of(Need.region_id), Need.state == NeedState.OPEN, ~has_live_proposal())
        .group_by(Need.school_id)
    )


def _served(scope: Scope) -> Rows:
    last = func.max(case((was_held(), held_at)))
    return (
        select(
            Need.school_id,
            func.count(case((in_year(scope), 1))).label("visits"),
            last.label("last"),
        )
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .where(scope.of(Proposal.region_id), Proposal.state.in_(AGREED))
        .group_by(Need.school_id)
    )


# ---- load ---------------------------------------------------------------------------------------
def professionals(scope: Scope) -> list[Load]:
    """The busiest of the year, at most ten."""
    limit = Professional.term_cap * 2
    return _loads(
        select(Professional.id, Professional.name, Company.name, Company.employees, _MANY, limit)
        .join(Professional, Professional.id == Proposal.professional_id)
        .join(Company, Company.id == Professional.company_id)
        .where(in_year(scope))
        .group_by(Professional.id, Company.id)
        .order_by(_MANY.desc(), Professional.name, Professional.id)
    )


def companies(scope: Scope) -> list[Load]:
    """The busiest of the year, at most ten."""
    limit = Company.term_cap * 2
    return _loads(
        select(Company.id, Company.name, Company.name, Company.employees, _MANY, limit)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Company, Company.id == Offer.company_id)
        .where(in_year(scope))
        .group_by(Company.id)
        .order_by(_MANY.desc(), Company.name, Company.id)
    )


_MANY = func.count(Proposal.id)


def _loads(statement: Rows) -> list[Load]:
    rows = db.session.execute(statement.limit(BUSIEST))
    return [
        Load(key, name, company, employees < SMALL_UNDER, many, limit)
        for key, name, company, employees, many, limit in rows
    ]
