"""The work queue: what asks for a coordinator's eye, counted by region and listed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import WAITING, ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.sql import minute_of
from matcher.models.visit import Report, Visit
from matcher.proposals import broken
from matcher.proposals.queries import asked_in_vain, has_live_proposal

SOON = timedelta(days=2)
LONG = timedelta(days=14)
STALE = timedelta(days=180)
LOOKED_BACK = timedelta(days=90)
SHORT_NOTICE = timedelta(days=7)


@dataclass(frozen=True)
class Queue:
    """Counts of what asks for a coordinator's eye, and of what is under way."""

    suggested: int = 0
    waiting: int = 0
    nearly_late: int = 0
    to_close: int = 0
    disputed: int = 0
    cancelled_late: int = 0
    attendance: int = 0
    confirmed: int = 0
    broken: int = 0
    unmatched: int = 0
    waiting_long: int = 0
    asked_in_vain: int = 0
    stale_offers: int = 0


Counted = dict[int, dict[str, int]]
TO_DO = (
    "suggested",
    "nearly_late",
    "broken",
    "to_close",
    "disputed",
    "cancelled_late",
    "attendance",
    "asked_in_vain",
    "waiting_long",
    "stale_offers",
)


# ---- what each list holds -----------------------------------------------------------------------
def is_nearly_late() -> ColumnElement[bool]:
    return and_(Proposal.state.in_(WAITING), Proposal.answer_by < clock.now() + SOON)


def to_close() -> ColumnElement[bool]:
    return and_(Proposal.state == ProposalState.CONFIRMED, Proposal.ends_at < clock.now())


def is_disputed() -> ColumnElement[bool]:
    """Agreed, past, and one side says it took place where the other says it did not."""
    words = (
        select(func.count(Report.held.distinct()))
        .join(Visit, Visit.id == Report.visit_id)
        .where(Visit.proposal_id == Proposal.id)
        .scalar_subquery()
    )
    return and_(Proposal.state == ProposalState.CONFIRMED, words > 1)


def was_cancelled_late() -> ColumnElement[bool]:
    """Lately, and with less than a week's notice."""
    notice = minute_of(Proposal.starts_at) - minute_of(ProposalMove.at)
    late = select(ProposalMove.id).where(
        ProposalMove.proposal_id == Proposal.id,
        ProposalMove.name == "cancel",
        notice < SHORT_NOTICE // timedelta(minutes=1),
    )
    return and_(
        Proposal.state == ProposalState.CANCELLED,
        Proposal.starts_at > clock.now() - LONG,
        late.correlate(Proposal).exists(),
    )


def lacks_attendance() -> ColumnElement[bool]:
    """Held lately, and nobody has said how many pupils there were."""
    counted = select(Visit.id).where(Visit.proposal_id == Proposal.id, Visit.attended.is_not(None))
    return and_(
        Proposal.state == ProposalState.DELIVERED,
        Proposal.ends_at > clock.now() - LOOKED_BACK,
        ~counted.correlate(Proposal).exists(),
    )


PROPOSALS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "suggested": lambda: Proposal.state == ProposalState.SUGGESTED,
    "waiting": lambda: Proposal.state.in_(WAITING),
    "nearly_late": is_nearly_late,
    "to_close": to_close,
    "disputed": is_disputed,
    "cancelled_late": was_cancelled_late,
    "attendance": lacks_attendance,
    "confirmed": lambda: and_(
        Proposal.state == ProposalState.CONFIRMED, Proposal.ends_at >= clock.now()
    ),
}


def waits_long() -> ColumnElement[bool]:
    return and_(~has_live_proposal(), Need.published_at < clock.now() - LONG)


NEEDS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "unmatched": lambda: ~has_live_proposal(),
    "waiting_long": waits_long,
    "asked_in_vain": lambda: and_(~has_live_proposal(), asked_in_vain()),
}


def is_stale() -> ColumnElement[bool]:
    """On offer, and for half a year nobody has said that it still is."""
    said = func.coalesce(Offer.confirmed_at, Offer.published_at)
    return and_(Offer.state == OfferState.PUBLISHED, said < clock.now() - STALE)


# ---- counts -------------------------------------------------------------------------------------
def queues_of(regions: Collection[Region]) -> dict[int, Queue]:
    """The counts of every region in four queries, however many regions."""
    ids = [region.id for region in regions]
    counted: Counted = {key: {} for key in ids}
    state = {ProposalState.SUGGESTED, ProposalState.CONFIRMED, *WAITING}
    state |= {ProposalState.CANCELLED, ProposalState.DELIVERED}
    _count(counted, Proposal.region_id, PROPOSALS, Proposal.state.in_(state))
    _count(counted, Need.region_id, NEEDS, Need.state == NeedState.OPEN)
    _count(
        counted, Offer.region_id, {"stale_offers": is_stale}, Offer.state == OfferState.PUBLISHED
    )
    rows = broken.joined(select(Proposal.region_id, func.count()).select_from(Proposal))
    for key, number in db.session.execute(
        rows.where(Proposal.region_id.in_(ids), broken.breaks_a_rule()).group_by(Proposal.region_id)
    ):
        counted[key]["broken"] = number
    return {key: Queue(**numbers) for key, numbers in counted.items()}


def queue_of(region: Region) -> Queue:
    return queues_of([region])[region.id]


def _count(
    counted: Counted,
    region_id: Any,
    conditions: dict[str, Callable[[], ColumnElement[bool]]],
    among: ColumnElement[bool],
) -> None:
    """Fill in the numbers of rows of each region for which each condition holds."""
    numbers = [func.count().filter(condition()) for condition in conditions.values()]
    rows = select(region_id, *numbers).where(region_id.in_(list(counted)), among)
    for key, *found in db.session.execute(rows.group_by(region_id)):
        counted[key] |= dict(zip(conditions, found, strict=True))


def together(queues: Collection[Queue]) -> Queue:
    """The sums of several regions."""
    names = [field.name for field in fields(Queue)]
    return Queue(**{name: sum(getattr(queue, name) for queue in queues) for name in names})


# ---- lists --------------------------------------------------------------------------------------
def listed(region: Region, name: str) -> Select[Proposal]:
    """The proposals behind one of PROPOSALS, or those that break a rule."""
    found = (
        select(Proposal)
        .where(Proposal.region_id == region.id)
        .options(
            joinedload(Proposal.need).joinedload(Need.school),
            joinedload(Proposal.need).joinedload(Need.teacher),
            joinedload(Proposal.offer).joinedload(Offer.company),
            joinedload(Proposal.professional),
        )
        .order_by(Proposal.answer_by.asc().nulls_last(), Proposal.starts_at, Proposal.id)
    )
    if name == "broken":
        return broken.joined(found).where(broken.breaks_a_rule())
    return found.where(PROPOSALS[name]())


def stale_offers(region: Region) -> Select[Offer]:
    """Who was longest silent comes first."""
    return (
        select(Offer)
        .join(Offer.company)
        .where(Offer.region_id == region.id, is_stale())
        .options(contains_eager(Offer.company))
        .order_by(func.coalesce(Offer.confirmed_at, Offer.published_at), Offer.id)
    )
