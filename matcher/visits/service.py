"""Verbs on visits until they have been held: prepare, tick, talk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotFound, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import ProposalState
from matcher.models.need import PlaceKind
from matcher.models.offer import OfferKind
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.visit import Message, Visit

CHECKLIST = {
    "talk": _l("Talk it through"),
    "room": _l("Room and equipment arranged"),
    "material": _l("Material and pupils' questions sent"),
    "link": _l("Video link tested"),
    "teacher": _l("The teacher stays with the class"),
}
DAYS_AHEAD = {"talk": 21, "room": 7, "material": 7, "link": 1}


def visit_of(proposal: Proposal) -> Visit:
    """The visit of a proposal that was confirmed once."""
    visit = db.session.scalar(select(Visit).where(Visit.proposal_id == proposal.id))
    if visit is None:
        raise NotFound(_l("This has not been agreed yet."))
    return visit


def checklist_of(visit: Visit) -> list[tuple[str, object, datetime | None]]:
    """(item, words, the moment before which); agreed later than that, it has no moment."""
    start, agreed = visit.proposal.starts_at, visit.created_at
    rows: list[tuple[str, object, datetime | None]] = []
    for code, words in CHECKLIST.items():
        due = start - timedelta(days=DAYS_AHEAD[code]) if start and code in DAYS_AHEAD else None
        rows.append((code, words, due if due and due > agreed else None))
    return rows


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


def tick(visit: Visit, item: str, *, by: Person) -> None:
    """Tick an item of the checklist, or take the tick away."""
    if item not in CHECKLIST:
        raise Invalid(_l("There is no such item on the list."))
    ticked = dict(visit.checklist)
    if item in ticked:
        del ticked[item]
    else:
        ticked[item] = {"at": clock.now().isoformat(), "by": by.id}
    visit.checklist = ticked


def say(visit: Visit, words: str, *, by: Person) -> None:
    """A line to the other side, on the page both share."""
    visit.messages.append(Message(by_id=by.id, words=words))
