"""What a region may set of the matcher: weights, floors, limits. Validated, and stored by runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "text": 0.53,
    "subject": 0.105,
    "level": 0.085,
    "kind": 0.02,
    "language": 0.03,
    "distance": 0.07,
    "time": 0.04,
    "profile": 0.04,
    "freshness": 0.02,
    "novelty": 0.03,
    "partner": 0.03,
}
SHARES = (
    "text_floor",
    "topic_floor",
    "level_floor",
    "stay_bonus",
    "first_visit_bonus",
    "school_bonus",
    "load_cost",
    "maybe_cost",
    "small_company_share",
    "unserved_school_share",
    "reserve_price",
    "explore_share",
    "partner_share",
)
COUNTS = (
    "lead_days",
    "fresh_days",
    "candidates_per_need",
    "slots_per_pair",
    "alternates",
    "repair_rounds",
    "repair_nodes",
    "learn_from",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every value with its unit; the defaults are those of docs/matching.md."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    text_floor: float = 0.2  # below this similarity rather no proposal
    topic_floor: float = 0.32  # from this similarity on two texts are about one topic, for advice
    level_floor: float = 0.2  # below this closeness of levels never
    lead_days: int = 7  # days between a run and the first visit it may propose
    travel_kmh: float = 55.0  # from town to town, as the crow flies
    fresh_days: int = 180  # after which an offer's word counts half
    candidates_per_need: int = 50
    candidates_per_offer: int = 10
    slots_per_pair: int = 8
    alternates: int = 3
    stay_bonus: float = 0.05  # for what stood yesterday
    first_visit_bonus: float = 0.10  # for a need's first visit
    school_bonus: float = 0.05  # for the first visit of a school without one in the last year
    load_cost: float = 0.01  # for a company's full load, growing evenly from nothing
    maybe_cost: float = 0.15  # for a person who has said maybe: asked where nobody firm comes near
    small_company_share: float = 0.27  # of proposals, for companies under 50 staff
    unserved_school_share: float = 0.2  # of proposals, for schools without a visit in a year
    reserve_price: float = 0.12  # the most a visit's score may fall to keep these shares
    explore_share: float = 0.25  # of a school's proposals, open for companies new to it
    partner_share: float = 0.7  # how much of "partner" a company new to the school gets
    repair_rounds: int = 4  # flows to repair clashes by, in a market of any size
    repair_nodes: int = 1000  # more flows to search for the best repair, in a small one
    advice_most: int = 2000  # unmatched needs that get advice in one run
    learn_from: int = 200  # answers below which nothing is learnt from them

    def __post_init__(self) -> None:
        unknown = set(self.weights) - set(DEFAULT_WEIGHTS)
        if unknown:
            raise ValueError(f"unknown parts of the score: {', '.join(sorted(unknown))}")
        if any(not 0 <= w <= 100 for w in self.weights.values()) or not sum(self.weights.values()):
            raise ValueError("weights must be from 0 to 100, and not all 0")
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1")
        for name in COUNTS:
            if not 0 <= getattr(self, name) <= 1000:
                raise ValueError(f"{name} must be from 0 to 1000")
        if not 1 <= self.travel_kmh <= 300:
            raise ValueError("travel_kmh must be from 1 to 300")

    @property
    def shares(self) -> dict[str, float]:
        """The weights so that they add up to 1; a part that is not named weighs nothing."""
        total = sum(self.weights.values())
        return {part: self.weights.get(part, 0.0) / total for part in DEFAULT_WEIGHTS}

    def as_json(self) -> dict[str, Any]:
        """Plain values, complete."""
        values = dataclasses.asdict(self)
        return values | {"weights": {k: float(v) for k, v in sorted(self.weights.items())}}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Settings:
        """The defaults with ``values`` in their place. ValueError names what is not a setting."""
        known = {entry.name for entry in dataclasses.fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        given = dict(values)
        if "weights" in given:
            given["weights"] = {**DEFAULT_WEIGHTS, **given["weights"]}
        return cls(**given)
