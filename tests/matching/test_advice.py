"""Advice that keeps its word: every change unlocks what it promises, every rung can be climbed."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from matcher import clock, matching
from matcher.matching import Settings, engine
from matcher.matching.fairness import choose_fairly
from matcher.matching.inputs import Inputs, in_order
from matcher.matching.remaining import remaining
from matcher.matching.types import Change, Demand, Pin, Place, Slot, Supply, Unmatched, Window
from matcher.matching.variants import merged, next_levels, variants
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
PLAIN = Settings(small_company_share=0.0, unserved_school_share=0.0)
ALL = replace(PLAIN, alternates=1000)
FAR = Place(51.99, 5.90)


def unmatched(market: Market, settings: Settings = PLAIN, **more: Any) -> tuple[Unmatched, ...]:
    return matching.propose(
        market.demands, market.supplies, market.people, settings, space=SPACE, **more
    ).unmatched


def changed(need: Demand, change: Change) -> Demand:
    """The need after the change, made without looking at how the advice makes it."""
    if "windows" in change.facts:
        windows: Any = change.facts["windows"]
        return replace(need, windows=tuple(Window(start, end) for start, end in windows))
    values: dict[str, Any] = {
        "duration": {"minutes": int(change.to) if change.to.isdigit() else 0},
        "place": {"place": "both"},
        "language": {"languages": need.languages | {change.to}},
        "kind": {"kinds": need.kinds | {change.to}},
        "level": {"levels": (*need.levels, change.to)},
        "group": {"group_size": int(change.to) if change.to.isdigit() else 0},
        "distance": {"travel_km": float(change.to) if change.rule == "distance" else None},
    }
    return replace(need, **values[change.rule])


def offers_for(need: Demand, left: Inputs) -> set[str]:
    """All offers the matcher itself would give this need alone: proposed, or an alternate."""
    found = matching.propose([need], left.supplies, left.people, ALL, pins=left.pins, space=SPACE)
    return {p.supply for p in (*found.proposals, *found.alternates)}


def puzzle(seed: int) -> Market:
    """A market in which every rule bites somewhere."""
    chance = random.Random(seed)
    market = random_market(seed, needs=4, offers=6)

    def odd_need(need: Demand) -> Demand:
        start = MONDAY + timedelta(days=chance.randint(0, 4), hours=chance.randint(0, 6))
        return replace(
            need,
            windows=(Window(start, start + timedelta(hours=chance.randint(1, 3))),),
            kinds=frozenset(chance.sample(("lecture", "tour", "challenge"), chance.randint(2, 3))),
            place=chance.choice(("onsite", "online", "both")),
            minutes=chance.choice((45, 50, 60)),
            group_size=chance.choice((18, 28, 40)),
            levels=(chance.choice(("havo-bovenbouw", "vmbo-b")),),
            languages=frozenset(chance.sample(("nl", "en"), 1)),
            travel_km=chance.choice((None, 5.0, 5.0, 5.0)),
        )

    def odd_offer(offer: Supply) -> Supply:
        alone = chance.random() < 0.2
        return replace(
            offer,
            kind=chance.choice(("lecture", "tour", "challenge")),
            place=chance.choice(("onsite", "online", "both")),
            minutes=chance.choice((45, 55, 80)),
            max_group=chance.choice((None, 20, 30)),
            levels=(chance.choice(("havo-bovenbouw", "vwo-bovenbouw")),),
            languages=frozenset(chance.sample(("nl", "en"), chance.randint(1, 2))),
            location=chance.choice((Place(51.50, 5.60), Place(51.50, 5.60), FAR)),
            slots=() if alone else tuple(later(one) for one in offer.slots),
            on_demand=alone,
        )

    def later(one: Slot) -> Slot:
        """Every third moment is two weeks later; one moment may stand with several offers."""
        wait = timedelta(days=14 if zlib.crc32(f"{seed}{one.key}".encode()) % 3 == 0 else 0)
        return replace(one, start=one.start + wait, end=one.end + wait)

    demands = [odd_need(need) for need in market.demands]
    people = [
        replace(who, location=chance.choice((Place(51.44, 5.48), Place(51.80, 5.60))))
        for who in market.people
    ]
    return Market(demands, [odd_offer(offer) for offer in market.supplies], people)


def kept_word(seed: int) -> set[str]:
    """The rules of all changes advised; each is made, and unlocks exactly what was promised."""
    market = puzzle(seed)
    pins = [Pin("n0", "o0", forbid=True)]
    inputs = in_order(market.demands, market.supplies, market.people, pins)
    board = engine.make_board(inputs, PLAIN, SPACE, lambda _name: None)
    left = remaining(board, choose_fairly(board)[0])
    needs = {need.key: need for need in market.demands}
    met = set()
    for told in unmatched(market, pins=pins):
        before = offers_for(needs[told.demand], left)
        for change in told.changes:
            met.add(change.rule)
            if change.rule != "reach":
                after = offers_for(changed(needs[told.demand], change), left)
                assert before <= after
                assert len(after - before) == change.unlocks > 0, change
    return met


def test_every_change_unlocks_exactly_what_it_promises() -> None:
    met = set().union(*(kept_word(seed) for seed in (*range(20), 42, 86, 124)))
    kinds = "day hours weeks duration place language kind level group distance"
    assert met >= set(kinds.split())


@how(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_whatever_the_market_a_promise_is_kept(seed: int) -> None:
    kept_word(seed)


def _alone(**need: Any) -> Market:
    """One class, and one lecture on Monday at nine that would fit but for what ``need`` says."""
    return Market(
        [replace(demand("n1"), **need)], [supply("o1", slots=(slot("a", 1),))], [person("p1")]
    )


def _single(market: Market) -> Unmatched:
    (told,) = unmatched(market)
    return told


def test_the_best_single_day_comes_before_any_day() -> None:
    tuesday = MONDAY + timedelta(days=1)
    market = _alone(windows=(Window(tuesday, tuesday + timedelta(hours=8)),))
    market.supplies += [
        supply("o2", slots=(slot("b", 1, "p2", day=3),)),
        supply("o3", slots=(slot("c", 2, "p3", day=3),)),
    ]
    market.people += [person("p2"), person("p3")]
    told = {(c.rule, c.to): c for c in _single(market).changes}
    thursday = clock.local(MONDAY + timedelta(days=3)).date().isoformat()
    assert (told["day", "any"].unlocks, told["day", thursday].unlocks) == (3, 2)
    windows = told["day", thursday].facts["windows"]
    assert [clock.local(start).date().isoformat() for start, _ in windows] == [  # type: ignore[attr-defined]
        clock.local(tuesday).date().isoformat(),
        thursday,
    ]


def test_no_day_of_a_holiday_or_of_the_past_is_thought_of() -> None:
    summer = MONDAY.replace(month=7, day=15)  # a Thursday, four days before the holidays
    need = replace(
        demand("n1"),
        windows=(Window(summer, summer + timedelta(hours=7)),),
        holiday_region="ZU",
        open_on=summer.date() - timedelta(days=2),
    )
    by_rule = {variant.rule: variant.demand for variant in variants(need) if variant.rule != "kind"}
    days = {clock.local(w.start).date() for w in by_rule["day"].windows}
    assert days == {summer.date(), summer.date() + timedelta(days=1), summer.date() - timedelta(1)}
    weeks = (
        {clock.local(w.start).date() for w in by_rule["weeks"].windows}
        if "weeks" in by_rule
        else set()
    )
    assert weeks <= {summer.date() + timedelta(weeks=n) for n in range(5)}


def test_a_level_wider_stays_in_the_sector() -> None:
    assert "vwo-bovenbouw" in next_levels(("havo-bovenbouw",))
    assert "po-bovenbouw" not in next_levels(("havo-bovenbouw", "vmbo-b-onderbouw"))


def test_windows_that_touch_are_one() -> None:
    hour = timedelta(hours=1)
    parts = [Window(MONDAY + hour, MONDAY + 2 * hour), Window(MONDAY, MONDAY + hour)]
    assert merged([*parts, Window(MONDAY + 3 * hour, MONDAY + 4 * hour)]) == (
        Window(MONDAY, MONDAY + 2 * hour),
        Window(MONDAY + 3 * hour, MONDAY + 4 * hour),
    )


def test_a_limit_of_visits_and_a_no_are_named_as_such() -> None:
    full = _alone()
    full.people = [person("p1", taken={"2027-03": 2})]
    assert [(b.rule, b.only) for b in _single(full).blockers] == [("limit", 1)]
    (told,) = unmatched(_alone(), pins=[Pin("n1", "o1", forbid=True)])
    assert [(b.rule, b.only) for b in told.blockers] == [("refused", 1)]
    assert told.changes == ()


def test_what_went_to_another_class_is_taken_and_promised_to_nobody() -> None:
    tuesday = MONDAY + timedelta(days=1)
    market = Market(
        [
            demand("n1"),
            demand("n2", visits_last_year=3),
            demand("n3", windows=(Window(tuesday, tuesday + timedelta(hours=8)),)),
        ],
        [supply("o1", slots=(slot("a", 1),))],
        [person("p1")],
    )
    second, third = unmatched(market)
    assert [(b.rule, b.only) for b in second.blockers] == [("taken", 1)]
    assert third.demand == "n3"
    assert (second.changes, third.changes) == ((), ())


def test_how_far_a_class_travels_counts_for_tours_only() -> None:
    away = {"location": Place(51.50, 5.60)}
    tour = supply("o1", kind="tour", slots=(slot("a", 1),), **away)
    market = Market([demand("n1", travel_km=5.0)], [tour], [person("p1")])
    told = _single(market)
    assert [b.rule for b in told.blockers] == ["distance"]
    assert ("distance", "15", 1) in [(c.rule, c.to, c.unlocks) for c in told.changes]
    market.demands = [demand("n1", travel_km=15.0)]
    assert unmatched(market) == ()
    market = Market([demand("n1", travel_km=5.0)], [replace(tour, kind="lecture")], market.people)
    assert unmatched(market) == ()


def test_people_who_would_have_to_come_further_are_counted_apart() -> None:
    market = _alone(location=Place(51.44, 5.48))
    market.people = [person("p1", radius_km=5.0, location=Place(51.52, 5.48))]
    market.supplies = [replace(market.supplies[0], location=Place(51.52, 5.48))]
    assert [(c.rule, c.to, c.unlocks) for c in _single(market).changes] == [("reach", "10", 1)]


# ---- the ladder ---------------------------------------------------------------------------------
def test_the_ladder_is_the_best_tour_challenge_and_webinar() -> None:
    market = _alone(kinds=frozenset({"lecture"}), languages=frozenset({"nl"}), group_size=35)
    roomy = {"max_group": None, "place": "both"}
    market.supplies += [
        supply("film", kind="tour", on_demand=True, **roomy),
        supply("film-water", "water", kind="tour", on_demand=True, **roomy),
        supply("paper", kind="challenge", on_demand=True, **roomy),
        supply("paper-small", kind="challenge", on_demand=True, max_group=20, place="both"),
        supply("paper-en", kind="challenge", on_demand=True, languages=frozenset({"en"})),
        supply("web", kind="webinar", slots=(slot("w1", 2, None, day=2, seats=30),), **roomy),
        supply("web-full", kind="webinar", slots=(), **roomy),
    ]
    told = _single(market)
    assert [(r.kind, r.supply, r.slot) for r in told.instead] == [
        ("tour", "film", None),
        ("challenge", "paper", None),
        ("webinar", "web", "w1"),
    ]
    assert all(0 < rung.fit <= 1 for rung in told.instead)
    assert told.instead[0].facts == {"nl": ["wind"], "en": ["wind"]}


def test_a_webinar_is_taken_within_the_class_hours_if_it_can_and_never_before_the_first_day() -> (
    None
):
    market = _alone(kinds=frozenset({"challenge"}))
    dates = (
        replace(slot("soon", 1, None, seats=9), start=MONDAY.replace(month=1, day=3)),
        slot("outside", 12, None, day=-1, seats=9),
        slot("within", 2, None, seats=9),
    )
    market.supplies = [supply("web", kind="webinar", place="online", slots=dates)]
    assert [rung.slot for rung in _single(market).instead] == ["within"]
    market.supplies = [replace(market.supplies[0], slots=dates[:2])]
    assert [rung.slot for rung in _single(market).instead] == ["outside"]
    market.supplies = [replace(market.supplies[0], slots=dates[:1])]
    assert _single(market).instead == ()


def test_seats_the_run_gives_away_are_not_offered_again() -> None:
    web = supply("web", kind="webinar", place="online", slots=(slot("w1", 1, None, seats=1),))
    market = Market([demand("n1"), demand("n2", kinds=frozenset({"lecture"}))], [web], [])
    told = _single(market)
    assert (told.demand, told.instead) == ("n2", ())


def test_a_live_tour_is_offered_with_its_first_moment_the_class_can_keep() -> None:
    market = _alone(kinds=frozenset({"challenge"}))
    moments = (slot("before", -2), slot("b", 3), slot("a", 1))
    market.supplies = [supply("walk", kind="tour", slots=moments)]
    assert [(r.supply, r.slot) for r in _single(market).instead] == [("walk", "a")]
    market.supplies = [supply("walk", kind="tour", slots=(slot("b", 1, day=1),))]
    assert _single(market).instead == ()


def test_offers_on_the_topic_are_counted_and_others_told_apart() -> None:
    strict = replace(PLAIN, topic_floor=0.9)
    market = _alone(kinds=frozenset({"challenge"}))
    market.supplies.append(supply("o2", "water", slots=(slot("b", 1, "p2"),)))
    market.people.append(person("p2"))
    (told,) = unmatched(market, strict)
    assert told.on_topic == 1
    assert [(b.rule, b.count) for b in told.blockers] == [("kind", 1), ("topic", 1)]


@pytest.mark.parametrize("many", [0, 1])
def test_advice_stops_where_the_settings_say(many: int) -> None:
    market = Market([demand("n1"), demand("n2")], [], [])
    told = unmatched(market, replace(PLAIN, advice_most=many))
    assert [u.demand for u in told] == ["n1", "n2"]
