"""From what a company answers to what it can do: the guide's three steps as one pure function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matcher.reference.taking_part import Action, Choice, GuideTable

MOST_FITS = 6
FEWEST_FITS = 3  # filled up with easy ways to begin


@dataclass(frozen=True, slots=True)
class Answers:
    """Codes of the table: how much, and which issues."""

    hours: str
    means: str
    horizon: str
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """An action within reach, and the chosen issues it helps with."""

    action: Action
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beyond:
    """An issue that nothing within reach helps with, and the smallest action that would."""

    issue: str
    action: Action


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, best first, never empty. ``is_start``: none helps with the issues; these are
    ways to begin."""

    fits: tuple[Fit, ...]
    beyond: tuple[Beyond, ...]
    is_start: bool


def advise(answers: Answers, table: GuideTable) -> Advice:
    """Actions that ask no more than is given and help with most of the issues.

    Of two that help with as many, the one that asks more comes first: who gives 80 hours need not
    read of one lesson. KeyError for a code the table does not have.
    """
    asks = _Asks(table)
    given = asks.of(answers.hours, answers.means, answers.horizon)
    within = [action for action in table.actions if asks.at_most(action, given)]
    fits = [Fit(action, _shared(answers.issues, action)) for action in within]
    helping = [fit for fit in fits if fit.issues]
    helping.sort(key=lambda fit: (-len(fit.issues), [-n for n in asks.by(fit.action)]))
    helped = {issue for fit in helping for issue in fit.issues}
    beyond = [
        Beyond(issue, min(others, key=asks.by))
        for issue in answers.issues
        if issue not in helped
        and (others := [action for action in table.actions if issue in action.issues])
    ]
    shown = _covering(helping)
    shown += [fit for fit in fits if not fit.issues][: max(0, FEWEST_FITS - len(shown))]
    return Advice(tuple(shown[:MOST_FITS]), tuple(beyond), is_start=not helping)


def _covering(fits: list[Fit]) -> list[Fit]:
    """First those that help with an issue none before them does, then the others."""
    covered: set[str] = set()
    first: list[Fit] = []
    then: list[Fit] = []
    for fit in fits:
        (first if set(fit.issues) - covered else then).append(fit)
        covered |= set(fit.issues)
    return first + then


def _shared(issues: Iterable[str], action: Action) -> tuple[str, ...]:
    return tuple(issue for issue in issues if issue in action.issues)


class _Asks:
    """How much each answer is, as its place in the table."""

    def __init__(self, table: GuideTable) -> None:
        self.ranks = [self._ranks(step) for step in (table.hours, table.means, table.horizon)]

    @staticmethod
    def _ranks(step: tuple[Choice, ...]) -> dict[str, int]:
        return {choice.code: rank for rank, choice in enumerate(step)}

    def of(self, *codes: str) -> tuple[int, ...]:
        return tuple(ranks[code] for ranks, code in zip(self.ranks, codes, strict=True))

    def by(self, action: Action) -> tuple[int, ...]:
        return self.of(action.hours, action.means, action.horizon)

    def at_most(self, action: Action, given: tuple[int, ...]) -> bool:
        return all(a <= g for a, g in zip(self.by(action), given, strict=True))
