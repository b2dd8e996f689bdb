"""What was given in a school year: delivered visits, the hours in them, whom they reached.

Sums are pure; the queries beside them read the visits of one company, school or region. Only
delivered visits count. Definitions:

- *pupils*: counted on the day. A class that was met twice is reached once, at its largest.
- *encounters*: pupils x professionals, counted on the day. A film or a challenge without a meeting
  is no encounter.
- *hours*: of the visit and its preparation, once per sitting: a webinar that ten classes join costs
  its company the hours of one. What has no time on the clock has none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState
from matcher.models.need import Need
from matcher.models.offer import Offer, OfferKind
from matcher.models.organisation import Company, Region, School
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit

MOST = 20_000  # visits of one region's year
YEARS_SHOWN = 6
T = TypeVar("T")
held_at = func.coalesce(Proposal.starts_at, Proposal.confirmed_at)


@dataclass(frozen=True, slots=True)
class Held:
    """One delivered visit of one class, as a statement counts it."""

    proposal_id: int
    on: date
    kind: OfferKind
    title: str
    company_id: int
    company: str
    school_id: int
    school: str
    town: str
    teacher: str
    class_id: int  # the need: who was met
    levels: tuple[str, ...]
    sitting: str  # classes of one sitting share its hours
    minutes: int | None  # None: no time on the clock
    pupils: int | None  # None: nobody counted

    @property
    def encounters(self) -> int:
        return (self.pupils or 0) if self.minutes is not None else 0


@dataclass(frozen=True, slots=True)
class Statement:
    """The sums of some delivered visits."""

    visits: int
    sittings: int
    hours: float
    pupils: int
    encounters: int
    uncounted: int  # visits of which nobody wrote down how many pupils came
    schools: int
    companies: int
    kinds: tuple[tuple[OfferKind, int], ...]  # most first
    levels: tuple[tuple[str, int], ...]  # most first; a mixed class counts for each of its levels


# ---- sums ---------------------------------------------------------------------------------------
def sums(held: Iterable[Held], *, preparation_minutes: int) -> Statement:
    """Add up; ``preparation_minutes`` come with every sitting that has a time."""
    rows = list(held)
    sittings = {row.sitting: row.minutes for row in rows if row.minutes is not None}
    minutes = sum(sittings.values()) + preparation_minutes * len(sittings)
    reached: dict[int, int] = defaultdict(int)
    for row in rows:
        reached[row.class_id] = max(reached[row.class_id], row.pupils or 0)
    return Statement(
        visits=len(rows),
        sittings=len({row.sitting for row in rows}),
        hours=minutes / 60,
        pupils=sum(reached.values()),
        encounters=sum(row.encounters for row in rows),
        uncounted=sum(row.pupils is None for row in rows),
        schools=len({row.school_id for row in rows}),
        companies=len({row.company_id for row in rows}),
        kinds=_most_first(row.kind for row in rows),
        levels=_most_first(level for row in rows for level in row.levels),
    )


def grouped(
    held: Iterable[Held], by: Callable[[Held], str], *, preparation_minutes: int
) -> list[tuple[str, Statement]]:
    """The sums for each school, or company, or whatever ``by`` names; most visits first."""
    groups: dict[str, list[Held]] = defaultdict(list)
    for row in held:
        groups[by(row)].append(row)
    told = [(name, sums(g, preparation_minutes=preparation_minutes)) for name, g in groups.items()]
    return sorted(told, key=lambda pair: (-pair[1].visits, pair[0]))


def _most_first(values: Iterable[T]) -> tuple[tuple[T, int], ...]:
    counted = Counter(values)
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0]))))


# ---- queries ------------------------------------------------------------------------------------
def given_by(company: Company) -> ColumnElement[bool]:
    return Offer.company_id == company.id


def met_at(school: School) -> ColumnElement[bool]:
    return Need.school_id == school.id


def held_in(region: Region) -> ColumnElement[bool]:
    """By where the class is: the region that arranged it."""
    return Need.region_id == region.id


def held_visits(year: str, *whose: ColumnElement[bool]) -> list[Held]:
    """The delivered visits of a school year ("2026-27"), oldest first, in one query."""
    begins, ends = clock.school_year_span(year)
    found = (
        _delivered(
            Proposal.id,
            held_at.label("at"),
            Proposal.starts_at,
            Proposal.ends_at,
            Proposal.shares_slot,
            Proposal.slot_id,
            Proposal.need_id,
            Offer.kind,
            Offer.title,
            Offer.company_id,
            Company.name.label("company"),
            Need.school_id,
            School.name.label("school"),
            School.town,
            Person.name.label("teacher"),
            Need.levels,
            Visit.attended,
        )
        .where(held_at >= begins, held_at < ends, *whose)
        .order_by(held_at, Proposal.id)
        .limit(MOST)
    )
    return [_told(row) for row in db.session.execute(found)]


def years_of(*whose: ColumnElement[bool]) -> list[str]:
    """The school years to choose from, newest first: this one, and back to the first visit."""
    first = db.session.scalar(_delivered(func.min(held_at)).where(*whose))
    this = clock.school_year()
    newest = int(this[:4])
    oldest = int(clock.school_year(clock.local(first).date())[:4]) if first else newest
    years = range(newest, min(oldest, newest) - 1, -1)
    return [clock.school_year(date(year, 8, 1)) for year in years][:YEARS_SHOWN]


def _delivered(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(Person, Person.id == Need.teacher_id)
        .join(School, School.id == Need.school_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Company, Company.id == Offer.company_id)
        .join(Visit, Visit.proposal_id == Proposal.id)
        .where(Proposal.state == ProposalState.DELIVERED)
    )


def _told(row: Any) -> Held:
    timed = row.starts_at is not None and row.ends_at is not None
    shared = row.shares_slot and row.slot_id is not None
    return Held(
        proposal_id=row.id,
        on=clock.local(row.at).date(),
        kind=row.kind,
        title=row.title,
        company_id=row.company_id,
        company=row.company,
        school_id=row.school_id,
        school=row.school,
        town=row.town,
        teacher=row.teacher,
        class_id=row.need_id,
        levels=tuple(row.levels),
        sitting=f"slot:{row.slot_id}" if shared else f"visit:{row.id}",
        minutes=round((row.ends_at - row.starts_at).total_seconds() / 60) if timed else None,
        pupils=row.attended,
    )
