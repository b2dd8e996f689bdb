"""The steps of a run: columns, vectors, candidates, meetings, scores, assignment, reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher import clock
from matcher.matching import assignment, clashes, scoring
from matcher.matching.candidates import candidates
from matcher.matching.columns import FAR, make_columns, minute, person_columns
from matcher.matching.constraints import Field, Meetings
from matcher.matching.curriculum import fit_table, level_fit
from matcher.matching.groups import make_groups
from matcher.matching.inputs import Inputs
from matcher.matching.market import Met, make_market, numbered, pair_numbers
from matcher.matching.rating import Pairs, Vectors, rate
from matcher.matching.settings import Settings
from matcher.matching.text import TextSpace
from matcher.matching.types import Demand, Person, Supply

Array = NDArray[Any]


@dataclass(frozen=True)
class Board:
    """Everything a run has on the table before it chooses."""

    inputs: Inputs
    settings: Settings
    field: Field
    vectors: Vectors
    d: Array  # candidate pairs
    s: Array
    found: Meetings  # meetings of candidate pairs
    scored: scoring.Scored
    market: assignment.Market
    diary: clashes.Diary
    forced: Array  # by meeting


def make_field(inputs: Inputs, settings: Settings) -> Field:
    """Columns of both sides and what the rules need beside them."""
    people = {person.key: n for n, person in enumerate(inputs.people)}
    demand, supply = make_columns(inputs.demands, inputs.supplies, people)
    point, radius = person_columns(inputs.people)
    levels, demand_level, supply_level = fit_table(
        [d.levels for d in inputs.demands], [s.levels for s in inputs.supplies], level_fit
    )
    return Field(
        demand=demand,
        supply=supply,
        levels=levels,
        demand_level=demand_level,
        supply_level=supply_level,
        person_point=point,
        person_radius=radius,
        reach=_reach(inputs.supplies, inputs.people, people),
        earliest=_earliest(inputs.demands, settings),
        settings=settings,
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


def _earliest(demands: Sequence[Demand], settings: Settings) -> int:
    """The first minute a visit may start: ``lead_days`` after the day the needs are looked at."""
    days = [demand.open_on for demand in demands if demand.open_on is not None]
    if not days:
        return 0
    first: date = max(days)
    return minute(datetime.combine(first, time(0), clock.AMSTERDAM)) + settings.lead_days * 1440


def make_board(inputs: Inputs, settings: Settings, space: TextSpace, clock_stage: Any) -> Board:
    """From inputs to meetings with scores; ``clock_stage(name)`` times the steps."""
    space = space.with_labels(inputs.synonyms)
    field = make_field(inputs, settings)
    sides = scoring.make_sides(inputs.demands, inputs.supplies)
    clock_stage("columns")
    vectors = Vectors(
        space,
        needs=space.encode([demand.text for demand in inputs.demands]),
        offers=space.encode([supply.text for supply in inputs.supplies]),
    )
    clock_stage("vectors")
    pairs = pairs_of(inputs, field, vectors)
    clock_stage("candidates")
    pairs, found, scored = rate(inputs, field, sides, vectors, pairs)
    clock_stage("scores")
    met = Met(pairs.d, pairs.s, found, scored, pairs.forced[found.pair], sides.partners)
    groups = make_groups(inputs.supplies, field.supply, inputs.people)
    return Board(
        inputs=inputs,
        settings=settings,
        field=field,
        vectors=vectors,
        d=pairs.d,
        s=pairs.s,
        found=found,
        scored=scored,
        market=make_market(inputs, field, groups, met),
        diary=clashes.make_diary(field, found, pairs.d, pairs.s),
        forced=met.forced,
    )


def pairs_of(inputs: Inputs, field: Field, vectors: Vectors) -> Pairs:
    """Candidate pairs in order, with forced pairs put in and forbidden ones taken out."""
    d, s = candidates(field, vectors.needs, vectors.offers, vectors.space)
    pinned = {
        forbid: pair_numbers(
            inputs, ((pin.demand, pin.supply) for pin in inputs.pins if pin.forbid == forbid)
        )
        for forbid in (False, True)
    }
    found = numbered(d, s)
    if len(pinned[False]) or len(pinned[True]):
        found = np.unique(np.concatenate([found, pinned[False]]), sorted=True)
        found = found[~np.isin(found, pinned[True])]
    return Pairs(found >> 32, found & 0xFFFFFFFF, np.isin(found, pinned[False]))
