"""Offers kept ready: one need gets what a whole run gives, to the byte; changes are noticed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from benchmarks.market import build_market
from matcher.matching import Settings, engine, propose
from matcher.matching.engine import Standing
from matcher.matching.inputs import in_order
from matcher.matching.side import make_side
from matcher.matching.standing import StandingOffers, Stock
from matcher.matching.text import TextSpace, default_space
from matcher.matching.types import Person, Pin, Supply
from tests.conftest import CACHE
from tests.matching.market import Market


@dataclass(frozen=True)
class Given:
    supplies: tuple[Supply, ...]
    people: tuple[Person, ...]
    synonyms: tuple[tuple[str, str, str], ...] = ()


@pytest.fixture(scope="module")
def space() -> TextSpace:
    return default_space(CACHE)


@pytest.fixture(scope="module")
def market() -> Market:
    made = build_market(30, 160, seed=3)
    profiles = [{}, {"doer": 1.0}, {"thinker": 0.5, "maker": 0.5}]
    demands = [replace(d, class_profile=profiles[n % 3]) for n, d in enumerate(made.demands)]
    angles = [{}, {"maker": 1.0, "artist": 0.4}]
    supplies = [replace(s, angles=angles[n % 2]) for n, s in enumerate(made.supplies)]
    return Market(demands, supplies, made.people)


def given_of(market: Market) -> Given:
    return Given(tuple(market.supplies[::-1]), tuple(market.people[::-1]))


def test_one_need_after_another_gets_what_a_run_for_it_alone_gives(
    market: Market, space: TextSpace
) -> None:
    offers = StandingOffers(given_of(market), space)
    counts = set()
    for one in market.demands:
        demand = replace(one, partners=frozenset({market.supplies[0].company}))
        pins = [Pin(demand.key, market.supplies[3].key, forbid=True)]
        alone = propose(
            [demand], market.supplies, market.people, Settings(), pins=pins, space=space
        )
        found = offers.propose([demand], Settings(), pins=pins)
        assert found.as_json() == alone.as_json()
        assert list(found.timings) == ["columns", *list(alone.timings)[2:]]
        counts.add((len(found.proposals), bool(found.unmatched)))
    assert counts == {(1, False), (0, True)}  # some are matched and some get advice


def test_a_whole_runs_scores_of_a_need_are_those_it_gets_alone(
    market: Market, space: TextSpace
) -> None:
    """Every pair the whole run looked at, with all its meetings, bit by bit."""
    whole = in_order(market.demands, market.supplies, market.people)
    standing = _standing(whole.supplies, whole.people, space)
    board = engine.make_board(whole, Settings(), space, lambda _stage: None)
    seen = 0
    for number, demand in enumerate(whole.demands):
        alone = engine.make_board(
            replace(whole, demands=(demand,)), Settings(), space, lambda _stage: None, standing
        )
        mine = _meetings(board, number)
        assert mine.items() <= _meetings(alone, 0).items()
        seen += len(mine)
    assert seen == len(board.found.pair)


def _standing(
    supplies: tuple[Supply, ...], people: tuple[Person, ...], space: TextSpace
) -> Standing:
    offers = space.encode([supply.text for supply in supplies])
    return Standing(make_side(supplies, people), space, offers)


def _meetings(board: engine.Board, need: int) -> dict[tuple[int, int], tuple[bytes, bytes]]:
    """By offer and slot: parts and score of each meeting, as bytes."""
    rows = np.nonzero(board.d[board.found.pair] == need)[0]
    return {
        (int(board.s[board.found.pair[row]]), int(board.found.slot[row])): (
            board.scored.parts[row].tobytes(),
            board.scored.score[row].tobytes(),
        )
        for row in rows.tolist()
    }


def test_ready_offers_are_used_again_until_anything_changes(
    market: Market, space: TextSpace
) -> None:
    stock, given = Stock(), given_of(market)
    first = stock.of(1, given, space)
    again = Given(tuple(replace(s) for s in given.supplies), given.people)  # read once more
    assert stock.of(1, again, space) is first
    slots = given.supplies[0].slots[1:]
    taken = Given((replace(given.supplies[0], slots=slots), *given.supplies[1:]), given.people)
    second = stock.of(1, taken, space)
    assert second is not first
    busier = Given(taken.supplies, (replace(given.people[0], month_cap=0), *given.people[1:]))
    third = stock.of(1, busier, space)
    assert third is not second
    labelled = replace(busier, synonyms=(("windenergie", "nl", "wiekenwonder"),))
    assert stock.of(1, labelled, space) is not third


def test_a_taken_moment_is_not_proposed_again(market: Market, space: TextSpace) -> None:
    stock, given = Stock(), given_of(market)
    found = [
        (demand, proposal)
        for demand in market.demands
        for proposal in stock.of(1, given, space).propose([demand], Settings()).proposals
        if proposal.slot is not None
    ]
    demand, proposal = found[0]
    less = tuple(
        replace(s, slots=tuple(t for t in s.slots if t.key != proposal.slot))
        for s in given.supplies
    )
    then = stock.of(1, Given(less, given.people), space).propose([demand], Settings())
    alone = propose([demand], less, given.people, Settings(), space=space)
    assert then.as_json() == alone.as_json()
    assert proposal.slot not in {p.slot for p in (*then.proposals, *then.alternates)}


def test_only_so_many_offers_are_ready(market: Market, space: TextSpace) -> None:
    stock, given = Stock(most=2 * len(market.supplies)), given_of(market)
    one, two = stock.of(1, given, space), stock.of(2, given, space)
    assert stock.of(1, given, space) is one
    stock.of(3, given, space)
    assert stock.of(1, given, space) is one
    assert stock.of(2, given, space) is not two  # asked for least lately


def test_texts_of_ready_offers_are_counted_once(market: Market) -> None:
    offers = StandingOffers(given_of(market), TextSpace(folder=CACHE))
    counted = [offers.propose(market.demands[:1], Settings()).texts["kept"] for _ in range(2)]
    assert counted[1] >= len(market.supplies)
