"""What professionals' own calendars leave of their moments: it is stored nowhere, only asked.

A slot counts for its longest stretch in which the professional's calendar says nothing. The
matcher, the choice of another time, invitations and healing all go by that stretch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from matcher.extensions import db
from matcher.models.busy import BusyBlock
from matcher.models.professional import Slot
from matcher.models.proposal import Proposal

Stretch = tuple[datetime, datetime]
MANY_IDS = 500  # ids in one IN (…)


def blocks_of(
    professionals: Collection[int], first: datetime, last: datetime
) -> dict[int, list[Stretch]]:
    """The taken stretches of these people between two moments, in order."""
    found: dict[int, list[Stretch]] = defaultdict(list)
    ids = sorted(set(professionals))
    for start in range(0, len(ids), MANY_IDS):
        rows = (
            select(BusyBlock.professional_id, BusyBlock.starts_at, BusyBlock.ends_at)
            .where(
                BusyBlock.professional_id.in_(ids[start : start + MANY_IDS]),
                BusyBlock.starts_at < last,
                BusyBlock.ends_at > first,
            )
            .order_by(BusyBlock.professional_id, BusyBlock.starts_at, BusyBlock.id)
        )
        for row in db.session.execute(rows):
            found[row.professional_id].append((row.starts_at, row.ends_at))
    return found


def longest_free(start: datetime, end: datetime, blocks: Iterable[Stretch]) -> Stretch | None:
    """The longest part of a stretch that no block touches, the earliest of equals; or None."""
    best, at = None, start
    for begins, ends in sorted(blocks):
        if begins >= end:
            break
        if begins > at and (best is None or begins - at > best[1] - best[0]):
            best = (at, begins)
        at = max(at, ends)
    if at < end and (best is None or end - at > best[1] - best[0]):
        best = (at, end)
    return best


def free_parts(slots: Sequence[Slot]) -> dict[int, Stretch]:
    """Each slot's free part by its id, in one query; a slot that is wholly taken is not there."""
    whole = {slot.id: (slot.starts_at, slot.ends_at) for slot in slots}
    hosts = {slot.professional_id for slot in slots if slot.professional_id is not None}
    if not hosts:
        return whole
    first = min(slot.starts_at for slot in slots)
    taken = blocks_of(hosts, first, max(slot.ends_at for slot in slots))
    if not taken:
        return whole
    parts = {
        slot.id: longest_free(
            slot.starts_at, slot.ends_at, taken.get(slot.professional_id or 0, ())
        )
        for slot in slots
    }
    return {key: part for key, part in parts.items() if part is not None}


def is_taken(professional_id: int | None, start: datetime, end: datetime) -> bool:
    """Whether this person's own calendar has something then."""
    return professional_id is not None and bool(blocks_of({professional_id}, start, end))


def clashes(proposal: Proposal) -> bool:
    """Whether the guest's own calendar has something at the time of this proposal."""
    if proposal.starts_at is None or proposal.ends_at is None or proposal.shares_slot:
        return False
    return is_taken(proposal.professional_id, proposal.starts_at, proposal.ends_at)
