"""Whether the records still say one thing: states, visits, claims on time, loads, seats, mail.

Reads only. Each rule counts again from the proposals what a counter or a claim says, and names
every record that differs; mending is for a person who knows why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, load_only

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import HELD, MOVES, WAITING, ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer
from matcher.models.organisation import Region
from matcher.models.outbox import JobRun, JobRunState, MailState, OutboxMail
from matcher.models.professional import ClaimedQuarter, Load, Slot
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.seat import WaitingPlace, WaitState
from matcher.models.visit import Visit
from matcher.proposals import claims

# A visit that was not held keeps its time: nothing is given back after the day.
CLAIMING = HELD - {ProposalState.CANCELLED}
PATIENCE = timedelta(hours=1)  # for work that a job does every few minutes
BATCH = 2_000


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One record that does not agree with the others: which rule, which record, what differs."""

    rule: str
    record: str
    says: str


Rule = Callable[[], Iterator[Finding]]


def check() -> dict[str, list[Finding]]:
    """Every rule by name with what it found; an empty list is a rule that holds."""
    return {rule.__name__: sorted(rule()) for rule in RULES}


def moves_lead_to_states() -> Iterator[Finding]:
    """The journal of moves is unbroken, knows only edges of the table, and ends in the state."""
    steps: dict[int, list[ProposalMove]] = defaultdict(list)
    for step in db.session.scalars(select(ProposalMove).order_by(ProposalMove.id)):
        steps[step.proposal_id].append(step)
    for key, state in db.session.execute(select(Proposal.id, Proposal.state).order_by(Proposal.id)):
        way = steps[key]
        if (way[-1].target if way else ProposalState.SUGGESTED) != state:
            yield Finding("moves_lead_to_states", f"proposal {key}", "its moves end elsewhere")
        if way and way[0].source != ProposalState.SUGGESTED:
            yield Finding("moves_lead_to_states", f"proposal {key}", "its first move is missing")
        if any(before.target != after.source for before, after in pairwise(way)):
            yield Finding("moves_lead_to_states", f"proposal {key}", "a move is missing")
        unknown = [step.name for step in way if not _is_edge(step)]
        if unknown:
            yield Finding("moves_lead_to_states", f"proposal {key}", f"no such move: {unknown}")


def _is_edge(step: ProposalMove) -> bool:
    move = MOVES.get(step.name)
    return move is not None and step.source in move.sources and step.target == move.target


def agreed_have_visits() -> Iterator[Finding]:
    """What was confirmed once has its visit, also while it is moved; nothing else has one."""
    visits = set(db.session.scalars(select(Visit.proposal_id)))
    moved = select(ProposalMove.proposal_id).where(ProposalMove.name == "move_visit")
    agreed = set(db.session.scalars(select(Proposal.id).where(Proposal.state.in_(HELD))))
    for key in agreed - visits:
        yield Finding("agreed_have_visits", f"proposal {key}", "confirmed without a visit")
    for key in visits - agreed - set(db.session.scalars(moved)):
        yield Finding("agreed_have_visits", f"proposal {key}", "a visit that nobody confirmed")


def seats_are_counted() -> Iterator[Finding]:
    """A slot's ``taken`` is the number of agreed proposals in it, never above its seats."""
    agreed = _count_by(Proposal.slot_id, CLAIMING)
    for key, taken, seats in db.session.execute(select(Slot.id, Slot.taken, Slot.seats)):
        real = agreed[key]
        if taken != real:
            yield Finding("seats_are_counted", f"slot {key}", f"says {taken} taken, {real} agreed")
        if real > seats:
            yield Finding("seats_are_counted", f"slot {key}", f"{real} agreed for {seats} seats")


def time_is_claimed_once() -> Iterator[Finding]:
    """Each agreed visit holds exactly its quarters of an hour, and nobody else holds any."""
    wanted: set[tuple[int, int, int]] = set()
    for proposal in _claiming():
        if proposal.professional_id is None or proposal.starts_at is None or proposal.shares_slot:
            continue
        assert proposal.ends_at is not None
        first, after = claims.quarters(proposal.starts_at, proposal.ends_at)
        for quarter in range(first, after):
            wanted.add((proposal.id, proposal.professional_id, quarter))
    columns = (ClaimedQuarter.proposal_id, ClaimedQuarter.professional_id, ClaimedQuarter.quarter)
    held = {(key, person, at) for key, person, at in db.session.execute(select(*columns))}
    missing, left = Counter(row[0] for row in wanted - held), Counter(r[0] for r in held - wanted)
    for key, many in missing.items():
        yield Finding("time_is_claimed_once", f"proposal {key}", f"{many} quarters are not held")
    for key, many in left.items():
        yield Finding("time_is_claimed_once", f"proposal {key}", f"{many} quarters too many")


def loads_are_counted() -> Iterator[Finding]:
    """What month, term and company limits count is the number of agreed visits in them."""
    real: Counter[tuple[str, str]] = Counter()
    for proposal in _claiming():
        if proposal.starts_at is not None and not proposal.shares_slot:
            zone = ZoneInfo(proposal.region.programme.time_zone)
            real.update(claims.periods(proposal, zone))
    said = {
        (holder, period): taken
        for holder, period, taken in db.session.execute(
            select(Load.holder, Load.period, Load.taken)
        )
    }
    for holder, period in sorted(real.keys() | said.keys()):
        counted, told = real[holder, period], said.get((holder, period), 0)
        if counted != told:
            words = f"says {told}, {counted} agreed"
            yield Finding("loads_are_counted", f"{holder} in {period}", words)


