"""Whether a plan would have fitted a round of a support measure, and how much it could have got."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matcher.reference.support import Measure, MeasureState, Round, Rules

SMALL = 50  # people: below it a company is small
MEDIUM = 250  # below it, medium


class Obstacle(StrEnum):
    """A rule of the round that the plan does not meet."""

    NOT_SME = "not_sme"
    TOO_FEW_SMES = "too_few_smes"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    NOT_TECHNICAL = "not_technical"


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to do: costs in whole euros; ``employees`` of the one who asks."""

    employees: int
    participants: int  # the one who asks included
    smes: int  # of the participants
    months: int
    costs: int
    is_technical: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """``grant`` is the most it could get, ``advance`` and ``final`` its two payments, in whole
    euros; None where the round's rule was not found. ``is_open``: one can apply now."""

    is_open: bool
    obstacles: tuple[Obstacle, ...]
    grant: int | None
    advance: int | None
    final: int | None
    is_small: bool


def check(measure: Measure, chosen: Round, plan: Plan) -> Outcome:
    """The plan against the rules of one round; a closed measure stays closed."""
    rules = chosen.rules
    obstacles = _obstacles(chosen, plan)
    grant = None if rules is None or obstacles else min(plan.costs, _most(rules, plan))
    advance = None
    if grant is not None and rules is not None and rules.advance_share is not None:
        advance = round(grant * rules.advance_share)
    return Outcome(
        is_open=measure.state == MeasureState.OPEN,
        obstacles=obstacles,
        grant=grant,
        advance=advance,
        final=None if grant is None or advance is None else grant - advance,
        is_small=plan.employees < SMALL,
    )


def _most(rules: Rules, plan: Plan) -> int:
    """One company, or several: never more than each alone could get together."""
    if plan.participants == 1:
        return rules.company_max
    return min(rules.consortium_max, rules.company_max * plan.participants)


def _obstacles(chosen: Round, plan: Plan) -> tuple[Obstacle, ...]:
    rules = chosen.rules
    met: list[tuple[Obstacle, bool]] = [
        (Obstacle.NOT_SME, plan.employees >= MEDIUM),
        (Obstacle.NOT_TECHNICAL, chosen.technical_only and not plan.is_technical),
    ]
    if rules is not None:
        least = rules.least_sme_share
        met += [
            (Obstacle.TOO_FEW_SMES, least is not None and plan.smes < least * plan.participants),
            (Obstacle.TOO_MANY, _over(plan.participants, rules.most_participants)),
            (Obstacle.TOO_LONG, _over(plan.months, rules.most_months)),
        ]
    return tuple(obstacle for obstacle, stands in met if stands)


def _over(value: int, most: int | None) -> bool:
    return most is not None and value > most
