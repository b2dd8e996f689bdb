"""The assignment beside full enumeration: ``python -m benchmarks.brute_force --instances 10000``.

Small random markets with everything in them (needs that want several visits, moments shared by a
person's offers, limits of month, term and company, webinars' seats, offers without a date, load
costs, bonuses, pins, kept shares, ties, clashes) are solved by ``assignment`` and by walking
through every allowed choice. Costs are compared in the flow's whole numbers: equal means equal.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from matcher.matching import Settings, assignment
from matcher.matching.assignment import Floors, Market
from matcher.matching.clashes import Diary
from matcher.matching.groups import Groups
from matcher.matching.market import FORCED

MOST_MEETINGS = 36
HOURS = (0, 1, 1, 2, 3)


@dataclass(frozen=True)
class Instance:
    """A market with its diary and the rows a coordinator has pinned."""

    market: Market
    diary: Diary
    forced: np.ndarray


@dataclass(frozen=True)
class Offer:
    """Who gives it (-1: nobody, a webinar or a film), for which company, in which moments."""

    person: int
    company: int
    moments: tuple[int, ...]  # empty: without a date


def random_instance(seed: int) -> Instance:
    """The same seed gives the same instance; up to 36 meetings of 4 to 7 needs."""
    chance = random.Random(seed)
    companies = chance.randint(1, 3)
    person_of_company = [chance.randrange(companies) for _ in range(chance.randint(2, 5))]
    moments = [  # person, day, hour, month: several of one person, some at one time
        (person, day := chance.choice((0, 1, 40)), chance.choice(HOURS), day // 30)
        for person in range(len(person_of_company))
        for _ in range(chance.randint(1, 3))
    ]
    webinar = [(-1, 2, chance.choice(HOURS), 0)] if chance.random() < 0.5 else []
    moments += webinar
    offers = _offers(chance, person_of_company, moments)
    needs = chance.randint(4, 7)
    meetings = [
        (need, offer, moment)
        for need in range(needs)
        for offer in range(len(offers))
        if chance.random() < 0.75
        for moment in offers[offer].moments or (-1,)
        if chance.random() < 0.8
    ]
    chance.shuffle(meetings)
    meetings = sorted(meetings[: chance.randint(MOST_MEETINGS // 2, MOST_MEETINGS)]) or [
        (0, 0, (offers[0].moments or (-1,))[0])
    ]
    return _instance(chance, needs, offers, moments, meetings)


def _offers(
    chance: random.Random, company_of: Sequence[int], moments: Sequence[tuple[int, int, int, int]]
) -> list[Offer]:
    """One or two offers of each person, all at the person's moments; a webinar; films."""
    made = []
    for person, company in enumerate(company_of):
        mine = tuple(n for n, moment in enumerate(moments) if moment[0] == person)
        made += [Offer(person, company, mine)] * chance.choice((1, 1, 2))
    made += [Offer(-1, -1, (n,)) for n, moment in enumerate(moments) if moment[0] < 0]
    return made + [Offer(-1, -1, ())] * chance.choice((0, 0, 1, 2))


