"""Verbs at a challenge's end: the class's work is handed in, the company's jury answers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.hand_in import HandIn
from matcher.models.journal import write_journal
from matcher.models.moves import ProposalState, Side
from matcher.models.offer import OfferKind
from matcher.models.visit import Visit
from matcher.proposals import letters, steps
from matcher.web.safety import is_web_address

MOST_LINKS = 10
_OPEN = {ProposalState.CONFIRMED, ProposalState.DELIVERED}


def hand_in_of(visit: Visit) -> HandIn | None:
    return db.session.scalar(select(HandIn).where(HandIn.visit_id == visit.id))


def takes_results(visit: Visit) -> bool:
    """Whether this is a challenge that was agreed and not called off."""
    proposal = visit.proposal
    return proposal.offer.kind == OfferKind.CHALLENGE and proposal.state in _OPEN


def links_from(text: str) -> list[str]:
    """One address a line. Invalid names the first that is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if not is_web_address(line):
            raise Invalid(
                _l("“%(line)s” is no address. Start with https://", line=line[:80]), field="links"
            )
    if len(lines) > MOST_LINKS:
        raise Invalid(_l("At most %(most)d addresses.", most=MOST_LINKS), field="links")
    return lines


def hand_in(visit: Visit, words: str, links: str, *, by: Person) -> HandIn:
    """What the class made; until the jury has answered it may be replaced."""
    steps.actor_of(visit.proposal, Side.SCHOOL, by)
    if not takes_results(visit):
        raise WrongState(_l("Nothing can be handed in here."))
    found = links_from(links)
    if not words and not found:
        raise Invalid(_l("Write something, or give at least one address."), field="words")
    row = hand_in_of(visit) or HandIn(visit_id=visit.id, verdict="")
    if row.verdict:
        raise WrongState(_l("The jury has answered already."))
    row.words, row.links, row.by_id, row.at = words, found, by.id, clock.now()
    db.session.add(row)
    db.session.flush()
    write_journal("hand_in", visit, by=by)
    letters.write("handed_in", visit.proposal, Side.COMPANY, key=f"{row.at:%Y%m%dT%H%M%S}")
    return row


def judge(visit: Visit, verdict: str, *, by: Person) -> None:
    """The jury's answer to the class; the second time it replaces the first."""
    steps.actor_of(visit.proposal, Side.COMPANY, by)
    row = hand_in_of(visit)
    if row is None:
        raise WrongState(_l("Nothing has been handed in yet."))
    if not verdict:
        raise Invalid(_l("Write something the class can go on with."), field="verdict")
    is_first = not row.verdict
    row.verdict, row.judged_by_id, row.judged_at = verdict, by.id, clock.now()
    write_journal("judge", visit, by=by)
    db.session.flush()
    if is_first:
        letters.write("judged", visit.proposal, Side.SCHOOL, key="first")
