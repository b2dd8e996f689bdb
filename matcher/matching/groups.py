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
    """By slot: which person-month, person-term and company-term it uses, -1 for none."""

    month: Array
    term: Array
    company: Array
    month_cap: Array
    term_cap: Array
    company_cap: Array
    company_taken: Array
    company_offered: Array


def make_groups(
    supplies: Sequence[Supply], columns: SupplyColumns, people: Sequence[Person]
) -> Groups:
    """Number the groups in the order of people, companies and periods."""
    months, terms = _periods(columns.slot_start)
    companies = sorted({supply.company for supply in supplies})
    number = {company: n for n, company in enumerate(companies)}
    counts = np.diff(columns.slot_from)
    owner = np.repeat(np.array([number[s.company] for s in supplies], dtype=np.int64), counts)
    month, month_keys = _numbered(columns.slot_person, months)
    term, term_keys = _numbered(columns.slot_person, terms)
    company, company_keys = _numbered(owner, terms)
    by_company = {supply.company: supply for supply in supplies}
    taken = [by_company[companies[c]].company_taken.get(t, 0) for c, t in company_keys]
    caps = [_company_cap(by_company[companies[c]], t) for c, t in company_keys]
    return Groups(
        month,
        term,
        company,
        _left(month_keys, people, "month_cap"),
        _left(term_keys, people, "term_cap"),
        np.array(caps, dtype=np.int64),
        np.array(taken, dtype=np.int64),
        np.bincount(company, minlength=len(company_keys)),
    )


def _company_cap(supply: Supply, term: str) -> int:
    if supply.company_term_cap is None:
        return ANY_SIZE
    return max(0, supply.company_term_cap - supply.company_taken.get(term, 0))


def _left(keys: list[tuple[int, str]], people: Sequence[Person], cap: str) -> Array:
    left = [
        max(0, getattr(people[person], cap) - _taken(people[person].taken, period))
        for person, period in keys
    ]
    return np.array(left, dtype=np.int64)


def _taken(taken: Mapping[str, int], period: str) -> int:
    return taken.get(period, 0)


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
