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
from matcher.matching.constraints import Field, Meetings, meetings
from matcher.matching.curriculum import level_fit, subject_fit
from matcher.matching.groups import make_groups
from matcher.matching.inputs import Inputs
from matcher.matching.market import Met, make_market, standing
from matcher.matching.relevance import distinct
from matcher.matching.settings import Settings
from matcher.matching.text import Encoded, TextSpace
from matcher.matching.types import Demand, Person, Supply

Array = NDArray[Any]
ALL_PAIRS = 25_000_000  # up to here every pair is looked at; above it, blocks by subject


@dataclass(frozen=True)
class Board:
    """Everything a run has on the table before it chooses."""

    inputs: Inputs
    settings: Settings
    field: Field
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
    wanted, at_d = distinct([d.levels for d in inputs.demands])
    given, at_s = distinct([s.levels for s in inputs.supplies])
    table = np.array([[level_fit(a, b) for b in given] for a in wanted]).reshape(
        len(wanted), len(given)
    )
    return Field(
        demand=demand,
        supply=supply,
        levels=table,
        demand_level=np.array(at_d, dtype=np.int64),
        supply_level=np.array(at_s, dtype=np.int64),
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


def pairs_of(inputs: Inputs, field: Field, needs: Encoded, offers: Encoded) -> tuple[Array, Array]:
    """Candidate pairs, with forced pairs put in and forbidden ones taken out."""
    d, s = candidates(field, needs, offers, _blocks(inputs))
    place_d = {demand.key: n for n, demand in enumerate(inputs.demands)}
    place_s = {supply.key: n for n, supply in enumerate(inputs.supplies)}
    keys = set((d.astype(np.int64) << 32 | s).tolist())
    for pin in inputs.pins:
        if pin.demand in place_d and pin.supply in place_s:
            key = place_d[pin.demand] << 32 | place_s[pin.supply]
            (keys.discard if pin.forbid else keys.add)(key)
    joined = np.array(sorted(keys), dtype=np.int64)
    return joined >> 32, joined & 0xFFFFFFFF


def _blocks(inputs: Inputs) -> list[tuple[Array, Array]]:
    """All pairs in one block when they are few; else by the need's subjects."""
    needs, offers = len(inputs.demands), len(inputs.supplies)
    if not needs or not offers:
        return []
    if needs * offers <= ALL_PAIRS:
        return [(np.arange(needs), np.arange(offers))]
    wanted, at = distinct([d.subjects for d in inputs.demands])
    given, at_s = distinct([s.subjects for s in inputs.supplies])
    fits = np.array([[subject_fit(a, b) > 0 for b in given] for a in wanted])
    return [
        (np.nonzero(np.array(at) == n)[0], np.nonzero(fits[n][at_s])[0])
        for n in range(len(wanted))
        if fits[n].any()
    ]


def make_board(inputs: Inputs, settings: Settings, space: TextSpace, clock_stage: Any) -> Board:
    """From inputs to meetings with scores; ``clock_stage(name)`` times the steps."""
    field = make_field(inputs, settings)
    clock_stage("columns")
    needs = space.encode([demand.text for demand in inputs.demands])
    offers = space.encode([supply.text for supply in inputs.supplies])
    clock_stage("vectors")
    d, s = pairs_of(inputs, field, needs, offers)
    clock_stage("candidates")
    forced_pairs = _forced(inputs, d, s)
    parts = {"text": space.pairwise(needs, offers, d, s).astype(float)}
    kept = (parts["text"] >= settings.text_floor) | forced_pairs
    d, s, forced_pairs = d[kept], s[kept], forced_pairs[kept]
    parts = {"text": parts["text"][kept]}
    parts["subject"] = _fit_of(inputs.demands, inputs.supplies, d, s)
    parts["level"] = field.levels[field.demand_level[d], field.supply_level[s]]
    more, km = scoring.pair_parts(inputs.demands, inputs.supplies, field, d, s)
    found = meetings(field, d, s)
    found = _free(found, field, inputs.people, d, s)
    scored = scoring.score(field, parts | more, found, km)
    stood = standing(inputs, field, d[found.pair], s[found.pair], found)
    found, scored = _best_slots(found, scored, stood, settings.slots_per_pair)
    clock_stage("scores")
    groups = make_groups(inputs.supplies, field.supply, inputs.people)
    forced = forced_pairs[found.pair]
    market = make_market(inputs, field, groups, Met(d, s, found, scored, forced))
    diary = clashes.make_diary(field, found, d, s)
    return Board(inputs, settings, field, d, s, found, scored, market, diary, forced)


def _fit_of(demands: Sequence[Demand], supplies: Sequence[Supply], d: Array, s: Array) -> Array:
    wanted, at_d = distinct([x.subjects for x in demands])
    given, at_s = distinct([x.subjects for x in supplies])
    table = np.array([[subject_fit(a, b) for b in given] for a in wanted]).reshape(
        len(wanted), len(given)
    )
    return np.asarray(table[np.array(at_d, dtype=np.int64)[d], np.array(at_s, dtype=np.int64)[s]])


def _forced(inputs: Inputs, d: Array, s: Array) -> Array:
    wanted = {(pin.demand, pin.supply) for pin in inputs.pins if not pin.forbid}
    if not wanted:
        return np.zeros(len(d), dtype=bool)
    keys = zip(d.tolist(), s.tolist(), strict=True)
    return np.array(
        [(inputs.demands[i].key, inputs.supplies[j].key) in wanted for i, j in keys], dtype=bool
    )


def _select(found: Meetings, rows: Array) -> Meetings:
    return Meetings(
        found.pair[rows], found.slot[rows], found.start[rows], found.end[rows], found.margin[rows]
    )


def _free(found: Meetings, field: Field, people: Sequence[Person], d: Array, s: Array) -> Meetings:
    """Without the meetings at which the person is busy elsewhere."""
    busy = clashes.is_busy(clashes.make_diary(field, found, d, s), people)
    return _select(found, np.nonzero(~busy)[0])


def _best_slots(
    found: Meetings, scored: scoring.Scored, stood: Array, many: int
) -> tuple[Meetings, scoring.Scored]:
    """The best ``many`` slots of each pair and what stood, in the order of pair and slot."""
    order = np.lexsort((found.slot, -np.round(scored.score, 9), found.pair))
    pair = found.pair[order]
    first = np.searchsorted(pair, pair)
    rows = np.sort(order[(np.arange(len(order)) - first < many) | stood[order]])
    rows = rows[np.lexsort((found.slot[rows], found.pair[rows]))]
    return _select(found, rows), scoring.Scored(scored.parts[rows], scored.score[rows], scored.km)
