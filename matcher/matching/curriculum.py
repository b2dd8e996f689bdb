"""How near school subjects and school levels are to each other, in the Dutch system and others.

Subjects: the tables ``subjects_near.csv`` of the programmes (data/SOURCES.md says where they come
from). Levels: how theoretical they are, how old the pupils are, and which school they go to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.reference import programme
from matcher.reference.system import Level

UNSAID = 0.5
Fit = Callable[[Sequence[str], Sequence[str]], float]
PROGRAMMES = ("nl", "dk", "eus")
STEPS = {"po": 0, "so": 0, "lh": 0, "grundskole": 1, "mbo": 2, "fp": 2, "ungdom": 2}  # else 1
OTHER_LEVEL = 0.9  # what another level is worth at most, however near
TRACK = 0.25  # lost by a step of theory
TOGETHER = 0.25  # lost between pupils who are sorted by theory and those who are together
YEAR = 0.08  # lost by a year of age, between the middles of both
SCHOOL = 0.15  # lost by the step from primary to secondary school, and to vocational education


@cache
def _near() -> dict[tuple[str, str], float]:
    """Closeness of two subjects, both ways; "*" stands for any."""
    found: dict[tuple[str, str], float] = {}
    for code in PROGRAMMES:
        for near in programme(code).near_subjects:
            found[near.a, near.b] = found[near.b, near.a] = near.closeness
    return found


@cache
def _levels() -> dict[str, Level]:
    return {level.code: level for code in PROGRAMMES for level in programme(code).levels}


def subject_fit(wanted: Sequence[str], given: Sequence[str]) -> float:
    """Closeness in [0, 1] of the nearest two: 1 if shared, 0 for strangers; UNSAID if unsaid."""
    if not wanted or not given:
        return UNSAID
    return max(_one_subject(mine, theirs) for mine in wanted for theirs in given)


def _one_subject(mine: str, theirs: str) -> float:
    if mine == theirs:
        return 1.0
    near = _near()
    pairs = ((mine, theirs), (mine, "*"), ("*", theirs))
    return max(near.get(pair, 0.0) for pair in pairs)


def level_fit(wanted: Sequence[str], given: Sequence[str]) -> float:
    """Closeness in [0, 1] of the class's levels to an offer's; UNSAID when none is given.

    A class of several levels (a bridging class) is served as well as its levels on average.
    """
    if not wanted or not given:
        return UNSAID
    best = [max(_one_level(mine, theirs) for theirs in given) for mine in wanted]
    return round(sum(best) / len(best), 6)


@dataclass(frozen=True)
class Distinct:
    """The different lists of codes among many, whatever their order, and each entry's place."""

    lists: list[tuple[str, ...]]
    place: NDArray[Any]


def distinct(codes: Iterable[tuple[str, ...]]) -> Distinct:
    """Each different list once."""
    order: dict[tuple[str, ...], int] = {}
    places = [order.setdefault(tuple(sorted(entry)), len(order)) for entry in codes]
    return Distinct(list(order), np.array(places, dtype=np.int64))


def fit_table(
    wanted: Distinct, given: Distinct, fit: Fit
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """``fit`` of every different pair of code lists, float (a, b), and each entry's place in it."""
    table = np.array([[fit(a, b) for b in given.lists] for a in wanted.lists], dtype=float)
    return table.reshape(len(wanted.lists), len(given.lists)), wanted.place, given.place


def _one_level(mine: str, theirs: str) -> float:
    """1 for the same level, falling with theory, age and school; 0 where one is not known."""
    if mine == theirs:
        return 1.0
    known = _levels()
    if mine not in known or theirs not in known:
        return 0.0
    a, b = known[mine], known[theirs]
    lost = YEAR * abs(sum(a.ages) - sum(b.ages)) / 2
    lost += SCHOOL * abs(STEPS.get(a.sector, 1) - STEPS.get(b.sector, 1))
    if a.tracks and b.tracks:
        lost += TRACK * max(0, a.tracks[0] - b.tracks[-1], b.tracks[0] - a.tracks[-1])
    elif a.tracks or b.tracks:
        lost += TOGETHER
    return max(0.0, min(OTHER_LEVEL, 1 - lost))
