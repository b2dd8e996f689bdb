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
from matcher.matching.curriculum import distinct, fit_table, subject_fit
from matcher.matching.partners import Partners, make_partners
from matcher.matching.side import Side
from matcher.matching.types import Demand

Array = NDArray[Any]
OTHER_LANGUAGE = 0.5
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
    """Meetings with their parts (rows x PARTS, float32) and scores in [0, 1], and pairs' km."""

    parts: Array
    score: Array
    km: Array  # by pair

    def take(self, rows: Array) -> Scored:
        """Of some meetings; the pairs stay."""
        return Scored(self.parts[rows], self.score[rows], self.km)


@dataclass(frozen=True)
class Sides:
    """What the parts need of each side beside the columns of rules; made once per run."""

    single: Array  # by need: it asks for one kind only
    had: Array  # visits of the school in the last year
    mix: Array  # (needs, types) of the class
    kind: Array  # by offer: worth of its kind
    fresh: Array  # days since it was confirmed
    gave: Array  # visits of its company this year
    angle: Array  # (offers, types)
    subject: tuple[Array, Array, Array]  # fit by (group of needs, group of offers), and the groups
    partners: Partners
    is_busy: bool  # somebody is, at some time


def make_sides(demands: Sequence[Demand], side: Side) -> Sides:
    """Numbers of both sides, one row per need or offer."""
    types = sorted({name for demand in demands for name in demand.class_profile} | set(side.types))
    mix = [[demand.class_profile.get(name, 0.0) for name in types] for demand in demands]
    return Sides(
        single=np.array([len(demand.kinds) == 1 for demand in demands], dtype=bool),
        had=np.array([demand.visits_last_year for demand in demands], dtype=float),
        mix=np.array(mix, dtype=float).reshape(len(demands), len(types)),
        kind=side.kind,
        fresh=side.fresh,
        gave=side.gave,
        angle=side.angles(types),
        subject=fit_table(distinct(d.subjects for d in demands), side.subjects, subject_fit),
        partners=make_partners(demands, side.companies, side.company),
        is_busy=side.is_busy,
    )


def pair_parts(sides: Sides, field: Field, d: Array, s: Array) -> tuple[dict[str, Array], Array]:
    """The parts that belong to a pair whatever its time, by name, and its kilometres."""
    km = kilometres_between(field, d, s)
    online = (field.demand.places[d] & field.supply.places[s] & 2) > 0
    near = travel.nearness(travel.minutes(km, field.settings.travel_kmh))
    near = np.where(field.supply.on_demand[s] | online, np.maximum(near, ONLINE), near)
    own = (field.demand.own_language[d] & field.supply.languages[s]) > 0
    fits, subject_d, subject_s = sides.subject
    return {
        "subject": fits[subject_d[d], subject_s[s]],
        "level": field.levels[field.demand_level[d], field.supply_level[s]],
        "kind": np.where(sides.single[d], 1.0, sides.kind[s]),
        "language": np.where(own, 1.0, OTHER_LANGUAGE),
        "distance": near,
        "profile": _profile(sides.mix[d], sides.angle[s]),
        "freshness": 0.5 ** (sides.fresh[s] / max(1, field.settings.fresh_days)),
        "novelty": SCHOOL_NOVELTY / (1 + sides.had[d]) + (1 - SCHOOL_NOVELTY) / (1 + sides.gave[s]),
        "partner": np.where(sides.partners.known(d, s), 1.0, field.settings.partner_share),
    }, km


def _profile(mix: Array, angle: Array) -> Array:
    """Cosine of the class's mix and the offer's angles; UNSAID_PROFILE where one says nothing."""
    lengths = np.linalg.norm(mix, axis=1) * np.linalg.norm(angle, axis=1)
    said = lengths > 0
    products = np.einsum("ij,ij->i", mix, angle)
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
    """Every meeting's parts and their weighted sum, added up part by part in their order.

    So a meeting's score is the same to the last bit whatever else is scored with it.
    """
    shares, total = field.settings.shares, np.zeros(len(found.pair))
    table = np.empty((len(found.pair), len(PARTS)), dtype=np.float32)
    for place, part in enumerate(PARTS):
        values = time_part(field, found) if part == "time" else pairs[part][found.pair]
        table[:, place] = values
        total += shares[part] * values
    return Scored(table, total, km)
