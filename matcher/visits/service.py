"""Verbs on visits until they have been held: prepare, declare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher.errors import NotFound, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import ProposalState
from matcher.models.need import PlaceKind
from matcher.models.offer import OfferKind
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.visit import Visit


def visit_of(proposal: Proposal) -> Visit:
    """The visit of a proposal that was confirmed once."""
    visit = db.session.scalar(select(Visit).where(Visit.proposal_id == proposal.id))
    if visit is None:
        raise NotFound(_l("This has not been agreed yet."))
    return visit


def arrival_of(visit: Visit) -> str:
    """What was agreed; else, for who comes to the school, what the school tells every guest."""
    offer = visit.proposal.offer
    at_school = offer.kind == OfferKind.LECTURE and offer.place != PlaceKind.ONLINE
    return visit.arrival or (visit.proposal.need.school.arrival if at_school else "")


def ending_of(visit: Visit) -> ProposalMove | None:
    """The move by which it came to nothing, for both sides to read."""
    last = visit.proposal.moves[-1] if visit.proposal.moves else None
    lost = {ProposalState.CANCELLED, ProposalState.NOT_HELD}
    return last if last is not None and last.target in lost else None


def prepare(visit: Visit, values: Mapping[str, Any], *, by: Person) -> None:
    """Room, arrival, link, material, questions: whatever one side knows first."""
    if visit.proposal.state != ProposalState.CONFIRMED:
        raise WrongState(_l("This visit is over."))
    changes = {}
    for name, value in values.items():
        if getattr(visit, name) != value:
            changes[name] = True
            setattr(visit, name, value)
    if changes:
        visit.calendar_sequence += 1
        write_journal("prepare", visit, by=by, changes=changes)


def declare_conduct(visit: Visit, day: date | None, *, by: Person) -> None:
    """The day on which the guest's certificate of conduct was issued; no document is kept.

    It belongs to the guest, and stands with every visit of theirs.
    """
    guest = visit.proposal.professional
    if guest is None or guest.conduct_on == day:
        return
    guest.conduct_on = day
    write_journal("declare_conduct", guest, by=by, changes={"conduct_on": True})
