"""Doors of the coordinator's figures: the fairness ledger."""

from __future__ import annotations

from flask import Blueprint, render_template

from matcher.figures import ledger, ledger_words
from matcher.figures.asked import asked
from matcher.figures.dimensions import Dimension
from matcher.models.account import Role
from matcher.web.guards import holds
from matcher.web.paging import page_of

blueprint = Blueprint("figures", __name__, url_prefix="/figures")


@blueprint.get("/fairness")
@holds(Role.COORDINATOR)
def show_fairness() -> str:
    """Who was served, who waits, on whose shoulders it rests."""
    found = asked()
    page = page_of(ledger.schools(found.scope))
    return render_template(
        "figures/show_fairness.html",
        asked=found,
        sums=ledger.sums_of(ledger.in_year(found.scope), before=found.scope.starts),
        panels=[
            ledger_words.panel_of(found.scope, dimension)
            for dimension in (Dimension.LEVEL, Dimension.SUBJECT, Dimension.REGION)
            if dimension != Dimension.REGION or found.region is None
        ],
        professionals=ledger.professionals(found.scope),
        companies=ledger.companies(found.scope),
        page=page,
        lines=ledger.lines_of(page.items, found.scope),
    )
