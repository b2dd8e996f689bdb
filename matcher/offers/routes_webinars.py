"""Doors of a webinar's date: the line, the page of who takes part, the company's side of it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import clock, policies
from matcher.errors import DomainError, NotAllowed
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.moves import ProposalState
from matcher.models.need import Need
from matcher.models.professional import Slot
from matcher.models.seat import WaitingPlace
from matcher.offers import audience, dates
from matcher.offers.forms_moments import RecordingForm, SeatsForm
from matcher.proposals import line, seats
from matcher.proposals.forms import ReasonsForm, reasons_form
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.forms import Form
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("webinars", __name__, url_prefix="/webinars")
EVERYBODY = (Role.TEACHER, Role.COMPANY_CONTACT, Role.PROFESSIONAL, Role.COORDINATOR)
COMPANY_SIDE = (Role.COMPANY_CONTACT, Role.COORDINATOR)
Answer = str | Response | tuple[str, int]


@blueprint.get("/<int:date_id>")
@holds(*EVERYBODY)
def show_date(date_id: int) -> str:
    return _page(_opened(date_id))


@blueprint.get("/<int:date_id>/certificate")
@holds(*EVERYBODY)
def show_certificate(date_id: int) -> str:
    """For the teacher whose class was there; for who gave it to those classes."""
    slot, person = _opened(date_id), current_person()
    offer = slot.offer or abort(404)
    own = audience.attended(audience.seats_of(slot, person))
    held = audience.attended(audience.seats_of(slot))
    gave = audience.gives(person, offer) and bool(held)
    allow(bool(own) or gave)
    return render_template(
        "webinars/show_certificate.html",
        slot=slot,
        offer=offer,
        seats=own,
        classes=len(held),
        schools=len({seat.need.school_id for seat in held}),
        pupils=audience.pupils_at(slot),
        today=clock.today(),
    )


@blueprint.post("/<int:date_id>/wait")
@holds(Role.TEACHER)
def wait(date_id: int) -> Response:
    slot = load_or_404(Slot, date_id)
    offer = slot.offer or abort(404)
    need = load_or_404(Need, request.form.get("need", 0, type=int))
    allow(policies.may_invite_for(current_person(), need))
    try:
        place = seats.wait(need, slot, by=current_person())
    except NotAllowed:
        raise
    except DomainError as refusal:
        db.session.rollback()
        says(refusal, "error")
        return redirect_to("catalogue.show_offer", offer_id=offer.id, need=need.id)
    db.session.commit()
    return waited(place)


def waited(place: WaitingPlace) -> Response:
    """Where the deed led: to the seat, or to the line."""
    if place.proposal is not None:
        agreed = place.proposal.state == ProposalState.CONFIRMED
        says(_("Your class has a seat.") if agreed else _("There is a seat. We ask the company."))
        return redirect_to("proposals.show_proposal", proposal_id=place.proposal_id)
    says(_("Your class is on the waiting list. We mail you when a seat comes free."))
    return redirect_to("webinars.show_date", date_id=place.slot_id)


@blueprint.post("/places/<int:place_id>/leave")
@holds(Role.TEACHER)
def leave(place_id: int) -> Response:
    place = load_or_404(WaitingPlace, place_id)
    allow(policies.may_invite_for(current_person(), place.need))
    seats.leave(place, by=current_person())
    db.session.commit()
    says(_("Your class is off the waiting list."))
    return redirect_to("catalogue.show_offer", offer_id=place.slot.offer_id)


@blueprint.post("/<int:date_id>/seats")
@holds(*COMPANY_SIDE)
def set_seats(date_id: int) -> Answer:
    slot, form = _own(date_id), SeatsForm()
    number = form.seats.data or 0
    return _done(
        slot, form, "seats_form", lambda: dates.set_seats(slot, number, by=current_person())
    )


@blueprint.post("/<int:date_id>/recording")
@holds(*COMPANY_SIDE)
def set_recording(date_id: int) -> Answer:
    slot, form = _own(date_id), RecordingForm()
    address = form.recording_url.data or ""
    return _done(
        slot,
        form,
        "recording_form",
        lambda: dates.set_recording(slot, address, by=current_person()),
    )


@blueprint.post("/<int:date_id>/call-off")
@holds(*COMPANY_SIDE)
def call_off(date_id: int) -> Answer:
    slot, form = _own(date_id), reasons_form()
    return _done(slot, form, "reasons", lambda: _call_off(slot, form))


def _call_off(slot: Slot, form: ReasonsForm) -> None:
    reasons, note = list(form.reasons.data or []), form.note.data or ""
    dates.call_off(slot, by=current_person(), reasons=reasons, note=note)


def _done(slot: Slot, form: Form, name: str, deed: Callable[[], None]) -> Answer:
    if form.validate_on_submit():
        with errors_in(form):
            deed()
            db.session.commit()
        if not form.errors:
            says(_("Saved."))
            return redirect_to("webinars.show_date", date_id=slot.id)
    return _page(slot, **{name: form}), 422


def _opened(date_id: int) -> Slot:
    slot = load_or_404(Slot, date_id)
    allow(audience.may_open(current_person(), slot))
    return slot


def _own(date_id: int) -> Slot:
    slot = load_or_404(Slot, date_id)
    allow(slot.offer is not None and policies.may_edit_offer(current_person(), slot.offer))
    return slot


def _page(slot: Slot, **filled: Form) -> str:
    person = current_person()
    offer = slot.offer or abort(404)
    gives, mine = audience.gives(person, offer), audience.seats_of(slot, person)
    classes = audience.seats_of(slot) if gives else []
    return render_template(
        "webinars/show_date.html",
        slot=slot,
        offer=offer,
        gives=gives,
        may_edit=policies.may_edit_offer(person, offer),
        mine=mine,
        classes=classes,
        places=line.places_of(person, slots=[slot]),
        waiting=line.lengths([slot]).get(slot.id, 0),
        may_join=gives or audience.may_join(mine),
        may_watch=gives or audience.may_watch(mine),
        has_certificate=bool(audience.attended(mine) or audience.attended(classes)),
        is_past=slot.starts_at <= clock.now(),
        seats_form=filled.get("seats_form") or SeatsForm(formdata=None, obj=slot),
        recording_form=filled.get("recording_form") or RecordingForm(formdata=None, obj=slot),
        reasons=filled.get("reasons") or reasons_form(),
    )
