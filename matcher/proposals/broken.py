"""Rules that a proposal kept when it was made and that it breaks since, asked of the database.

Of a pair chosen knowingly (a pin, a teacher's own invitation) sizes and the like are not told; that
somebody is away, or a moment gone, is told of all. How near levels are is for the matcher to weigh.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import WAITING, ProposalState
from matcher.models.need import Need, NeedWindow, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.models.organisation import Company
from matcher.models.professional import Professional, Slot
from matcher.models.proposal import Origin, PairRule, Proposal, ProposalMove, RuleKind
from matcher.models.sql import overlap_or_say_nothing


def joined(found: Any) -> Any:
    """A selection of proposals with all that the rules look at."""
    return (
        found.join(Need, Need.id == Proposal.need_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Company, Company.id == Offer.company_id)
        .outerjoin(Professional, Professional.id == Proposal.professional_id)
        .outerjoin(Slot, Slot.id == Proposal.slot_id)
    )


def breaks_a_rule() -> ColumnElement[bool]:
    """Of a joined selection: those that still are to be and break at least one."""
    return and_(_is_to_be(), or_(*rules().values()))


def _is_to_be() -> ColumnElement[bool]:
    agreed = and_(Proposal.state == ProposalState.CONFIRMED, Proposal.ends_at > clock.now())
    return or_(Proposal.state.in_(WAITING | {ProposalState.SUGGESTED}), agreed)


def rules() -> dict[str, ColumnElement[bool]]:
    """Each rule as it is broken, under the name the matcher gives it."""
    today = clock.today()
    asked = {
        "away": or_(Offer.state != OfferState.PUBLISHED, Company.paused_until >= today),
        "guest": and_(Professional.id.is_not(None), ~Professional.may_be_asked(today)),
        "moment": Slot.withdrawn_at.is_not(None),
        "forbidden": _is_ruled(RuleKind.FORBID),
    }
    return asked | {name: and_(~_is_chosen(), rule) for name, rule in _fits().items()}


def _fits() -> dict[str, ColumnElement[bool]]:
    on_demand = or_(
        Offer.kind == OfferKind.CHALLENGE, func.coalesce(Offer.tour_form == TourForm.FILM, False)
    )
    return {
        "group": Need.group_size > Offer.max_group,
        "duration": and_(~on_demand, Offer.minutes > Need.lesson_minutes),
        "language": ~overlap_or_say_nothing(Need.languages, Offer.languages),
        "place": and_(~on_demand, Offer.kind != OfferKind.WEBINAR, _is_elsewhere()),
        "time": _is_outside_its_windows(),
    }


def _is_elsewhere() -> ColumnElement[bool]:
    return and_(
        Need.place != PlaceKind.BOTH, Offer.place != PlaceKind.BOTH, Need.place != Offer.place
    )


def _is_outside_its_windows() -> ColumnElement[bool]:
    """The class's days have changed; a time both talked about is no matter of windows."""
    window = select(NeedWindow.id).where(NeedWindow.need_id == Need.id)
    inside = window.where(
        NeedWindow.starts_at <= Proposal.starts_at, NeedWindow.ends_at >= Proposal.ends_at
    )
    talked = select(ProposalMove.id).where(
        ProposalMove.proposal_id == Proposal.id,
        ProposalMove.name.in_(("offer_other_time", "move_visit")),
    )
    return and_(
        Proposal.starts_at.is_not(None),
        window.correlate(Need).exists(),
        ~inside.correlate(Need, Proposal).exists(),
        ~talked.correlate(Proposal).exists(),
    )


def _is_chosen() -> ColumnElement[bool]:
    return or_(Proposal.origin == Origin.INVITATION, _is_ruled(RuleKind.PIN))


def _is_ruled(kind: RuleKind) -> ColumnElement[bool]:
    pair = select(PairRule.id).where(
        PairRule.need_id == Proposal.need_id,
        PairRule.offer_id == Proposal.offer_id,
        PairRule.kind == kind,
    )
    return pair.correlate(Proposal).exists()


def broken_by(proposal_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of the rules that these proposals break now, by one query."""
    named = {name: func.coalesce(rule, False) for name, rule in rules().items()}
    columns = joined(select(Proposal.id, *named.values()).select_from(Proposal))
    rows = db.session.execute(columns.where(Proposal.id.in_(proposal_ids)))
    return {
        key: [name for name, broken in zip(named, flags, strict=True) if broken]
        for key, *flags in rows
    }
