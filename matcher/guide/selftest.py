"""The self-test of a school team: answers about its lessons into a share for each type of pupil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcher.reference.system import ProfileType

MOST = 3  # seldom 0, sometimes 1, often 2, always 3


@dataclass(frozen=True, slots=True)
class Reach:
    """How well lessons reach one type, from 0 to 1."""

    type: ProfileType
    share: float


def question(kind: ProfileType, number: int) -> str:
    """The name under which a statement is asked: the type's code and its place from 1."""
    return f"{kind.code}-{number}"


def questions(types: Sequence[ProfileType]) -> list[str]:
    return [question(kind, n) for kind in types for n in range(1, len(kind.statements) + 1)]


def reach(types: Sequence[ProfileType], answers: Mapping[str, int]) -> list[Reach]:
    """For each type the answers' sum over the most there could be; the least reached first.

    KeyError for a question without an answer. A conversation starter: no norm lies behind it.
    """
    found = []
    for kind in types:
        given = [answers[question(kind, n)] for n in range(1, len(kind.statements) + 1)]
        found.append(Reach(kind, sum(given) / (MOST * len(given))))
    return sorted(found, key=lambda one: one.share)
