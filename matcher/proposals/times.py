"""At which time of a free moment a visit would be, so that it suits both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_

from matcher import clock, policies
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import Side
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.professional import QUARTER_SECONDS, Professional, Slot
from matcher.models.proposal import Proposal
from matcher.proposals import busy, queries

MOST_TIMES = 50  # times shown for one choice
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A visit as it would be: in this slot, from then to then."""

    slot: Slot
    starts_at: datetime
    ends_at: datetime

    @property
    def id(self) -> int:
        return self.slot.id


def meeting_in(
    offer: Offer, slot: Slot, windows: Sequence[Window], part: Window | None
) -> Meeting | None:
    """The first time in the slot that lies in one of the class's windows; None when none does.

    ``part`` is what the guest's own calendar leaves of the slot; None: nothing.

    As the matcher has it: a visit starts on a quarter of an hour; a webinar when it starts.
    """
    if part is None:
        return None
    for start, end in sorted(windows):
        if slot.offer_id is not None:
            if start <= slot.starts_at and slot.ends_at <= end:
                return Meeting(slot, slot.starts_at, slot.ends_at)
            continue
        begins = _on_quarter(max(part[0], start))
        ends = begins + timedelta(minutes=offer.minutes)
        if ends <= min(part[1], end):
            return Meeting(slot, begins, ends)
    return None


def meetings_for(need: Need, offer: Offer, host: Professional | None = None) -> list[Meeting]:
    """The free moments of an offer in which it fits this class, the earliest first.

    With ``host`` only that professional's moments.
    """
    windows = queries.open_windows(need, need.school)
    if not windows or offer.is_on_demand:
        return []
    shared = or_(*(and_(Slot.starts_at < b, Slot.ends_at > a) for a, b in windows))
    earliest = clock.now() + queries.SHORTEST_NOTICE
    given = queries.slots_of(offer) if host is None else queries.slots_by(host)
    found = given.where(shared, Slot.starts_at > earliest).limit(4 * MOST_TIMES)
    slots = queries.without_busy(list(db.session.scalars(found)))
    parts = busy.free_parts(slots)
    fitting = (meeting_in(offer, slot, windows, parts.get(slot.id)) for slot in slots)
    return [meeting for meeting in fitting if meeting is not None][:MOST_TIMES]


def other_times(proposal: Proposal, *, of_host: bool = False) -> list[Meeting]:
    """Other moments of the same offer that suit the class; ``of_host``: only the guest's own.

    A colleague to whom the question was passed on need not be among the offer's professionals.
    """
    if proposal.starts_at is None:
        return []
    host, offer = proposal.professional, proposal.offer
    apart = host is not None and (of_host or host not in offer.professionals)
    found = meetings_for(proposal.need, offer, host if apart else None)
    return [
        meeting
        for meeting in found
        if meeting.id != proposal.slot_id
        and (meeting.starts_at, meeting.slot.professional_id)
        != (proposal.starts_at, proposal.professional_id)
    ]


def times_to_offer(proposal: Proposal, *, side: Side, by: Person | None) -> list[Meeting]:
    """The times this person may offer: a guest gives away nobody's moments but the own."""
    speaks_for_all = by is not None and (
        policies.is_contact_of(by, proposal.offer.company_id)
        or policies.is_coordinator_of(by, proposal.region_id)
    )
    return other_times(proposal, of_host=side == Side.COMPANY and not speaks_for_all)


def visit_time(
    need: Need, offer: Offer, slot: Slot | None
) -> tuple[datetime | None, datetime | None]:
    """When a visit in this slot is: inside the class's windows, else from the slot's start."""
    if slot is None:
        return None, None
    part = busy.free_parts([slot]).get(slot.id)
    meeting = meeting_in(offer, slot, queries.open_windows(need, need.school), part)
    if meeting is not None:
        return meeting.starts_at, meeting.ends_at
    return slot.starts_at, min(slot.ends_at, slot.starts_at + timedelta(minutes=offer.minutes))


def _on_quarter(moment: datetime) -> datetime:
    late = moment.timestamp() % QUARTER_SECONDS
    return moment + timedelta(seconds=QUARTER_SECONDS - late) if late else moment
