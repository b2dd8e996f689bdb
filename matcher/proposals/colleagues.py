"""Passing a question on to a colleague of the same company: the match lives on."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from matcher import clock
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import JournalEntry
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.offer import Offer
from matcher.models.professional import Professional, Slot
from matcher.models.proposal import Proposal
from matcher.models.sql import holds, squared_km
from matcher.proposals import queries, room, steps

MOST = 50  # colleagues to choose from


def colleagues_for(proposal: Proposal) -> list[Professional]:
    """Who of the company could go instead: near enough, with room and time, not yet asked."""
    if proposal.professional is None or proposal.state not in WAITING:
        return []
    need, school = proposal.need, proposal.need.school
    far = squared_km(
        Professional.latitude, Professional.longitude, (school.latitude, school.longitude)
    )
    found = (
        select(Professional)
        .where(
            Professional.company_id == proposal.offer.company_id,
            Professional.id != proposal.professional_id,
            Professional.may_be_asked(clock.today()),
            or_(Offer.place != "onsite", far <= Professional.radius_km * Professional.radius_km),
            holds(Professional.languages, need.languages or [need.language]),
            Professional.id.not_in(_asked_before(proposal)),
        )
        .join(Offer, Offer.id == proposal.offer_id)
        .order_by(Professional.name, Professional.id)
        .limit(MOST)
    )
    return room.with_room(proposal, db.session.scalars(found))


def pass_on(
    proposal: Proposal,
    colleague_id: int,
    *,
    side: Side,
    by: Person | None,
    note: str = "",
) -> Professional:
    """Ask a colleague in one's place, at the same time; a yes of the school stands."""
    need = steps.hold(proposal)
    actor = steps.actor_of(proposal, side, by)
    steps.check_open(proposal, need)
    colleague = next((c for c in colleagues_for(proposal) if c.id == colleague_id), None)
    if colleague is None:
        raise Invalid(
            _l("This colleague has no room at this time. Choose another."), field="colleague"
        )
    before = proposal.professional_id
    proposal.professional = colleague
    proposal.slot = _slot_around(proposal, colleague)
    agreed = proposal.state == ProposalState.SCHOOL_YES
    name = "pass_on_agreed" if agreed else "pass_on"
    steps.take(proposal, name, side=actor, by=by, note=note, changes={"professional": before})
    return colleague


def _asked_before(proposal: Proposal) -> list[int]:
    """Those who have passed this question on: nobody gets it back."""
    rows = select(JournalEntry.changes).where(
        JournalEntry.record_type == "Proposal",
        JournalEntry.record_id == proposal.id,
        JournalEntry.deed.in_(("pass_on", "pass_on_agreed")),
    )
    return [changes["professional"] for changes in db.session.scalars(rows)]


def _slot_around(proposal: Proposal, colleague: Professional) -> Slot | None:
    """The colleague's own free moment around the time; without one the time is the question."""
    if proposal.starts_at is None:
        return None
    found = (
        queries.free_slots()
        .where(
            Slot.professional_id == colleague.id,
            Slot.starts_at <= proposal.starts_at,
            Slot.ends_at >= proposal.ends_at,
        )
        .order_by(Slot.starts_at, Slot.id)
    )
    return db.session.scalars(found.limit(1)).first()