def _claiming() -> Iterator[Proposal]:
    """Agreed proposals with what their claims are computed from, a batch at a time."""
    found = (
        select(Proposal)
        .where(Proposal.state.in_(CLAIMING))
        .options(
            joinedload(Proposal.region).joinedload(Region.programme),
            joinedload(Proposal.offer).load_only(Offer.company_id),
            load_only(
                Proposal.slot_id,
                Proposal.professional_id,
                Proposal.starts_at,
                Proposal.ends_at,
                Proposal.shares_slot,
                Proposal.region_id,
                Proposal.offer_id,
            ),
        )
        .order_by(Proposal.id)
        .execution_options(yield_per=BATCH)
    )
    yield from db.session.scalars(found)


def needs_are_filled() -> Iterator[Finding]:
    """A need is filled when it has the visits it asked for, and not before."""
    ever = _count_by(Proposal.need_id, CLAIMING)
    standing = _count_by(Proposal.need_id, CLAIMING - {ProposalState.NOT_HELD})
    columns = select(Need.id, Need.state, Need.visits_wanted).where(
        Need.state.in_((NeedState.OPEN, NeedState.FILLED))
    )
    for key, state, wanted in db.session.execute(columns.order_by(Need.id)):
        if state == NeedState.FILLED and ever[key] < wanted:
            words = f"filled with {ever[key]} of {wanted} visits"
            yield Finding("needs_are_filled", f"need {key}", words)
        if standing[key] > wanted:
            words = f"{standing[key]} visits for {wanted} wanted"
            yield Finding("needs_are_filled", f"need {key}", words)


def _count_by(
    column: InstrumentedAttribute[Any],
    states: frozenset[ProposalState],
) -> Counter[int]:
    """How many proposals in these states there are for each value of a column."""
    counted = select(column, func.count()).where(Proposal.state.in_(states), column.is_not(None))
    found: Counter[int] = Counter()
    for key, many in db.session.execute(counted.group_by(column)):
        found[key] = many
    return found


def lines_move_on() -> Iterator[Finding]:
    """No seat is free while a class waits for it, no class waits where it has a seat, and whoever
    left the line for a seat has one."""
    waits = WaitingPlace.state == WaitState.WAITING
    asked = _count_by(Proposal.slot_id, WAITING)
    lines = (
        select(Slot.id, Slot.seats - Slot.taken, func.count())
        .join(WaitingPlace, WaitingPlace.slot_id == Slot.id)
        .where(waits, Slot.withdrawn_at.is_(None), Slot.starts_at > clock.now())
        .group_by(Slot.id, Slot.seats, Slot.taken)
    )
    for key, left, many in db.session.execute(lines.order_by(Slot.id)):
        if left > asked[key]:
            yield Finding("lines_move_on", f"slot {key}", f"a seat is free and {many} wait")
    twice = (
        select(WaitingPlace.id)
        .join(
            Proposal,
            and_(
                Proposal.slot_id == WaitingPlace.slot_id, Proposal.need_id == WaitingPlace.need_id
            ),
        )
        .where(waits, Proposal.state.in_(CLAIMING - {ProposalState.NOT_HELD}))
    )
    for key in db.session.scalars(twice.order_by(WaitingPlace.id)):
        yield Finding("lines_move_on", f"waiting place {key}", "the class has a seat already")
    seated = (
        select(WaitingPlace.id)
        .join(Proposal, Proposal.id == WaitingPlace.proposal_id)
        .where(
            or_(Proposal.slot_id != WaitingPlace.slot_id, Proposal.need_id != WaitingPlace.need_id)
        )
    )
    for key in db.session.scalars(seated.order_by(WaitingPlace.id)):
        yield Finding("lines_move_on", f"waiting place {key}", "its seat is of another class")


def nobody_waits_forgotten() -> Iterator[Finding]:
    """Questions past their day have ended, mail has left, and no job hangs."""
    late = clock.now() - PATIENCE
    waiting = select(Proposal.id).where(Proposal.state.in_(WAITING), Proposal.answer_by < late)
    for key in db.session.scalars(waiting.order_by(Proposal.id)):
        yield Finding("nobody_waits_forgotten", f"proposal {key}", "its day to answer has passed")
    mails = select(OutboxMail.id).where(
        OutboxMail.state == MailState.WAITING, OutboxMail.next_try_at < late
    )
    for key in db.session.scalars(mails.order_by(OutboxMail.id)):
        yield Finding("nobody_waits_forgotten", f"mail {key}", "should have left by now")
    hanging = select(JobRun.id, JobRun.job).where(
        JobRun.state == JobRunState.RUNNING, JobRun.started_at < late
    )
    for key, job in db.session.execute(hanging.order_by(JobRun.id)):
        yield Finding("nobody_waits_forgotten", f"job run {key}", f"{job} never finished")


RULES: tuple[Rule, ...] = (
    moves_lead_to_states,
    agreed_have_visits,
    seats_are_counted,
    time_is_claimed_once,
    loads_are_counted,
    needs_are_filled,
    lines_move_on,
    nobody_waits_forgotten,
)
