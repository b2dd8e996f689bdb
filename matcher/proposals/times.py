"""At which time of a free moment a visit would be, so that it suits both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_

from matcher import clock
from matcher.extensions import db
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.professional import QUARTER_SECONDS, Slot
from matcher.models.proposal import Proposal
from matcher.proposals import queries

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


def meeting_in(offer: Offer, slot: Slot, windows: Sequence[Window]) -> Meeting | None:
    """The first time in the slot that lies in one of the class's windows; None when none does.

    As the matcher has it: a visit starts on a quarter of an hour; a webinar when it starts.
    """
    for start, end in sorted(windows):
        if slot.offer_id is not None:
            if start <= slot.starts_at and slot.ends_at <= end:
                return Meeting(slot, slot.starts_at, slot.ends_at)
            continue
        begins = _on_quarter(max(slot.starts_at, start))
        ends = begins + timedelta(minutes=offer.minutes)
        if ends <= min(slot.ends_at, end):
            return Meeting(slot, begins, ends)
    return None


def meetings_for(need: Need, offer: Offer) -> list[Meeting]:
    """The free moments of an offer in which it fits this class, the earliest first."""
    windows = queries.open_windows(need, need.school)
    if not windows or offer.is_on_demand:
        return []
    shared = or_(*(and_(Slot.starts_at < b, Slot.ends_at > a) for a, b in windows))
    earliest = clock.now() + queries.SHORTEST_NOTICE
    found = queries.slots_of(offer).where(shared, Slot.starts_at > earliest)
    slots = queries.without_busy(list(db.session.scalars(found.limit(4 * MOST_TIMES))))
    fitting = (meeting_in(offer, slot, windows) for slot in slots)
    return [meeting for meeting in fitting if meeting is not None][:MOST_TIMES]


def other_times(proposal: Proposal) -> list[Meeting]:
    """Other moments of the same offer that suit the class."""
    if proposal.slot_id is None:
        return []
    found = meetings_for(proposal.need, proposal.offer)
    return [meeting for meeting in found if meeting.id != proposal.slot_id]


def visit_time(
    need: Need, offer: Offer, slot: Slot | None
) -> tuple[datetime | None, datetime | None]:
    """When a visit in this slot is: inside the class's windows, else from the slot's start."""
    if slot is None:
        return None, None
    meeting = meeting_in(offer, slot, queries.open_windows(need, need.school))
    if meeting is not None:
        return meeting.starts_at, meeting.ends_at
    return slot.starts_at, min(slot.ends_at, slot.starts_at + timedelta(minutes=offer.minutes))


def _on_quarter(moment: datetime) -> datetime:
    late = moment.timestamp() % QUARTER_SECONDS
    return moment + timedelta(seconds=QUARTER_SECONDS - late) if late else moment
