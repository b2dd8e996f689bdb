"""Doors behind mailed links to a professional: does it still hold, and will you this year?"""

from __future__ import annotations

from flask import Blueprint, abort, g, make_response, render_template, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import clock
from matcher.extensions import db
from matcher.models.link import PersonalPurpose, find_link
from matcher.models.professional import Professional
from matcher.offers import pledges
from matcher.offers.agenda import next_moments
from matcher.offers.forms_moments import PledgeForm, pledge_form
from matcher.offers.overview import load_of
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import public

blueprint = Blueprint("mailed", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.get("/still-true/<token>")
@public
def show_still_true(token: str) -> Answer:
    one = _opened(PersonalPurpose.STILL_TRUE, token)
    return render_template(
        "mailed/show_still_true.html",
        professional=one,
        line=load_of(one),
        moments=next_moments(one),
        due=pledges.is_due_to_confirm(one),
        token=token,
    )


@blueprint.post("/still-true/<token>")
@public
def confirm_still_true(token: str) -> Answer:
    pledges.confirm_still_true(_opened(PersonalPurpose.STILL_TRUE, token), by=None)
    db.session.commit()
    return redirect_to("mailed.show_still_true", token=token)


@blueprint.get("/this-year/<token>")
@public
def show_pledge(token: str) -> Answer:
    one = _opened(PersonalPurpose.PLEDGE, token)
    return _pledge_page(one, pledge_form(one))


@blueprint.post("/this-year/<token>")
@public
def set_pledge(token: str) -> Answer:
    one = _opened(PersonalPurpose.PLEDGE, token)
    form = pledge_form(one)
    if form.validate_on_submit():
        with errors_in(form):
            pledges.pledge(one, *form.values(), by=None)
            db.session.commit()
        if not form.errors:
            says(_("Thank you, that is noted. You can change it here or on your page."))
            return redirect_to("mailed.show_pledge", token=token)
    return _pledge_page(one, form), 422


def _pledge_page(one: Professional, form: PledgeForm) -> str:
    return render_template("mailed/show_pledge.html", professional=one, form=form)


def _opened(purpose: PersonalPurpose, token: str) -> Professional:
    """The professional a link speaks for, in their language; or the page that says why not."""
    link = find_link(purpose, token)
    one = link.professional if link is not None else None
    if one is not None and "language" not in session:
        g.language = one.person.language if one.person else "nl"
    blocked = one is not None and one.person is not None and one.person.blocked_at is not None
    if link is None or one is None or blocked or not one.is_active:
        abort(make_response(render_template("answers/closed.html", why="unknown"), 404))
    if link.expires_at <= clock.now():
        abort(make_response(render_template("answers/closed.html", why="expired"), 410))
    return one
