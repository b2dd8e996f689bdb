"""The price of another offer: that of the best of all choices that contain it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.swaps import compare
from matcher.matching import Settings
from matcher.matching.inputs import Inputs, in_order
from matcher.matching.swap import Swap, price_of
from matcher.matching.types import Pin
from tests.matching.market import TopicSpace, demand, person, slot, supply

PLAIN = Settings(small_company_share=0.0, unserved_school_share=0.0, explore_share=0.0)


@pytest.mark.parametrize("seed", range(24))
def test_price_is_that_of_all_choices_enumerated_and_of_two_runs_from_scratch(seed: int) -> None:
    """``python -m benchmarks.swaps`` does the same for thousands."""
    found = compare(seed)
    assert (found["price_differs"], found["runs_differ"], found["fair_runs_differ"]) == (0, 0, 0)


def two_needs_one_moment(**more: object) -> Inputs:
    """Each class gets what is about its topic: the one lecture, the film."""
    return in_order(
        [demand("n1"), demand("n2", "water")],
        [
            supply("talk", slots=(slot("a", 1),)),
            supply("film", "water", kind="tour", on_demand=True, place="both", capacity=1),
        ],
        [person("p1")],
        **more,  # type: ignore[arg-type]
    )


def price(inputs: Inputs, need: str, offer: str) -> Swap:
    return price_of(inputs, (need, offer), PLAIN, TopicSpace())  # type: ignore[arg-type]


def test_who_is_moved_is_told_with_what_they_had_and_get() -> None:
    told = price(two_needs_one_moment(), "n2", "talk")
    moved = {
        m.demand: ([h.supply for h in m.before], [h.supply for h in m.after]) for m in told.moved
    }
    assert moved == {"n1": (["talk"], ["film"]), "n2": (["film"], ["talk"])}
    assert told.possible
    assert told.price > 0
    assert told.price == pytest.approx(-sum(m.gain for m in told.moved), abs=1e-5)


def test_what_a_need_has_already_costs_nothing_and_moves_nobody() -> None:
    told = price(two_needs_one_moment(), "n1", "talk")
    assert (told.possible, told.moved, told.price) == (True, (), 0.0)


def test_a_pin_or_ban_that_stands_for_the_pair_counts_in_neither_choice() -> None:
    free = price(two_needs_one_moment(), "n2", "talk")
    for forbid in (False, True):
        pinned = two_needs_one_moment(pins=[Pin("n2", "talk", forbid=forbid)])
        assert price(pinned, "n2", "talk") == free


def test_rules_a_pin_goes_before_are_named() -> None:
    inputs = two_needs_one_moment()
    strict = replace(inputs.demands[0], kinds=frozenset({"lecture"}), languages=frozenset({"en"}))
    inputs = replace(inputs, demands=(strict, inputs.demands[1]))
    told = price(inputs, "n1", "film")
    assert (told.possible, set(told.against)) == (True, {"kind", "language"})


def test_an_offer_that_cannot_be_had_is_no_swap() -> None:
    inputs = two_needs_one_moment()
    full = replace(inputs, people=(person("p1", taken={"2027-03": 2}),))
    told = price(full, "n1", "talk")
    assert (told.possible, told.against, told.price) == (False, ("limit",), 0.0)
    assert price(inputs, "n1", "gone").against == ("away",)
    assert not price(inputs, "n1", "gone").possible
