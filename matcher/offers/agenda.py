"""The moments to come of a professional or a webinar, by week, with what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import WAITING, ProposalState
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal
from matcher.offers.kinds import Booking, booking_of
from matcher.proposals import line
from matcher.proposals.queries import slots_of, without_busy

if TYPE_CHECKING:
    from matcher.models.offer import Offer
    from matcher.models.professional import Professional

MOST_SHOWN = 300


class SlotStatus(StrEnum):
    FREE = "free"
    ASKED = "asked"  # a proposal waits for an answer
    AGREED = "agreed"  # a visit stands
    FULL = "full"  # no seat is left


@dataclass(frozen=True, slots=True)
class Moment:
    """A slot as its owner sees it; ``proposal_id`` leads to what stands on it."""

    slot: Slot
    status: SlotStatus
    proposal_id: int | None = None
    waiting: int = 0  # classes in line for a webinar's date

    @property
    def may_be_withdrawn(self) -> bool:
        return self.status == SlotStatus.FREE and self.slot.taken == 0


@dataclass(frozen=True, slots=True)
class Week:
    """One week of moments, named by its Monday."""

    monday: date
    moments: tuple[Moment, ...]


def weeks_of(professional: Professional, zone: ZoneInfo) -> list[Week]:
    """The professional's moments to come, at most 300, by week of the wall clock."""
    moments = _moments(Slot.professional_id == professional.id)
    return [
        Week(monday, tuple(group))
        for monday, group in groupby(moments, key=lambda moment: _monday(moment.slot, zone))
    ]


def next_moments(professional: Professional, limit: int = 5) -> list[Slot]:
    """The first few moments to come."""
    found = (
        select(Slot)
        .where(
            Slot.professional_id == professional.id,
            Slot.withdrawn_at.is_(None),
            Slot.starts_at > clock.now(),
        )
        .order_by(Slot.starts_at, Slot.id)
    )
    return list(db.session.scalars(found.limit(limit)))


def dates_of(offer: Offer) -> list[Moment]:
    """A webinar's dates to come, with the classes in line for each."""
    moments = _moments(Slot.offer_id == offer.id)
    waiting = line.lengths([moment.slot for moment in moments])
    return [replace(moment, waiting=waiting.get(moment.slot.id, 0)) for moment in moments]


def past_dates(offer: Offer) -> list[Slot]:
    """A webinar's last dates, the latest first: for the recording and the certificates."""
    found = select(Slot).where(
        Slot.offer_id == offer.id, Slot.withdrawn_at.is_(None), Slot.ends_at <= clock.now()
    )
    return list(db.session.scalars(found.order_by(Slot.starts_at.desc(), Slot.id).limit(20)))


def _monday(slot: Slot, zone: ZoneInfo) -> date:
    day = clock.local(slot.starts_at, zone).date()
    return day - timedelta(days=day.weekday())


def _moments(whose: object) -> list[Moment]:
    slots = db.session.scalars(
        select(Slot)
        .where(whose, Slot.withdrawn_at.is_(None), Slot.ends_at > clock.now())  # type: ignore[arg-type]
        .order_by(Slot.starts_at, Slot.id)
        .limit(MOST_SHOWN)
    ).all()
    standing = _standing_on(slots)
    return [_moment(slot, standing.get(slot.id)) for slot in slots]


def _standing_on(slots: Sequence[Slot]) -> dict[int, tuple[int, ProposalState]]:
    """Per slot the proposal that matters most: the visit, else the latest that waits."""
    rows = db.session.execute(
        select(Proposal.slot_id, Proposal.id, Proposal.state)
        .where(
            Proposal.slot_id.in_([slot.id for slot in slots]),
            Proposal.state.in_(WAITING | {ProposalState.CONFIRMED}),
        )
        .order_by(Proposal.state == ProposalState.CONFIRMED, Proposal.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows if row[0] is not None}


def _moment(slot: Slot, standing: tuple[int, ProposalState] | None) -> Moment:
    if slot.offer_id is not None:
        return Moment(slot, SlotStatus.FULL if slot.taken >= slot.seats else SlotStatus.FREE)
    if standing is None:
        return Moment(slot, SlotStatus.FREE)
    proposal_id, state = standing
    agreed = state == ProposalState.CONFIRMED
    return Moment(slot, SlotStatus.AGREED if agreed else SlotStatus.ASKED, proposal_id)


def free_moments(offer: Offer, limit: int = 6) -> list[Slot]:
    """The first moments at which a class could have this offer."""
    if booking_of(offer) == Booking.NOTHING:
        return []
    found = db.session.scalars(slots_of(offer).limit(5 * limit)).all()
    return without_busy(list(found))[:limit]
