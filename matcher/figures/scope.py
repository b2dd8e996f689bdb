"""What a page of figures is about: some regions, and one school year beside the years before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select, true

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import ProposalState
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal

TREND = 4  # school years shown beside each other


@dataclass(frozen=True)
class Scope:
    """Regions and a school year; ``is_everything`` when it is all that takes part."""

    regions: tuple[Region, ...]
    year: str
    is_everything: bool = False

    def of(self, region_id: Any) -> ColumnElement[bool]:
        """Whether a column names one of the regions."""
        if self.is_everything:
            return true()
        return region_id.in_([region.id for region in self.regions])  # type: ignore[no-any-return]

    def during(self, moment: Any) -> ColumnElement[bool]:
        """Whether a moment lies in the year."""
        return and_(moment >= self.starts, moment < self.ends)

    def year_of(self, moment: Any) -> ColumnElement[str]:
        """The school year of a moment, of those of the trend."""
        known = [(and_(moment >= a, moment < b), year) for year, a, b in self.trend]
        return case(*known, else_=None)

    @property
    def starts(self) -> datetime:
        return clock.school_year_span(self.year)[0]

    @property
    def ends(self) -> datetime:
        return clock.school_year_span(self.year)[1]

    @property
    def trend(self) -> list[tuple[str, datetime, datetime]]:
        """The years up to this one, the first first, each with its bounds."""
        last = int(self.year[:4])
        years = [_named(first) for first in range(last - TREND + 1, last + 1)]
        return [(year, *clock.school_year_span(year)) for year in years]


def was_held() -> ColumnElement[bool]:
    return Proposal.state == ProposalState.DELIVERED  # type: ignore[no-any-return]


def known_years() -> list[str]:
    """The school years one can choose, the newest first."""
    this = int(clock.school_year()[:4])
    return [_named(first) for first in range(this, this - TREND, -1)]


def regions_in_use() -> Sequence[Region]:
    """Those that have requests or offers, by name."""
    used = select(Need.region_id).union(select(Offer.region_id))
    found = select(Region).where(Region.id.in_(used)).order_by(Region.name, Region.id)
    return db.session.scalars(found).all()


def regions_of(person: Person) -> Sequence[Region]:
    """Of which regions somebody may see all figures; of an administrator every one in use."""
    if person.has_role(Role.ADMINISTRATOR):
        return regions_in_use()
    mine = [g.region_id for g in person.grants if g.role == Role.COORDINATOR]
    found = select(Region).where(Region.id.in_(mine)).order_by(Region.name, Region.id)
    return db.session.scalars(found).all()


def chosen(regions: Sequence[Region], *, code: str, year: str, may_all: bool) -> Scope:
    """What ?region= and ?year= ask for; what makes no sense is read as all, and as this year."""
    one = [region for region in regions if region.code == code]
    return Scope(
        tuple(one or regions),
        year if year in known_years() else clock.school_year(),
        is_everything=may_all and not one,
    )


def _named(first: int) -> str:
    return f"{first}-{(first + 1) % 100:02d}"
