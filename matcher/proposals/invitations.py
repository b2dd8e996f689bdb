"""A teacher asks for one offer herself: what may be asked for, and the proposal it begins."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import policies
from matcher.errors import Invalid, NotAllowed, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import LIVE, ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.professional import Slot
from matcher.models.proposal import Origin, Proposal
from matcher.proposals import claims, heal, line, queries, steps, times


def invite(need: Need, offer: Offer, slot: Slot | None, *, by: Person) -> Proposal:
    """A proposal that starts with the school's yes; where nobody need be asked it is agreed."""
    check_teacher(need, by)
    need = claims.hold_needs([need.id])[need.id]
    check_pair(need, offer)
    _check_time(offer, slot)
    proposal = begin(need, offer, slot)
    side = Side.SCHOOL if need.teacher_id == by.id else Side.COORDINATOR
    steps.take(proposal, "invite", side=side, by=by, quietly=not offer.ask_first)
    if not offer.ask_first:
        heal.confirm(proposal, "company_confirm", need, side=Side.SYSTEM, by=None)
    return proposal


def begin(need: Need, offer: Offer, slot: Slot | None) -> Proposal:
    """The proposal as it stands before its first move."""
    proposal = Proposal(
        need=need,
        offer=offer,
        region=need.region,
        slot=slot,
        professional_id=slot.professional_id if slot else None,
        shares_slot=offer.kind == OfferKind.WEBINAR,
        origin=Origin.INVITATION,
    )
    proposal.starts_at, proposal.ends_at = times.visit_time(need, offer, slot)
    db.session.add(proposal)
    db.session.flush()
    return proposal


def check_teacher(need: Need, by: Person) -> None:
    if not policies.may_invite_for(by, need):
        raise NotAllowed(_l("Only the teacher of this request can invite a company."))


def check_pair(need: Need, offer: Offer) -> None:
    """Both stand open, and this offer has not been asked for this need already."""
    if need.state != NeedState.OPEN:
        raise WrongState(_l("This request is no longer open."))
    if offer.state != OfferState.PUBLISHED:
        raise WrongState(_l("This offer is not available now."))
    pair = select(Proposal.id).where(
        Proposal.need_id == need.id,
        Proposal.offer_id == offer.id,
        Proposal.state.in_(LIVE - {ProposalState.SUGGESTED}),
    )
    if db.session.scalar(pair.limit(1)) is not None:
        raise WrongState(_l("This offer has already been asked for this request."))


def _check_time(offer: Offer, slot: Slot | None) -> None:
    if (slot is None) != offer.is_on_demand:
        raise Invalid(_l("Choose a time."), field="slot")
    if slot is None:
        return
    if not _is_of(offer, slot):
        raise Invalid(_l("This time is not one of this offer."), field="slot")
    if slot.offer_id is not None and (slot.taken >= slot.seats or line.first_of(slot)):
        raise Taken(_l("This date is full. You can put your class on the waiting list."))
    if not queries.is_free(slot):
        raise Taken(_l("This time has just been given to somebody else. Choose another time."))


def _is_of(offer: Offer, slot: Slot) -> bool:
    hosts = {professional.id for professional in offer.professionals}
    return slot.offer_id == offer.id or slot.professional_id in hosts
