"""Doors of a person's calendar: the address to subscribe to, its making and its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, current_app, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from matcher import clock
from matcher.extensions import db
from matcher.models.visit import Visit
from matcher.visits import feed
from matcher.visits.calendar import as_feed, changed_at, entry
from matcher.web.answers import redirect_to, says
from matcher.web.guards import current_person, public, signed_in

blueprint = Blueprint("feed", __name__)
A_MINUTE = timedelta(minutes=1)


@blueprint.get("/calendar/<token>.ics")
@public
def show_feed(token: str) -> Response:
    """For calendar programs, which cannot sign in: the secret in the address is the key."""
    person = feed.owner_of(token)
    if person is None:
        abort(404)
    g.language = person.language
    base = current_app.config["PUBLIC_URL"]
    visits = feed.visits_of(person)
    entries = [
        entry(
            visit,
            summary=visit.proposal.offer.title,
            place=f"{visit.proposal.need.school.name}, {visit.proposal.need.school.town}",
            url=base + url_for("visits.show_visit", proposal_id=visit.proposal_id),
        )
        for visit in visits
    ]
    answer = Response(as_feed(entries, name=_("Lesbrug visits")), mimetype="text/calendar")
    answer.headers["Cache-Control"] = "private, no-cache"
    if (newest := _settled(visits)) is not None:
        answer.last_modified = newest
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _settled(visits: Iterable[Visit]) -> datetime | None:
    """When anything last changed; None within the minute after it, as the date has no fractions."""
    newest = max((changed_at(visit) for visit in visits), default=None)
    return newest if newest is None or newest < clock.now() - A_MINUTE else None


@blueprint.get("/account/calendar")
@signed_in
def edit_feed() -> str:
    return _page()


@blueprint.post("/account/calendar")
@signed_in
def renew_feed() -> str:
    """The address is shown this once, on the answer itself: only its hash is kept."""
    secret = feed.new_secret(current_person())
    db.session.commit()
    path = url_for("feed.show_feed", token=secret)
    return _page(current_app.config["PUBLIC_URL"] + path)


@blueprint.post("/account/calendar/end")
@signed_in
def end_feed() -> Answer:
    feed.end_secret(current_person())
    db.session.commit()
    says(_("The address works no more."))
    return redirect_to("feed.edit_feed")


def _page(address: str = "") -> str:
    person = current_person()
    return render_template("visits/edit_feed.html", person=person, address=address)
