"""What happens by itself after a no: the next best is asked, freed time goes to who waits."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import LIVE, WAITING, ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.professional import Professional, Slot
from matcher.models.proposal import (
    Alternate,
    Origin,
    PairRule,
    Proposal,
    ProposalMove,
    RuleKind,
)
from matcher.models.run import UnmatchedNeed
from matcher.proposals import busy, letters, queries, steps, times

_MOST = 20  # waiting needs looked at for one freed slot


class Doing(StrEnum):
    """What is done for a need after a no; its teacher reads it in the mail that tells of the no."""

    ASKED = "asked"  # the next best offer
    LOOKING = "looking"  # no alternate is left, the matcher looks again
    HANDED_OVER = "handed_over"  # as many were asked as the coordinator allows: the board has it
    NOTHING = "nothing"  # the need is served, or no longer open


def go_on(ended: Proposal, step: ProposalMove) -> Proposal | None:
    """After a quiet step that ended a proposal: tell those concerned what is done, and do it."""
    need = ended.need
    doing, alternate = _find_next(ended, need)
    letters.tell(ended, step, doing=doing.value)
    if doing == Doing.HANDED_OVER and step.side == Side.SCHOOL:
        letters.write("school_in_vain", ended, Side.SCHOOL, key=str(step.id), doing=doing.value)
    if alternate is not None:
        return _ask(alternate, need, rank=ended.rank + 1)
    if doing == Doing.LOOKING:
        need.matched_at = None
        db.session.flush()
    return None


def _find_next(ended: Proposal, need: Need) -> tuple[Doing, Alternate | None]:
    if need.state != NeedState.OPEN or _is_covered(need):
        return Doing.NOTHING, None
    if ended.rank >= ended.region.alternates_asked:
        return Doing.HANDED_OVER, None
    barred = queries.tried_pairs([need.id]) | _forbidden(need)
    for alternate in queries.alternates_of(ended):
        if (need.id, alternate.offer_id) not in barred and _can_be_asked(alternate, need):
            return Doing.ASKED, alternate
    return Doing.LOOKING, None


def confirm(
    proposal: Proposal,
    name: str,
    need: Need,
    *,
    side: Side,
    by: Person | None,
    quietly: bool = False,
) -> None:
    """The second yes; whoever waited for the same place is healed."""
    losers = steps.confirm(proposal, name, need, side=side, by=by, quietly=quietly)
    for loser, step in losers:
        go_on(loser, step)


def offer_freed(slot: Slot | None) -> Proposal | None:
    """Ask for a slot that came free on behalf of the best waiting need; else match them again."""
    if slot is None or not _is_untouched(slot):
        return None
    waiting = (
        select(Alternate)
        .join(Need, Need.id == Alternate.need_id)
        .where(Alternate.slot_id == slot.id, Need.state == NeedState.OPEN, ~_has_live_proposal())
        .order_by(Alternate.score.desc(), Alternate.run_id.desc(), Alternate.id)
        .limit(_MOST)
    )
    for alternate in db.session.scalars(waiting).all():
        need = db.session.get_one(Need, alternate.need_id)
        barred = queries.tried_pairs([need.id]) | _forbidden(need)
        if (need.id, alternate.offer_id) not in barred and _can_be_asked(alternate, need):
            return _ask(alternate, need, rank=1)
    _look_again_at_unmatched(slot)
    return None


def _ask(alternate: Alternate, need: Need, *, rank: int) -> Proposal:
    offer, slot = alternate.offer, alternate.slot
    proposal = Proposal(
        need=need,
        offer=offer,
        region=need.region,
        slot=slot,
        professional_id=slot.professional_id if slot else alternate.professional_id,
        shares_slot=offer.kind == OfferKind.WEBINAR,
        origin=Origin.ALTERNATE,
        run_id=alternate.run_id,
        score=alternate.score,
        reasons=alternate.reasons,
        weak_point=alternate.weak_point,
        rank=rank,
    )
    proposal.starts_at, proposal.ends_at = times.visit_time(need, offer, slot)
    db.session.add(proposal)
    db.session.flush()
    steps.take(proposal, "release", side=Side.SYSTEM, by=None)
    return proposal


def _is_covered(need: Need) -> bool:
    """As many proposals live or are held as visits were asked for."""
    counted = LIVE | {ProposalState.DELIVERED}
    count = select(func.count()).select_from(Proposal)
    found = count.where(Proposal.need_id == need.id, Proposal.state.in_(counted))
    return (db.session.scalar(found) or 0) >= need.visits_wanted


def _has_live_proposal() -> ColumnElement[bool]:
    return exists().where(Proposal.need_id == Need.id, Proposal.state.in_(LIVE))


def _forbidden(need: Need) -> set[tuple[int, int]]:
    rules = select(PairRule.offer_id).where(
        PairRule.need_id == need.id, PairRule.kind == RuleKind.FORBID
    )
    return {(need.id, offer_id) for offer_id in db.session.scalars(rules)}


def _can_be_asked(alternate: Alternate, need: Need) -> bool:
    offer, slot = alternate.offer, alternate.slot
    if not _gives(offer):
        return False
    if slot is None:
        return offer.is_on_demand
    windows = queries.open_windows(need, need.school)
    part = busy.free_parts([slot]).get(slot.id)
    if times.meeting_in(offer, slot, windows, part) is None:
        return False  # the class has changed its days
    return _is_present(slot.professional) and _is_untouched(slot)


def _gives(offer: Offer) -> bool:
    paused = offer.company.paused_until
    return offer.state == OfferState.PUBLISHED and (paused is None or paused < clock.today())


def _is_present(host: Professional | None) -> bool:
    if host is None:
        return True
    return host.can_be_asked(clock.today())


def _is_untouched(slot: Slot) -> bool:
    """Free, in good time, and not already asked for on somebody else's behalf."""
    if not queries.is_free(slot, notice=queries.SHORTEST_NOTICE):
        return False
    if slot.seats > 1:
        return True
    asked = select(Proposal.id).where(Proposal.slot_id == slot.id, Proposal.state.in_(WAITING))
    return db.session.scalar(asked.limit(1)) is None


def _look_again_at_unmatched(slot: Slot) -> None:
    """Needs a run left empty-handed in the slot's region; those another verb holds are skipped."""
    holder = slot.professional.company if slot.professional else slot.offer
    if holder is None:
        return
    waiting = (
        select(Need)
        .where(
            Need.region_id == holder.region_id,
            Need.state == NeedState.OPEN,
            exists().where(UnmatchedNeed.need_id == Need.id),
            ~_has_live_proposal(),
        )
        .order_by(Need.id)
        .limit(_MOST)
        .with_for_update(key_share=True, skip_locked=True)
    )
    for need in db.session.scalars(waiting).all():
        need.matched_at = None
    db.session.flush()