def _instance(
    chance: random.Random,
    needs: int,
    offers: Sequence[Offer],
    moments: Sequence[tuple[int, int, int, int]],
    meetings: Sequence[tuple[int, int, int]],
) -> Instance:
    need, supply, slot = (
        np.array(column, dtype=np.int64) for column in zip(*meetings, strict=True)
    )
    count, schools = len(meetings), chance.randint(1, 3)
    pairs = sorted({(n, o) for n, o, _ in meetings})
    person = np.array([offers[o].person for o in supply], dtype=np.int64)
    month_of = np.array([m[3] for m in moments] + [0], dtype=np.int64)  # the last is for slot -1
    company = np.array([offers[o].company for o in supply], dtype=np.int64)
    two_terms = chance.random() < 0.5  # the second month is another term, or the same one
    term_of = month_of * two_terms
    people, firms = int(max(person.max(), 0)) + 1, int(max(company.max(), 0)) + 1
    forced = np.array([chance.random() < 0.04 for _ in range(count)])
    levels = chance.choice((3, 10, 1000))  # few levels: many ties
    score = np.array([chance.randint(1, levels) / levels for _ in range(count)])
    stood = np.array([chance.random() < 0.1 for _ in range(count)])
    start = np.array([-1 if s < 0 else moments[s][1] * 1440 + moments[s][2] * 60 for s in slot])
    at = np.array([[1.0, 0.0, 0.0], [np.cos(0.01), np.sin(0.01), 0.0]])  # 64 km apart
    small = np.array([chance.random() < 0.4 for _ in range(firms)] + [False])
    market = Market(
        need=need,
        pair=np.array([pairs.index((n, o)) for n, o, _ in meetings], dtype=np.int64),
        slot=slot,
        supply=supply,
        month=np.where(person >= 0, person * 2 + month_of[slot], -1),
        term=np.where(person >= 0, person * 2 + term_of[slot], -1),
        company=np.where(company >= 0, company * 2 + term_of[slot], -1),
        value=score + 0.05 * stood + FORCED * forced,
        tie=np.array([chance.randrange(1 << 20) for _ in range(count)], dtype=np.int64),
        small=small[company],
        known=np.zeros(count, dtype=bool),
        stood=stood,
        wanted=np.array([chance.choice((1, 1, 1, 2, 3)) for _ in range(needs)], dtype=np.int64),
        school=np.array([chance.randrange(schools) for _ in range(needs)], dtype=np.int64),
        school_first=np.array([chance.choice((0.0, 0.05, 0.4)) for _ in range(schools)]),
        unserved=np.array([chance.random() < 0.5 for _ in range(schools)]),
        need_first=np.full(needs, chance.choice((0.0, 0.1, 0.6))),
        slot_cap=np.array([1 if m[0] >= 0 else chance.randint(1, 3) for m in moments] or [1]),
        supply_cap=np.array([chance.randint(1, 2) for _ in offers], dtype=np.int64),
        groups=_groups(chance, people, firms),
        load_cost=chance.choice((0.0, 0.01, 0.1, 0.8)),
        floors=Floors(
            chance.choice((0, 0, 1, 2, 3)), chance.choice((0, 0, 1, 2)), chance.choice((0.12, 0.7))
        ),
    )
    diary = Diary(need, person, start, start + 50 * (start >= 0), need % 2, at, 55.0)
    return Instance(market, diary, forced)


def _groups(chance: random.Random, people: int, firms: int) -> Groups:
    none = np.zeros(0, dtype=np.int64)
    return Groups(
        slot=none,
        month=none,
        term=none,
        company=none,
        slot_cap=none,
        month_cap=np.array(
            [chance.choice((0, 1, 2, 2, 3, 4)) for _ in range(2 * people)], dtype=np.int64
        ),
        term_cap=np.array(
            [chance.choice((1, 2, 3, 4, 5)) for _ in range(2 * people)], dtype=np.int64
        ),
        company_cap=np.array([chance.choice((1, 2, 3, 4, 99)) for _ in range(2 * firms)]),
        company_taken=np.array([chance.randint(0, 3) for _ in range(2 * firms)], dtype=np.int64),
        company_offered=np.array([chance.randint(1, 6) for _ in range(2 * firms)], dtype=np.int64),
    )


def enumerate_best(market: Market, diary: Diary | None) -> tuple[int, int]:
    """The cheapest allowed choice by walking through all, need by need; and how many there were.

    With a diary, clashing meetings are not allowed together. Costs are told here anew, in plain
    words, and not by the code under test.
    """
    walk = Walk(market, diary)
    for need in range(len(market.wanted)):
        walk.widen(need)
    return int(walk.costs().min()), len(walk.cost)


