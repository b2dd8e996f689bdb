"""Suggestions released together, and taken back together while nobody has answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock, mail, policies
from matcher.errors import DomainError, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.link import PersonalLink
from matcher.models.moves import MOVES, ProposalState, Side
from matcher.models.organisation import Region
from matcher.models.outbox import MailState, OutboxMail
from matcher.models.proposal import Proposal
from matcher.models.run import Release
from matcher.proposals import service, steps

_ASKING = MOVES["release"].mails


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of taking back: proposals that stand again, mails unsent, people told."""

    back: int
    unsent: int
    told: int


# ---- release ------------------------------------------------------------------------------------
def release(region: Region, chosen: Sequence[Proposal], *, by: Person | None) -> Release | None:
    """Release these, all or none, as one; ``by`` is None for the region's policy."""
    for proposal in chosen:
        service.release(proposal, by=by)
    return _note(region, chosen, by)


def release_each(
    region: Region, chosen: Sequence[Proposal], *, by: Person
) -> tuple[Release | None, list[str]]:
    """Release each that still can be, as one; what was said of the others."""
    released, refusals = [], []
    for proposal in chosen:
        try:
            with db.session.begin_nested():
                service.release(proposal, by=by)
                db.session.flush()
            released.append(proposal)
        except DomainError as refusal:
            refusals.append(f"{proposal.need.title}: {refusal}")
    return _note(region, released, by), refusals


def _note(region: Region, released: Sequence[Proposal], by: Person | None) -> Release | None:
    if not released:
        return None
    made = Release(
        region_id=region.id, by_id=by.id if by else None, proposals=[p.id for p in released]
    )
    db.session.add(made)
    db.session.flush()
    return made


# ---- what stands of it --------------------------------------------------------------------------
def releases_of(region: Region) -> Select[Release]:
    """The newest first."""
    return (
        select(Release)
        .where(Release.region_id == region.id)
        .options(joinedload(Release.by), joinedload(Release.undone_by))
        .order_by(Release.at.desc(), Release.id.desc())
    )


def unanswered(releases: Collection[Release]) -> dict[int, list[Proposal]]:
    """Of each release, the proposals to which nobody has said anything yet; by two queries."""
    ids = {key for one in releases if one.undone_at is None for key in one.proposals}
    found = (
        select(Proposal)
        .where(Proposal.id.in_(ids), Proposal.state == ProposalState.ASKED)
        .options(selectinload(Proposal.moves), joinedload(Proposal.need))
        .order_by(Proposal.id)
    )
    waiting = {p.id: p for p in db.session.scalars(found) if p.moves[-1].name == "release"}
    return {
        one.id: [waiting[key] for key in one.proposals if key in waiting]
        if one.undone_at is None
        else []
        for one in releases
    }


# ---- undo ---------------------------------------------------------------------------------------
def undo(released: Release, *, by: Person, rest: bool = False) -> Undone:
    """Take back what was released and make it suggestions again.

    Refused when somebody has answered; with ``rest`` what nobody has answered is taken back all the
    same. Mails that have not gone out are withdrawn; who has had one is told, once.
    """
    region = db.session.get_one(Region, released.region_id)
    if not policies.may_coordinate(by, region):
        raise NotAllowed(_l("Only the coordinator of this region can do this."))
    if released.undone_at is not None:
        raise WrongState(_l("This release has been undone already."))
    waiting = unanswered([released])[released.id]
    for proposal in waiting:
        steps.hold(proposal)
    waiting = [p for p in waiting if p.state == ProposalState.ASKED]
    _check_unanswered(released, waiting, rest=rest)
    written = [(proposal, proposal.moves[-1].id) for proposal in waiting]
    for proposal in waiting:
        steps.take(proposal, "take_back", side=Side.COORDINATOR, by=by, quietly=True)
        db.session.add(_again(proposal))
    unsent, sent = _withdraw_mails(written)
    told = _tell(released, sent)
    released.undone_at, released.undone_by_id = clock.now(), by.id
    write_journal("undo_release", released, by=by, changes={"proposals": [len(waiting), 0]})
    db.session.flush()
    return Undone(len(waiting), unsent, told)


def _check_unanswered(released: Release, waiting: Sequence[Proposal], *, rest: bool) -> None:
    answered = len(released.proposals) - len(waiting)
    if not waiting:
        raise WrongState(_l("Nothing of this release waits any more; there is nothing to undo."))
    if answered and not rest:
        raise WrongState(
            ngettext(
                "%(num)d proposal of this release has been answered or has moved on already.",
                "%(num)d proposals of this release have been answered or have moved on already.",
                answered,
            )
        )


def _again(ended: Proposal) -> Proposal:
    """The same suggestion, which nobody has seen yet."""
    return Proposal(
        need_id=ended.need_id,
        offer_id=ended.offer_id,
        region_id=ended.region_id,
        run_id=ended.run_id,
        slot_id=ended.slot_id,
        professional_id=ended.professional_id,
        shares_slot=ended.shares_slot,
        starts_at=ended.starts_at,
        ends_at=ended.ends_at,
        origin=ended.origin,
        score=ended.score,
        reasons=ended.reasons,
        weak_point=ended.weak_point,
        rank=ended.rank,
    )


def _withdraw_mails(
    written: Sequence[tuple[Proposal, int]],
) -> tuple[int, list[tuple[OutboxMail, Proposal]]]:
    """Questions that have not gone out are taken from the outbox; the others, with what they ask.

    One that is being sent this moment counts as sent.
    """
    keys = {f"{message}:{p.id}:{move}:": p for p, move in written for message in _ASKING}
    found = (
        select(OutboxMail)
        .join(PersonalLink, PersonalLink.id == OutboxMail.link_id)
        .where(
            PersonalLink.proposal_id.in_([p.id for p, _move in written]),
            OutboxMail.message.in_(_ASKING),
        )
        .options(
            joinedload(OutboxMail.person),
            joinedload(OutboxMail.link).joinedload(PersonalLink.professional),
        )
        .order_by(OutboxMail.id)
    )
    unsent, sent = 0, []
    for row in db.session.scalars(found).unique():
        asked = keys.get(row.dedupe_key[: row.dedupe_key.rfind(":") + 1])
        if asked is None:
            continue
        gone = delete(OutboxMail).where(OutboxMail.id == row.id, *mail.unsent())
        if db.session.execute(gone).rowcount:  # type: ignore[attr-defined]
            unsent += 1
        elif row.state != MailState.FAILED:
            sent.append((row, asked))
    return unsent, sent


def _tell(released: Release, sent: Sequence[tuple[OutboxMail, Proposal]]) -> int:
    """One mail to each reader, of all that was taken back; how many people it goes to."""
    readers: dict[str, Person | mail.Stranger] = {}
    titles: dict[str, list[str]] = defaultdict(list)
    for row, proposal in sent:
        guest = row.link.professional if row.link else None
        reader = row.person or (mail.Stranger(guest.email, row.language) if guest else None)
        if reader is None or (isinstance(reader, Person) and reader.blocked_at is not None):
            continue
        readers[row.to_address] = reader
        titles[row.to_address].append(proposal.need.title)
    for number, (address, reader) in enumerate(sorted(readers.items(), key=lambda pair: pair[0])):
        who = reader.id if isinstance(reader, Person) else f"guest.{number}"
        mail.queue(
            "question_taken_back",
            reader,
            key=f"question_taken_back:{released.id}:{who}",
            path="/proposals" if isinstance(reader, Person) else "/",
            titles=titles[address],
        )
    return len(readers)
