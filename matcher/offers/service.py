"""Verbs on one offer: draft, update, publish, pause, withdraw, say that it is still true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock, policies
from matcher.errors import DomainError, Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.need import PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.offers import dates, quarantine
from matcher.offers.completeness import missing_for_publication
from matcher.offers.films import find_film
from matcher.offers.kinds import KINDS, fields_of
from matcher.proposals import service as proposals
from matcher.reference.postcodes import find_postcode
from matcher.web.safety import is_web_address

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.organisation import Company

AT_ONCE = 200
KEPT_APART = {"captions", "postcode", "professionals"}  # not simply a column of the same name


def create_draft(
    company: Company, kind: OfferKind, values: Mapping[str, Any], *, by: Person
) -> Offer:
    """A new offer, seen by its company alone; anything may still be empty."""
    if not policies.may_edit_company(by, company):
        raise NotAllowed(_l("Only a contact of this company can do this."))
    offer = Offer(
        company=company,
        region_id=company.region_id,
        kind=kind,
        state=OfferState.DRAFT,
        minutes=KINDS[kind].minutes,
        place=PlaceKind.ONSITE,
        postcode=company.postcode,
        town=company.town,
        latitude=company.latitude,
        longitude=company.longitude,
        title="",
        description="",
        film_url="",
        lesson_sheet="",
        brief="",
        deliverables="",
        jury="",
        data_links="",
        stops=[],
        join_url="",
        needs_in_room="",
        subjects=[],
        levels=[],
        languages=[by.language],
        angles=[],
        extra={},
    )
    with db.session.no_autoflush:
        _write(offer, values)
    db.session.add(offer)
    db.session.flush()
    return offer


def update(offer: Offer, values: Mapping[str, Any], *, by: Person) -> None:
    """Change what the form holds; a published offer stays complete or is not changed."""
    _may_edit(offer, by)
    if offer.state == OfferState.WITHDRAWN:
        raise WrongState(_l("This offer was withdrawn. Make a copy to offer it again."))
    link = offer.join_url
    try:
        with db.session.no_autoflush:
            _write(offer, values)
            if offer.state == OfferState.PUBLISHED:
                _refuse_incomplete(offer, but="dates")  # over for now; its words may change
                offer.confirmed_at = clock.now()
    except DomainError:
        db.session.expire(offer)  # half a change must not reach the database with the next query
        raise
    db.session.flush()
    if offer.join_url != link:
        dates.spread_link(offer, link)


def publish(offer: Offer, *, by: Person) -> None:
    """Show it to schools and to the matcher; where it must be read first, it waits for that."""
    _may_edit(offer, by)
    if offer.state not in {OfferState.DRAFT, OfferState.PAUSED}:
        raise WrongState(_l("Only a draft or a paused offer can be published."))
    _refuse_incomplete(offer)
    if quarantine.waits_to_be_read(offer, by):
        offer.state = OfferState.REVIEW
        return
    _show(offer)


def release(offer: Offer, *, by: Person) -> None:
    """Show what the coordinator has read."""
    _may_edit(offer, by)
    _refuse_incomplete(offer)
    _show(offer)


def _show(offer: Offer) -> None:
    at = clock.now()
    offer.state = OfferState.PUBLISHED
    offer.published_at = offer.published_at or at
    offer.confirmed_at = at


def pause(offer: Offer, *, by: Person) -> None:
    """Take it out of the catalogue for a while; what was agreed stands."""
    _may_edit(offer, by)
    if offer.state != OfferState.PUBLISHED:
        raise WrongState(_l("Only a published offer can be paused."))
    offer.state = OfferState.PAUSED


def pause_past() -> int:
    """A challenge whose period is over is shown and proposed no more; how many were paused."""
    over = select(Offer).where(Offer.state == OfferState.PUBLISHED, Offer.closes_on < clock.today())
    found = db.session.scalars(over.order_by(Offer.id).limit(AT_ONCE)).all()
    for offer in found:
        offer.state = OfferState.PAUSED
    return len(found)


def withdraw(offer: Offer, *, by: Person) -> None:
    """Take it out for good: what was asked ends and is healed, what was agreed stands."""
    _may_edit(offer, by)
    if offer.state == OfferState.WITHDRAWN:
        raise WrongState(_l("This offer was withdrawn already."))
    offer.state = OfferState.WITHDRAWN
    proposals.end_offer(offer, by=by)


def copy(offer: Offer, *, by: Person) -> Offer:
    """A new draft with the same words, without its dates."""
    values = {name: getattr(offer, name) for name in fields_of(offer.kind) if name != "captions"}
    values["captions"] = offer.extra.get("captions", "")
    values["professionals"] = [person for person in offer.professionals if person.is_active]
    return create_draft(offer.company, offer.kind, values, by=by)


def confirm_still_true(offer: Offer, *, by: Person) -> None:
    """The company says that what stands here still holds."""
    _may_edit(offer, by)
    if offer.state not in {OfferState.PUBLISHED, OfferState.PAUSED}:
        raise WrongState(_l("Only a published offer can be confirmed."))
    offer.confirmed_at = clock.now()


def asks_still_true(offer: Offer) -> bool:
    """Once per term the company is asked whether its published offer still holds."""
    if offer.state != OfferState.PUBLISHED:
        return False
    if offer.confirmed_at is None:
        return True
    return clock.term(clock.local(offer.confirmed_at).date()) != clock.term()


def _may_edit(offer: Offer, by: Person) -> None:
    if not policies.may_edit_offer(by, offer):
        raise NotAllowed(_l("Only a contact of this company can do this."))


def _refuse_incomplete(offer: Offer, *, but: str = "") -> None:
    for requirement in missing_for_publication(offer):
        if requirement.field == but:
            continue
        raise Invalid(requirement.sentence, field=requirement.field)


def _write(offer: Offer, values: Mapping[str, Any]) -> None:
    """Copy the values this kind knows, and nothing else, into the offer."""
    known = fields_of(offer.kind)
    _refuse_addresses(values, known)
    for name in known:
        if name in values and name not in KEPT_APART:
            setattr(offer, name, values[name])
    if "captions" in known and "captions" in values:
        offer.extra = {**(offer.extra or {}), "captions": values["captions"]}
    if "professionals" in known and "professionals" in values:
        _write_professionals(offer, values["professionals"])
    if values.get("postcode") and values["postcode"] != offer.postcode:
        _write_place(offer, values["postcode"])
    _settle(offer)


def _refuse_addresses(values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    film, link = values.get("film_url"), values.get("join_url")
    if "film_url" in known and film and find_film(film) is None:
        raise Invalid(
            _l(
                "We can show films from YouTube and Vimeo, and film files (mp4, webm)"
                " at an address that starts with https://."
            ),
            field="film_url",
        )
    if "join_url" in known and link and not is_web_address(link):
        raise Invalid(_l("Give an address that starts with https://."), field="join_url")
    if "data_links" in known:
        for line in filter(None, map(str.strip, (values.get("data_links") or "").splitlines())):
            if not is_web_address(line):
                raise Invalid(
                    _l("“%(line)s” is no address. Start with https://", line=line[:80]),
                    field="data_links",
                )
    first, last = values.get("opens_on"), values.get("closes_on")
    if first and last and last < first:
        raise Invalid(_l("This must be later than the start."), field="closes_on")


def _write_professionals(offer: Offer, professionals: list[Any]) -> None:
    if any(professional.company_id != offer.company.id for professional in professionals):
        raise Invalid(_l("Choose people of your own company."), field="professionals")
    offer.professionals = list(professionals)


def _write_place(offer: Offer, postcode: str) -> None:
    area = find_postcode(postcode)
    if area is None:
        raise Invalid(_l("We do not know this postcode."), field="postcode")
    offer.postcode, offer.town = postcode.replace(" ", "").upper(), area.town
    offer.latitude, offer.longitude = area.latitude, area.longitude


def _settle(offer: Offer) -> None:
    """What follows from the rest: a film and a webinar are online, a person's time is asked for."""
    if offer.kind == OfferKind.WEBINAR or offer.tour_form == TourForm.FILM:
        offer.place = PlaceKind.ONLINE
    if offer.kind == OfferKind.LECTURE or offer.tour_form == TourForm.LIVE:
        offer.ask_first = True
    if offer.tour_form == TourForm.FILM:
        offer.professionals = []
