"""Doors of the directory: search and filter what companies offer, look at one, invite it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher import policies
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.need import Need, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, folded
from matcher.models.organisation import School
from matcher.models.professional import Slot
from matcher.offers import catalogue
from matcher.offers.agenda import free_moments, times_for
from matcher.offers.catalogue import FACETS, Filters, Origin
from matcher.offers.films import find_film
from matcher.offers.kinds import KINDS, Booking, booking_of
from matcher.proposals import service as proposals
from matcher.web.answers import redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404, public
from matcher.web.names import LANGUAGES, Names, system
from matcher.web.paging import Page

blueprint = Blueprint("catalogue", __name__, url_prefix="/offers")
PAGE = 20
LAST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a facet, as the page shows it."""

    code: str
    label: str
    count: int
    chosen: bool


@blueprint.get("")
@public
def list_offers() -> str:
    filters = _filters()
    origin = _origin()
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    found = catalogue.find_offers(
        _programme_code(), filters, origin=origin, start=(number - 1) * PAGE, size=PAGE
    )
    page = Page(list(found.offers), number, max(1, -(-found.total // PAGE)), found.total)
    return render_template(
        "offers/catalogue.html",
        page=page,
        found=found,
        filters=filters,
        origin=origin,
        facets={name: _choices(name, found.facets[name], filters) for name in FACETS},
    )


@blueprint.get("/<int:offer_id>")
@public
def show_offer(offer_id: int) -> str:
    offer = _visible(offer_id)
    origin = _origin()
    needs = _open_needs()
    need = next((need for need in needs if need.id == request.args.get("need", type=int)), None)
    return render_template(
        "offers/show_in_catalogue.html",
        offer=offer,
        kind=KINDS[offer.kind],
        film=find_film(offer.film_url) if offer.film_url else None,
        has_dates=booking_of(offer) == Booking.DATE,
        on_demand=booking_of(offer) == Booking.NOTHING,
        moments=free_moments(offer),
        distance=catalogue.distances([offer], origin).get(offer.id),
        origin=origin,
        back=_filters().as_args(),
        needs=needs,
        need=need,
        times=times_for(need, offer) if need else [],
        may_invite=current_user.is_authenticated and current_person().has_role(Role.TEACHER),
    )


@blueprint.post("/<int:offer_id>/invite")
@holds(Role.TEACHER)
def invite(offer_id: int) -> Response:
    offer = _visible(offer_id)
    need = load_or_404(Need, request.form.get("need", 0, type=int))
    allow(policies.may_invite_for(current_person(), need))
    slot_id = request.form.get("slot", 0, type=int)
    slot = load_or_404(Slot, slot_id) if slot_id else None
    try:
        proposal = proposals.invite(need, offer, slot, by=current_person())
    except Invalid as refusal:
        says(refusal, "error")
        return redirect_to("catalogue.show_offer", offer_id=offer.id, need=need.id)
    db.session.commit()
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


def _origin() -> Origin | None:
    """The signed-in teacher's school."""
    if not current_user.is_authenticated:
        return None
    schools = sorted(current_person().school_ids)
    school = db.session.get(School, schools[0]) if schools else None
    return Origin(school.name, school.latitude, school.longitude) if school else None


def _open_needs() -> list[Need]:
    if not current_user.is_authenticated:
        return []
    return catalogue.open_needs_of(current_person())


def _filters() -> Filters:
    programme = system()
    known = {
        "kind": frozenset(kind.value for kind in OfferKind),
        "level": frozenset(level.code for level in programme.levels),
        "subject": frozenset(subject.code for subject in programme.subjects),
        "place": frozenset({PlaceKind.ONSITE.value, PlaceKind.ONLINE.value}),
        "language": frozenset(LANGUAGES),
    }
    names = {
        subject.code: folded(" ".join(subject.names.values())) for subject in programme.subjects
    }
    return catalogue.read_filters(request.args.getlist, known, names)


def _choices(name: str, counts: Mapping[str, int], filters: Filters) -> list[Choice]:
    """What is there to choose, in the order of the school system or of the number of offers."""
    label: Callable[[str], str] = getattr(Names(), name)
    chosen = getattr(filters, name)
    codes = [code for code in _ordered(name, counts) if counts.get(code) or code in chosen]
    return [Choice(code, label(code), counts.get(code, 0), code in chosen) for code in codes]


def _ordered(name: str, counts: Mapping[str, int]) -> list[str]:
    if name == "level":
        return [level.code for level in system().levels]
    if name == "kind":
        return [kind.value for kind in KINDS]
    if name == "place":
        return [PlaceKind.ONSITE.value, PlaceKind.ONLINE.value]
    label = getattr(Names(), name)
    return sorted(counts, key=lambda code: (-counts[code], label(code)))
