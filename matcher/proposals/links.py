"""Links by which somebody answers one proposal from a mail, without signing in."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select

from matcher import clock, policies
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.link import PersonalLink, PersonalPurpose, find_link
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal

KEPT_FOR = timedelta(days=90)


class Standing(StrEnum):
    """Whether a link still opens its proposal, and if not, why."""

    GOOD = "good"
    UNKNOWN = "unknown"  # never made here, or broken on its way
    EXPIRED = "expired"
    PASSED_ON = "passed_on"  # a colleague has been asked instead
    ENDED = "ended"  # the reader no longer stands on this side


def of_person(proposal: Proposal, side: Side, person: Person) -> PersonalLink:
    """The one link of a person for a proposal, good as long as the present question."""
    return _kept(proposal, side, f"{side}:person:{person.id}", person_id=person.id)


def of_guest(proposal: Proposal, guest: Professional) -> PersonalLink:
    """The same for a professional without an account, who sees the outcome by it too."""
    holder = f"{Side.COMPANY}:professional:{guest.id}"
    return _kept(proposal, Side.COMPANY, holder, professional_id=guest.id)


def _kept(proposal: Proposal, side: Side, holder: str, **whose: int) -> PersonalLink:
    found = db.session.scalar(
        select(PersonalLink).where(
            PersonalLink.purpose == PersonalPurpose.ANSWER,
            PersonalLink.proposal_id == proposal.id,
            PersonalLink.holder == holder,
        )
    )
    link = found or PersonalLink(
        purpose=PersonalPurpose.ANSWER, proposal_id=proposal.id, holder=holder, side=side, **whose
    )
    link.expires_at = _good_until(proposal)
    db.session.add(link)
    db.session.flush()
    return link


def _good_until(proposal: Proposal) -> datetime:
    """The deadline of the question; once agreed, the end of the visit."""
    if proposal.state == ProposalState.CONFIRMED and proposal.ends_at is not None:
        return proposal.ends_at
    return max(proposal.answer_by or clock.now(), clock.now() + timedelta(hours=1))


def find(token: str) -> PersonalLink | None:
    """The link a token was sealed for; None for any other text."""
    return find_link(PersonalPurpose.ANSWER, token)


def standing_of(link: PersonalLink | None) -> Standing:
    if link is None or link.proposal is None:
        return Standing.UNKNOWN
    if link.expires_at <= clock.now():
        return Standing.EXPIRED
    if _stands(link, link.proposal):
        return Standing.GOOD
    passed = any(move.name.startswith("pass_on") for move in link.proposal.moves)
    return Standing.PASSED_ON if passed and link.side == Side.COMPANY else Standing.ENDED


def _stands(link: PersonalLink, proposal: Proposal) -> bool:
    if link.person is not None:
        return link.person.blocked_at is None and link.side in policies.sides_of(
            link.person, proposal
        )
    guest = link.professional
    return guest is not None and guest.is_active and proposal.professional_id == guest.id


def reader_of(link: PersonalLink) -> Person | None:
    """The account of who holds the link, if there is one."""
    if link.person is not None:
        return link.person
    return link.professional.person if link.professional is not None else None


def may_act(proposal: Proposal) -> bool:
    """A guest's link outlives the question, to show the outcome; it answers only in time."""
    in_time = proposal.answer_by is not None and proposal.answer_by > clock.now()
    return proposal.state in WAITING and in_time


def forget_old() -> int:
    """Delete links long past their day."""
    old = delete(PersonalLink).where(PersonalLink.expires_at < clock.now() - KEPT_FOR)
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
