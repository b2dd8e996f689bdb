"""What a coordinator sees of a region: proposals, runs, and who waits."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import WAITING, ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer
from matcher.models.organisation import Region
from matcher.models.proposal import Alternate, PairRule, Proposal
from matcher.models.run import MatchRun, Question, QuestionKind, RunState, UnmatchedNeed
from matcher.proposals.queries import asked_in_vain, has_live_proposal

YEAR = timedelta(days=365)


def regions_of(person: Person) -> list[Region]:
    """The regions this person answers for; an administrator sees all that have needs or offers."""
    found = select(Region).order_by(Region.name, Region.id)
    if person.has_role(Role.ADMINISTRATOR):
        used = select(Need.region_id).union(select(Offer.region_id))
        found = found.where(Region.id.in_(used))
    else:
        found = found.where(Region.id.in_(person.region_ids))
    return list(db.session.scalars(found))


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


def latest_runs(regions: Collection[Region]) -> dict[int, MatchRun]:
    """The newest run of each region."""
    newest = (
        select(func.max(MatchRun.id))
        .where(MatchRun.region_id.in_([region.id for region in regions]))
        .group_by(MatchRun.region_id)
    )
    found = select(MatchRun).where(MatchRun.id.in_(newest)).order_by(MatchRun.id)
    return {run.region_id: run for run in db.session.scalars(found)}


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


@dataclass(frozen=True)
class Served:
    """Visits a school has had in the last year, and when the latest was."""

    visits: int
    latest: datetime | None


def served_lately(school_ids: Collection[int]) -> dict[int, Served]:
    """Of those schools that had a visit in the last year."""
    rows = (
        select(Need.school_id, func.count(), func.max(Proposal.ends_at))
        .join(Proposal, Proposal.need_id == Need.id)
        .where(
            Need.school_id.in_(school_ids),
            Proposal.state == ProposalState.DELIVERED,
            Proposal.ends_at > clock.now() - YEAR,
        )
        .group_by(Need.school_id)
    )
    return {key: Served(visits, latest) for key, visits, latest in db.session.execute(rows)}


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
