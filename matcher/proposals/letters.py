"""Who is written to about a proposal, and what: one mail per person and move, only a link in it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from matcher import mail
from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant
from matcher.models.moves import HELD, MOVES, ProposalState, Side
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.visit import Feedback, Visit
from matcher.proposals import links

BOTH = frozenset({Side.SCHOOL, Side.COMPANY})


def of_school(proposal: Proposal) -> list[Person]:
    return [proposal.need.teacher]


def of_company(proposal: Proposal) -> list[Person]:
    """The professional who would come; where there is none with an account, the contacts."""
    host = proposal.professional
    if host is not None and host.person is not None:
        return [host.person]
    contacts = (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == Role.COMPANY_CONTACT,
            RoleGrant.company_id == proposal.offer.company_id,
        )
        .options(selectinload(Person.grants))
        .order_by(Person.id)
    )
    return list(db.session.scalars(contacts.limit(20)).unique())


def readers(proposal: Proposal, side: Side) -> list[Person]:
    found = of_school(proposal) if side == Side.SCHOOL else of_company(proposal)
    return [person for person in found if person.blocked_at is None]


def guest_without_account(proposal: Proposal) -> Professional | None:
    """The professional who would come but cannot sign in: a mail's own link is their only door."""
    host = proposal.professional
    return host if host is not None and host.person_id is None and host.is_active else None


def write(
    message: str,
    proposal: Proposal,
    side: Side,
    *,
    key: str,
    doing: str = "",
    wait: timedelta = timedelta(),
) -> int:
    """Queue one message to everybody of a side; how many people it goes to.

    Who is asked something answers by a link of their own, without signing in. ``doing`` is what is
    done next for the need, which only its teacher is told. ``wait`` is how long it is kept first.
    """
    asks = side in must_answer(proposal)
    people = readers(proposal, side)
    for person in people:
        mail.queue(
            message,
            person,
            key=f"{message}:{proposal.id}:{key}:{person.id}",
            proposal=proposal,
            path=page_of(proposal),
            doing=doing if side == Side.SCHOOL else "",
            personal=links.of_person(proposal, side, person) if asks else None,
            wait=wait,
        )
    guest = guest_without_account(proposal) if side == Side.COMPANY else None
    if guest is not None:
        mail.queue(
            message,
            mail.Stranger(guest.email, proposal.offer.language),
            key=f"{message}:{proposal.id}:{key}:guest.{guest.id}",
            proposal=proposal,
            doing="",
            personal=links.of_guest(proposal, guest),
            wait=wait,
        )
    return len(people) + (guest is not None)


def page_of(proposal: Proposal) -> str:
    """Where both sides find it: the visit's page from the agreement on."""
    return f"/{'visits' if proposal.state in HELD else 'proposals'}/{proposal.id}"


def tell(proposal: Proposal, step: ProposalMove, *, doing: str = "") -> None:
    """Queue what the move's row in MOVES says. The move must have its id."""
    told = BOTH - {step.side}
    for message in MOVES[step.name].mails:
        for side in _addressed(message, told):
            if side == Side.COMPANY and not _concerns_company(proposal):
                continue
            if message == "feedback_asked" and _has_looked_back(proposal, side):
                continue
            write(message, proposal, side, key=str(step.id), doing=doing)


def _addressed(message: str, told: frozenset[Side]) -> list[Side]:
    """``school_…`` and ``company_…`` name their reader; ``other_…`` is who did not move.

    Confirmations, cancellations and questions go to both; another time only to who must answer.
    """
    side = {"school": Side.SCHOOL, "company": Side.COMPANY}.get(message.split("_", 1)[0])
    if side is None:
        return sorted(told) if message.startswith("other_") else [Side.SCHOOL, Side.COMPANY]
    if message.endswith("_other_time") and side not in told:
        return []
    return [side]


def _concerns_company(proposal: Proposal) -> bool:
    """A company that need not be asked hears of a proposal only when it is confirmed."""
    return proposal.offer.ask_first or proposal.confirmed_at is not None


def _has_looked_back(proposal: Proposal, side: Side) -> bool:
    given = select(Feedback.id).join(Visit, Visit.id == Feedback.visit_id)
    theirs = given.where(Visit.proposal_id == proposal.id, Feedback.side == side)
    return db.session.scalar(theirs) is not None


def must_answer(proposal: Proposal) -> list[Side]:
    """The sides whose yes is still missing."""
    missing = {
        ProposalState.ASKED: [Side.SCHOOL, Side.COMPANY],
        ProposalState.SCHOOL_YES: [Side.COMPANY],
        ProposalState.COMPANY_YES: [Side.SCHOOL],
    }.get(proposal.state, [])
    return [side for side in missing if side == Side.SCHOOL or proposal.offer.ask_first]
