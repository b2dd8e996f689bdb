"""What a class can have although it asked for something else: the best tour, challenge, webinar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.columns import minute
from matcher.matching.constraints import RULES
from matcher.matching.curriculum import subject_fit
from matcher.matching.possible import Ground
from matcher.matching.rating import Vectors
from matcher.matching.relevance import WEIGHTS
from matcher.matching.types import Demand, Rung, Supply

Array = NDArray[Any]
KINDS = ("tour", "challenge", "webinar")
HELD = ("language", "level", "group")  # what a class cannot do without, whatever it is


def rungs(
    ground: Ground,
    need: int,
    pool: Array,
    similar: Array,
    tours: Mapping[int, str],
    *,
    topics: Callable[[int], dict[str, object]],
) -> tuple[Rung, ...]:
    """One offer a kind, the best by topic, subject and level, of the offers ``pool`` on the topic.

    ``need`` is an index into the ground's demands, ``similar`` each offer's similarity of text,
    ``tours`` the slots of live tours that suit the class, ``topics`` what an offer shares with the
    need, by language. Films and challenges need no date; a webinar is taken with its first date
    that has a seat left, one in the class's hours if it can.
    """
    demand = ground.inputs.demands[need]
    best: dict[str, tuple[Rung, int]] = {}
    for offer in pool[_held(ground, need, pool)].tolist():
        supply = ground.inputs.supplies[offer]
        slot = _slot(ground, demand, supply, tours.get(offer))
        if supply.kind not in KINDS or (slot is None and not supply.on_demand):
            continue
        rung = Rung(supply.key, supply.kind, slot, _fit(ground, need, offer, float(similar[offer])))
        known = best.get(supply.kind)
        if known is None or (rung.fit, known[0].supply) > (known[0].fit, rung.supply):
            best[supply.kind] = rung, offer
    found = [best[kind] for kind in KINDS if kind in best]
    return tuple(replace(rung, facts=topics(offer)) for rung, offer in found)


def topics_of(vectors: Vectors, need: int, offer: int) -> dict[str, object]:
    """What a need and an offer are both about, in the thesaurus' labels of each language."""
    rows = np.array([need]), np.array([offer])
    (shared,) = vectors.space.shared_of(vectors.needs, vectors.offers, *rows)
    labels = vectors.space.thesaurus
    return {language: [labels.label(key, language) for key in shared] for language in ("nl", "en")}


def _held(ground: Ground, need: int, pool: Array) -> Array:
    row = np.full(len(pool), need)
    kept: Array = ~np.logical_or.reduce([RULES[name](ground.field, row, pool) for name in HELD])
    return kept


def _fit(ground: Ground, need: int, offer: int, similar: float) -> float:
    """The weighted mean of text, subject and level, as relevance has it."""
    demand, supply = ground.inputs.demands[need], ground.inputs.supplies[offer]
    field = ground.field
    parts = {
        "text": similar,
        "subject": subject_fit(demand.subjects, supply.subjects),
        "level": float(field.levels[field.demand_level[need], field.supply_level[offer]]),
    }
    total = sum(WEIGHTS[name] * parts[name] for name in WEIGHTS)
    return round(total / sum(WEIGHTS.values()), 6)


def _slot(ground: Ground, demand: Demand, supply: Supply, tour: str | None) -> str | None:
    if supply.kind != "webinar":
        return tour
    earliest = ground.field.earliest
    dates = [slot for slot in supply.slots if minute(slot.start) >= earliest and slot.seats > 0]

    def order(slot: Any) -> tuple[bool, Any, str]:
        suits = any(w.start <= slot.start and slot.end <= w.end for w in demand.windows)
        return not suits, slot.start, slot.key

    return min(dates, key=order).key if dates else None
