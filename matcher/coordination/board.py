"""What a coordinator sees of a region: the work queue with counts, runs, and who waits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import WAITING, ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.organisation import Region
from matcher.models.proposal import Alternate, PairRule, Proposal
from matcher.models.run import MatchRun, Question, QuestionKind, RunState, UnmatchedNeed
from matcher.models.visit import Report, Visit
from matcher.proposals.queries import asked_in_vain, has_live_proposal

SOON = timedelta(days=2)
LONG = timedelta(days=14)
STALE = timedelta(days=180)


@dataclass(frozen=True)
class Queue:
    """Counts of what asks for a coordinator's eye."""

    suggested: int
    waiting: int
    nearly_late: int
    to_close: int
    disputed: int
    cancelled_lately: int
    unmatched: int
    waiting_long: int
    asked_in_vain: int
    stale_offers: int
    confirmed: int


def regions_of(person: Person) -> list[Region]:
    """The regions this person answers for; an administrator sees all that have needs or offers."""
    found = select(Region).order_by(Region.name, Region.id)
    if person.has_role(Role.ADMINISTRATOR):
        used = select(Need.region_id).union(select(Offer.region_id))
        found = found.where(Region.id.in_(used))
    else:
        found = found.where(Region.id.in_(person.region_ids))
    return list(db.session.scalars(found))


def queue_of(region: Region) -> Queue:
    """Three queries, whatever the size."""
    now = clock.now()
    state = Proposal.state
    lately = func.count().filter
    counted = db.session.execute(
        select(
            lately(state == ProposalState.SUGGESTED),
            lately(state.in_(WAITING)),
            lately(state.in_(WAITING), Proposal.answer_by < now + SOON),
            lately(to_close()),
            lately(is_disputed()),
            lately(state == ProposalState.CANCELLED, Proposal.starts_at > now - LONG),
            lately(state == ProposalState.CONFIRMED, Proposal.ends_at >= now),
        ).where(Proposal.region_id == region.id)
    ).one()
    needs = db.session.execute(
        select(
            lately(~has_live_proposal()),
            lately(~has_live_proposal(), Need.published_at < now - LONG),
            lately(~has_live_proposal(), asked_in_vain()),
        ).where(Need.region_id == region.id, Need.state == NeedState.OPEN)
    ).one()
    stale = db.session.scalar(
        select(func.count()).where(
            Offer.region_id == region.id,
            Offer.state == OfferState.PUBLISHED,
            func.coalesce(Offer.confirmed_at, Offer.published_at) < now - STALE,
        )
    )
    return Queue(*counted[:6], *needs, stale or 0, counted[6])


def is_disputed() -> ColumnElement[bool]:
    """Agreed, past, and one side says it took place where the other says it did not."""
    words = (
        select(func.count(Report.held.distinct()))
        .join(Visit, Visit.id == Report.visit_id)
        .where(Visit.proposal_id == Proposal.id)
        .scalar_subquery()
    )
    return and_(Proposal.state == ProposalState.CONFIRMED, words > 1)


def to_close() -> ColumnElement[bool]:
    return and_(Proposal.state == ProposalState.CONFIRMED, Proposal.ends_at < clock.now())


def runs_of(region_ids: list[int]) -> Select[MatchRun]:
    """Runs, the newest first."""
    return (
        select(MatchRun)
        .where(MatchRun.region_id.in_(region_ids))
        .options(joinedload(MatchRun.region), joinedload(MatchRun.started_by))
        .order_by(MatchRun.started_at.desc(), MatchRun.id.desc())
    )


def suggested_in(region: Region) -> Select[Proposal]:
    """What waits to be released, the best first."""
    return (
        in_state(region, {ProposalState.SUGGESTED})
        .order_by(None)
        .order_by(Proposal.score.desc(), Proposal.id)
    )


