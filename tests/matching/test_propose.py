"""The handle: exact against brute force, the same in any order, within every limit, explained."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from matcher import matching
from matcher.matching import Settings, match
from matcher.matching.types import Pin, Place, Window
from tests.matching.market import (
    MONDAY,
    Market,
    TopicSpace,
    demand,
    person,
    random_market,
    slot,
    supply,
)

SPACE = TopicSpace()
PLAIN = Settings(small_company_share=0.0)
TUESDAY = MONDAY + timedelta(days=1)


def propose(market: Market, settings: Settings = PLAIN, **more):  # type: ignore[no-untyped-def]
    return matching.propose(
        market.demands, market.supplies, market.people, settings, space=SPACE, **more
    )


@how(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_same_bytes_whatever_the_order(seed: int) -> None:
    market = random_market(seed, needs=5, offers=5)
    first = propose(market).as_json()
    chance = random.Random(seed)
    for side in (market.demands, market.supplies, market.people):
        chance.shuffle(side)
    assert propose(market).as_json() == first


@how(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_no_person_is_in_two_places_and_parts_add_up(seed: int) -> None:
    result = propose(random_market(seed, needs=6, offers=4), Settings())
    for pairing in (*result.proposals, *result.alternates):
        assert sum(r.points for r in pairing.reasons) == pytest.approx(pairing.score, abs=1e-9)
        assert 0 <= pairing.score <= 1
        assert all(0 <= reason.value <= 1 for reason in pairing.reasons)
        assert pairing.weak_point in {reason.part for reason in pairing.reasons}
    for a, b in itertools.combinations(result.proposals, 2):
        if a.professional is not None and a.professional == b.professional:
            assert a.end <= b.start or b.end <= a.start
    assert 0 <= result.statistics["gap"] <= 1


def test_stored_inputs_give_the_same_bytes_again() -> None:
    market = random_market(5)
    text = matching.inputs_json(market.demands, market.supplies, market.people)
    again = matching.inputs_from_json(text)
    result = matching.propose(again.demands, again.supplies, again.people, PLAIN, space=SPACE)
    assert result.as_json() == propose(market).as_json()
    assert matching.inputs_json(again.demands, again.supplies, again.people) == text


def _simple() -> Market:
    return Market([demand("n1")], [supply("o1", slots=(slot("a", 1),))], [person("p1")])


def test_one_need_and_one_fitting_offer_meet_on_a_quarter() -> None:
    (made,) = propose(_simple()).proposals
    assert (made.demand, made.supply, made.slot, made.professional) == ("n1", "o1", "a", "p1")
    assert made.start == MONDAY + timedelta(hours=1)
    assert made.end == made.start + timedelta(minutes=50)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"kinds": frozenset({"tour"})}, "kind"),
        ({"languages": frozenset({"en"})}, "language"),
        ({"place": "online"}, "place"),
        ({"levels": ("po-onderbouw",)}, "level"),
        ({"group_size": 31}, "group"),
        ({"minutes": 45}, "duration"),
        ({"location": Place(53.22, 6.57)}, "distance"),
        (
            {"windows": (Window(MONDAY + timedelta(days=1), MONDAY + timedelta(days=1, hours=8)),)},
            "day",
        ),
        ({"windows": (Window(MONDAY, MONDAY + timedelta(minutes=70)),)}, "time"),
    ],
)
def test_each_rule_refuses_alone_and_is_named(change: dict[str, object], rule: str) -> None:
    market = _simple()
    market.demands = [replace(market.demands[0], **change)]
    result = propose(market)
    assert result.proposals == ()
    (unmatched,) = result.unmatched
    assert [b.rule for b in unmatched.blockers if b.only] == [rule]


def test_advice_names_the_change_that_unlocks_and_the_ladder() -> None:
    market = _simple()
    market.demands = [replace(market.demands[0], kinds=frozenset({"webinar"}))]
    market.supplies.append(supply("film", kind="tour", on_demand=True, place="both"))
    (unmatched,) = propose(market).unmatched
    assert ("kind", "lecture", 1) in [(c.rule, c.to, c.unlocks) for c in unmatched.changes]
    assert [(rung.supply, rung.slot) for rung in unmatched.instead] == [("film", None)]


def test_busy_person_is_not_asked_nor_further_away_than_can_be_travelled() -> None:
    market = _simple()
    far = Place(51.99, 5.90)  # an hour and more from Eindhoven
    just_before = Window(MONDAY - timedelta(hours=1), MONDAY + timedelta(minutes=30))
    market.people = [replace(market.people[0], busy=((just_before, far),))]
    assert propose(market).proposals == ()
    market.people = [replace(market.people[0], busy=((just_before, None),))]
    assert len(propose(market).proposals) == 1


def test_limits_of_month_and_term_count_what_is_taken() -> None:
    market = _simple()
    market.people = [replace(market.people[0], taken={"2027-03": 2})]
    assert propose(market).proposals == ()
    market.people = [replace(market.people[0], taken={"2026-27/2": 3})]
    assert propose(market).proposals == ()
    market.people = [replace(market.people[0], taken={"2027-02": 2})]
    assert len(propose(market).proposals) == 1


def test_forbidden_pair_never_and_forced_pair_first() -> None:
    market = Market(
        [demand("n1"), demand("n2", "water")],
        [supply("o1", slots=(slot("a", 1),))],
        [person("p1")],
    )
    assert propose(market).proposals[0].demand == "n1"
    forced = propose(market, pins=[Pin("n2", "o1", forbid=False)])
    assert [p.demand for p in forced.proposals] == ["n2"]
    forbidden = propose(market, pins=[Pin("n1", "o1", forbid=True)])
    assert "n1" not in {p.demand for p in forbidden.proposals}


def test_what_stood_yesterday_stays_among_equals() -> None:
    market = Market(
        [demand("n1")],
        [supply("o1", slots=(slot("a", 1, "p1"),)), supply("o2", slots=(slot("b", 1, "p2"),))],
        [person("p1"), person("p2")],
    )
    chosen = propose(market).proposals[0].supply
    other, key = ("o2", "b") if chosen == "o1" else ("o1", "a")
    stayed = propose(market, standing=[("n1", other, key)])
    assert stayed.proposals[0].supply == other


def test_small_companies_get_their_share_at_a_stated_price() -> None:
    demands = [demand(f"n{n}") for n in range(4)]
    large = [supply(f"l{n}", slots=(slot(f"l{n}", n, f"p{n}"),)) for n in range(4)]
    small = [
        supply(
            f"s{n}",
            slots=(slot(f"s{n}", n, f"q{n}"),),
            employees=8,
            days_since_confirmed=300,
        )
        for n in range(4)
    ]
    people = [person(f"p{n}") for n in range(4)] + [person(f"q{n}") for n in range(4)]
    market = Market(demands, large + small, people)
    assert propose(market).statistics["small_company_share"] == 0.0
    shared = propose(market, Settings(small_company_share=0.5)).statistics
    assert shared["small_company_share"] >= 0.5
    assert shared["price_of_fairness"] > 0


def test_seats_of_a_webinar_are_shared_and_no_more() -> None:
    demands = [demand(f"n{n}") for n in range(3)]
    webinar = supply("w", kind="webinar", place="online", slots=(slot("w1", 1, None, seats=2),))
    result = propose(Market(demands, [webinar], []))
    assert len(result.proposals) == 2
    assert len(result.unmatched) == 1


def test_no_side_is_no_error() -> None:
    assert propose(Market([], [], [])).proposals == ()
    alone = propose(Market([demand("n1")], [], []))
    assert [u.demand for u in alone.unmatched] == ["n1"]


def test_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        propose(Market([demand("n1"), demand("n1")], [], []))


@pytest.mark.parametrize(
    "values",
    [{"weights": {"charm": 1}}, {"weights": {"text": -1}}, {"text_floor": 2}, {"colour": 3}],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Settings.from_json(values)


def test_settings_survive_json() -> None:
    chosen = Settings.from_json({"weights": {"distance": 0.5}, "lead_days": 3})
    again = Settings.from_json(json.loads(json.dumps(chosen.as_json())))
    assert again == chosen
    assert sum(again.shares.values()) == pytest.approx(1.0)


def test_gini_is_zero_for_equal_loads_and_grows_with_inequality() -> None:
    assert match.gini(np.array([2, 2, 2])) == 0.0
    assert match.gini(np.array([0, 0, 3])) == pytest.approx(2 / 3)
