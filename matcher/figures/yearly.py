"""What each school year brought: requests filled, days until agreed, visits, pupils, encounters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, distinct, func, or_, select

from matcher.extensions import db
from matcher.figures import held
from matcher.figures.dimensions import APART
from matcher.figures.ledger import AGREED, is_served, share
from matcher.figures.scope import Scope
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import SMALL_UNDER, Company
from matcher.models.proposal import Proposal
from matcher.models.sql import minute_of

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Year:
    """One school year of some regions."""

    asked: int = 0  # requests published
    filled: int = 0  # of them, with a visit agreed or held
    days: float | None = None  # the median from publishing to agreeing
    held: int = 0  # visits
    not_held: int = 0
    pupils: int = 0  # counted on the day, a class once
    encounters: int = 0  # pupils times professionals they met
    uncounted: int = 0  # visits held whose pupils nobody counted
    small: int = 0  # visits held by companies with fewer than 50 staff
    schools: int = 0
    companies: int = 0
    professionals: int = 0

    @property
    def fill_rate(self) -> float | None:
        return share(self.filled, self.asked)

    @property
    def small_share(self) -> float | None:
        return share(self.small, self.held)

    @property
    def no_show_share(self) -> float | None:
        return share(self.not_held, self.held + self.not_held)


def years(scope: Scope) -> dict[str, Year]:
    """Every year of the trend, the first first; three queries."""
    asked, days, visits = _asked(scope), _days(scope), _visits(scope)
    found = {}
    for year, _starts, _ends in scope.trend:
        published, filled = asked.get(year, (0, 0))
        found[year] = Year(published, filled, days.get(year), *visits.get(year, ()))
    return found


def _asked(scope: Scope) -> dict[str, Any]:
    rows = db.session.execute(
        select(
            scope.year_of(Need.published_at).label(APART),
            func.count(),
            func.count(case((is_served(), 1))),
        )
        .where(scope.of(Need.region_id), Need.published_at.is_not(None))
        .group_by(APART)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def _days(scope: Scope) -> dict[str, float]:
    """The median is the middle one, or the mean of the two in the middle; by row numbers, since
    only one of the two databases knows medians."""
    took = (
        select(
            scope.year_of(Need.published_at).label(APART),
            (minute_of(func.min(Proposal.confirmed_at)) - minute_of(Need.published_at)).label(
                "minutes"
            ),
        )
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .where(scope.of(Need.region_id), Proposal.state.in_(AGREED))
        .group_by(Need.id)
        .subquery()
    )
    year, minutes = took.c[APART], took.c.minutes
    placed = select(
        year,
        minutes,
        func.row_number().over(partition_by=year, order_by=minutes).label("place"),
        func.count().over(partition_by=year).label("many"),
    ).subquery()
    place, many = placed.c.place, placed.c.many
    rows = db.session.execute(
        select(placed.c[APART], func.avg(placed.c.minutes))
        .where(or_(place == (many + 1) // 2, place == (many + 2) // 2))
        .group_by(placed.c[APART])
    )
    return {year: float(mean) / MINUTES_A_DAY for year, mean in rows}


def _visits(scope: Scope) -> dict[str, Any]:
    visits = held.visits(scope)
    was_held = visits.c.held == 1
    uncounted = and_(was_held, visits.c.attended.is_(None))
    small = and_(was_held, Company.employees < SMALL_UNDER)
    rows = db.session.execute(
        select(
            visits.c.year,
            func.sum(visits.c.held),
            func.count(case((visits.c.held == 0, 1))),
            func.sum(visits.c.reached),
            func.sum(visits.c.met),
            func.count(case((uncounted, 1))),
            func.count(case((small, 1))),
            func.count(distinct(case((was_held, Need.school_id)))),
            func.count(distinct(case((was_held, Offer.company_id)))),
            func.count(distinct(case((was_held, Proposal.professional_id)))),
        )
        .select_from(visits)
        .join(Proposal, Proposal.id == visits.c.id)
        .join(Need, Need.id == visits.c.need_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Company, Company.id == Offer.company_id)
        .group_by(visits.c.year)
    )
    return {row[0]: tuple(row[1:]) for row in rows}