def in_state(region: Region, states: set[ProposalState]) -> Select[Proposal]:
    """A region's proposals in some states, with what a row shows."""
    return (
        select(Proposal)
        .where(Proposal.region_id == region.id, Proposal.state.in_(states))
        .options(
            joinedload(Proposal.need).joinedload(Need.school),
            joinedload(Proposal.need).joinedload(Need.teacher),
            joinedload(Proposal.offer).joinedload(Offer.company),
            joinedload(Proposal.professional),
        )
        .order_by(Proposal.answer_by.asc().nulls_last(), Proposal.id)
    )


def unmatched_needs(region: Region) -> Select[Need]:
    """Open needs without a live proposal: asked in vain first, then who waits longest."""
    return (
        select(Need)
        .where(Need.region_id == region.id, Need.state == NeedState.OPEN, ~has_live_proposal())
        .options(joinedload(Need.school), joinedload(Need.teacher), selectinload(Need.windows))
        .order_by(asked_in_vain().desc(), Need.published_at, Need.id)
    )


def in_vain_among(need_ids: list[int]) -> set[int]:
    """Those of these needs for which as many were asked as the region allows."""
    return set(db.session.scalars(select(Need.id).where(Need.id.in_(need_ids), asked_in_vain())))


def latest_advice(need_ids: list[int]) -> dict[int, UnmatchedNeed]:
    """The newest advice of each need."""
    newest = (
        select(func.max(UnmatchedNeed.id))
        .where(UnmatchedNeed.need_id.in_(need_ids))
        .group_by(UnmatchedNeed.need_id)
    )
    rows = db.session.scalars(select(UnmatchedNeed).where(UnmatchedNeed.id.in_(newest)))
    return {row.need_id: row for row in rows}


def standing_for(need_ids: list[int]) -> dict[int, list[Proposal]]:
    """What stands today beside a suggestion: asked or agreed already."""
    found = (
        select(Proposal)
        .where(
            Proposal.need_id.in_(need_ids),
            Proposal.state.in_(WAITING | {ProposalState.CONFIRMED}),
        )
        .options(joinedload(Proposal.offer).joinedload(Offer.company))
        .order_by(Proposal.need_id, Proposal.id)
    )
    by_need: dict[int, list[Proposal]] = {key: [] for key in need_ids}
    for proposal in db.session.scalars(found):
        by_need[proposal.need_id].append(proposal)
    return by_need


def alternates_for(proposals: list[Proposal]) -> dict[int, list[Alternate]]:
    """The next best of each need, from the run that suggested it."""
    needs = [p.need_id for p in proposals]
    runs = {p.run_id for p in proposals if p.run_id}
    found = (
        select(Alternate)
        .where(Alternate.need_id.in_(needs), Alternate.run_id.in_(runs))
        .options(joinedload(Alternate.offer).joinedload(Offer.company), joinedload(Alternate.slot))
        .order_by(Alternate.need_id, Alternate.rank)
    )
    by_need: dict[int, list[Alternate]] = {key: [] for key in needs}
    for row in db.session.scalars(found):
        by_need[row.need_id].append(row)
    return by_need


def rules_of(need_ids: list[int]) -> dict[int, list[PairRule]]:
    """Pins and bans of some needs."""
    found = (
        select(PairRule)
        .where(PairRule.need_id.in_(need_ids))
        .options(joinedload(PairRule.offer))
        .order_by(PairRule.need_id, PairRule.id)
    )
    by_need: dict[int, list[PairRule]] = {key: [] for key in need_ids}
    for row in db.session.scalars(found):
        by_need[row.need_id].append(row)
    return by_need


def run_asked_for(region: Region) -> Question | None:
    """A run that somebody asked for and that has not been done yet."""
    found = select(Question).where(
        Question.region_id == region.id,
        Question.kind == QuestionKind.RUN,
        Question.state == RunState.WAITING,
    )
    return db.session.scalars(found.order_by(Question.id)).first()


def runs_under_way(regions: Collection[Region]) -> dict[int, MatchRun]:
    """The run that is computed now, of each region that has one."""
    found = select(MatchRun).where(
        MatchRun.region_id.in_([region.id for region in regions]),
        MatchRun.state == RunState.RUNNING,
    )
    return {run.region_id: run for run in db.session.scalars(found.order_by(MatchRun.id))}
