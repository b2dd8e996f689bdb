"""What a run found into rows: suggestions beside what stands, alternates, the unmatched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import WAITING, ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.organisation import Region, ReviewPolicy
from matcher.models.professional import Slot
from matcher.models.proposal import Alternate, Origin, Proposal
from matcher.models.run import MatchRun, RunScope, UnmatchedNeed
from matcher.proposals import changes, queries, releases, steps

if TYPE_CHECKING:
    from matcher.matching import Result
    from matcher.matching.types import Pairing, Reason, Unmatched

_HOLDING = WAITING | {ProposalState.SUGGESTED}  # what another region suggested is given away
_SERVING = WAITING | {ProposalState.CONFIRMED, ProposalState.DELIVERED}


def store(run: MatchRun, result: Result, need_ids: Collection[int]) -> list[Proposal]:
    """Replace earlier suggestions by this run's; release them where the region's policy says so.

    What has changed since the inputs were read (a need filled, a slot given away) is left out.
    """
    region = run.region
    needs = _open_needs(region, need_ids)  # locked first: another run of them waits here
    before = changes.suggested_in(region) if run.scope == RunScope.REGION else {}
    _supersede(region, need_ids if run.scope == RunScope.NEW_NEEDS else None)
    offers = _published_offers(int(pairing.supply) for pairing in result.proposals)
    free = _still_free(int(p.slot) for p in result.proposals if p.slot is not None)
    made = []
    for pairing in result.proposals:
        need, offer = needs.get(int(pairing.demand)), offers.get(int(pairing.supply))
        if need is not None and offer is not None and _id(pairing.slot) in free:
            made.append(_proposal(run, pairing, need, offer))
    db.session.add_all(made)
    db.session.flush()
    if run.scope == RunScope.REGION:
        after = changes.by_need((p.need_id, p.offer_id, p.starts_at) for p in made)
        run.changes = changes.between(before, after)
    _store_alternates(run, result.alternates)
    _store_unmatched(run, result.unmatched)
    if region.review_policy == ReviewPolicy.AUTOMATIC:
        in_vain = _asked_in_vain(need_ids)
        releases.release(region, [p for p in made if p.need_id not in in_vain], by=None)
    return made


def _asked_in_vain(need_ids: Collection[int]) -> set[int]:
    """Needs for which the limit of questions was reached: the coordinator releases by hand."""
    ids, found = sorted(need_ids), set()
    for start in range(0, len(ids), queries.MANY_IDS):
        part = select(Need.id).where(Need.id.in_(ids[start : start + queries.MANY_IDS]))
        found |= set(db.session.scalars(part.where(queries.asked_in_vain())))
    return found


def mark_matched(need_ids: Collection[int], *, read_at: datetime) -> None:
    """The matcher has looked at these needs; those changed since it read them are new still."""
    _set_matched(need_ids, read_at, clock.now())


def mark_new(need_ids: Collection[int], *, read_at: datetime) -> None:
    """Let the matcher look at these needs alone within seconds, as if they had just come in."""
    _set_matched(need_ids, read_at, None)


def _set_matched(need_ids: Collection[int], read_at: datetime, at: datetime | None) -> None:
    ids = sorted(need_ids)
    for start in range(0, len(ids), queries.MANY_IDS):
        part = ids[start : start + queries.MANY_IDS]
        seen = update(Need).where(Need.id.in_(part), Need.changed_at <= read_at)
        db.session.execute(seen.values(matched_at=at))


def _supersede(region: Region, need_ids: Collection[int] | None) -> None:
    earlier = (
        select(Proposal)
        .options(selectinload(Proposal.moves))
        .where(Proposal.region_id == region.id, Proposal.state == ProposalState.SUGGESTED)
        .order_by(Proposal.id)
    )
    if need_ids is not None:
        earlier = earlier.where(Proposal.need_id.in_(sorted(need_ids)))
    for proposal in db.session.scalars(earlier).all():
        step = proposal.move("supersede", side=Side.SYSTEM, by=None)
        steps.record(proposal, step, ProposalState.SUGGESTED, by=None, quietly=True)
    db.session.flush()


def _open_needs(region: Region, need_ids: Collection[int]) -> dict[int, Need]:
    """Those of the run that are still open and not yet served, locked in order."""
    wanted = set(need_ids)
    found = (
        select(Need)
        .where(Need.region_id == region.id, Need.state == NeedState.OPEN)
        .order_by(Need.id)
        .with_for_update(key_share=True, of=Need)
        .execution_options(populate_existing=True)
    )
    needs = [need for need in db.session.scalars(found) if need.id in wanted]
    served = Counter(
        db.session.scalars(
            select(Proposal.need_id).where(
                Proposal.region_id == region.id, Proposal.state.in_(_SERVING)
            )
        )
    )
    return {need.id: need for need in needs if served[need.id] < need.visits_wanted}


def _published_offers(offer_ids: Iterable[int]) -> dict[int, Offer]:
    ids = sorted(set(offer_ids))
    found: dict[int, Offer] = {}
    for start in range(0, len(ids), queries.MANY_IDS):
        part = ids[start : start + queries.MANY_IDS]
        rows = select(Offer).where(Offer.id.in_(part), Offer.state == OfferState.PUBLISHED)
        found |= {offer.id: offer for offer in db.session.scalars(rows)}
    return found


def _still_free(slot_ids: Iterable[int]) -> set[int | None]:
    """Of these slots the ones that can still be given away; and no slot at all, always."""
    ids = sorted(set(slot_ids))
    slots: list[Slot] = []
    for start in range(0, len(ids), queries.MANY_IDS):
        part = ids[start : start + queries.MANY_IDS]
        asked = exists().where(
            Proposal.slot_id == Slot.id, Proposal.state.in_(_HOLDING), ~Proposal.shares_slot
        )
        slots += db.session.scalars(queries.free_slots().where(Slot.id.in_(part), ~asked))
    return {None, *(slot.id for slot in queries.without_busy(slots))}


def _proposal(run: MatchRun, pairing: Pairing, need: Need, offer: Offer) -> Proposal:
    return Proposal(
        need=need,
        offer=offer,
        region=run.region,
        run=run,
        slot_id=_id(pairing.slot),
        professional_id=_id(pairing.professional),
        shares_slot=offer.kind == OfferKind.WEBINAR,
        starts_at=pairing.start,
        ends_at=pairing.end,
        origin=Origin.RUN if run.scope == RunScope.REGION else Origin.NEW_NEED,
        score=_score(pairing),
        reasons=[as_record(reason) for reason in pairing.reasons],
        weak_point=pairing.weak_point,
    )


def _store_alternates(run: MatchRun, alternates: Iterable[Pairing]) -> None:
    rows = [
        {
            "run_id": run.id,
            "need_id": int(pairing.demand),
            "offer_id": int(pairing.supply),
            "slot_id": _id(pairing.slot),
            "professional_id": _id(pairing.professional),
            "rank": pairing.rank,
            "score": _score(pairing),
            "reasons": [as_record(reason) for reason in pairing.reasons],
            "weak_point": pairing.weak_point,
        }
        for pairing in alternates
    ]
    if rows:
        db.session.execute(insert(Alternate), rows)


def _store_unmatched(run: MatchRun, unmatched: Iterable[Unmatched]) -> None:
    rows = [{"run_id": run.id, "need_id": int(m.demand)} | advice(m) for m in unmatched]
    if rows:
        db.session.execute(insert(UnmatchedNeed), rows)


def advice(unmatched: Unmatched) -> dict[str, Any]:
    """What stands in a need's way and what would help, JSON-ready, with ids instead of keys."""
    return {
        "blockers": [
            {
                "rule": blocker.rule,
                "count": blocker.count,
                "only": blocker.only,
                "examples": [int(key) for key in blocker.examples],
            }
            for blocker in unmatched.blockers
        ],
        "changes": [
            {
                "rule": change.rule,
                "to": change.to,
                "unlocks": change.unlocks,
                "facts": _facts(change.facts),
            }
            for change in unmatched.changes
        ],
        "instead": [
            {
                "offer": int(rung.supply),
                "slot": _id(rung.slot),
                "kind": rung.kind,
                "fit": rung.fit,
                "topics": dict(rung.facts),
            }
            for rung in unmatched.instead
        ],
        "on_topic": unmatched.on_topic,
    }


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """JSON-ready: windows as pairs of moments."""
    told = dict(facts)
    if "windows" in told:
        told["windows"] = [[start.isoformat(), end.isoformat()] for start, end in told["windows"]]
    return told


def as_record(reason: Reason) -> dict[str, Any]:
    return {
        "part": reason.part,
        "value": reason.value,
        "weight": reason.weight,
        "points": reason.points,
        "facts": dict(reason.facts),
    }


def _id(key: str | None) -> int | None:
    return None if key is None else int(key)


def _score(pairing: Pairing) -> float:
    """A bonus for staying may lift a pair above 1; people are shown no more than that."""
    return min(1.0, max(0.0, pairing.score))
