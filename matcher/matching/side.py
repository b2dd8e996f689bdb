"""The side of the offers: what a run needs of offers and people, whoever asks for them.

It stands while needs come and go, so a run for one new need does not make it again (``standing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.columns import FAR, Calendar, SupplyColumns, person_columns, supply_columns
from matcher.matching.curriculum import Distinct, distinct
from matcher.matching.groups import Groups, make_groups
from matcher.matching.types import Person, Supply

Array = NDArray[Any]
# A visit by or to people counts more than a film or paper, where a class takes either.
WORTH = {"lecture": 1.0, "tour": 0.95, "challenge": 0.85, "webinar": 0.8}
ALONE = 0.9
SMALL = 50  # staff below which a company is small (EU recommendation 2003/361)


@dataclass(frozen=True)
class Side:
    """Offers and people in the order of their keys, as numbers; one row per offer or person."""

    supplies: tuple[Supply, ...]
    people: tuple[Person, ...]
    columns: SupplyColumns
    calendar: Calendar
    languages: dict[str, int]
    groups: Groups
    reach: Array  # km: how far the offer's side goes at most (people's radius, pupils' radius)
    levels: Distinct
    subjects: Distinct
    types: tuple[str, ...]  # of pupils, that angles speak of
    angle: Array  # (offers, types)
    kind: Array  # worth of its kind
    fresh: Array  # days since it was confirmed
    gave: Array  # visits of its company this year
    capacity: Array
    companies: tuple[str, ...]
    company: Array  # place among companies
    small: Array  # whether its company is
    person_point: Array
    person_radius: Array
    is_busy: bool  # somebody is, at some time

    def angles(self, types: Sequence[str]) -> Array:
        """(offers, types): the angles among more types, in order."""
        made = np.zeros((len(self.supplies), len(types)))
        made[:, [types.index(name) for name in self.types]] = self.angle
        return made


def make_side(supplies: tuple[Supply, ...], people: tuple[Person, ...]) -> Side:
    """Offers and people, both in order."""
    index = {person.key: n for n, person in enumerate(people)}
    columns, calendar, languages = supply_columns(supplies, index)
    point, radius = person_columns(people)
    types = tuple(sorted({name for supply in supplies for name in supply.angles}))
    angle = [[supply.angles.get(name, 0.0) for name in types] for supply in supplies]
    companies = tuple(sorted({supply.company for supply in supplies}))
    number = {company: n for n, company in enumerate(companies)}
    return Side(
        supplies=supplies,
        people=people,
        columns=columns,
        calendar=calendar,
        languages=languages,
        groups=make_groups(supplies, columns, people),
        reach=_reach(supplies, people, index),
        levels=distinct(supply.levels for supply in supplies),
        subjects=distinct(supply.subjects for supply in supplies),
        types=types,
        angle=np.array(angle, dtype=float).reshape(len(supplies), len(types)),
        kind=np.array([WORTH[s.kind] * (ALONE if s.on_demand else 1.0) for s in supplies]),
        fresh=np.array([supply.days_since_confirmed for supply in supplies], dtype=float),
        gave=np.array([sum(supply.company_taken.values()) for supply in supplies], dtype=float),
        capacity=np.array([supply.capacity for supply in supplies], dtype=np.int64),
        companies=companies,
        company=np.array([number[supply.company] for supply in supplies], dtype=np.int64),
        small=_small(supplies),
        person_point=point,
        person_radius=radius,
        is_busy=any(person.busy for person in people),
    )


def _reach(supplies: Sequence[Supply], people: Sequence[Person], index: dict[str, int]) -> Array:
    """Km within which an offer can be on site at all: the widest radius of whoever moves."""
    reach = []
    for supply in supplies:
        radii = [
            people[index[slot.professional]].radius_km
            for slot in supply.slots
            if slot.professional in index
        ]
        own = FAR if supply.radius_km is None else supply.radius_km
        reach.append(own if supply.radius_km is not None else max(radii, default=FAR))
    return np.array(reach, dtype=float)


def _small(supplies: Sequence[Supply]) -> Array:
    """Whether each offer's company is small: one answer for all its offers."""
    staff: dict[str, int] = {}
    for supply in supplies:
        staff[supply.company] = max(supply.employees, staff.get(supply.company, 0))
    return np.array([staff[supply.company] < SMALL for supply in supplies], dtype=bool)
