"""The limits of people and companies as groups of slots, with what is left of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import clock
from matcher.matching.columns import ANY_SIZE, SupplyColumns, moment
from matcher.matching.types import Person, Supply

Array = NDArray[Any]


@dataclass(frozen=True)
class Groups:
    """By slot of an offer: which moment, person-month, person-term and company-term it uses.

    -1 for none. One moment of a person may stand with several offers; it is one group. The groups
    are nested: a moment lies in one month of one person, in one term, in one company's term.
    """

    slot: Array
    month: Array
    term: Array
    company: Array
    slot_cap: Array
    month_cap: Array
    term_cap: Array
    company_cap: Array
    company_taken: Array
    company_offered: Array  # moments offered in the term, each counted once


def make_groups(
    supplies: Sequence[Supply], columns: SupplyColumns, people: Sequence[Person]
) -> Groups:
    """Number the groups in the order of moments, people, companies and periods.

    ValueError where they would not be nested: a moment told in two ways, a person of two companies.
    """
    months, terms = _periods(columns.slot_start)
    companies = sorted({supply.company for supply in supplies})
    number = {company: n for n, company in enumerate(companies)}
    counts = np.diff(columns.slot_from)
    owner = np.repeat(np.array([number[s.company] for s in supplies], dtype=np.int64), counts)
    shared = np.repeat(np.array([s.kind == "webinar" for s in supplies], dtype=bool), counts)
    slot, slot_cap = _moments(columns, people)
    _check_people(columns.slot_person, owner, people)
    month, month_keys = _numbered(columns.slot_person, months)
    term, term_keys = _numbered(columns.slot_person, terms)
    company, company_keys = _numbered(np.where(shared, -1, owner), terms)
    limits = _company_limits(supplies)
    taken = [limits[companies[c]].taken.get(t, 0) for c, t in company_keys]
    caps = [limits[companies[c]].left(t) for c, t in company_keys]
    once = company[np.unique(slot, return_index=True)[1]]
    return Groups(
        slot=slot,
        month=month,
        term=term,
        company=company,
        slot_cap=slot_cap,
        month_cap=_left(month_keys, people, "month_cap"),
        term_cap=_left(term_keys, people, "term_cap"),
        company_cap=np.array(caps, dtype=np.int64),
        company_taken=np.array(taken, dtype=np.int64),
        company_offered=np.bincount(once[once >= 0], minlength=len(company_keys)),
    )


def _moments(columns: SupplyColumns, people: Sequence[Person]) -> tuple[Array, Array]:
    """A number for each moment whatever offers it stands with, and its places."""
    if not len(columns.slot_start):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    _, first, at = np.unique(np.array(columns.slot_keys), return_index=True, return_inverse=True)
    told = np.column_stack([columns.slot_start, columns.slot_person])
    if (differs := (told != told[first][at]).any(axis=1)).any():
        raise ValueError(f"the slot {columns.slot_keys[int(differs.argmax())]} is told in two ways")
    return np.asarray(at, dtype=np.int64), columns.slot_seats[first]


def _check_people(person: Array, owner: Array, people: Sequence[Person]) -> None:
    """A person's limits lie within one company's."""
    pairs = np.unique(np.column_stack([person, owner])[person >= 0], axis=0)
    index, times = np.unique(pairs[:, 0], return_counts=True)
    if (times > 1).any():
        raise ValueError(f"{people[int(index[times.argmax()])].key} speaks for two companies")


@dataclass(frozen=True)
class _CompanyLimit:
    """A company's visits by term: how many at most (None: any number), and how many are taken."""

    cap: int | None
    taken: Mapping[str, int]

    def left(self, term: str) -> int:
        return ANY_SIZE if self.cap is None else max(0, self.cap - self.taken.get(term, 0))


def _company_limits(supplies: Sequence[Supply]) -> dict[str, _CompanyLimit]:
    """An offer that says no limit (a webinar) does not lift the one its company's others say."""
    found: dict[str, _CompanyLimit] = {}
    for supply in supplies:
        known = found.get(supply.company, _CompanyLimit(None, {}))
        caps = [cap for cap in (known.cap, supply.company_term_cap) if cap is not None]
        taken = dict(known.taken)
        for term, visits in supply.company_taken.items():
            taken[term] = max(visits, taken.get(term, 0))
        found[supply.company] = _CompanyLimit(min(caps, default=None), taken)
    return found


def _left(keys: list[tuple[int, str]], people: Sequence[Person], cap: str) -> Array:
    left = [
        max(0, getattr(people[person], cap) - people[person].taken.get(period, 0))
        for person, period in keys
    ]
    return np.array(left, dtype=np.int64)


def _periods(starts: Array) -> tuple[list[str], list[str]]:
    """Month and term of each start, by the local day; computed once per different hour."""
    hours, at = np.unique(starts // 60, return_inverse=True)
    days = [clock.local(moment(int(hour) * 60)).date() for hour in hours]
    months, terms = [clock.month(day) for day in days], [clock.term(day) for day in days]
    return [months[i] for i in at], [terms[i] for i in at]


def _numbered(holder: Array, periods: list[str]) -> tuple[Array, list[tuple[int, str]]]:
    """A number for each (holder, period) in sorted order; -1 where the holder is -1."""
    names = sorted(set(periods))
    code = {name: n for n, name in enumerate(names)}
    period = np.array([code[p] for p in periods], dtype=np.int64)
    joined = np.where(holder >= 0, holder * max(1, len(names)) + period, -1)
    keys, at = np.unique(joined, return_inverse=True)
    shift = int(len(keys) > 0 and keys[0] < 0)
    pairs = [(int(key) // len(names), names[int(key) % len(names)]) for key in keys[shift:]]
    return np.asarray(at - shift, dtype=np.int64), pairs
