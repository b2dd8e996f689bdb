"""Visits held, one row each, counted as in a company's own statement: the source of sums."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, select

from matcher.figures.dimensions import APART
from matcher.figures.scope import Scope
from matcher.models.moves import ProposalState
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.organisations.statement import held_at

ENDED = (ProposalState.DELIVERED, ProposalState.NOT_HELD)


def visits(scope: Scope) -> Any:
    """Proposals of the trend's years that were held or fell through, as a subquery: ``id``,
    ``need_id``, ``year``, ``held`` (1 or 0), ``attended`` (None: nobody counted), ``reached`` (a
    class that was met twice in a year counts once, at its largest) and ``met`` (a film or a
    challenge without a time is no encounter)."""
    held = Proposal.state == ProposalState.DELIVERED
    attended = case((held, Visit.attended))
    rows = (
        select(
            Proposal.id,
            Proposal.need_id,
            scope.year_of(held_at).label(APART),
            case((held, 1), else_=0).label("held"),
            attended.label("attended"),
            case(
                (and_(held, Proposal.starts_at.is_not(None)), func.coalesce(Visit.attended, 0)),
                else_=0,
            ).label("met"),
        )
        .outerjoin(Visit, Visit.proposal_id == Proposal.id)
        .where(scope.of(Proposal.region_id), Proposal.state.in_(ENDED))
        .subquery()
    )
    largest_first = func.row_number().over(
        partition_by=(rows.c.need_id, rows.c[APART]),
        order_by=(func.coalesce(rows.c.attended, 0).desc(), rows.c.id),
    )
    placed = select(rows, largest_first.label("place")).where(rows.c[APART].is_not(None)).subquery()
    first = placed.c.place == 1
    return select(
        placed.c.id,
        placed.c.need_id,
        placed.c[APART].label("year"),
        placed.c.held,
        placed.c.attended,
        placed.c.met,
        case((first, func.coalesce(placed.c.attended, 0)), else_=0).label("reached"),
    ).subquery()
