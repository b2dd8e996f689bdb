"""How near school subjects and school levels are to each other, in the Dutch system and others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from matcher.reference import programme

NEAR_SUBJECT = 0.55
UNSAID = 0.5
PROGRAMMES = ("nl", "dk", "eus")


@cache
def _near() -> dict[str, frozenset[str]]:
    """Subject -> its neighbours, both ways."""
    found: dict[str, set[str]] = {}
    for code in PROGRAMMES:
        for subject in programme(code).subjects:
            for other in subject.near:
                found.setdefault(subject.code, set()).add(other)
                found.setdefault(other, set()).add(subject.code)
    return {subject: frozenset(others) for subject, others in found.items()}


@cache
def _levels() -> dict[str, tuple[int, str]]:
    """Level -> (how far along its pupils are, its sector)."""
    return {
        level.code: (level.rank, level.sector)
        for code in PROGRAMMES
        for level in programme(code).levels
    }


def subject_fit(wanted: Sequence[str], given: Sequence[str]) -> float:
    """1 if shared, NEAR_SUBJECT for neighbours, UNSAID when a side says none, else 0."""
    if not wanted or not given:
        return UNSAID
    if set(wanted) & set(given):
        return 1.0
    near = _near()
    if any(other in near.get(subject, ()) for subject in wanted for other in given):
        return NEAR_SUBJECT
    return 0.0


def level_fit(wanted: Sequence[str], given: Sequence[str]) -> float:
    """1 for a shared level, falling with the distance in [0, 1); UNSAID when none is given.

    The distance counts steps of the school system (vmbo basis, kader, theoretical, havo, vwo; lower
    and upper years), with half a step more between sectors.
    """
    if not wanted or not given:
        return UNSAID
    return max(_one_level(mine, theirs) for mine in wanted for theirs in given)


def _one_level(mine: str, theirs: str) -> float:
    if mine == theirs:
        return 1.0
    known = _levels()
    if mine not in known or theirs not in known:
        return 0.0
    (rank, sector), (other_rank, other_sector) = known[mine], known[theirs]
    steps = abs(rank - other_rank) + (0.0 if sector == other_sector else 1.5)
    return max(0.0, 1 - 0.25 * max(steps, 1.0))
