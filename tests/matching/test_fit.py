"""Every part of the score lies in [0, 1] and falls when what it measures gets worse."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from matcher.matching import Settings, engine, travel
from matcher.matching.curriculum import level_fit, subject_fit
from matcher.matching.inputs import in_order
from matcher.matching.scoring import PARTS
from matcher.matching.types import Place, Window
from matcher.reference import programme
from tests.matching.market import MONDAY, TopicSpace, demand, person, random_market, slot, supply

LEVELS = [level.code for code in ("nl", "dk", "eus") for level in programme(code).levels]
SUBJECTS = [subject.code for subject in programme("nl").subjects]
HERE = Place(51.44, 5.48)
TYPES = ("doener", "maker", "verkenner")


def parts_of(settings: Settings | None = None, **changes: dict[str, Any]) -> dict[str, float]:
    """The parts of the best meeting of one need and one offer, after these changes."""
    asked = demand("n", **changes.get("need", {}))
    given = supply("o", **({"slots": (slot("a", 1),)} | changes.get("offer", {})))
    speaker = person("p1", **({"radius_km": 400.0} | changes.get("person", {})))
    inputs = in_order([asked], [given], [speaker])
    board = engine.make_board(inputs, settings or Settings(), TopicSpace(), lambda _name: None)
    best = int(board.scored.score.argmax())
    values = [round(value, 6) for value in board.scored.parts[best].tolist()]
    return dict(zip(PARTS, values, strict=True))


def falls(values: list[float]) -> bool:
    """From best to worst, never up again, and down in the end."""
    return all(a >= b for a, b in itertools.pairwise(values)) and values[0] > values[-1]


@how(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_parts_and_score_of_any_meeting_lie_between_0_and_1(seed: int) -> None:
    market = random_market(seed)
    inputs = in_order(market.demands, market.supplies, market.people)
    board = engine.make_board(inputs, Settings(), TopicSpace(), lambda _name: None)
    table = board.scored.parts
    assert ((table >= 0) & (table <= 1)).all()
    assert ((board.scored.score >= 0) & (board.scored.score <= 1)).all()


# ---- the way ------------------------------------------------------------------------------------
KM = st.floats(0, 2000, allow_nan=False)


@given(KM, KM, st.floats(1, 300))
def test_travel_takes_longer_and_is_liked_less_the_further_it_is(
    a: float, b: float, kmh: float
) -> None:
    near, far = sorted((a, b))
    minutes = travel.minutes(np.array([near, far]), kmh)
    assert 0 <= minutes[0] <= minutes[1]
    fits = travel.nearness(minutes)
    assert 1 >= fits[0] >= fits[1] >= 0


def test_bands_of_travel_time() -> None:
    assert travel.minutes(np.array([0.0, 5.0, 60.0]), 55.0).tolist() == [0.0, 13.0, 73.0]
    assert [travel.band(m) for m in (0, 15, 15.1, 59, 90, 91)] == [15, 15, 30, 60, 90, 0]
    assert travel.nearness(np.array([0, 15, 30, 45, 60, 90, 150, 999])).tolist() == [
        1.0,
        0.9,
        0.7,
        0.45,
        0.25,
        0.1,
        0.02,
        0.02,
    ]


def test_distance_falls_with_kilometres_and_less_when_online() -> None:
    places = [Place(51.44 + step * 0.2, 5.48) for step in range(6)]
    onsite = [parts_of(need={"location": place})["distance"] for place in places]
    assert onsite[0] == 1.0
    assert falls(onsite)
    online = [
        parts_of(need={"location": place}, offer={"place": "online"})["distance"]
        for place in places
    ]
    assert min(online) == 0.8


# ---- the school system --------------------------------------------------------------------------
@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_levels_are_as_near_there_as_back_and_nearest_to_themselves(a: str, b: str) -> None:
    assert 0 <= level_fit([a], [b]) == level_fit([b], [a]) <= 1
    assert (level_fit([a], [b]) == 1) is (a == b)


@given(
    st.lists(st.sampled_from(LEVELS), min_size=1, max_size=3),
    st.lists(st.sampled_from(LEVELS), min_size=1, max_size=3),
    st.sampled_from(LEVELS),
)
def test_offer_for_one_more_level_never_fits_worse(
    wanted: list[str], given_: list[str], more: str
) -> None:
    assert level_fit(wanted, [*given_, more]) >= level_fit(wanted, given_)


@pytest.mark.parametrize(
    ("here", "from_near_to_far"),
    [
        ("vmbo-tl", ["vmbo-gl", "vmbo-k", "havo-bovenbouw", "vwo-bovenbouw"]),
        ("havo-bovenbouw", ["havo-onderbouw", "vwo-bovenbouw", "vmbo-tl", "vmbo-k", "vmbo-b"]),
        ("mbo", ["vmbo-k", "havo-bovenbouw", "vwo-bovenbouw", "vwo-onderbouw"]),
        ("po-bovenbouw", ["po-onderbouw", "havo-onderbouw", "havo-bovenbouw", "mbo"]),
        ("pro", ["vmbo-b", "vmbo-k", "vmbo-tl", "vwo-onderbouw"]),
    ],
)
def test_levels_fall_with_theory_age_and_school(here: str, from_near_to_far: list[str]) -> None:
    assert falls([1.0, *(level_fit([here], [other]) for other in from_near_to_far)])


def test_bridging_class_is_served_as_its_levels_on_average() -> None:
    havo, vwo = "havo-onderbouw", "vwo-onderbouw"
    alone = level_fit([vwo], [havo])
    assert level_fit([havo, vwo], [havo]) == pytest.approx((1 + alone) / 2)
    assert level_fit([havo, vwo], [havo, vwo]) == 1.0


@given(st.sampled_from(SUBJECTS), st.sampled_from(SUBJECTS))
def test_subjects_are_as_near_there_as_back(a: str, b: str) -> None:
    assert 0 <= subject_fit([a], [b]) == subject_fit([b], [a]) <= 1
    assert (subject_fit([a], [b]) == 1) is (a == b)


def test_subjects_fall_from_another_name_to_a_stranger() -> None:
    order = ["natuurkunde", "nask", "nlt", "wiskunde", "engels"]
    assert [subject_fit(["natuurkunde"], [other]) for other in order] == [1.0, 0.8, 0.6, 0.4, 0.0]
    assert subject_fit(["lob"], ["pie"]) == subject_fit([], ["pie"]) == 0.5


def test_unknown_codes_fit_nothing_and_unsaid_ones_half() -> None:
    assert (level_fit(["?"], ["mbo"]), level_fit(["mbo"], []), level_fit([], ["mbo"])) == (
        0,
        0.5,
        0.5,
    )
    assert subject_fit(["?"], ["natuurkunde"]) == 0.0


# ---- the class, the offer, the school -----------------------------------------------------------
@given(st.lists(st.integers(0, 100), min_size=3, max_size=3), st.integers(1, 100))
def test_more_pupils_of_the_type_an_offer_speaks_to_fit_better(mix: list[int], more: int) -> None:
    profile = dict(zip(TYPES, mix, strict=True))
    raised = profile | {"doener": profile["doener"] + more}
    offer = {"angles": {"doener": 1.0}}
    before, after = (
        parts_of(need={"class_profile": each}, offer=offer)["profile"] for each in (profile, raised)
    )
    if any(mix):
        assert 0 <= before <= after + 1e-12 <= 1 + 1e-12
    else:
        assert (before, after) == (0.5, 1.0)


def test_profile_nobody_speaks_of_is_half() -> None:
    assert parts_of(need={"class_profile": {"doener": 1.0}})["profile"] == 0.5
    assert (
        parts_of(need={"class_profile": {"doener": 1.0}}, offer={"angles": {"maker": 1.0}})[
            "profile"
        ]
        == 0.0
    )


def test_offer_fades_by_half_in_its_days() -> None:
    found = [
        parts_of(Settings(fresh_days=90), offer={"days_since_confirmed": days})["freshness"]
        for days in (0, 90, 180, 10_000)
    ]
    assert found[:3] == [1.0, 0.5, 0.25]
    assert 0 <= found[3] < 0.001


def test_schools_and_companies_with_few_visits_come_first() -> None:
    of_school = [parts_of(need={"visits_last_year": n})["novelty"] for n in (0, 1, 2, 9, 100)]
    of_company = [
        parts_of(offer={"company_taken": {"2025-26/1": n}})["novelty"] for n in (0, 1, 5, 100)
    ]
    assert of_school[0] == of_company[0] == 1.0
    assert falls(of_school)
    assert falls(of_company)
    assert min(of_school) < min(of_company)  # the school's side weighs more


def test_known_partner_counts_fully_and_a_new_company_as_set() -> None:
    known = {"partners": frozenset({"company-o"})}
    assert parts_of(need=known)["partner"] == 1.0
    assert parts_of(Settings(partner_share=0.4))["partner"] == 0.4


# ---- the time -----------------------------------------------------------------------------------
def test_time_falls_with_less_room_less_choice_and_less_notice() -> None:
    roomy = [
        parts_of(need={"windows": (Window(MONDAY, MONDAY + timedelta(minutes=110 + more)),)})
        for more in (10, 5, 0)
    ]
    assert falls([found["time"] for found in roomy])
    choice = [
        parts_of(offer={"slots": tuple(slot(f"s{n}", n) for n in range(many))})["time"]
        for many in (4, 3, 2, 1)
    ]
    assert falls(choice)
    notice = [
        parts_of(need={"open_on": (MONDAY - timedelta(days=days)).date()})["time"]
        for days in (60, 15, 12, 8)
    ]
    assert falls(notice)
    assert falls(
        [notice[0], parts_of(need={"open_on": (MONDAY - timedelta(days=200)).date()})["time"]]
    )


def test_weights_of_a_region_decide_which_part_wins() -> None:
    """A near company with a stale offer against a far one with a fresh word."""
    needs = [demand("n")]
    near = supply("near", slots=(slot("a", 1, "p1"),), days_since_confirmed=400)
    far = supply("far", slots=(slot("b", 1, "p2"),), location=Place(51.9, 5.48))
    people = [person("p1"), replace(person("p2"), radius_km=200.0)]
    for part, wins in (("distance", "near"), ("freshness", "far")):
        weights = dict.fromkeys(PARTS, 0.0) | {part: 1.0}
        inputs = in_order(needs, [near, far], people)
        board = engine.make_board(
            inputs, Settings(weights=weights), TopicSpace(), lambda _name: None
        )
        best = int(board.found.pair[board.scored.score.argmax()])
        assert board.inputs.supplies[int(board.s[best])].key == wins
