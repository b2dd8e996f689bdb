"""The co-financing statement: hours given by each company, times a rate; signed and then frozen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.co_financing import CoFinancing
from matcher.models.journal import write_journal
from matcher.models.moves import ProposalState
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal
from matcher.organisations.statement import Held, held_at, held_in, held_visits, sums
from matcher.policies import may_coordinate

MOST_CENTS = 100_000  # an hour


@dataclass(frozen=True, slots=True)
class Line:
    """One company: its visits, the minutes in them and beside them, what that is worth."""

    company_id: int
    company: str
    visits: int
    minutes: int
    preparation: int
    cents: int

    @property
    def visit_hours(self) -> float:
        return self.minutes / 60

    @property
    def preparation_hours(self) -> float:
        return self.preparation / 60

    @property
    def hours(self) -> float:
        return (self.minutes + self.preparation) / 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """All lines of a statement with their rate."""

    lines: tuple[Line, ...]
    rate_cents: int
    preparation_minutes: int

    @property
    def visits(self) -> int:
        return sum(line.visits for line in self.lines)

    @property
    def hours(self) -> float:
        return sum(line.minutes + line.preparation for line in self.lines) / 60

    @property
    def cents(self) -> int:
        """The sum of the lines as they are printed."""
        return sum(line.cents for line in self.lines)


# ---- reading ------------------------------------------------------------------------------------
def statement_of(region: Region, year: str) -> CoFinancing | None:
    """What was set or signed for a region's year."""
    found = select(CoFinancing).where(
        CoFinancing.region_id == region.id, CoFinancing.school_year == year
    )
    return db.session.scalar(found.options(joinedload(CoFinancing.signed_by)))


def statements_of(regions: Sequence[Region], year: str) -> dict[int, CoFinancing]:
    """Those of several regions, by region."""
    found = select(CoFinancing).where(
        CoFinancing.region_id.in_([region.id for region in regions]),
        CoFinancing.school_year == year,
    )
    rows = db.session.scalars(found.order_by(CoFinancing.region_id))
    return {row.region_id: row for row in rows}


def sheet_of(region: Region, year: str, *, rate_cents: int, preparation_minutes: int) -> Sheet:
    """As the visits stand today, companies by name."""
    rows = _without_hours_told_elsewhere(held_visits(year, held_in(region)), region)
    by_company: dict[int, list[Held]] = {}
    for row in rows:
        by_company.setdefault(row.company_id, []).append(row)
    lines = [_line(held, rate_cents, preparation_minutes) for held in by_company.values()]
    lines.sort(key=lambda line: (line.company.casefold(), line.company_id))
    return Sheet(tuple(lines), rate_cents, preparation_minutes)


def frozen_sheet(statement: CoFinancing) -> Sheet:
    """As it was signed."""
    lines = tuple(Line(**line) for line in statement.lines)
    return Sheet(lines, statement.rate_cents, statement.preparation_minutes or 0)


def still_open(region: Region, year: str) -> int:
    """Agreed visits of the year that nobody has closed yet."""
    begins, ends = clock.school_year_span(year)
    found = select(func.count()).where(
        Proposal.region_id == region.id,
        Proposal.state == ProposalState.CONFIRMED,
        held_at >= begins,
        held_at < min(ends, clock.now()),
    )
    return db.session.scalar(found) or 0


def is_over(year: str) -> bool:
    return clock.school_year_span(year)[1] <= clock.now()


def _line(held: Sequence[Held], rate_cents: int, preparation_minutes: int) -> Line:
    """Money is rounded to cents once, on the line; half a cent upwards."""
    alone = sums(held, preparation_minutes=0)
    both = sums(held, preparation_minutes=preparation_minutes)
    minutes, every = round(alone.hours * 60), round(both.hours * 60)
    cents = (every * rate_cents * 2 + 60) // 120
    first = held[0]
    return Line(first.company_id, first.company, alone.visits, minutes, every - minutes, cents)


def _without_hours_told_elsewhere(rows: Iterable[Held], region: Region) -> list[Held]:
    """A webinar with classes of several regions costs its company one hour: it is told in the
    statement of the region whose class was asked first."""
    delivered = (Proposal.state == ProposalState.DELIVERED, Proposal.shares_slot)
    first = (
        select(func.min(Proposal.id).label("id"))
        .where(*delivered, Proposal.slot_id.is_not(None))
        .group_by(Proposal.slot_id)
        .subquery()
    )
    slots = db.session.scalars(
        select(Proposal.slot_id)
        .join(first, first.c.id == Proposal.id)
        .where(Proposal.region_id != region.id)
    )
    elsewhere = {f"slot:{slot}" for slot in slots}
    return [replace(row, minutes=None) if row.sitting in elsewhere else row for row in rows]


# ---- verbs --------------------------------------------------------------------------------------
def set_rate(region: Region, year: str, rate_cents: int, *, by: Person) -> CoFinancing:
    """What an hour counts for, in cents; until the statement is signed."""
    _insist(region, by)
    if not 1 <= rate_cents <= MOST_CENTS:
        raise Invalid(_l("Enter an amount from 0.01 to 1000 euros."), field="rate")
    row = statement_of(region, year)
    if row is not None and row.is_signed:
        raise WrongState(_l("This statement has been signed and stays as it is."))
    if row is None:
        row = CoFinancing(region_id=region.id, school_year=year, rate_cents=rate_cents)
        db.session.add(row)
        db.session.flush()
        before = None
    else:
        before, row.rate_cents = row.rate_cents, rate_cents
    write_journal("rate", row, by=by, changes={"rate_cents": [before, rate_cents]})
    return row


def sign(
    region: Region, year: str, *, rate_cents: int, preparation_minutes: int, by: Person
) -> CoFinancing:
    """Freeze the statement as it stands; only of a year that is over, and only once. The usual
    ``rate_cents`` counts where none was set."""
    _insist(region, by)
    if not is_over(year):
        raise WrongState(_l("A statement is signed when its school year is over."))
    row = statement_of(region, year) or set_rate(region, year, rate_cents, by=by)
    if row.is_signed:
        raise WrongState(_l("This statement has been signed and stays as it is."))
    sheet = sheet_of(
        region, year, rate_cents=row.rate_cents, preparation_minutes=preparation_minutes
    )
    row.lines = [asdict(line) for line in sheet.lines]
    row.preparation_minutes, row.total_cents = preparation_minutes, sheet.cents
    row.signed_at, row.signed_by_id = clock.now(), by.id
    db.session.flush()
    write_journal("sign", row, by=by, changes={"total_cents": sheet.cents})
    return row


def _insist(region: Region, by: Person) -> None:
    if not may_coordinate(by, region):
        raise NotAllowed(_l("Only this region's coordinator can do this."))
