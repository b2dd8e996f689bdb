"""Offers that stand while needs come and go: made ready once, asked by one need after another."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Protocol

from matcher.matching import match
from matcher.matching.engine import Standing, make_board
from matcher.matching.inputs import Synonym, in_order
from matcher.matching.result import Result
from matcher.matching.settings import Settings
from matcher.matching.side import make_side
from matcher.matching.text import TextSpace
from matcher.matching.types import Demand, Person, Pin, Supply
from matcher.matching.working import without_collector

MOST_OFFERS = 150_000  # ready in one process; of those asked least lately none are


class Offers(Protocol):
    """Offers as a problem has them."""

    @property
    def supplies(self) -> tuple[Supply, ...]: ...
    @property
    def people(self) -> tuple[Person, ...]: ...
    @property
    def synonyms(self) -> tuple[Synonym, ...]: ...


class StandingOffers:
    """Offers and people with their columns, groups and vectors, for any number of needs."""

    def __init__(self, given: Offers, space: TextSpace) -> None:
        self._given = given.supplies, given.people, tuple(given.synonyms)
        self._space = space
        inputs = in_order((), given.supplies, given.people, synonyms=given.synonyms)
        labelled = space.with_labels(inputs.synonyms)
        offers = labelled.encode([supply.text for supply in inputs.supplies])
        _ = offers.columns  # turned now, and not by the first who asks
        self._synonyms = inputs.synonyms
        self._made = Standing(make_side(inputs.supplies, inputs.people), labelled, offers)

    def __len__(self) -> int:
        return len(self._made.side.supplies)

    def are(self, given: Offers, space: TextSpace) -> bool:
        """Whether these are the very same offers, down to the last free moment."""
        now = given.supplies, given.people, tuple(given.synonyms)
        return space is self._space and now == self._given

    def propose(
        self,
        demands: Iterable[Demand],
        settings: Settings,
        *,
        pins: Iterable[Pin] = (),
        standing: Iterable[tuple[str, str, str | None]] = (),
        tell: Callable[[str], None] | None = None,
    ) -> Result:
        """What ``matching.propose`` gives for these needs and offers, to the byte, but sooner."""
        stages, made = match.Stages(tell), self._made
        asked = in_order(demands, (), (), pins, standing, synonyms=self._synonyms)
        inputs = replace(asked, supplies=made.side.supplies, people=made.side.people)
        with without_collector():
            board = make_board(inputs, settings, made.space, stages, made)
            result = match.told(board, stages)
        self._made = replace(made, offers=made.offers.counted(0))  # read for this run, not again
        return result


class Stock:
    """What this process has ready, by name; made anew as soon as anything of it has changed."""

    def __init__(self, most: int = MOST_OFFERS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._ready: OrderedDict[Hashable, StandingOffers] = OrderedDict()

    def of(self, name: Hashable, given: Offers, space: TextSpace) -> StandingOffers:
        """These offers, ready."""
        with self._lock:
            found = self._ready.pop(name, None)
            if found is None or not found.are(given, space):
                found = StandingOffers(given, space)
            self._ready[name] = found
            while len(self._ready) > 1 and sum(map(len, self._ready.values())) > self._most:
                self._ready.popitem(last=False)
            return found
