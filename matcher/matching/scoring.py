"""How well a possible meeting fits, part by part; each part lies in [0, 1].

| part | 1 means | and falls |
|---|---|---|
| text, subject, level | relevance, curriculum | with the distance in topic and school system |
| kind | the only kind the class asked for, or a visit by people | to 0.72 for paper and film |
| language | the offer is in the language the need was written in | to 0.5 |
| distance | next door | by bands of estimated travel time (travel); online at least 0.8 |
| time | room to spare, three weeks' notice, and other times to fall back on | with each of them |
| profile | the offer's angles match the class's mix of types | with the cosine of the two |
| freshness | confirmed as still true today | by half in each ``fresh_days`` |
| novelty | the school had no visit in a year, the company gives its first | with each visit |
| partner | a known partner | to the share left for companies new to the school |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import travel
from matcher.matching.constraints import Field, Meetings, kilometres_between
from matcher.matching.types import Demand, Supply

Array = NDArray[Any]
ONLINE = 0.8  # nobody travels; still, people in one room meet better
UNSAID_PROFILE = 0.5
SCHOOL_NOVELTY = 0.7  # the rest is for the company's
ROOMY_MINUTES = 30.0
NOTICE_DAYS = 21.0
ENOUGH_TIMES = 4.0
UNDATED = 0.8
PARTS = (
    "text",
    "subject",
    "level",
    "kind",
    "language",
    "distance",
    "time",
    "profile",
    "freshness",
    "novelty",
    "partner",
)


@dataclass(frozen=True)
class Scored:
    """Meetings with their parts (rows x PARTS) and scores in [0, 1], and the pairs' kilometres."""

    parts: Array
    score: Array
    km: Array  # by pair


def pair_parts(
    demands: Sequence[Demand], supplies: Sequence[Supply], field: Field, d: Array, s: Array
) -> tuple[dict[str, Array], Array]:
    """The parts that belong to a pair whatever its time, by name, and its kilometres."""
    km = kilometres_between(field, d, s)
    online = (field.demand.places[d] & field.supply.places[s] & 2) > 0
    alone = field.supply.on_demand[s]
    near = travel.nearness(travel.minutes(km, field.settings.travel_kmh))
    near = np.where(alone | online, np.maximum(near, ONLINE), near)
    own = np.array(
        [demands[i].text.language in supplies[j].languages for i, j in zip(d, s, strict=True)]
    )
    fresh = np.array([supply.days_since_confirmed for supply in supplies], dtype=float)
    half = max(1, field.settings.fresh_days)
    known = np.array(
        [supplies[j].company in demands[i].partners for i, j in zip(d, s, strict=True)]
    )
    return {
        "kind": _kind(demands, supplies, d, s),
        "language": np.where(own, 1.0, 0.5) if len(d) else np.zeros(0),
        "distance": near,
        "profile": _profile(demands, supplies, d, s),
        "freshness": 0.5 ** (fresh[s] / half) if len(s) else np.zeros(0),
        "novelty": _novelty(demands, supplies, d, s),
        "partner": np.where(known, 1.0, field.settings.partner_share) if len(d) else np.zeros(0),
    }, km


def _kind(demands: Sequence[Demand], supplies: Sequence[Supply], d: Array, s: Array) -> Array:
    """A visit by or to people counts more than a film or paper, where a class takes either."""
    worth = {"lecture": 1.0, "tour": 0.95, "challenge": 0.85, "webinar": 0.8}
    alone = np.array([0.9 if supply.on_demand else 1.0 for supply in supplies])
    values = np.array([worth[supply.kind] for supply in supplies]) * alone
    single = np.array([len(demand.kinds) == 1 for demand in demands])
    return np.where(single[d], 1.0, values[s]) if len(d) else np.zeros(0)


def _novelty(demands: Sequence[Demand], supplies: Sequence[Supply], d: Array, s: Array) -> Array:
    """Schools that had few visits, and companies that gave few, come first."""
    had = np.array([demand.visits_last_year for demand in demands], dtype=float)
    gave = np.array([sum(supply.company_taken.values()) for supply in supplies], dtype=float)
    if not len(d):
        return np.zeros(0)
    return SCHOOL_NOVELTY / (1 + had[d]) + (1 - SCHOOL_NOVELTY) / (1 + gave[s])


def _profile(demands: Sequence[Demand], supplies: Sequence[Supply], d: Array, s: Array) -> Array:
    """Cosine of the class's mix and the offer's angles; UNSAID_PROFILE where one says nothing."""
    types = sorted(
        {t for x in demands for t in x.class_profile} | {t for x in supplies for t in x.angles}
    )
    if not types or not len(d):
        return np.full(len(d), UNSAID_PROFILE)
    mix = np.array([[x.class_profile.get(t, 0.0) for t in types] for x in demands])
    angle = np.array([[x.angles.get(t, 0.0) for t in types] for x in supplies])
    lengths = np.linalg.norm(mix, axis=1)[d] * np.linalg.norm(angle, axis=1)[s]
    products = np.einsum("ij,ij->i", mix[d], angle[s])
    said = lengths > 0
    return np.where(said, products / np.where(said, lengths, 1), UNSAID_PROFILE)


def time_part(field: Field, found: Meetings) -> Array:
    """A fifth for room to spare, a fifth for other times to fall back on, the rest for notice.

    Three weeks' notice is enough; a visit more than three months away counts less again.
    """
    dated = found.slot >= 0
    room = np.clip(found.margin / ROOMY_MINUTES, 0, 1)
    times = np.bincount(found.pair)[found.pair] if len(found.pair) else found.pair
    choice = np.clip(times / ENOUGH_TIMES, 0, 1)
    days = (found.start - field.earliest) / 1440
    notice = np.clip((days + field.settings.lead_days) / NOTICE_DAYS, 0, 1)
    late = np.clip(1 - np.maximum(days - 90, 0) / 180, 0, 1)
    return np.where(dated, 0.2 * room + 0.2 * choice + 0.6 * notice * late, UNDATED)


def score(field: Field, pairs: dict[str, Array], found: Meetings, km: Array) -> Scored:
    """Every meeting's parts and their weighted sum."""
    shares = field.settings.shares
    columns = [
        time_part(field, found) if part == "time" else pairs[part][found.pair] for part in PARTS
    ]
    table = np.column_stack(columns) if len(found.pair) else np.zeros((0, len(PARTS)))
    weights = np.array([shares[part] for part in PARTS])
    return Scored(table, table @ weights, km)
