"""Doors of the directory: search and filter what companies offer, look at one, invite it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher import policies
from matcher.errors import DomainError, NotAllowed
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.moves import ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.offers import catalogue
from matcher.offers.agenda import free_moments
from matcher.offers.audience import dates_to_come
from matcher.offers.catalogue import Origin
from matcher.offers.choices import chips_of, choices_of, chosen_filters, unfit_words
from matcher.offers.films import FILM_HOSTS, find_film
from matcher.offers.filters import FACETS, Filters, Order
from matcher.offers.kinds import KINDS, Booking, booking_of
from matcher.offers.quick import ClassForm, class_form, may_be_quick, open_for
from matcher.offers.routes_webinars import waited
from matcher.proposals import fits, seats
from matcher.proposals import service as proposals
from matcher.proposals.times import meetings_for
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404, public
from matcher.web.paging import Page

blueprint = Blueprint("catalogue", __name__, url_prefix="/offers")
PAGE = 20
LAST_PAGE = 500


@blueprint.get("")
@public
def list_offers() -> str:
    needs = _own_needs()
    filters, need = chosen_filters(request.args.getlist, needs)
    origins = _origins()
    origin = origins.get(filters.school or 0) or next(iter(origins.values()), None)
    number = _page_number()
    found = catalogue.find_offers(
        _programme_code(),
        filters,
        origin=origin,
        need=need,
        start=(number - 1) * PAGE,
        size=PAGE,
    )
    return render_template(
        "offers/catalogue.html",
        page=Page(list(found.offers), number, max(1, -(-found.total // PAGE)), found.total),
        found=found,
        filters=filters,
        chips=chips_of(filters, need),
        orders=[order for order in Order if origin or order != Order.NEAR],
        origin=origin,
        origins=origins,
        need=need,
        needs=needs,
        facets={name: choices_of(name, found.facets[name], filters) for name in FACETS},
    )


@blueprint.get("/<int:offer_id>")
@public
def show_offer(offer_id: int) -> str:
    return _offer_page(_visible(offer_id))


def _offer_page(offer: Offer, form: ClassForm | None = None) -> str:
    needs = _own_needs()
    filters, fitted = chosen_filters(request.args.getlist, needs)
    origins = _origins()
    origin = origins.get(filters.school or 0) or next(iter(origins.values()), None)
    need = _asked_for([need for need in needs if need.state == NeedState.OPEN], fitted)
    teaches = current_user.is_authenticated and current_person().has_role(Role.TEACHER)
    person = current_person() if teaches else None
    return render_template(
        "offers/show_in_catalogue.html",
        offer=offer,
        kind=KINDS[offer.kind],
        film=find_film(offer.film_url) if offer.film_url else None,
        film_shown=request.args.get("film") == "1",
        film_hosts=FILM_HOSTS,
        has_dates=booking_of(offer) == Booking.DATE,
        on_demand=booking_of(offer) == Booking.NOTHING,
        moments=free_moments(offer),
        distance=catalogue.distances([offer], origin).get(offer.id),
        origin=origin,
        back=_where_from(filters),
        needs=[need for need in needs if need.state == NeedState.OPEN],
        need=need,
        times=meetings_for(need, offer) if need else [],
        unfit=unfit_words(fits.refusals(need, offer)) if need else [],
        may_invite=teaches,
        dates=dates_to_come(offer, need, person) if booking_of(offer) == Booking.DATE else [],
        class_form=form or (class_form(offer, person) if person and may_be_quick(offer) else None),
        chosen_slot=request.form.get("slot", 0, type=int),
        closed=offer.state != OfferState.PUBLISHED,
    )


@blueprint.post("/<int:offer_id>/invite")
@holds(Role.TEACHER)
def invite(offer_id: int) -> Response:
    offer = _visible(offer_id)
    need = load_or_404(Need, request.form.get("need", 0, type=int))
    allow(policies.may_invite_for(current_person(), need))
    try:
        proposal = proposals.invite(need, offer, _slot(), by=current_person())
    except NotAllowed:
        raise
    except DomainError as refusal:
        db.session.rollback()
        says(refusal, "error")
        back = {name: request.args.getlist(name) for name in request.args}
        return redirect_to("catalogue.show_offer", offer_id=offer_id, **back, need=need.id)
    db.session.commit()
    return _asked(proposal)


@blueprint.post("/<int:offer_id>/class")
@holds(Role.TEACHER)
def begin(offer_id: int) -> str | Response | tuple[str, int]:
    """For a class without a request of its own: a seat, a place in line, or a start at once."""
    offer, slot, person = _visible(offer_id), _slot(), current_person()
    form = class_form(offer, person)
    if not form.validate_on_submit():
        return _offer_page(offer, form), 422
    try:
        with errors_in(form):
            need = open_for(offer, slot, form, by=person)
            if slot is not None:
                place = seats.wait(need, slot, by=person)
                db.session.commit()
                return waited(place)
            proposal = proposals.invite(need, offer, slot, by=person)
            db.session.commit()
            return _asked(proposal)
    except NotAllowed:
        raise
    except DomainError as refusal:
        db.session.rollback()
        says(refusal, "error")
        return redirect_to("catalogue.show_offer", offer_id=offer_id)
    return _offer_page(offer, form), 422


def _slot() -> Slot | None:
    slot_id = request.form.get("slot", 0, type=int)
    return load_or_404(Slot, slot_id) if slot_id else None


def _asked(proposal: Proposal) -> Response:
    if proposal.state == ProposalState.CONFIRMED:
        says(_("It is agreed. Here is everything you need."))
        return redirect_to("visits.show_visit", proposal_id=proposal.id)
    says(_("Asked. You see the answer here, and we tell you by mail."))
    return redirect_to("proposals.show_proposal", proposal_id=proposal.id)


def _visible(offer_id: int) -> Offer:
    """Published offers are for everybody; others for who may change them."""
    offer = load_or_404(Offer, offer_id)
    if offer.state != OfferState.PUBLISHED:
        allow(current_user.is_authenticated and policies.may_edit_offer(current_person(), offer))
    return offer


def _programme_code() -> str:
    return str(current_app.config["PROGRAMME"])


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


def _where_from(filters: Filters) -> dict[str, Any]:
    """The list as it stood, so that the way back leads to the very same place."""
    args = filters.as_args()
    return args | {"page": _page_number()} if _page_number() > 1 else args


def _origins() -> dict[int, Origin]:
    """The schools where the reader teaches, to count distances from."""
    if not current_user.is_authenticated:
        return {}
    return catalogue.origins_of(current_person())


def _own_needs() -> list[Need]:
    return catalogue.needs_of(current_person()) if current_user.is_authenticated else []


def _asked_for(open_needs: list[Need], fitted: Need | None) -> Need | None:
    """The request somebody has in mind: the one named, else the one filtered by, else the only."""
    named = request.args.get("need", type=int)
    for need in open_needs:
        if need.id == (named or (fitted.id if fitted else None)):
            return need
    return open_needs[0] if len(open_needs) == 1 and not named else None
