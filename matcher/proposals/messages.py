"""Messages between the two sides of a proposal: relayed before they know each other, then plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from matcher import clock, policies
from matcher.errors import NotAllowed, TooMany, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import HELD, WAITING, Side
from matcher.models.outbox import MailState, OutboxMail
from matcher.models.proposal import Proposal
from matcher.models.visit import Message
from matcher.policies import Shown
from matcher.proposals import letters
from matcher.proposals.view import name_shown, relayed

MOST_AN_HOUR = 20  # of one writer
MOST_SHOWN = 200  # the latest
TOLD_AFTER = timedelta(minutes=2)  # what is said meanwhile goes with the same mail
OTHER = {Side.SCHOOL: Side.COMPANY, Side.COMPANY: Side.SCHOOL}


@dataclass(frozen=True, slots=True)
class Told:
    """A message as one side reads it.

    ``other_reads`` is what the other side sees of one's own, where that is less; ``words`` is empty
    once a coordinator has taken it away.
    """

    id: int
    side: Side
    is_mine: bool
    who: str
    at: datetime
    words: str
    other_reads: str
    is_reported: bool
    is_hidden: bool


def may_write(proposal: Proposal) -> bool:
    """While it can become a visit, and when it has become one."""
    return proposal.state in WAITING | HELD


def messages_of(proposal: Proposal, side: Side) -> list[Told]:
    """The latest of them, the oldest first; a coordinator is not among the readers."""
    if side not in OTHER:
        return []
    found = (
        select(Message)
        .where(Message.proposal_id == proposal.id)
        .options(joinedload(Message.by))
        .order_by(Message.id.desc())
        .limit(MOST_SHOWN)
    )
    return [_told(proposal, row, side) for row in reversed(db.session.scalars(found).all())]


def _told(proposal: Proposal, row: Message, side: Side) -> Told:
    mine = row.side == side
    passed = relayed(row.words, proposal, row.by)
    words = row.words if mine else passed
    name = row.by.name if row.by else ""
    return Told(
        id=row.id,
        side=row.side,
        is_mine=mine,
        who=name_shown(name, policies.shown(proposal), own=mine),
        at=row.at,
        words="" if row.is_hidden else words,
        other_reads=passed if mine and passed != row.words and not row.is_hidden else "",
        is_reported=row.reported_at is not None,
        is_hidden=row.is_hidden,
    )


def say(proposal: Proposal, words: str, *, side: Side, by: Person | None) -> Message:
    """A line to the other side, who gets a mail that there is one; ``by`` is None for a guest
    without an account."""
    if side not in OTHER:
        raise NotAllowed(_l("Only the two sides write to each other."))
    if not may_write(proposal):
        raise WrongState(_l("This is over; nothing more can be said here."))
    _refuse_many(proposal, side, by)
    row = Message(
        proposal_id=proposal.id, side=side, by_id=by.id if by else None, words=words, at=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    _tell(proposal, row, OTHER[side])
    return row


def _refuse_many(proposal: Proposal, side: Side, by: Person | None) -> None:
    """Counted in the database, one writer at a time."""
    mine = [Message.proposal_id == proposal.id, Message.side == side, Message.by_id.is_(None)]
    if by is not None:
        db.session.execute(select(Person.id).where(Person.id == by.id).with_for_update())
        mine = [Message.by_id == by.id]
    hour = Message.at > clock.now() - timedelta(hours=1)
    said = db.session.scalar(select(func.count()).select_from(Message).where(hour, *mine))
    if (said or 0) >= MOST_AN_HOUR:
        raise TooMany(
            _l("That were many messages within an hour. Wait a while, then send this one."),
            field="words",
        )


def _tell(proposal: Proposal, row: Message, other: Side) -> None:
    """One mail for what is said in a row: none while an earlier one has not left."""
    start = f"message_waiting:{proposal.id}:{other}."
    waiting = select(OutboxMail.id).where(
        OutboxMail.dedupe_key.startswith(start, autoescape=True),
        OutboxMail.state == MailState.WAITING,
        OutboxMail.leased_until.is_(None),
    )
    if db.session.scalars(waiting.limit(1)).first() is None:
        key = f"{other}.{row.id}"
        letters.write("message_waiting", proposal, other, key=key, wait=TOLD_AFTER)


def report(row: Message, note: str, *, by: Person) -> None:
    """Ask the coordinator to look at what the other side wrote; the first report stands."""
    sides = policies.sides_of(by, row.proposal)
    if OTHER[row.side] not in sides:
        raise NotAllowed(_l("You can report what the other side wrote."))
    if row.reported_at is None:
        row.reported_at, row.reported_by_id, row.report_note = clock.now(), by.id, note
        write_journal("report_message", row, by=by)


def settle(row: Message, *, hide: bool, by: Person) -> None:
    """The coordinator's word on a reported message: leave it, or take it from both pages."""
    if row.reported_at is None or not policies.is_coordinator_of(by, row.proposal.region_id):
        raise NotAllowed(_l("Nobody has reported this message."))
    row.settled_at, row.is_hidden = clock.now(), hide
    write_journal("hide_message" if hide else "keep_message", row, by=by)


def is_waiting() -> ColumnElement[bool]:
    """Reported, and no coordinator has looked at it yet."""
    return Message.reported_at.is_not(None) & Message.settled_at.is_(None)


def addresses_hidden(proposal: Proposal) -> bool:
    """Whether what tells how to reach somebody is still kept from the other side."""
    return Shown.CONTACTS not in policies.shown(proposal)


def counts_of(region_ids: Sequence[int]) -> dict[int, int]:
    """How many reported messages wait in each region."""
    counted = (
        select(Proposal.region_id, func.count())
        .join(Message, Message.proposal_id == Proposal.id)
        .where(Proposal.region_id.in_(region_ids), is_waiting())
        .group_by(Proposal.region_id)
        .order_by(Proposal.region_id)
    )
    return {row[0]: row[1] for row in db.session.execute(counted)}
