"""Verbs on a webinar's date: more seats or fewer, the link, calling it off, the recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from matcher import clock, policies
from matcher.errors import Invalid, NotAllowed, Taken, WrongState
from matcher.extensions import db
from matcher.models.journal import write_journal
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.offer import OfferState
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.offers.slots import MOST_SEATS
from matcher.proposals import claims, line, seats
from matcher.proposals import service as proposals
from matcher.web.safety import is_web_address

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.offer import Offer


def set_seats(slot: Slot, number: int, *, by: Person) -> None:
    """How many classes can join; more seats go to the line first, fewer than given is refused."""
    _may_edit(slot, by)
    if not 1 <= number <= MOST_SEATS:
        raise Invalid(_l("Choose between 1 and %(most)d seats.", most=MOST_SEATS), field="seats")
    claims.hold_needs(line.waiting_needs(slot.id))
    before = slot.seats
    changed = db.session.execute(
        update(Slot).where(Slot.id == slot.id, Slot.taken <= number).values(seats=number),
        execution_options={"synchronize_session": False},
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Taken(_l("More classes than that have a seat already."), field="seats")
    db.session.expire(slot)
    write_journal("seats", slot, by=by, changes={"seats": [before, number]})
    seats.fill(slot)


def call_off(slot: Slot, *, by: Person, reasons: Sequence[str], note: str = "") -> None:
    """The date does not go on: every class is told, those in line too. The last one pauses all."""
    _may_edit(slot, by)
    if slot.withdrawn_at is not None or slot.starts_at <= clock.now():
        raise WrongState(_l("This date has passed or was withdrawn. Choose another date."))
    if not reasons:
        raise Invalid(_l("Choose at least one reason."), field="reasons")
    standing = _on(slot)
    claims.hold_needs([p.need_id for p in standing] + list(line.waiting_needs(slot.id)))
    slot.withdrawn_at = clock.now()
    write_journal("call_off", slot, by=by)
    for proposal in standing:
        if proposal.state == ProposalState.CONFIRMED:
            proposals.cancel(proposal, side=Side.COMPANY, by=by, reasons=reasons, note=note)
        else:
            proposals.withdraw(proposal, side=Side.COMPANY, by=by, note=note)
    seats.end_date(slot)
    offer = slot.offer
    if offer is not None and offer.state == OfferState.PUBLISHED and not _has_dates(offer):
        offer.state = OfferState.PAUSED


def set_recording(slot: Slot, address: str, *, by: Person) -> None:
    """Where the recording stands, for the classes that were registered; empty takes it away."""
    _may_edit(slot, by)
    if slot.starts_at > clock.now():
        raise WrongState(_l("A recording is there only afterwards."))
    if address and not is_web_address(address):
        raise Invalid(_l("Give an address that starts with https://."), field="recording_url")
    slot.recording_url = address
    write_journal("recording", slot, by=by)


def spread_link(offer: Offer, before: str) -> None:
    """Who is registered joins by the new address, unless they agreed on one of their own."""
    coming = select(Proposal.id).where(
        Proposal.offer_id == offer.id,
        Proposal.state == ProposalState.CONFIRMED,
        Proposal.ends_at > clock.now(),
    )
    db.session.execute(
        update(Visit)
        .where(Visit.proposal_id.in_(coming), Visit.video_url.in_(["", before]))
        .values(video_url=offer.join_url, calendar_sequence=Visit.calendar_sequence + 1),
        execution_options={"synchronize_session": False},
    )


def _on(slot: Slot) -> Sequence[Proposal]:
    """What stands on this date, or is asked for."""
    states = WAITING | {ProposalState.CONFIRMED, ProposalState.SUGGESTED}
    found = select(Proposal).where(Proposal.slot_id == slot.id, Proposal.state.in_(states))
    return db.session.scalars(found.order_by(Proposal.need_id, Proposal.id)).all()


def _has_dates(offer: Offer) -> bool:
    return any(date.withdrawn_at is None and date.starts_at > clock.now() for date in offer.dates)


def _may_edit(slot: Slot, by: Person) -> None:
    if slot.offer is None or not policies.may_edit_offer(by, slot.offer):
        raise NotAllowed(_l("Only a contact of this company can do this."))
