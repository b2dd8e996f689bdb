"""Shares kept, room to explore, what stood, pins; each at its price, stated by the run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from matcher import matching
from matcher.matching import Result, Settings
from matcher.matching.types import Demand, Pin, Supply
from tests.matching.market import (
    Market,
    TopicSpace,
    demand,
    person,
    random_market,
    slot,
    supply,
)

SPACE = TopicSpace()
OFF: dict[str, Any] = {"small_company_share": 0.0, "unserved_school_share": 0.0}


def propose(market: Market, more: dict[str, Any] | None = None, **given_: Any) -> Result:
    return matching.propose(
        market.demands,
        market.supplies,
        market.people,
        Settings(**(OFF | (more or {}))),
        space=SPACE,
        **given_,
    )


def offers(name: str, many: int, **values: Any) -> list[Supply]:
    """Offers of as many companies, each with one moment of a person of its own."""
    return [
        supply(f"{name}{n}", slots=(slot(f"{name}{n}", n, f"{name}{n}"),), **values)
        for n in range(many)
    ]


def market_of(demands: list[Demand], supplies: list[Supply]) -> Market:
    names = sorted({s.slots[0].professional for s in supplies})
    return Market(demands, supplies, [person(name) for name in names])


# ---- small companies ----------------------------------------------------------------------------
def small_and_large() -> Market:
    """Four needs; four large companies fit a little better than four small ones."""
    small = offers("s", 4, employees=8, days_since_confirmed=300)
    return market_of([demand(f"n{n}") for n in range(4)], offers("l", 4) + small)


@pytest.mark.parametrize(
    ("share", "visits"), [(0.0, 0), (0.1, 1), (0.27, 2), (0.5, 2), (0.75, 3), (1.0, 4)]
)
def test_small_companies_get_their_share_and_no_more(share: float, visits: int) -> None:
    found = propose(small_and_large(), {"small_company_share": share}).statistics
    assert (found["proposals"], found["small_company_share"]) == (4, visits / 4)
    assert found["gap"] == 0.0


def test_price_of_fairness_grows_with_the_share() -> None:
    shares = (0.0, 0.27, 0.75, 1.0)
    prices = [
        propose(small_and_large(), {"small_company_share": share}).statistics["price_of_fairness"]
        for share in shares
    ]
    assert prices[0] == 0.0
    assert prices == sorted(set(prices))
    assert prices[-1] < 0.05


def test_share_that_would_cost_too_much_is_left() -> None:
    """The small companies are about something else."""
    market = market_of(
        [demand(f"n{n}") for n in range(2)],
        [*offers("l", 2), supply("s", "steel", slots=(slot("s", 3, "s"),), employees=8)],
    )
    settings = {"small_company_share": 0.5, "text_floor": 0.0}
    assert propose(market, settings).statistics["small_company_share"] == 0.0
    generous = propose(market, settings | {"reserve_price": 1.0}).statistics
    assert (generous["small_company_share"], generous["proposals"]) == (0.5, 2)


def test_share_nobody_can_fill_leaves_no_need_empty() -> None:
    market = market_of([demand(f"n{n}") for n in range(3)], offers("l", 3))
    found = propose(market, {"small_company_share": 1.0}).statistics
    assert (found["proposals"], found["small_company_share"], found["gap"]) == (3, 0.0, 0.0)


# ---- schools without a visit --------------------------------------------------------------------
def scarce() -> Market:
    """Six classes, three visits; the schools that had visits fit better."""
    served = [
        demand(f"a{n}", visits_last_year=4, partners=frozenset({f"company-o{k}" for k in range(3)}))
        for n in range(3)
    ]
    left = [demand(f"b{n}") for n in range(3)]
    return market_of(served + left, offers("o", 3))


@pytest.mark.parametrize(("share", "visits"), [(0.0, 0), (0.2, 1), (0.5, 2), (1.0, 3)])
def test_schools_without_a_visit_get_their_share(share: float, visits: int) -> None:
    weights = {"text": 0.6, "partner": 0.1}
    settings = {"unserved_school_share": share, "school_bonus": 0.0, "weights": weights}
    found = propose(scarce(), settings).statistics
    assert (found["proposals"], found["unserved_school_share"]) == (3, round(visits / 3, 6))


# ---- room to explore ----------------------------------------------------------------------------
def friends(wanted: int, known: int, new: int, **values: Any) -> Market:
    """A school with so many classes, companies it knows and companies new to it."""
    partners = frozenset(f"company-k{n}" for n in range(known))
    demands = [demand(f"n{n}", school="one", partners=partners) for n in range(wanted)]
    return market_of(demands, offers("k", known) + offers("x", new, **values))


@pytest.mark.parametrize(("share", "opened"), [(0.0, 0), (0.2, 0), (0.25, 1), (0.5, 2), (1.0, 4)])
def test_share_of_a_schools_visits_is_open_for_new_companies(share: float, opened: int) -> None:
    found = propose(friends(4, 4, 4), {"explore_share": share}).statistics
    assert (found["proposals"], found["known_partner_share"]) == (4, 1 - opened / 4)


def test_partners_stay_where_no_new_company_fits_well_enough() -> None:
    assert propose(friends(4, 4, 0)).statistics["known_partner_share"] == 1.0
    few = propose(friends(4, 3, 1), {"explore_share": 0.5}).statistics
    assert (few["proposals"], few["known_partner_share"]) == (4, 0.75)
    poor = friends(4, 4, 4, levels=("vmbo-k",), subjects=("engels",), days_since_confirmed=999)
    assert propose(poor, {"explore_share": 0.5}).statistics["known_partner_share"] == 1.0


def test_pinned_partner_is_not_explored_away() -> None:
    pins = [Pin(f"n{n}", f"k{n}", forbid=False) for n in range(4)]
    found = propose(friends(4, 4, 4), {"explore_share": 1.0}, pins=pins)
    assert [(p.demand, p.supply) for p in found.proposals] == [(p.demand, p.supply) for p in pins]


def test_two_visits_of_one_need_open_one() -> None:
    market = friends(1, 2, 2)
    market.demands = [
        demand("n", visits_wanted=2, partners=frozenset({"company-k0", "company-k1"}))
    ]
    found = propose(market, {"explore_share": 0.5})
    assert sorted(p.supply[0] for p in found.proposals) == ["k", "x"]


# ---- what stood, pins ---------------------------------------------------------------------------
@how(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_yesterdays_run_stands_when_nothing_has_changed(seed: int) -> None:
    market = random_market(seed)
    first = propose(market)
    standing = [(p.demand, p.supply, p.slot) for p in first.proposals]
    again = propose(market, standing=standing)
    assert [(p.demand, p.supply, p.slot) for p in again.proposals] == standing
    assert again.statistics["kept_share"] == 1.0


def test_what_stood_gives_way_to_what_is_better_by_more_than_its_bonus() -> None:
    market = market_of([demand("n")], [*offers("a", 1), *offers("b", 1, days_since_confirmed=200)])
    standing = [("n", "b0", "b0")]
    kept = propose(market, {"stay_bonus": 0.05}, standing=standing)
    assert ([p.supply for p in kept.proposals], kept.statistics["kept_share"]) == (["b0"], 1.0)
    left = propose(market, {"stay_bonus": 0.0}, standing=standing)
    assert ([p.supply for p in left.proposals], left.statistics["kept_share"]) == (["a0"], 0.0)


def test_time_that_stood_is_not_lost_among_better_times() -> None:
    """Only the best times of a pair are weighed, and the one that stood."""
    times = tuple(slot(f"t{n}", n, "p1") for n in range(6))
    market = Market([demand("n")], [supply("o", slots=times)], [person("p1")])
    last = propose(market, {"slots_per_pair": 2}, standing=[("n", "o", "t5")])
    assert [p.slot for p in last.proposals] == ["t5"]


def test_pinned_pair_moves_its_time_rather_than_cost_another_its_visit() -> None:
    """p1 cannot give both at 1; the pinned pair can also meet at 3, the other only at 1."""
    pinned = supply("o1", slots=(slot("a", 1), slot("b", 3)), company="c")
    other = supply("o2", "water", slots=(slot("d", 1),), company="c")
    market = Market([demand("n1"), demand("n2", "water")], [pinned, other], [person("p1")])
    pins = [
        Pin("n1", "o1", forbid=False),
        Pin("n1", "o2", forbid=True),
        Pin("n2", "o1", forbid=True),
    ]
    found = propose(market, pins=pins)
    assert [(p.demand, p.supply, p.slot) for p in found.proposals] == [
        ("n1", "o1", "b"),
        ("n2", "o2", "d"),
    ]
    assert found.statistics["gap"] == 0.0


def test_pins_do_not_swell_the_figures() -> None:
    market = market_of([demand("n")], offers("o", 1))
    plain, pinned = propose(market), propose(market, pins=[Pin("n", "o0", forbid=False)])
    for name in ("objective", "bound", "gap", "price_of_fairness"):
        assert pinned.statistics[name] == pytest.approx(plain.statistics[name], abs=1e-5)
