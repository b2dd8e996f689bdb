"""What is forgotten when: each rule with the sentence that the privacy page prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from matcher import clock, mail
from matcher.accounts.service import SESSIONS_KEPT
from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant
from matcher.models.journal import JournalEntry
from matcher.models.need import Need
from matcher.models.outbox import OutboxMail
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.run import MatchRun
from matcher.models.visit import Message, Visit
from matcher.policies import CONTACTS_SHOWN_FOR
from matcher.privacy import erasure, ledger
from matcher.proposals.links import KEPT_FOR as LINKS_KEPT

YEAR = timedelta(days=365)
MESSAGES_KEPT = YEAR
RUNS_KEPT = timedelta(days=90)
JOURNAL_KEPT = 2 * YEAR
UNUSED_KEPT = 2 * YEAR
WARNED_BEFORE = (timedelta(days=30), timedelta(days=7))
AT_ONCE = 200  # accounts erased in one night


@dataclass(frozen=True, slots=True)
class Rule:
    """After how long something goes; ``does`` is None where another daily job sees to it."""

    what: object
    after: timedelta
    does: Callable[[], int] | None = None


def forget() -> int:
    """Everything whose time has come; how many rows. Safe to repeat."""
    gone = sum(rule.does() for rule in RULES if rule.does is not None)
    warn_unused()
    db.session.flush()
    ledger.note()
    return gone


# ---- visits -------------------------------------------------------------------------------------
def empty_rooms() -> int:
    """Room, arrival and addresses of visits that are over."""
    over = _over(clock.now() - CONTACTS_SHOWN_FOR)
    told = ("room", "arrival", "video_url", "material", "pupils_questions")
    filled = or_(*(getattr(Visit, name) != "" for name in told))
    return _count(
        update(Visit).where(Visit.proposal_id.in_(over), filled).values(**dict.fromkeys(told, ""))
    )


def drop_messages() -> int:
    over = _over(clock.now() - MESSAGES_KEPT)
    return _count(delete(Message).where(Message.proposal_id.in_(over)))


def _over(before: datetime) -> Any:
    """Proposals whose time, or where they have none the agreement, lies before this moment."""
    end = func.coalesce(Proposal.ends_at, Proposal.confirmed_at, Proposal.created_at)
    return select(Proposal.id).where(end < before)


# ---- runs and the journal -----------------------------------------------------------------------
def drop_inputs() -> int:
    """A run can be computed again for some months; its figures stay."""
    old = and_(MatchRun.started_at < clock.now() - RUNS_KEPT, MatchRun.inputs.is_not(None))
    return _count(update(MatchRun).where(old).values(inputs=None))


def drop_journal() -> int:
    return _count(delete(JournalEntry).where(JournalEntry.at < clock.now() - JOURNAL_KEPT))


# ---- accounts -----------------------------------------------------------------------------------
def erase_unused() -> int:
    """People who were warned twice and came not back; the last administrator stays."""
    warned = _warned(WARNED_BEFORE[-1])
    unused = select(Person).where(_unused_since(clock.now() - UNUSED_KEPT), warned)
    people = list(db.session.scalars(unused.order_by(Person.id).limit(AT_ONCE)))
    for person in people:
        erasure.erase(person, by=None)
    return len(people)


def warn_unused() -> int:
    """Tell people by mail, twice, that their account ends when nobody uses it."""
    told = 0
    for before in WARNED_BEFORE:
        unused = _unused_since(clock.now() - UNUSED_KEPT + before)
        rows = select(Person).where(unused, ~_warned(before)).order_by(Person.id).limit(AT_ONCE)
        for person in db.session.scalars(rows):
            day = clock.today() + before
            mail.queue("account_unused", person, key=_key(person, before), path="/account", day=day)
            told += 1
    return told


def _unused_since(moment: datetime) -> ColumnElement[bool]:
    """Neither came in nor acted nor has a visit since; administrators are never in it."""
    acted = exists().where(ProposalMove.by_id == Person.id, ProposalMove.at >= moment)
    asked = exists().where(Need.teacher_id == Person.id, Need.changed_at >= moment)
    visits = exists().where(
        Proposal.professional_id == Professional.id,
        Professional.person_id == Person.id,
        Proposal.starts_at >= moment,
    )
    runs_it = exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == Role.ADMINISTRATOR)
    return and_(
        func.coalesce(Person.seen_at, Person.created_at) < moment,
        Person.erased_at.is_(None),
        ~acted,
        ~asked,
        ~visits,
        ~runs_it,
    )


def _key(person: Person, before: timedelta) -> str:
    seen = person.seen_at or person.created_at
    return f"account_unused:{before.days}:{person.id}:{seen.date()}"


def _warned(before: timedelta) -> ColumnElement[bool]:
    """Mailed since they were last seen, and long enough ago to have been read."""
    since = clock.now() - before if before == WARNED_BEFORE[-1] else clock.now()
    return exists().where(
        OutboxMail.person_id == Person.id,
        OutboxMail.message == "account_unused",
        OutboxMail.dedupe_key.startswith(f"account_unused:{before.days}:"),
        OutboxMail.created_at >= func.coalesce(Person.seen_at, Person.created_at),
        OutboxMail.created_at <= since,
    )


def _count(statement: Any) -> int:
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


RULES: tuple[Rule, ...] = (
    Rule(
        _l("Room, arrival and pupils' questions of a visit, counted from the visit"),
        CONTACTS_SHOWN_FOR,
        empty_rooms,
    ),
    Rule(_l("Messages about a visit, counted from the visit"), MESSAGES_KEPT, drop_messages),
    Rule(_l("The text of a mail to you, counted from when it was written"), mail.KEPT_FOR),
    Rule(_l("A browser in which you are signed out"), SESSIONS_KEPT),
    Rule(_l("A link to answer with, counted from its last day"), LINKS_KEPT),
    Rule(_l("What a match run was computed from"), RUNS_KEPT, drop_inputs),
    Rule(_l("The journal of who did what"), JOURNAL_KEPT, drop_journal),
    Rule(
        _l("An account that nobody uses; mails warn 30 and 7 days before"),
        UNUSED_KEPT,
        erase_unused,
    ),
)
