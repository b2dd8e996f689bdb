"""Doors of the company's own page: its offers, from first draft to withdrawal, and their dates."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher import policies
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.organisation import Company
from matcher.models.professional import Slot
from matcher.offers import service, slots
from matcher.offers.agenda import dates_of, past_dates
from matcher.offers.completeness import missing_for_publication
from matcher.offers.forms import OfferForm, offer_form
from matcher.offers.forms_moments import DateForm
from matcher.offers.kinds import KINDS, Booking, booking_of
from matcher.offers.overview import companies_of, overview
from matcher.offers.prefill import STARTED_BY, start_from
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404

blueprint = Blueprint("offers", __name__, url_prefix="/company")
COMPANY_SIDE = (Role.COMPANY_CONTACT, Role.COORDINATOR)


@blueprint.get("/offers")
@holds(*COMPANY_SIDE)
def list_offers() -> str:
    companies = companies_of(current_person())
    company = _chosen(companies)
    if company is None:
        return _which_company(companies)
    page = overview(company)
    return render_template("offers/list_offers.html", page=page, companies=companies)


@blueprint.get("/offers/new")
@holds(*COMPANY_SIDE)
def choose_kind() -> str | Response:
    companies = companies_of(current_person())
    company = _chosen(companies)
    if company is None:
        return redirect_to("offers.list_offers")
    return render_template("offers/choose_kind.html", company=company, kinds=KINDS.values())


@blueprint.get("/offers/new/<kind>")
@holds(*COMPANY_SIDE)
def new_offer(kind: str) -> str:
    code, companies = _kind_or_404(kind), companies_of(current_person())
    company = _chosen(companies)
    if company is None and "company" in request.args:
        abort(404)
    if company is None:
        return _which_company(companies)
    form = offer_form(code, company, start=start_from(request.args, code, company))
    return _form_page(form, company, code)


@blueprint.post("/offers/new/<kind>")
@holds(*COMPANY_SIDE)
def create_offer(kind: str) -> str | Response | tuple[str, int]:
    company, code = _company_or_404(), _kind_or_404(kind)
    form = offer_form(code, company)
    if form.validate_on_submit():
        with errors_in(form):
            offer = service.create_draft(company, code, form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            return _saved(offer)
    return _form_page(form, company, code), 422


@blueprint.get("/offers/<int:offer_id>")
@holds(*COMPANY_SIDE)
def show_offer(offer_id: int) -> str:
    return _offer_page(_own_offer(offer_id), DateForm())


@blueprint.get("/offers/<int:offer_id>/edit")
@holds(*COMPANY_SIDE)
def edit_offer(offer_id: int) -> str:
    offer = _own_offer(offer_id)
    return _form_page(
        offer_form(offer.kind, offer.company, offer), offer.company, offer.kind, offer
    )


@blueprint.post("/offers/<int:offer_id>/edit")
@holds(*COMPANY_SIDE)
def update_offer(offer_id: int) -> str | Response | tuple[str, int]:
    offer = _own_offer(offer_id)
    form = offer_form(offer.kind, offer.company, offer)
    if form.validate_on_submit():
        with errors_in(form):
            service.update(offer, form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            return _saved(offer)
    return _form_page(form, offer.company, offer.kind, offer), 422


@blueprint.post("/offers/<int:offer_id>/publish")
@holds(*COMPANY_SIDE)
def publish_offer(offer_id: int) -> Response:
    offer = _own_offer(offer_id)
    try:
        service.publish(offer, by=current_person())
    except Invalid as refusal:
        says(refusal, "error")
        return redirect_to("offers.show_offer", offer_id=offer.id)
    db.session.commit()
    if offer.state == OfferState.REVIEW:
        says(
            _("Sent. The coordinator of your region reads it first, and you get a mail then."),
            "info",
        )
        return redirect_to("offers.show_offer", offer_id=offer.id)
    says(_("Published. Schools can find your offer now, and it takes part in the matching."))
    return redirect_to("offers.show_offer", offer_id=offer.id)


@blueprint.post("/offers/<int:offer_id>/pause")
@holds(*COMPANY_SIDE)
def pause_offer(offer_id: int) -> Response:
    offer = _own_offer(offer_id)
    service.pause(offer, by=current_person())
    db.session.commit()
    says(_("Paused. Nobody new can ask for it; what was agreed stands."))
    return redirect_to("offers.show_offer", offer_id=offer.id)


@blueprint.post("/offers/<int:offer_id>/withdraw")
@holds(*COMPANY_SIDE)
def withdraw_offer(offer_id: int) -> Response:
    offer = _own_offer(offer_id)
    service.withdraw(offer, by=current_person())
    db.session.commit()
    says(_("Withdrawn. What was agreed stands."))
    return redirect_to("offers.list_offers", company=offer.company_id)


@blueprint.post("/offers/<int:offer_id>/copy")
@holds(*COMPANY_SIDE)
def copy_offer(offer_id: int) -> Response:
    twin = service.copy(_own_offer(offer_id), by=current_person())
    db.session.commit()
    says(_("This is your copy. Change what you like and publish it."))
    return redirect_to("offers.edit_offer", offer_id=twin.id)


@blueprint.post("/offers/<int:offer_id>/still-true")
@holds(*COMPANY_SIDE)
def confirm_offer(offer_id: int) -> Response:
    offer = _own_offer(offer_id)
    service.confirm_still_true(offer, by=current_person())
    db.session.commit()
    says(_("Thank you. Schools see that your offer is up to date."))
    return redirect_to("offers.list_offers", company=offer.company_id)


@blueprint.post("/offers/still-true")
@holds(*COMPANY_SIDE)
def confirm_all() -> Response:
    company = _company_or_404()
    for offer in overview(company).to_confirm:
        service.confirm_still_true(offer, by=current_person())
    db.session.commit()
    says(_("Thank you. Schools see that your offers are up to date."))
    return redirect_to("offers.list_offers", company=company.id)


@blueprint.post("/offers/<int:offer_id>/dates")
@holds(*COMPANY_SIDE)
def add_date(offer_id: int) -> str | Response | tuple[str, int]:
    offer, form = _own_offer(offer_id), DateForm()
    if form.validate_on_submit():
        with errors_in(form):
            slots.add_date(offer, **form.values(), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("The date is added."))
            return redirect_to("offers.show_offer", offer_id=offer.id)
    return _offer_page(offer, form), 422


@blueprint.post("/dates/<int:slot_id>/withdraw")
@holds(*COMPANY_SIDE)
def withdraw_date(slot_id: int) -> Response:
    slot = load_or_404(Slot, slot_id)
    if slot.offer is None:
        abort(404)
    allow(policies.may_edit_offer(current_person(), slot.offer))
    slots.withdraw_slot(slot, by=current_person())
    db.session.commit()
    says(_("The date is withdrawn."))
    return redirect_to("offers.show_offer", offer_id=slot.offer_id)


def _own_offer(offer_id: int) -> Offer:
    offer = load_or_404(Offer, offer_id)
    allow(policies.may_edit_offer(current_person(), offer))
    return offer


def _chosen(companies: list[Company]) -> Company | None:
    """The company in the address, or the only one there is."""
    wanted = request.args.get("company", type=int)
    if wanted is None:
        return companies[0] if len(companies) == 1 else None
    return next((company for company in companies if company.id == wanted), None)


def _which_company(companies: list[Company]) -> str:
    """Who works for several chooses first, and comes back to the same address."""
    kept = {name: request.args.getlist(name) for name in STARTED_BY if name in request.args}
    kept |= request.view_args or {}
    return render_template("offers/choose_company.html", companies=companies, kept=kept)


def _company_or_404() -> Company:
    return _chosen(companies_of(current_person())) or abort(404)


def _kind_or_404(kind: str) -> OfferKind:
    return OfferKind(kind) if kind in set(OfferKind) else abort(404)


def _saved(offer: Offer) -> Response:
    """On to publication when that was asked and can be; else the offer's own page."""
    if request.form.get("then") == "publish" and not offer.published_at:
        return _published(offer)
    says(_("Saved."))
    return redirect_to("offers.show_offer", offer_id=offer.id)


def _published(offer: Offer) -> Response:
    if missing_for_publication(offer):
        says(_("Saved as a draft. Some things are missing before you can publish it."), "warning")
    else:
        service.publish(offer, by=current_person())
        db.session.commit()
        says(_("Published. Schools can find your offer now, and it takes part in the matching."))
    return redirect_to("offers.show_offer", offer_id=offer.id)


def _form_page(
    form: OfferForm, company: Company, kind: OfferKind, offer: Offer | None = None
) -> str:
    return render_template(
        "offers/edit_offer.html", form=form, company=company, kind=KINDS[kind], offer=offer
    )


def _offer_page(offer: Offer, form: DateForm) -> str:
    return render_template(
        "offers/show_offer.html",
        offer=offer,
        kind=KINDS[offer.kind],
        form=form,
        has_dates=booking_of(offer) == Booking.DATE,
        dates=dates_of(offer),
        past=past_dates(offer),
        missing=missing_for_publication(offer),
        asks_still_true=service.asks_still_true(offer),
    )
