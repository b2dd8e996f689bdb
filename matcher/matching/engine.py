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
from matcher.matching.columns import demand_columns, minute
from matcher.matching.constraints import Field, Meetings
from matcher.matching.curriculum import distinct, fit_table, level_fit
from matcher.matching.encoded import Encoded
from matcher.matching.inputs import Inputs
from matcher.matching.market import Met, make_market, numbered, pair_numbers
from matcher.matching.rating import Pairs, Vectors, rate
from matcher.matching.settings import Settings
from matcher.matching.side import Side, make_side
from matcher.matching.text import TextSpace
from matcher.matching.types import Demand

Array = NDArray[Any]


@dataclass(frozen=True)
class Board:
    """Everything a run has on the table before it chooses."""

    inputs: Inputs
    settings: Settings
    side: Side
    field: Field
    vectors: Vectors
    d: Array  # candidate pairs
    s: Array
    found: Meetings  # meetings of candidate pairs
    scored: scoring.Scored
    market: assignment.Market
    diary: clashes.Diary
    forced: Array  # by meeting


def make_field(inputs: Inputs, settings: Settings, side: Side) -> Field:
    """Columns of both sides and what the rules need beside them."""
    wanted = distinct(demand.levels for demand in inputs.demands)
    levels, demand_level, supply_level = fit_table(wanted, side.levels, level_fit)
    return Field(
        demand=demand_columns(inputs.demands, side.calendar, side.languages),
        supply=side.columns,
        levels=levels,
        demand_level=demand_level,
        supply_level=supply_level,
        person_point=side.person_point,
        person_radius=side.person_radius,
        reach=side.reach,
        earliest=_earliest(inputs.demands, settings),
        settings=settings,
    )


def _earliest(demands: Sequence[Demand], settings: Settings) -> int:
    """The first minute a visit may start: ``lead_days`` after the day the needs are looked at."""
    days = [demand.open_on for demand in demands if demand.open_on is not None]
    if not days:
        return 0
    first: date = max(days)
    return minute(datetime.combine(first, time(0), clock.AMSTERDAM)) + settings.lead_days * 1440


@dataclass(frozen=True)
class Standing:
    """The offers of a run that needs come to: their side, and their texts' vectors of a space."""

    side: Side
    space: TextSpace
    offers: Encoded


@dataclass(frozen=True)
class Laid:
    """Both sides in columns and vectors, and the candidate pairs, before anything is weighed."""

    inputs: Inputs
    settings: Settings
    side: Side
    field: Field
    sides: scoring.Sides
    vectors: Vectors
    pairs: Pairs


def make_board(
    inputs: Inputs,
    settings: Settings,
    space: TextSpace,
    clock_stage: Any,
    standing: Standing | None = None,
) -> Board:
    """From inputs to meetings with scores; ``clock_stage(name)`` times the steps.

    ``standing``, where given, has been made of the same offers, people and space.
    """
    laid = lay(inputs, settings, space, clock_stage, standing)
    rated = rate(inputs, laid.field, laid.sides, laid.vectors, laid.pairs)
    clock_stage("scores")
    return board_of(laid, rated)


def lay(
    inputs: Inputs,
    settings: Settings,
    space: TextSpace,
    clock_stage: Any,
    standing: Standing | None = None,
) -> Laid:
    """All that comes before a pair is weighed."""
    space = space.with_labels(inputs.synonyms) if standing is None else standing.space
    side = make_side(inputs.supplies, inputs.people) if standing is None else standing.side
    field, sides = make_field(inputs, settings, side), scoring.make_sides(inputs.demands, side)
    clock_stage("columns")
    needs = space.encode([demand.text for demand in inputs.demands])
    offers = _offers(inputs, space) if standing is None else standing.offers
    vectors = Vectors(space, needs, offers)
    clock_stage("vectors")
    pairs = pairs_of(inputs, field, vectors)
    clock_stage("candidates")
    return Laid(inputs, settings, side, field, sides, vectors, pairs)


def board_of(laid: Laid, rated: tuple[Pairs, Meetings, scoring.Scored]) -> Board:
    """What a run chooses from, of pairs that have been weighed."""
    inputs, side, field = laid.inputs, laid.side, laid.field
    pairs, found, scored = rated
    met = Met(pairs.d, pairs.s, found, scored, pairs.forced[found.pair], laid.sides.partners)
    return Board(
        inputs=inputs,
        settings=laid.settings,
        side=side,
        field=field,
        vectors=laid.vectors,
        d=pairs.d,
        s=pairs.s,
        found=found,
        scored=scored,
        market=make_market(inputs, field, side, met),
        diary=clashes.make_diary(field, found, pairs.d, pairs.s),
        forced=met.forced,
    )


def _offers(inputs: Inputs, space: TextSpace) -> Encoded:
    return space.encode([supply.text for supply in inputs.supplies])


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
