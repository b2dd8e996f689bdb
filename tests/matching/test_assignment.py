"""The assignment is exact: the same as walking through every choice, clash or no clash."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from benchmarks.brute_force import enumerate_best, random_instance
from matcher.matching import Settings, assignment, engine, repair
from matcher.matching.assignment import Floors, Market
from matcher.matching.inputs import in_order
from matcher.matching.nearby import without
from matcher.matching.types import Pin
from tests.matching import market as markets
from tests.matching.market import TopicSpace, demand, person, random_market, slot, supply

SEEDS = st.integers(0, 10**9)
THOROUGH = 100_000  # flows: the search comes to its end


def everything(market: Market) -> np.ndarray:
    return np.ones(len(market.need), dtype=bool)


def board_of(market: markets.Market, settings: Settings, pins: list[Pin]) -> engine.Board:
    inputs = in_order(market.demands, market.supplies, market.people, pins)
    return engine.make_board(inputs, settings, TopicSpace(), lambda _name: None)


def is_allowed(market: Market, rows: np.ndarray) -> bool:
    """Every limit, counted the plain way."""
    limits = (
        (market.need, market.wanted),
        (market.slot, market.slot_cap),
        (np.where(market.slot < 0, market.supply, -1), market.supply_cap),
        (market.month, market.groups.month_cap),
        (market.term, market.groups.term_cap),
        (market.company, market.groups.company_cap),
    )
    for group, caps in limits:
        counts = Counter(int(group[row]) for row in rows if group[row] >= 0)
        if any(count > caps[key] for key, count in counts.items()):
            return False
    return len(np.unique(market.pair[rows])) == len(rows)


@how(max_examples=60, deadline=None)
@given(SEEDS)
def test_flow_costs_what_the_cheapest_of_all_choices_costs(seed: int) -> None:
    market = random_instance(seed).market
    chosen = assignment.choose(market, everything(market))
    assert chosen.cost == enumerate_best(market, None)[0]
    assert assignment.cost_of(market, chosen.rows) == chosen.cost
    assert is_allowed(market, chosen.rows)


@how(max_examples=60, deadline=None)
@given(SEEDS)
def test_search_finds_the_best_of_all_choices_without_a_clash(seed: int) -> None:
    instance = random_instance(seed)
    market, diary = instance.market, instance.diary
    rows, value, bound = assignment.best(
        market, diary.clashes, rounds=2, nodes=THOROUGH, forced=instance.forced
    )
    assert assignment.cost_of(market, rows) == enumerate_best(market, diary)[0]
    assert value == bound == assignment.objective(market, rows)
    assert is_allowed(market, rows)
    assert diary.clashes(rows) == []


@how(max_examples=60, deadline=None)
@given(SEEDS, st.integers(0, 3))
def test_bound_holds_however_short_the_search(seed: int, nodes: int) -> None:
    instance = random_instance(seed)
    market, diary = instance.market, instance.diary
    rows, value, bound = assignment.best(
        market, diary.clashes, rounds=1, nodes=nodes, forced=instance.forced
    )
    best = assignment.to_value(enumerate_best(market, diary)[0])
    assert value <= best <= bound
    assert is_allowed(market, rows)
    assert diary.clashes(rows) == []


@how(max_examples=60, deadline=None)
@given(SEEDS)
def test_large_markets_are_mended_where_they_clash(seed: int) -> None:
    """As a large market is: within every limit, without a clash, and no worse than to drop one."""
    instance = random_instance(seed)
    market, diary = instance.market, instance.diary
    first = assignment.choose(market, everything(market))
    work = repair.Work(market, diary.clashes, assignment.choose, instance.forced)
    mended = repair.in_rounds(work, first, everything(market), 4, near=True)
    dropped = repair.in_rounds(work, first, everything(market), 0, near=True)
    assert is_allowed(market, mended.rows)
    assert diary.clashes(mended.rows) == []
    assert mended.cost == assignment.cost_of(market, mended.rows)
    assert enumerate_best(market, diary)[0] <= mended.cost
    assert first.cost <= mended.cost <= dropped.cost


@how(max_examples=60, deadline=None)
@given(SEEDS)
def test_rest_of_a_market_is_worth_what_the_whole_has_beside_it(seed: int) -> None:
    """Half of a choice fixed: the rest chosen anew gives the same sum, and the best given it."""
    market = random_instance(seed).market
    rows = assignment.choose(market, everything(market)).rows
    needs = np.unique(market.need[rows])[::2]
    fixed = rows[~np.isin(market.need[rows], needs)]
    rest = without(market, fixed)
    again = assignment.choose(rest, np.isin(market.need, needs))
    joined = np.sort(np.concatenate([fixed, again.rows]))
    assert is_allowed(market, joined)
    assert assignment.cost_of(market, joined) == assignment.cost_of(market, rows)


@how(max_examples=40, deadline=None)
@given(SEEDS)
def test_needs_and_offers_come_to_an_exact_market(seed: int) -> None:
    """From columns, groups and scores on: shared moments, limits, seats, pins."""
    market = random_market(seed, needs=3, offers=3)
    pins = [Pin("n0", "o0a", forbid=False), Pin("n1", "o1a", forbid=True)]
    board = board_of(market, Settings(slots_per_pair=2), pins)
    if not len(board.market.need):
        return
    rows, value, bound = assignment.best(
        board.market, board.diary.clashes, rounds=4, nodes=THOROUGH, forced=board.forced
    )
    assert assignment.cost_of(board.market, rows) == enumerate_best(board.market, board.diary)[0]
    assert value == bound
    keys = [
        (market.demands[int(board.d[p])].key, board.inputs.supplies[int(board.s[p])].key)
        for p in board.found.pair[rows]
    ]
    assert ("n1", "o1a") not in keys


def simple_market(supplies: list, needs: int, **person_limits: int) -> Market:
    people = [person("p1", **person_limits)]
    demands = [demand(f"n{n}") for n in range(needs)]
    return board_of(markets.Market(demands, supplies, people), Settings(), []).market


def chosen(market: Market) -> int:
    return len(assignment.choose(market, everything(market)).rows)


def test_one_moment_with_two_offers_is_given_once() -> None:
    both = [supply(key, slots=(slot("a", 1),), company="c") for key in ("o1", "o2")]
    market = simple_market(both, 2)
    assert set(market.slot.tolist()) == {0}
    assert chosen(market) == 1


def test_webinar_without_a_limit_does_not_lift_its_companys() -> None:
    lecture = supply("a", slots=(slot("a", 1), slot("b", 3)), company="c", company_term_cap=1)
    webinar = supply("z", kind="webinar", place="online", company="c", company_term_cap=None)
    webinar = replace(webinar, slots=(slot("w", 5, None, seats=2),))
    market = simple_market([lecture, webinar], 6, month_cap=9, term_cap=9)
    rows = assignment.choose(market, everything(market)).rows
    assert Counter(market.supply[rows].tolist()) == {0: 1, 1: 2}


def test_person_of_two_companies_is_refused() -> None:
    offers = [supply(key, slots=(slot(key, 1),), company=key) for key in ("o1", "o2")]
    with pytest.raises(ValueError, match="p1 speaks for two companies"):
        simple_market(offers, 1)


def test_moment_told_in_two_ways_is_refused() -> None:
    offers = [
        supply("o1", slots=(slot("a", 1),), company="c"),
        supply("o2", slots=(slot("a", 2),), company="c"),
    ]
    with pytest.raises(ValueError, match="slot a is told in two ways"):
        simple_market(offers, 1)


@pytest.mark.parametrize(("price", "small"), [(0.2, 0), (0.4, 1)])
def test_floor_costs_no_more_than_its_price_and_no_visit(price: float, small: int) -> None:
    """Two needs; the small company's visits are worth 0.3 less than the large one's."""
    offers = [
        supply("l", slots=(slot("a", 1, "p1"), slot("b", 3, "p1")), company="large"),
        supply("s", slots=(slot("c", 5, "p2"),), company="small", employees=9),
    ]
    sides = markets.Market([demand("n0"), demand("n1")], offers, [person("p1"), person("p2")])
    market = board_of(sides, Settings(), []).market
    market = replace(
        market, value=np.where(market.small, 0.4, 0.7), floors=Floors(small=1, price=price)
    )
    rows = assignment.choose(market, everything(market)).rows
    assert (len(rows), int(market.small[rows].sum())) == (2, small)
