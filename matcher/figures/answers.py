"""How people answered in a school year: whether, why not, and how late they cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true

from matcher.extensions import db
from matcher.figures.dimensions import APART
from matcher.figures.ledger import share
from matcher.figures.scope import Scope
from matcher.models.moves import ProposalState, Side
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.sql import elements, minute_of

ASKING = {Side.SCHOOL: ("release",), Side.COMPANY: ("release", "invite")}
ANSWERS = (
    *("school_accept", "school_confirm", "school_decline", "company_accept", "company_confirm"),
    *("company_decline", "offer_other_time", "pass_on", "pass_on_agreed"),
)
DECLINES = {"school_decline": Side.SCHOOL, "company_decline": Side.COMPANY}
MINUTES_A_DAY = 24 * 60


class Lead(StrEnum):
    """How long before the visit it was cancelled."""

    DAY = "day"  # less than a day, or after it began
    WEEK = "week"  # one to six days
    FORTNIGHT = "fortnight"  # seven to thirteen
    LONGER = "longer"
    UNDATED = "undated"  # a film or challenge has no day


@dataclass(frozen=True, slots=True)
class Answered:
    """Of those who were asked and whose question has ended: who answered, who let it pass."""

    answered: int
    silent: int

    @property
    def rate(self) -> float | None:
        return share(self.answered, self.answered + self.silent)


def answered(scope: Scope) -> dict[Side, Answered]:
    """Each side's answers to what was asked in the year; one query."""
    steps = _steps(scope)
    columns = []
    for side in ASKING:
        said, asked = steps.c[f"{side}_said"], steps.c[f"{side}_asked"]
        silent = and_(said == 0, steps.c.state == ProposalState.EXPIRED)
        columns += [
            func.count(case((and_(asked == 1, said == 1), 1))),
            func.count(case((and_(asked == 1, silent), 1))),
        ]
    row = db.session.execute(select(*columns).where(scope.during(steps.c.first))).one()
    return {side: Answered(row[place * 2], row[place * 2 + 1]) for place, side in enumerate(ASKING)}


def _steps(scope: Scope) -> Any:
    """Each proposal with what either side was asked and said, and when it was first asked."""
    move = ProposalMove
    columns = []
    for side, names in ASKING.items():
        said = and_(move.side == side, move.name.in_(ANSWERS))
        columns += [
            func.max(case((said, 1), else_=0)).label(f"{side}_said"),
            func.max(case((move.name.in_(names), 1), else_=0)).label(f"{side}_asked"),
        ]
    return (
        select(
            Proposal.id,
            Proposal.state.label("state"),
            func.min(case((move.name.in_(ASKING[Side.COMPANY]), move.at))).label("first"),
            *columns,
        )
        .join(move, move.proposal_id == Proposal.id)
        .where(scope.of(Proposal.region_id))
        .group_by(Proposal.id)
        .subquery()
    )


def cancelled(scope: Scope) -> dict[tuple[Lead, Side], int]:
    """Agreed visits that were cancelled in the year, by how long before and by whom."""
    rows = db.session.execute(
        select(_lead().label(APART), ProposalMove.side, func.count())
        .join(Proposal, Proposal.id == ProposalMove.proposal_id)
        .where(
            scope.of(Proposal.region_id),
            ProposalMove.name == "cancel",
            scope.during(ProposalMove.at),
        )
        .group_by(APART, ProposalMove.side)
    )
    return {(Lead(lead), side): many for lead, side, many in rows}


def _lead() -> ColumnElement[str]:
    minutes = minute_of(Proposal.starts_at) - minute_of(ProposalMove.at)
    return case(
        (Proposal.starts_at.is_(None), Lead.UNDATED.value),
        (minutes < MINUTES_A_DAY, Lead.DAY.value),
        (minutes < 7 * MINUTES_A_DAY, Lead.WEEK.value),
        (minutes < 14 * MINUTES_A_DAY, Lead.FORTNIGHT.value),
        else_=Lead.LONGER.value,
    )


def declined(scope: Scope) -> dict[str, dict[Side, int]]:
    """Why it was no, in the year, by reason and side; several reasons count each."""
    given = elements(ProposalMove.reasons)
    rows = db.session.execute(
        select(given.c.value, ProposalMove.name, func.count())
        .select_from(ProposalMove)
        .join(Proposal, Proposal.id == ProposalMove.proposal_id)
        .join(given, true())
        .where(
            scope.of(Proposal.region_id),
            ProposalMove.name.in_(DECLINES),
            scope.during(ProposalMove.at),
        )
        .group_by(given.c.value, ProposalMove.name)
    )
    found: dict[str, dict[Side, int]] = {}
    for reason, name, many in rows:
        found.setdefault(reason, dict.fromkeys(DECLINES.values(), 0))[DECLINES[name]] = many
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0])))
