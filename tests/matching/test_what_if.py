"""A what-if is what a whole run with those settings gives, and reads nothing anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matcher.matching import Settings, propose, what_if
from matcher.matching.inputs import Inputs, in_order
from matcher.matching.settings import DEFAULT_WEIGHTS
from tests.matching.market import TopicSpace, random_market

SPACE: Any = TopicSpace()
OTHERS = (
    Settings(),
    Settings(weights={**DEFAULT_WEIGHTS, "distance": 0.6, "novelty": 0.0}),
    Settings(weights={"text": 1.0}),
    Settings(weights={"time": 1.0}, slots_per_pair=1),
    Settings(weights={**DEFAULT_WEIGHTS, "time": 0.0}, slots_per_pair=1),
    Settings(school_bonus=0.0, first_visit_bonus=0.0, load_cost=0.0, reserve_price=0.0),
    Settings(school_bonus=0.5, load_cost=0.1, small_company_share=0.6),
)


def inputs_of(seed: int) -> Inputs:
    market = random_market(seed, needs=12, offers=9)
    first = propose(market.demands, market.supplies, market.people, Settings(), space=SPACE)
    standing = [(p.demand, p.supply, p.slot) for p in first.proposals]
    return in_order(market.demands, market.supplies, market.people, standing=standing)


@pytest.mark.parametrize("seed", range(25))
def test_every_choice_is_that_of_a_whole_run_with_those_settings(seed: int) -> None:
    inputs = inputs_of(seed)
    bench = what_if.set_out(inputs, Settings(), SPACE)
    for settings in OTHERS:
        run = propose(
            inputs.demands,
            inputs.supplies,
            inputs.people,
            settings,
            standing=inputs.standing,
            space=SPACE,
        )
        chosen = what_if.choose(bench, settings)
        told = {(n, h.supply, h.slot, h.start) for n, held in chosen.held.items() for h in held}
        assert told == {(p.demand, p.supply, p.slot, p.start) for p in run.proposals}
        figures = dict(run.statistics)
        figures.pop("unmatched_by_blocker")
        assert dict(chosen.figures) == figures


def test_weights_do_change_the_choice_in_some_of_these_markets() -> None:
    """Otherwise the test above would prove nothing."""
    different = 0
    for seed in range(25):
        bench = what_if.set_out(inputs_of(seed), Settings(), SPACE)
        held = [what_if.choose(bench, settings).held for settings in OTHERS]
        different += any(one != held[0] for one in held[1:])
    assert different >= 5


@pytest.mark.parametrize(
    "changed", [{"lead_days": 3}, {"text_floor": 0.1}, {"travel_kmh": 80.0}, {"fresh_days": 10}]
)
def test_settings_that_decide_what_is_laid_out_are_refused(changed: dict[str, Any]) -> None:
    bench = what_if.set_out(inputs_of(1), Settings(), SPACE)
    settings = replace(Settings(), **changed)
    assert not bench.serves(settings)
    with pytest.raises(ValueError, match="more than what is weighed"):
        what_if.choose(bench, settings)
