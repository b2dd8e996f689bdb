"""What pages and verbs read about proposals: whose they are, free times, alternates, runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import LIVE, ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer, offer_professional
from matcher.models.organisation import Region, School
from matcher.models.professional import ClaimedQuarter, Professional, Slot
from matcher.models.proposal import Alternate, Proposal, ProposalMove
from matcher.models.run import MatchRun, RunScope, UnmatchedNeed
from matcher.proposals import busy
from matcher.proposals.claims import quarters
from matcher.reference.holidays import without_holidays

MOST_TIMES = 50  # other times shown for one proposal
MANY_IDS = 500  # ids in one IN (…)
SHORTEST_NOTICE = timedelta(days=3)
_RELEASED = (ProposalState.ASKED, ProposalState.SCHOOL_YES)


def _proposals() -> Select[Proposal]:
    """Proposals with what a list shows of them, newest first, in a constant number of queries."""
    return (
        select(Proposal)
        .options(
            joinedload(Proposal.need).joinedload(Need.school),
            joinedload(Proposal.need).joinedload(Need.teacher),
            joinedload(Proposal.offer).joinedload(Offer.company),
            joinedload(Proposal.professional),
            joinedload(Proposal.slot),
            selectinload(Proposal.moves),
        )
        .order_by(Proposal.created_at.desc(), Proposal.id.desc())
    )


def _was_released() -> ColumnElement[bool]:
    """A suggestion is the coordinator's; the two sides see what has been asked of them."""
    return exists().where(
        ProposalMove.proposal_id == Proposal.id, ProposalMove.target.in_(_RELEASED)
    )


def of_person(person: Person, side: Side | None = None) -> Select[Proposal]:
    """Released proposals in which this person stands on that side; on either where none is named.

    On the school's: for the person's own needs. On the company's: of the companies this person is
    contact of, or that they would hold. Some people teach and work at a company.
    """
    stands = {Side.SCHOOL: _is_for_class_of(person), Side.COMPANY: _is_given_by(person)}
    mine = or_(*stands.values()) if side is None else stands[side]
    return _proposals().where(mine, _was_released())


def _is_for_class_of(person: Person) -> ColumnElement[bool]:
    return Proposal.need.has(Need.teacher_id == person.id)


def _is_given_by(person: Person) -> ColumnElement[bool]:
    companies = [g.company_id for g in person.grants if g.role == Role.COMPANY_CONTACT]
    theirs = Proposal.offer.has(Offer.company_id.in_(companies)) if companies else false()
    held = Proposal.professional.has(Professional.person_id == person.id)
    return or_(theirs, held)


def in_region(region: Region, state: ProposalState | None = None) -> Select[Proposal]:
    """A region's proposals, of one state or of all."""
    found = _proposals().where(Proposal.region_id == region.id)
    return found if state is None else found.where(Proposal.state == state)


def standing_for(need: Need) -> list[Proposal]:
    """What lives for a need now: suggested, asked, half or wholly agreed."""
    found = _proposals().where(Proposal.need_id == need.id, Proposal.state.in_(LIVE))
    return list(db.session.scalars(found.limit(MOST_TIMES)))


def free_slots() -> Select[Slot]:
    """Slots that can still be given away: to come, not withdrawn, a place left."""
    return select(Slot).where(
        Slot.starts_at > clock.now(), Slot.withdrawn_at.is_(None), Slot.taken < Slot.seats
    )


def is_free(slot: Slot, *, notice: timedelta = timedelta(0)) -> bool:
    """Whether this moment can still be given away: no other visit in it, nor taken wholly by the
    professional's own calendar."""
    return (
        slot.withdrawn_at is None
        and slot.taken < slot.seats
        and slot.starts_at > clock.now() + notice
        and not is_busy(slot.professional_id, slot.starts_at, slot.ends_at)
        and bool(busy.free_parts([slot]))
    )


def is_busy(professional_id: int | None, start: datetime, end: datetime) -> bool:
    """Whether a confirmed visit of this professional touches these quarters of an hour."""
    if professional_id is None:
        return False
    first, after = quarters(start, end)
    return bool(claimed({professional_id}, first, after))


def claimed(professionals: set[int], first: int, after: int) -> set[tuple[int, int]]:
    """(professional, quarter) of their confirmed visits between two quarters of an hour."""
    rows = select(ClaimedQuarter.professional_id, ClaimedQuarter.quarter).where(
        ClaimedQuarter.professional_id.in_(sorted(professionals)),
        ClaimedQuarter.quarter >= first,
        ClaimedQuarter.quarter < after,
    )
    return {(row.professional_id, row.quarter) for row in db.session.execute(rows)}


def without_busy(slots: list[Slot]) -> list[Slot]:
    """The slots in which no confirmed visit of the same professional stands, and of which their
    own calendar leaves something, by two queries."""
    spans = {slot.id: quarters(slot.starts_at, slot.ends_at) for slot in slots}
    hosts = {slot.professional_id for slot in slots if slot.professional_id is not None}
    if not hosts:
        return slots
    parts = busy.free_parts(slots)
    first = min(span[0] for span in spans.values())
    taken = claimed(hosts, first, max(span[1] for span in spans.values()))
    return [
        slot
        for slot in slots
        if slot.id in parts
        and not any((slot.professional_id, quarter) in taken for quarter in range(*spans[slot.id]))
    ]


