"""What several regions could use is divided: nothing twice, nothing lost, pins and habits first."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from matcher import matching
from matcher.matching import Inputs, Settings
from matcher.matching.inputs import in_order
from matcher.matching.shards import divide
from matcher.matching.types import Pin, Place
from tests.matching.market import TopicSpace, demand, person, random_market, slot, supply

SPACE = TopicSpace()
SOUTH, NORTH = Place(51.44, 5.48), Place(53.22, 6.57)


def regions_of(seed: int, many: int = 3) -> list[Inputs]:
    """A market whose needs are dealt out to regions that can all reach every offer."""
    market, chance = random_market(seed, needs=7, offers=5), random.Random(seed)
    dealt = [chance.randrange(many) for _ in market.demands]
    return [
        in_order(
            [d for d, region in zip(market.demands, dealt, strict=True) if region == number],
            market.supplies,
            market.people,
        )
        for number in range(many)
    ]


def moments(parts: list[Inputs]) -> Counter[str]:
    """How many parts can give each person's moment away."""
    return Counter(
        key
        for part in parts
        for key in {s.key for o in part.supplies for s in o.slots if s.professional is not None}
    )


@how(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_nothing_is_given_to_two_regions_and_nothing_is_lost(seed: int) -> None:
    whole = regions_of(seed)
    parts = divide(whole, SPACE)
    assert [part.demands for part in parts] == [one.demands for one in whole]
    assert moments(parts) == Counter(dict.fromkeys(moments(whole[:1]), 1))
    for one in whole[0].supplies:
        mine = [next((o for o in part.supplies if o.key == one.key), None) for part in parts]
        if one.on_demand:
            assert sum(o.capacity for o in mine if o) == one.capacity
        if one.kind == "webinar":
            assert sum(s.seats for o in mine if o for s in o.slots) == one.slots[0].seats


@how(max_examples=30, deadline=None)
@given(st.integers(0, 10**9))
def test_regions_solved_apart_keep_every_limit_together(seed: int) -> None:
    whole = regions_of(seed)
    people = {p.key: p for p in whole[0].people}
    offers = {s.key: s for s in whole[0].supplies}
    made = [
        pairing
        for part in divide(whole, SPACE)
        for pairing in matching.propose(
            part.demands, part.supplies, part.people, Settings(), space=TopicSpace()
        ).proposals
    ]
    of_person = Counter(p.professional for p in made if p.professional)
    assert all(many <= people[key].month_cap for key, many in of_person.items())
    of_company = Counter(offers[p.supply].company for p in made if p.professional)
    limits = {o.company: o.company_term_cap for o in offers.values() if o.slots}
    assert all(many <= (limits.get(key) or 99) for key, many in of_company.items())
    seats = {s.key: s.seats for o in offers.values() for s in o.slots}
    assert all(many <= seats[key] for key, many in Counter(p.slot for p in made if p.slot).items())


@pytest.mark.parametrize(("limit", "whole_company"), [(15, True), (16, False), (None, False)])
def test_company_goes_to_one_region_where_its_limit_may_bite(
    limit: int | None, *, whole_company: bool
) -> None:
    """Eight people with two moments each."""
    offers = [
        supply(
            f"o{n}",
            slots=tuple(slot(f"s{n}-{k}", k, f"p{n}") for k in range(2)),
            company="c",
            company_term_cap=limit,
        )
        for n in range(8)
    ]
    people = [person(f"p{n}") for n in range(8)]
    whole = [in_order([demand(f"n{n}", visits_wanted=3)], offers, people) for n in range(2)]
    counts = sorted(len(part.supplies) for part in divide(whole, SPACE))
    assert sum(counts) == 8
    assert (counts == [0, 8]) is whole_company


def test_problems_that_share_nothing_come_back_as_they_are() -> None:
    whole = [
        in_order([demand(f"n{n}")], [supply(f"o{n}", slots=(slot(f"s{n}"),))], [person("p1")])
        for n in range(2)
    ]
    whole[1] = replace(whole[1], supplies=(), people=())
    assert [part is one for part, one in zip(divide(whole, SPACE), whole, strict=True)] == [
        True,
        True,
    ]
    assert divide(whole[:1], SPACE)[0] is whole[0]
    assert divide([], SPACE) == []


def many_people(number: int, at: Place, **values: str) -> tuple[list, list]:
    offers = [
        supply(f"o{n:03d}", slots=(slot(f"s{n:03d}", 1, f"p{n:03d}"),), location=at, **values)
        for n in range(number)
    ]
    return offers, [person(f"p{n:03d}", location=at) for n in range(number)]


@pytest.mark.parametrize(("place", "low", "high"), [("onsite", 200, 200), ("online", 85, 130)])
def test_people_go_where_needs_are_near_and_online_everywhere(
    place: str, low: int, high: int
) -> None:
    """200 people in the south, as many needs in the south as in the far north."""
    offers, people = many_people(200, SOUTH, place=place)
    whole = [
        in_order([demand(f"{name}{n}", location=at) for n in range(5)], offers, people)
        for name, at in (("south", SOUTH), ("north", NORTH))
    ]
    south, north = (len(part.people) for part in divide(whole, SPACE))
    assert south + north == 200
    assert low - 10 <= south <= high


def test_pinned_pair_has_its_person_and_what_stood_keeps_its_own() -> None:
    offers, people = many_people(40, SOUTH)
    needs = [[demand(f"{name}{n}") for n in range(3)] for name in ("a", "b")]
    pins = [[], [Pin("b0", f"o{n:03d}", forbid=False) for n in range(10)]]
    stood = [[("a0", f"o{n:03d}", f"s{n:03d}") for n in range(20)], []]
    whole = [in_order(needs[n], offers, people, pins[n], stood[n]) for n in range(2)]
    first, second = divide(whole, SPACE)
    assert {f"o{n:03d}" for n in range(10)} <= {o.key for o in second.supplies}
    assert {f"o{n:03d}" for n in range(10, 20)} <= {o.key for o in first.supplies}


def test_film_pinned_for_a_small_region_is_not_split_away() -> None:
    film = supply("film", kind="tour", place="both", on_demand=True, capacity=1)
    small = in_order([demand("a")], [film], [], [Pin("a", "film", forbid=False)])
    large = in_order([demand(f"b{n}") for n in range(50)], [film], [])
    assert [len(part.supplies) for part in divide([large, small], SPACE)] == [0, 1]


def test_seats_are_split_by_needs() -> None:
    one = supply("w", kind="webinar", place="online", slots=(slot("w1", 1, None, seats=10),))
    whole = [
        in_order([demand(f"{name}{n}") for n in range(many)], [one], [])
        for name, many in (("a", 3), ("b", 1), ("c", 1))
    ]
    assert [part.supplies[0].slots[0].seats for part in divide(whole, SPACE)] == [6, 2, 2]


def test_division_turns_on_the_problems_alone() -> None:
    whole = regions_of(4)
    shuffled = [
        replace(one, supplies=tuple(reversed(one.supplies)), people=tuple(reversed(one.people)))
        for one in whole
    ]
    for part, other in zip(divide(whole, SPACE), divide(shuffled, SPACE), strict=True):
        assert in_order(other.demands, other.supplies, other.people) == part
