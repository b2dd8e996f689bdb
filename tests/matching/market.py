"""Small markets for tests of the matcher: random ones, and a stand-in for the text space."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from scipy import sparse

from matcher.matching.encoded import Encoded
from matcher.matching.types import Demand, Person, Place, Slot, Supply, Text, Window

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
TOPICS = ("wind", "water", "steel", "code")


class TopicSpace:
    """Similar is who shares the first word: known by heart, so that tests are quick."""

    class thesaurus:  # noqa: N801
        @staticmethod
        def label(key: str, _language: str) -> str:
            return key

    def with_labels(self, _extra: object) -> TopicSpace:
        return self

    def encode(self, texts: Sequence[Text]) -> Encoded:
        rows = np.zeros((len(texts), len(TOPICS)), dtype=np.float32)
        for number, text in enumerate(texts):
            rows[number, TOPICS.index(text.title.split()[0])] = 1.0
            rows[number] += 0.4
        nothing = sparse.csr_matrix((len(texts), 1), dtype=np.float32)
        dense = np.zeros((len(texts), 1), dtype=np.float32)
        return Encoded(sparse.csr_matrix(rows), nothing, nothing, dense, nothing)

    def all_pairs(self, a: Encoded, b: Encoded) -> Any:
        return np.clip((a.concepts @ b.concepts.T).toarray() / 2.6, 0, 1)

    def pairwise(self, a: Encoded, b: Encoded, rows_a: Any, rows_b: Any) -> Any:
        return self.all_pairs(a, b)[rows_a, rows_b]

    def shared_of(self, a: Encoded, b: Encoded, rows_a: Any, rows_b: Any) -> list[tuple[str, ...]]:
        topic = [encoded.concepts.toarray().argmax(axis=1) for encoded in (a, b)]
        pairs = zip(topic[0][rows_a].tolist(), topic[1][rows_b].tolist(), strict=True)
        return [(TOPICS[mine],) if mine == theirs else () for mine, theirs in pairs]


@dataclass
class Market:
    demands: list[Demand]
    supplies: list[Supply]
    people: list[Person]


def demand(key: str, topic: str = "wind", **more: Any) -> Demand:
    """A class that takes anything about its topic, on Monday from 8 to 16."""
    values: dict[str, Any] = {
        "text": Text(f"{topic} lesson", "", "nl"),
        "subjects": ("natuurkunde",),
        "levels": ("havo-bovenbouw",),
        "group_size": 25,
        "kinds": frozenset({"lecture", "tour", "challenge", "webinar"}),
        "place": "both",
        "languages": frozenset({"nl"}),
        "minutes": 60,
        "school": f"school-{key}",
        "region": "NL-NB",
        "location": Place(51.44, 5.48),
        "windows": (Window(MONDAY, MONDAY + timedelta(hours=8)),),
        "open_on": date(2027, 1, 1),
    }
    return Demand(key=key, **(values | more))


def person(key: str, **more: Any) -> Person:
    values: dict[str, Any] = {
        "languages": frozenset({"nl"}),
        "month_cap": 2,
        "term_cap": 3,
        "radius_km": 50.0,
        "location": Place(51.44, 5.48),
    }
    return Person(key=key, **(values | more))


def slot(key: str, hour: int = 0, who: str | None = "p1", *, day: int = 0, seats: int = 1) -> Slot:
    start = MONDAY + timedelta(days=day, hours=hour)
    return Slot(key, start, start + timedelta(hours=1), who, seats)


def supply(key: str, topic: str = "wind", **more: Any) -> Supply:
    """A lecture that fits everybody; give ``slots``."""
    values: dict[str, Any] = {
        "kind": "lecture",
        "text": Text(f"{topic} talk", "", "nl"),
        "subjects": ("natuurkunde",),
        "levels": ("havo-bovenbouw",),
        "place": "onsite",
        "languages": frozenset({"nl"}),
        "minutes": 50,
        "max_group": 30,
        "company": f"company-{key}",
        "employees": 200,
        "region": "NL-NB",
        "location": Place(51.44, 5.48),
    }
    return Supply(key=key, **(values | more))


def random_market(seed: int, *, needs: int = 4, offers: int = 4) -> Market:
    """A small market in which limits bite; the same seed gives the same one.

    Every person gives one or two offers at the same moments; now and then there is a webinar with
    few seats and a film; some schools know a company.
    """
    chance = random.Random(seed)
    people = [
        person(f"p{n}", month_cap=chance.randint(0, 3), term_cap=chance.randint(1, 3))
        for n in range(offers)
    ]
    places = (Place(51.44, 5.48), Place(51.69, 5.30))
    demands = [
        demand(
            f"n{n}",
            chance.choice(TOPICS[:2]),
            visits_wanted=chance.choice((1, 1, 2)),
            visits_last_year=chance.randint(0, 1),
            school=f"s{chance.randint(0, 2)}",
            location=chance.choice(places),
            partners=frozenset(chance.sample(("c0", "c1"), chance.choice((0, 0, 1)))),
        )
        for n in range(needs)
    ]
    supplies = [offer for n in range(offers) for offer in _offers_of(f"p{n}", n, chance)]
    if chance.random() < 0.4:
        one = slot("w-0", chance.randint(0, 4), None, seats=chance.randint(1, 2))
        supplies.append(supply("w", kind="webinar", place="online", slots=(one,), company="c1"))
    if chance.random() < 0.4:
        supplies.append(supply("film", kind="tour", place="both", on_demand=True, company="c2"))
    limits = {f"c{n}": chance.choice((None, 1, 2)) for n in range(3)}
    supplies = [
        replace(s, company_term_cap=None if s.kind == "webinar" else limits[s.company])
        for s in supplies
    ]
    return Market(demands, supplies, people)


def _offers_of(key: str, number: int, chance: random.Random) -> list[Supply]:
    """One or two offers of a person, at the same moments."""
    slots = tuple(
        slot(f"{key}-{k}", 2 * k + chance.randint(0, 1), key) for k in range(chance.randint(1, 2))
    )
    company, employees = f"c{number % 2}", (10, 300)[number % 2]
    return [
        supply(
            f"o{number}{letter}",
            chance.choice(TOPICS[:2]),
            slots=slots,
            company=company,
            employees=employees,
            days_since_confirmed=chance.randint(0, 300),
        )
        for letter in chance.choice(("a", "a", "ab"))
    ]
