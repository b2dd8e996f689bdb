"""Doors of the demand map: who waits, the cell behind a count, an offer for it, the feed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from feedgenerator import Atom1Feed
from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from matcher import policies
from matcher.figures import demand, demand_words
from matcher.figures.demand import Asked, Cell
from matcher.figures.demand_words import Eye
from matcher.figures.scope import regions_in_use
from matcher.figures.topics import topics_of
from matcher.models.account import Role
from matcher.models.offer import OfferKind
from matcher.offers.overview import companies_of
from matcher.reference.provinces import outlines
from matcher.web.answers import redirect_to
from matcher.web.guards import allow, current_person, holds, public
from matcher.web.names import language, system

blueprint = Blueprint("demand", __name__)
MOST_ENTRIES = 100


def _eye() -> Eye:
    """Coordinators see every count of their regions, administrators all of them."""
    if not current_user.is_authenticated:
        return Eye()
    person = current_person()
    mine = (r.id for r in regions_in_use() if policies.is_coordinator_of(person, r.id))
    return Eye(frozenset(mine))


def _asked(code: str = "") -> Asked:
    """What the address asks for; what is not known is not asked for."""
    subjects = {subject.code for subject in system().subjects}
    levels = {level.code for level in system().levels}
    subject, level = request.args.get("subject", ""), request.args.get("level", "")
    return Asked(
        demand.region_of(code or request.args.get("region", "")),
        subject if subject in subjects else "",
        level if level in levels else "",
    )


@blueprint.get("/demand")
@public
def show_demand() -> str:
    """The map of provinces, and below it months by region, or by subject of one region."""
    asked, eye = _asked(), _eye()
    everywhere = demand.cells(replace(asked, region=None))
    regions = demand.regions_by_id(cell.region for cell in everywhere)
    here = [c for c in everywhere if asked.region is None or c.region == asked.region.id]
    months = demand_words.months_of(here)
    if asked.region is None:
        rows = demand_words.rows_by_region(here, months, regions, eye)
    else:
        rows = demand_words.rows_by_subject(here, months, asked.region, eye)
    return render_template(
        "figures/show_demand.html",
        asked=asked,
        drawing=outlines(system().code),
        spots=demand_words.spots(everywhere, regions, eye),
        months=months,
        few=_("fewer than 3"),
        rows=rows,
        regions=list(regions.values()),
        subjects=sorted({cell.subject for cell in everywhere} | ({asked.subject} - {""})),
        levels=system().levels,
        total=demand_words.roughly(
            demand.total(here), may=all(eye.counts(cell.region) for cell in here)
        ),
        args=_args(asked),
    )


def _args(asked: Asked) -> dict[str, str]:
    return {k: v for k, v in (("subject", asked.subject), ("level", asked.level)) if v}


@blueprint.get("/demand/<code>/<subject>/<month>")
@public
def show_cell(code: str, subject: str, month: str) -> str:
    """What stands behind one count: its levels, a text to pass on, the way to an offer."""
    asked = _cell_or_404(code, subject, month)
    assert asked.region is not None
    cells, may = demand.cells(asked), _eye().counts(asked.region.id)
    needs, least = demand.needs_of(asked), 1 if may else demand.FEW
    topics = topics_of(needs, subject, language(), least=least)
    by_level = sorted(demand.summed(cells, lambda cell: cell.level).items())
    address = _address("demand.show_cell", code=code, subject=subject, month=month)
    return render_template(
        "figures/show_cell.html",
        asked=asked,
        title=demand_words.title_of(asked),
        waiting=demand_words.waiting(demand.total(cells), may=may),
        is_empty=not cells,
        levels=[(level, demand_words.exactly(number, may=may)) for level, number in by_level],
        texts=[
            demand_words.ready_text(asked, demand.total(cells), topics, may=may, address=address),
            *(
                demand_words.ready_text(
                    replace(asked, level=level), number, may=may, address=address
                )
                for level, number in by_level
                if len(by_level) > 1 and (may or number >= demand.FEW)
            ),
        ],
        topics=topics,
        needs=needs if may else [],
    )


def _cell_or_404(code: str, subject: str, month: str) -> Asked:
    region = demand.region_of(code)
    allow(region is not None and bool(re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month)))
    allow(subject in {known.code for known in system().subjects})
    return Asked(region, subject, _asked(code).level, month)


@blueprint.get("/demand/<code>/<subject>/<month>/offer")
@holds(Role.COMPANY_CONTACT, Role.COORDINATOR)
def begin_offer(code: str, subject: str, month: str) -> str | Answer:
    """For which company, of which kind; then the offer's own form, filled in as far as known."""
    asked = _cell_or_404(code, subject, month)
    companies = companies_of(current_person())
    allow(bool(companies))
    chosen = {str(one.id): one for one in companies}.get(request.args.get("company", ""))
    kind = request.args.get("kind", "")
    if chosen is not None and kind in set(OfferKind):
        levels = {cell.level for cell in demand.cells(asked)}
        known: dict[str, Any] = {"subjects": subject, "levels": sorted(levels)}
        return redirect_to("offers.new_offer", kind=kind, company=chosen.id, **known)
    return render_template(
        "figures/begin_offer.html",
        asked=asked,
        title=demand_words.title_of(asked),
        companies=companies,
        kinds=list(OfferKind),
    )


@blueprint.get("/demand.atom")
@public
def show_feed() -> Response:
    """Every count as an entry, for who follows a region, subject or level; counts only."""
    asked = _asked()
    cells = demand.cells(asked)
    regions = demand.regions_by_id(cell.region for cell in cells)
    place = {"region": asked.region.code} if asked.region else {}
    here = _address("demand.show_feed", **place, **_args(asked))
    feed = Atom1Feed(
        title=_("Lesbrug: classes that wait"),
        link=_address("demand.show_demand", **place, **_args(asked)),
        description=_("Unmet requests by region, subject and month."),
        language=language(),
        feed_url=here,
        feed_guid=here,
    )
    newest = {_key(cell): cell.newest for cell in sorted(cells, key=lambda cell: cell.newest)}
    sums = demand.summed(cells, _key)
    for key in sorted(newest, key=lambda key: (newest[key], key), reverse=True)[:MOST_ENTRIES]:
        cell = replace(asked, region=regions[key[0]], subject=key[1], month=key[2])
        _add_entry(feed, cell, sums[key], newest[key])
    answer = Response(feed.writeString("utf-8"), mimetype="application/atom+xml")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _key(cell: Cell) -> tuple[int, str, str]:
    return cell.region, cell.subject, cell.month


def _add_entry(feed: Atom1Feed, cell: Asked, number: int, at: datetime) -> None:
    """One count; another count is another entry, so that a reader hears of it."""
    assert cell.region is not None
    values = {"code": cell.region.code, "subject": cell.subject, "month": cell.month}
    address = _address("demand.show_cell", **values)
    told = demand_words.waiting(number, may=False)
    feed.add_item(
        title=f"{demand_words.title_of(cell)}: {told}",
        link=address,
        description=demand_words.ready_text(cell, number, may=False, address=address),
        unique_id=f"{address}#{number if number >= demand.FEW else 'few'}",
        pubdate=at,
        updateddate=at,
    )


def _address(endpoint: str, **values: Any) -> str:
    return str(current_app.config["PUBLIC_URL"]) + url_for(endpoint, **values)