def slots_of(offer: Offer) -> Select[Slot]:
    """Free slots in which an offer can be had: its own dates, or those of who can hold it."""
    hosts = (
        select(offer_professional.c.professional_id)
        .join(Professional, Professional.id == offer_professional.c.professional_id)
        .where(
            offer_professional.c.offer_id == offer.id,
            Professional.may_be_asked(clock.today()),
        )
    )
    return (
        free_slots()
        .where(or_(Slot.offer_id == offer.id, Slot.professional_id.in_(hosts)))
        .order_by(Slot.starts_at, Slot.id)
    )


def slots_by(host: Professional) -> Select[Slot]:
    """One professional's free slots, the earliest first."""
    own = free_slots().where(Slot.professional_id == host.id)
    return own.order_by(Slot.starts_at, Slot.id)


def open_windows(need: Need, school: School) -> list[tuple[datetime, datetime]]:
    """A need's windows that are still to come, without the school's holidays."""
    now = clock.now()
    windows = [(max(w.starts_at, now), w.ends_at) for w in need.windows if w.ends_at > now]
    return without_holidays(windows, school.holiday_region, need.region.programme.code)


def tried_pairs(need_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs of need and offer to which somebody has said no, by word or by silence."""
    refused = (ProposalState.DECLINED, ProposalState.EXPIRED, ProposalState.CANCELLED)
    taken_back = exists().where(
        ProposalMove.proposal_id == Proposal.id,
        ProposalMove.name == "withdraw",
        ProposalMove.side != Side.SYSTEM,
    )
    said_no = or_(
        Proposal.state.in_(refused), and_(Proposal.state == ProposalState.WITHDRAWN, taken_back)
    )
    tried: set[tuple[int, int]] = set()
    for start in range(0, len(need_ids), MANY_IDS):
        part = need_ids[start : start + MANY_IDS]
        found = select(Proposal.need_id, Proposal.offer_id)
        rows = db.session.execute(found.where(Proposal.need_id.in_(part), said_no))
        tried |= {(row.need_id, row.offer_id) for row in rows}
    return tried


def has_live_proposal() -> ColumnElement[bool]:
    """Whether a need has a proposal that still can become, or is, a visit."""
    live = LIVE | {ProposalState.DELIVERED}
    return exists().where(Proposal.need_id == Need.id, Proposal.state.in_(live))


def asked_in_vain() -> ColumnElement[bool]:
    """Of a need: as many were asked one after the other as the coordinator allows, and none came.

    True until somebody is asked again; then it counts from there.
    """
    latest = (
        select(func.max(Proposal.id))
        .where(Proposal.need_id == Need.id, Proposal.confirmed_at.is_(None), _was_released())
        .correlate(Need)
        .scalar_subquery()
    )
    refused = (ProposalState.DECLINED, ProposalState.EXPIRED, ProposalState.CANCELLED)
    return exists().where(
        Proposal.id == latest,
        Region.id == Proposal.region_id,
        Proposal.state.in_(refused),
        Proposal.rank >= Region.alternates_asked,
    )


def was_asked_in_vain(need: Need) -> bool:
    found = select(Need.id).where(Need.id == need.id, asked_in_vain())
    return db.session.scalar(found) is not None


def alternates_of(proposal: Proposal) -> list[Alternate]:
    """The next best offers for the proposal's need, as the latest run ranked them."""
    newest = (
        select(Alternate.run_id)
        .where(Alternate.need_id == proposal.need_id)
        .order_by(Alternate.run_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = (
        select(Alternate)
        .options(
            joinedload(Alternate.offer).joinedload(Offer.company),
            joinedload(Alternate.slot),
            joinedload(Alternate.professional),
        )
        .where(Alternate.need_id == proposal.need_id, Alternate.run_id == newest)
        .order_by(Alternate.rank, Alternate.id)
    )
    return list(db.session.scalars(found.limit(MOST_TIMES)))


def runs_of(region: Region) -> Select[MatchRun]:
    """The whole-region runs, newest first."""
    return (
        select(MatchRun)
        .options(joinedload(MatchRun.started_by))
        .where(MatchRun.region_id == region.id, MatchRun.scope == RunScope.REGION)
        .order_by(MatchRun.started_at.desc(), MatchRun.id.desc())
    )


def latest_run(region: Region) -> MatchRun | None:
    return db.session.scalars(runs_of(region).limit(1)).first()


def unmatched_of(need: Need) -> UnmatchedNeed | None:
    """What the latest run that looked at this need said stands in its way, if anything."""
    found = (
        select(UnmatchedNeed)
        .where(UnmatchedNeed.need_id == need.id)
        .order_by(UnmatchedNeed.run_id.desc(), UnmatchedNeed.id.desc())
    )
    return db.session.scalars(found.limit(1)).first()
