"""Somebody leaves: what is theirs goes, what law and figures need stays without the person."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Table, delete, func, or_, select, update

from matcher import clock, policies
from matcher.errors import NotAllowed, WrongState
from matcher.extensions import Base, db
from matcher.models.account import MailLink, Person, Role, RoleGrant
from matcher.models.busy import BusyBlock, BusyCalendar
from matcher.models.exchange import Merge, MergeKind, MergeState
from matcher.models.journal import JournalEntry, write_journal
from matcher.models.link import PersonalLink
from matcher.models.moves import WAITING, DeclineReason, ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.outbox import MailState, OutboxMail
from matcher.models.professional import Professional, Slot
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun
from matcher.models.visit import Visit
from matcher.needs import service as needs
from matcher.offers import service as offers
from matcher.privacy import ledger
from matcher.privacy.registry import HOLDINGS, Fate, Holding
from matcher.proposals import service as proposals

NOBODY = "—"
GONE = "erased.invalid"  # a domain that can never exist (RFC 2606)
WHY = (DeclineReason.OTHER.value,)


def erase(person: Person, *, by: Person | None) -> None:
    """End what is open, tell the other sides, and take the person out of every table.

    Visits, answers and marks stay as figures of a person without a name. Only oneself, an
    administrator or the clock (``by`` None) may; the last administrator may not go.
    """
    _check(person, by)
    _end_what_is_open(person)
    db.session.flush()
    _rest(person)
    write_journal("erase", person, by=by if by is not person else None)


def erase_noted() -> int:
    """After an older copy was put back: erase whom the ledger names, ending nothing anew."""
    noted = select(Person).where(Person.id.in_(ledger.noted()), Person.erased_at.is_(None))
    people = list(db.session.scalars(noted.order_by(Person.id)))
    for person in people:
        _rest(person)
        write_journal("erase", person, by=None)
    return len(people)


def _rest(person: Person) -> None:
    for professional in _professionals_of(person):
        _blank_professional(professional)
    db.session.flush()
    for holding in HOLDINGS:
        _treat(holding, person.id)
    db.session.execute(delete(OutboxMail).where(*_unsent(person)))
    db.session.execute(delete(MailLink).where(MailLink.email == person.email))
    _forget_inputs(Need.teacher_id == person.id)
    _forget_joined(person)
    _empty_rooms(Need.teacher_id == person.id)
    db.session.expire_all()
    person.email, person.name, person.phone = _nowhere(), NOBODY, None
    person.password_hash = person.calendar_token_hash = None
    person.is_demo = False
    person.blocked_at = person.blocked_at or clock.now()
    person.erased_at = clock.now()
    db.session.flush()


def forget_professional(professional: Professional, *, by: Person) -> None:
    """Somebody a company named, without an account of their own, is taken out by the company."""
    if not policies.may_edit_company(by, professional.company):
        raise NotAllowed(_l("Only a contact of this company can do this."))
    if professional.person_id is not None:
        raise WrongState(_l("This person has an account, and decides for themselves."))
    _end_lessons([professional], by=by)
    db.session.flush()
    _blank_professional(professional)
    write_journal("erase", professional, by=by)


def _check(person: Person, by: Person | None) -> None:
    if by is not None and by.id != person.id and not policies.is_administrator(by):
        raise NotAllowed(_l("Only an administrator can do this."))
    if person.erased_at is not None:
        raise WrongState(_l("This account has been erased already."))
    others = select(func.count()).where(
        RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.person_id != person.id
    )
    if policies.is_administrator(person) and not db.session.scalar(others):
        raise WrongState(_l("This is the last administrator. Make somebody else one first."))


# ---- what is open -------------------------------------------------------------------------------
def _end_what_is_open(person: Person) -> None:
    wanted = select(Need).where(
        Need.teacher_id == person.id, Need.state.in_({NeedState.OPEN, NeedState.DRAFT})
    )
    _cancel_coming(Need.teacher_id == person.id, side=Side.SCHOOL, by=person)
    db.session.flush()
    for need in db.session.scalars(wanted.order_by(Need.id)):
        needs.withdraw(need, by=person, reasons=WHY)
    for company_id in sorted(_left_alone(person)):
        shown = select(Offer).where(
            Offer.company_id == company_id, Offer.state == OfferState.PUBLISHED
        )
        for offer in db.session.scalars(shown.order_by(Offer.id)):
            offers.pause(offer, by=person)
    _end_lessons(_professionals_of(person), by=person)


def _left_alone(person: Person) -> set[int]:
    """The companies whose only contact this is."""
    contact = RoleGrant.role == Role.COMPANY_CONTACT
    mine = select(RoleGrant.company_id).where(contact, RoleGrant.person_id == person.id)
    counted = (
        select(RoleGrant.company_id)
        .where(contact, RoleGrant.company_id.in_(mine))
        .group_by(RoleGrant.company_id)
        .having(func.count() == 1)
    )
    return {key for key in db.session.scalars(counted) if key is not None}


def _end_lessons(people: Iterable[Professional], *, by: Person) -> None:
    for professional in people:
        professional.is_active = False
        asked = select(Proposal).where(
            Proposal.professional_id == professional.id,
            Proposal.state.in_(WAITING | {ProposalState.SUGGESTED}),
        )
        for proposal in db.session.scalars(asked.order_by(Proposal.id)):
            proposals.decline(proposal, side=Side.COMPANY, by=by, reasons=WHY)
        _cancel_coming(Proposal.professional_id == professional.id, side=Side.COMPANY, by=by)
        _drop_free_slots(professional)


def _cancel_coming(condition: Any, *, side: Side, by: Person) -> None:
    coming = (
        select(Proposal)
        .join(Proposal.need)
        .where(
            condition,
            Proposal.state == ProposalState.CONFIRMED,
            or_(Proposal.starts_at.is_(None), Proposal.starts_at > clock.now()),
        )
    )
    for proposal in db.session.scalars(coming.order_by(Proposal.id)):
        proposals.cancel(proposal, side=side, by=by, reasons=WHY)


def _drop_free_slots(professional: Professional) -> None:
    """What is still to come and given to nobody is withdrawn."""
    free = update(Slot).where(
        Slot.professional_id == professional.id,
        Slot.starts_at > clock.now(),
        Slot.withdrawn_at.is_(None),
    )
    db.session.execute(free.values(withdrawn_at=clock.now()))


def _forget_joined(person: Person) -> None:
    """What of them was joined with something else can no longer be taken apart."""
    found = select(Merge).where(Merge.state != MergeState.APART).order_by(Merge.id)
    for made in db.session.scalars(found):
        is_theirs = made.kind == MergeKind.PERSON and person.id in {made.kept_id, made.gone_id}
        if is_theirs or f'"{person.email}"' in json.dumps(made.steps):
            made.steps = []
        if is_theirs:
            made.kept_label = made.gone_label = made.gone_key = ""


# ---- the rows -----------------------------------------------------------------------------------
def _professionals_of(person: Person) -> list[Professional]:
    found = select(Professional).where(Professional.person_id == person.id)
    return list(db.session.scalars(found.order_by(Professional.id)))


def _blank_professional(professional: Professional) -> None:
    professional.name, professional.email = NOBODY, _nowhere()
    professional.about = professional.postcode = ""
    professional.latitude = professional.company.latitude
    professional.longitude = professional.company.longitude
    professional.is_active, professional.conduct_on = False, None
    links = delete(PersonalLink).where(PersonalLink.professional_id == professional.id)
    db.session.execute(links)
    for table in (BusyBlock, BusyCalendar):
        db.session.execute(delete(table).where(table.professional_id == professional.id))
    _empty_journal("Professional", [professional.id])


def _treat(holding: Holding, person_id: int) -> None:
    table = db.metadata.tables[holding.table]
    theirs = table.c[holding.owner] == person_id
    if holding.fate == Fate.DELETE:
        db.session.execute(delete(table).where(theirs))
    if holding.fate != Fate.EMPTY:
        return
    keys = list(db.session.scalars(select(table.c.id).where(theirs)))
    _empty_journal(_class_of(table), keys)
    if holding.table not in {"person", "professional"}:  # their rows are blanked with more care
        emptied = {name: _empty(table, name) for name in holding.columns}
        db.session.execute(update(table).where(theirs).values(**emptied))


def _empty(table: Table, column: str) -> object:
    kind = table.c[column]
    if kind.nullable:
        return None
    return {} if isinstance(kind.type, JSON) else ""


def _class_of(table: Table) -> str:
    for mapper in Base.registry.mappers:
        if mapper.local_table is table:
            return str(mapper.class_.__name__)
    raise LookupError(table.name)


def _empty_journal(record: str, keys: list[int]) -> None:
    """That something was changed stays known; what was written does not."""
    told = update(JournalEntry).where(
        JournalEntry.record_type == record, JournalEntry.record_id.in_(keys)
    )
    db.session.execute(told.values(changes={}))


def _unsent(person: Person) -> tuple[Any, ...]:
    return (OutboxMail.person_id == person.id, OutboxMail.state != MailState.SENT)


def _empty_rooms(condition: Any) -> None:
    """Where a class sat and how to reach it, of visits that are over."""
    visits = select(Visit.id).join(Visit.proposal).join(Proposal.need).where(condition)
    emptied = update(Visit).where(Visit.id.in_(visits))
    db.session.execute(
        emptied.values(room="", arrival="", video_url="", material="", pupils_questions="")
    )


def _forget_inputs(condition: Any) -> None:
    """The copies of requests that runs kept in order to be computed again."""
    regions = select(Need.region_id).where(condition)
    since = select(func.min(Need.created_at)).where(condition).scalar_subquery()
    kept = update(MatchRun).where(MatchRun.region_id.in_(regions), MatchRun.started_at >= since)
    db.session.execute(kept.values(inputs=None))


def _nowhere() -> str:
    return f"{secrets.token_hex(8)}@{GONE}"