class Walk:
    """All allowed choices among the needs so far: how often each limit is used, and the cost."""

    def __init__(self, market: Market, diary: Diary | None) -> None:
        self.market = market
        self.limits = _limits(market)
        self.used = np.zeros((1, sum(len(cap) for _, cap in self.limits)), dtype=np.int64)
        self.caps = np.concatenate([cap for _, cap in self.limits])
        self.cost = np.zeros(1, dtype=np.int64)
        self.chosen = np.zeros((1, len(market.need)), dtype=bool)
        self.against = self._rivals(diary)

    def _rivals(self, diary: Diary | None) -> np.ndarray:
        count = len(self.market.need)
        table = np.zeros((count, count), dtype=bool)
        for a in range(count):
            for b in range(a + 1, count):
                if self.market.pair[a] == self.market.pair[b]:
                    table[a, b] = table[b, a] = True  # a pair meets once
                elif diary is not None and diary.clashes(np.array([a, b])):
                    table[a, b] = table[b, a] = True
        return table

    def widen(self, need: int) -> None:
        """Every choice so far, with nothing, one, two or more of this need's meetings."""
        waiting = [(self.used, self.cost, self.chosen, -1)]
        done = []
        rows = np.nonzero(self.market.need == need)[0].tolist()
        for _ in range(int(self.market.wanted[need]) + 1):
            done += waiting
            waiting = [
                more
                for used, cost, chosen, last in waiting
                for row in rows
                if row > last and (more := self._with(row, used, cost, chosen)) is not None
            ]
        self.used = np.concatenate([entry[0] for entry in done])
        self.cost = np.concatenate([entry[1] for entry in done])
        self.chosen = np.concatenate([entry[2] for entry in done])

    def _with(
        self, row: int, used: np.ndarray, cost: np.ndarray, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, int] | None:
        steps, base = np.zeros(used.shape[1], dtype=np.int64), 0
        for group, cap in self.limits:
            if group[row] >= 0:
                steps[base + group[row]] = 1
            base += len(cap)
        more = used + steps
        kept = (more <= self.caps).all(axis=1) & ~(chosen & self.against[row]).any(axis=1)
        if not kept.any():
            return None
        with_row = chosen[kept].copy()
        with_row[:, row] = True
        market = self.market
        own = round(float(market.value[row]) * 1_000_000) * 1000 + int(market.tie[row]) % 1000
        return more[kept], cost[kept] - own, with_row, row

    def costs(self) -> np.ndarray:
        """What each choice costs with bonuses, load and kept shares."""
        market, cost, chosen = self.market, self.cost, self.chosen
        for need, bonus in enumerate(market.need_first):
            cost = cost - whole(bonus) * chosen[:, market.need == need].any(axis=1)
        school = market.school[market.need]
        for place, bonus in enumerate(market.school_first):
            cost = cost - whole(bonus) * chosen[:, school == place].any(axis=1)
        groups = market.groups
        for company, offered in enumerate(groups.company_offered):
            visits = chosen[:, market.company == company].sum(axis=1)
            loads = [
                min(1.0, (groups.company_taken[company] + step) / offered)
                for step in range(len(market.need))
            ]
            prices = np.cumsum([0, *(whole(market.load_cost * load) for load in loads)])
            cost = cost + prices[visits]
        for floor, mine in (
            (market.floors.small, market.small),
            (market.floors.unserved, market.unserved[school]),
        ):
            kept = np.minimum(floor, chosen[:, mine].sum(axis=1))
            cost = cost - whole(market.floors.price) * kept
        return cost


def whole(value: float) -> int:
    return round(float(value) * 1_000_000) * 1000


def _limits(market: Market) -> list[tuple[np.ndarray, np.ndarray]]:
    """(group by meeting, limit by group) of every limit but a need's own."""
    groups = market.groups
    undated = np.where(market.slot < 0, market.supply, -1)
    return [
        (market.slot, market.slot_cap),
        (undated, market.supply_cap),
        (market.month, groups.month_cap),
        (market.term, groups.term_cap),
        (market.company, groups.company_cap),
    ]


def compare(seed: int) -> dict[str, int]:
    """One instance: which comparisons came out equal (1) or not (0), and what it held."""
    instance = random_instance(seed)
    market, diary = instance.market, instance.diary
    everything = np.ones(len(market.need), dtype=bool)
    flow = assignment.choose(market, everything).cost
    (nested, choices), (whole, _) = enumerate_best(market, None), enumerate_best(market, diary)
    searched = _best(instance, nodes=100_000)
    usual = _best(instance, nodes=Settings().repair_nodes)
    return {
        "meetings": len(market.need),
        "visits_wanted": int(market.wanted.sum()),
        "choices": choices,
        "clashing": int(nested != whole or bool(diary.clashes(_rows(market)))),
        "flow_differs": int(flow != nested),
        "search_differs": int(searched[0] != whole),
        "usual_differs": int(usual[0] != whole),
        "usual_not_proved": int(usual[0] != usual[1]),
        "bound_too_low": int(usual[1] > whole or searched[1] > whole),
    }


def _rows(market: Market) -> np.ndarray:
    return assignment.choose(market, np.ones(len(market.need), dtype=bool)).rows


def _best(instance: Instance, nodes: int) -> tuple[int, int]:
    """Cost of the choice without clashes, and the cost its bound stands for."""
    market = instance.market
    rows, _, bound = assignment.best(
        market, instance.diary.clashes, rounds=4, nodes=nodes, forced=instance.forced
    )
    return assignment.cost_of(market, rows), -round(bound * 1e9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    print(json.dumps(measure(given.instances, given.first, given.workers), indent=2))


def measure(instances: int, first: int = 0, workers: int = 2) -> dict[str, float]:
    """Sums over instances, means of their sizes, and seconds."""
    started = time.perf_counter()
    seeds = range(first, first + instances)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(compare, seeds, chunksize=50))
    totals: dict[str, float] = {name: sum(row[name] for row in found) for name in found[0]}
    for name in ("meetings", "visits_wanted", "choices"):
        totals[f"mean_{name}"] = round(totals.pop(name) / instances, 2)
    return {"instances": instances, **totals, "seconds": round(time.perf_counter() - started, 1)}


if __name__ == "__main__":
    main()
