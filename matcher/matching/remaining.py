"""What is left once a choice is given away: its moments, limits and seats are gone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from matcher import clock
from matcher.matching.columns import moment
from matcher.matching.engine import Board
from matcher.matching.inputs import Inputs
from matcher.matching.types import Person, Place, Supply, Window

Array = NDArray[Any]


@dataclass(frozen=True)
class _Given:
    """What the chosen meetings use, by key."""

    slots: Counter[str]
    offers: Counter[str]
    visits: Mapping[str, Counter[str]]  # person -> month or term -> visits
    busy: Mapping[str, list[tuple[Window, Place | None]]]
    companies: Mapping[str, Counter[str]]  # company -> term -> visits


def remaining(board: Board, rows: Array) -> Inputs:
    """The inputs of a later question, after the meetings ``rows`` of this board.

    As the reader of inputs does it for proposals that stand: a used moment is gone, a person is
    busy and nearer to the limits of month and term, an offer has one place less.
    """
    given = _given(board, rows)
    return replace(
        board.inputs,
        supplies=tuple(_less(supply, given) for supply in board.inputs.supplies),
        people=tuple(_busier(person, given) for person in board.inputs.people),
    )


def _given(board: Board, rows: Array) -> _Given:
    given = _Given(
        Counter(), Counter(), defaultdict(Counter), defaultdict(list), defaultdict(Counter)
    )
    for row in rows.tolist():
        pair, slot = int(board.found.pair[row]), int(board.found.slot[row])
        supply = board.inputs.supplies[int(board.s[pair])]
        given.offers[supply.key] += 1
        if slot < 0:
            continue
        given.slots[board.field.supply.slot_keys[slot]] += 1
        start, end = moment(int(board.found.start[row])), moment(int(board.found.end[row]))
        day = clock.local(start).date()
        if supply.kind != "webinar":
            given.companies[supply.company][clock.term(day)] += 1
        person = int(board.diary.person[row])
        if person >= 0:
            key = board.inputs.people[person].key
            given.visits[key].update((clock.month(day), clock.term(day)))
            given.busy[key].append((Window(start, end), _place(board, row, supply)))
    return given


def _place(board: Board, row: int, supply: Supply) -> Place | None:
    """Where the person is during this meeting; None online."""
    if not board.diary.where([row]).any():
        return None
    need = int(board.market.need[row])
    return supply.location if supply.kind == "tour" else board.inputs.demands[need].location


def _less(supply: Supply, given: _Given) -> Supply:
    used = any(slot.key in given.slots for slot in supply.slots)
    if not used and supply.key not in given.offers and supply.company not in given.companies:
        return supply
    slots = tuple(
        replace(slot, seats=slot.seats - given.slots[slot.key])
        for slot in supply.slots
        if slot.seats > given.slots[slot.key]
    )
    taken = Counter(supply.company_taken) + given.companies.get(supply.company, Counter())
    left = supply.capacity - (given.offers[supply.key] if supply.on_demand else 0)
    return replace(
        supply,
        slots=slots,
        company_taken=dict(sorted(taken.items())),
        capacity=max(0, left),
        on_demand=supply.on_demand and left > 0,
    )


def _busier(person: Person, given: _Given) -> Person:
    if person.key not in given.visits:
        return person
    taken = Counter(person.taken) + given.visits[person.key]
    return replace(
        person,
        taken=dict(sorted(taken.items())),
        busy=(*person.busy, *sorted(given.busy[person.key], key=lambda busy: busy[0].start)),
    )
