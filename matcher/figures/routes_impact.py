"""Doors of the impact monitor: the page, its highlights on one sheet, its numbers as a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from matcher.figures import country_words, impact_rows, impact_words, maps, reach, yearly
from matcher.figures.asked import asked
from matcher.figures.dimensions import Dimension
from matcher.models.account import Role
from matcher.reference.provinces import outlines
from matcher.web.guards import holds
from matcher.web.names import language, system
from matcher.web.tables import csv_download

blueprint = Blueprint("impact", __name__, url_prefix="/figures")
ON_SHEET = 6  # levels that fit on one sheet


@blueprint.get("/impact")
@holds(Role.COORDINATOR)
def show_impact() -> str:
    found = asked()
    years = yearly.years(found.scope)
    return render_template(
        "figures/show_impact.html",
        asked=found,
        now=years[found.scope.year],
        panels=impact_words.panels(found.scope, years),
        country=country_words.country(system().code, language()),
    )


@blueprint.get("/impact/highlights")
@holds(Role.COORDINATOR)
def show_highlights() -> str:
    """One sheet to print and hang up."""
    found = asked()
    scope, years = found.scope, yearly.years(found.scope)
    pupils = {one.code: one.pupils for one in reach.reached(scope, Dimension.PROVINCE)}
    drawing = outlines(system().code) if found.region is None else None
    return render_template(
        "figures/show_highlights.html",
        asked=found,
        year=years[scope.year],
        trend=impact_words.visits(years),
        levels=impact_words.reached(scope, Dimension.LEVEL, ON_SHEET),
        kinds=impact_words.reached(scope, Dimension.KIND),
        drawing=drawing,
        spots=maps.spots_of_pupils(drawing, system(), pupils) if drawing else [],
        country=country_words.country(system().code, language()),
    )


@blueprint.get("/impact.csv")
@holds(Role.COORDINATOR)
def download_impact() -> Response:
    found = asked()
    place = found.region.code.lower() if found.region else "all"
    rows = impact_rows.rows(found.scope, yearly.years(found.scope))
    return csv_download(f"impact-{place}-{found.scope.year}", impact_rows.HEADER, rows)
