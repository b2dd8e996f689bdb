"""What it costs the others to give one need another offer: the whole choice made twice.

Once as it is, once with the pair pinned, as a run would do it after the coordinator's word; so the
price is that of the best of all choices that contain the pair, not of a local exchange.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching import assignment
from matcher.matching.columns import moment
from matcher.matching.engine import Board, make_board
from matcher.matching.fairness import choose_fairly
from matcher.matching.inputs import Inputs
from matcher.matching.market import FORCED
from matcher.matching.possible import between, ground_of
from matcher.matching.settings import Settings
from matcher.matching.text import TextSpace
from matcher.matching.types import Pin

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting a need has in a choice; ``slot`` and ``start`` are None without a date."""

    supply: str
    slot: str | None
    start: datetime | None
    score: float


@dataclass(frozen=True, slots=True)
class Moved:
    """A need whose meetings differ between the two choices."""

    demand: str
    before: tuple[Held, ...]
    after: tuple[Held, ...]

    @property
    def gain(self) -> float:
        """Its scores after less those before, in parts of 1."""
        return sum(held.score for held in self.after) - sum(held.score for held in self.before)


@dataclass(frozen=True, slots=True)
class Swap:
    """Both choices compared: sums of scores, their values with bonuses, and who is moved.

    ``possible`` is false when no meeting of the pair can be had; ``against`` names the rules that
    the pair breaks or what stands between it, though a pin goes before a rule.
    """

    possible: bool
    against: tuple[str, ...]
    score_before: float
    score_after: float
    value_before: float
    value_after: float
    moved: tuple[Moved, ...]

    @property
    def price(self) -> float:
        """The sum of scores lost by it; below 0 when it gains."""
        return self.score_before - self.score_after


def price_of(inputs: Inputs, pair: tuple[str, str], settings: Settings, space: TextSpace) -> Swap:
    """The price of giving the need ``pair[0]`` the offer ``pair[1]``; keys of these inputs.

    A pin that stands for the pair counts in neither choice. KeyError when the need is not there.
    """
    pins = tuple(pin for pin in inputs.pins if (pin.demand, pin.supply) != pair)
    now = _board(replace(inputs, pins=pins), settings, space)
    then = _board(replace(inputs, pins=(*pins, Pin(*pair, forbid=False))), settings, space)
    before, after = choose_fairly(now)[0], choose_fairly(then)[0]
    held_before, held_after = held_of(now, before), held_of(then, after)
    return Swap(
        possible=any(held.supply == pair[1] for held in held_after.get(pair[0], ())),
        against=_against(now, pair),
        score_before=float(now.scored.score[before].sum()),
        score_after=float(then.scored.score[after].sum()),
        value_before=_value(now, before),
        value_after=_value(then, after),
        moved=tuple(
            Moved(key, held_before.get(key, ()), held_after.get(key, ()))
            for key in sorted(held_before.keys() | held_after.keys())
            if held_before.get(key) != held_after.get(key)
        ),
    )


def _board(inputs: Inputs, settings: Settings, space: TextSpace) -> Board:
    return make_board(inputs, settings, space, lambda _stage: None)


def held_of(board: Board, rows: Array) -> dict[str, tuple[Held, ...]]:
    """Each need's meetings, in the order of offers."""
    found: dict[str, list[Held]] = {}
    for row in rows.tolist():
        pair, slot = int(board.found.pair[row]), int(board.found.slot[row])
        held = Held(
            board.inputs.supplies[int(board.s[pair])].key,
            board.field.supply.slot_keys[slot] if slot >= 0 else None,
            moment(int(board.found.start[row])) if slot >= 0 else None,
            round(float(board.scored.score[row]), 6),
        )
        found.setdefault(board.inputs.demands[int(board.d[pair])].key, []).append(held)
    return {key: tuple(sorted(all_, key=lambda h: h.supply)) for key, all_ in found.items()}


def _value(board: Board, rows: Array) -> float:
    """Scores and bonuses of a choice, without what pins bring."""
    return assignment.objective(board.market, rows) - FORCED * float(board.forced[rows].sum())


def _against(board: Board, pair: tuple[str, str]) -> tuple[str, ...]:
    """The rules between the two, by name."""
    needs = {demand.key: n for n, demand in enumerate(board.inputs.demands)}
    offers = {supply.key: n for n, supply in enumerate(board.inputs.supplies)}
    if pair[1] not in offers:
        return ("away",)
    d, s = np.array([needs[pair[0]]]), np.array([offers[pair[1]]])
    refused = between(ground_of(board), d, s).refused
    return tuple(name for name, mask in refused.items() if mask[0])
