"""A coordinator's word about a pair: pinned together, forbidden, or left to the matcher again."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import policies
from matcher.errors import Invalid, NotAllowed, NotFound
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import WAITING, DeclineReason, ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.proposal import PairRule, Proposal, RuleKind
from matcher.proposals import claims, heal, steps


def pin(need: Need, offer: Offer, *, by: Person, reason: str) -> PairRule:
    """The next run proposes this pair whenever a time for it exists."""
    return _rule(need, offer, RuleKind.PIN, by=by, reason=reason)


def forbid(need: Need, offer: Offer, *, by: Person, reason: str) -> PairRule:
    """The matcher never proposes this pair; what lives of it ends."""
    rule = _rule(need, offer, RuleKind.FORBID, by=by, reason=reason)
    states = WAITING | {ProposalState.SUGGESTED}
    living = select(Proposal).where(
        Proposal.need_id == need.id, Proposal.offer_id == offer.id, Proposal.state.in_(states)
    )
    for proposal in db.session.scalars(living.order_by(Proposal.id)).all():
        steps.hold(proposal)
        if proposal.state == ProposalState.SUGGESTED:
            reasons = [DeclineReason.OTHER.value]
            steps.take(proposal, "drop", side=Side.COORDINATOR, by=by, reasons=reasons, note=reason)
            continue
        step = steps.take(
            proposal, "withdraw", side=Side.COORDINATOR, by=by, note=reason, quietly=True
        )
        heal.go_on(proposal, step)
    return rule


def unrule(need: Need, offer: Offer, *, by: Person) -> None:
    """Leave the pair to the matcher again."""
    _check(need, by)
    rule = _find(need, offer)
    if rule is None:
        raise NotFound(_l("There is no rule for this request and this offer."))
    write_journal("unrule", rule, by=by, changes={"kind": [rule.kind.value, None]})
    db.session.delete(rule)
    db.session.flush()


def _rule(need: Need, offer: Offer, kind: RuleKind, *, by: Person, reason: str) -> PairRule:
    _check(need, by)
    if not reason.strip():
        raise Invalid(_l("Say why, in a few words."), field="reason")
    claims.hold_needs([need.id])
    rule = _find(need, offer) or PairRule(
        need_id=need.id, offer_id=offer.id, details={}, kind=kind, reason="", by_id=by.id
    )
    rule.kind, rule.reason, rule.by_id = kind, reason.strip(), by.id
    db.session.add(rule)
    db.session.flush()
    write_journal(kind.value, rule, by=by, changes={"reason": reason.strip()})
    return rule


def _find(need: Need, offer: Offer) -> PairRule | None:
    pair = select(PairRule).where(PairRule.need_id == need.id, PairRule.offer_id == offer.id)
    return db.session.scalar(pair)


def _check(need: Need, by: Person) -> None:
    if not policies.is_coordinator_of(by, need.region_id):
        raise NotAllowed(_l("Only the coordinator of this region can do this."))
