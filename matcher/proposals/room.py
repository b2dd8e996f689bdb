"""Whether somebody still has room for a visit: load limits and other visits, before a yes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import select

from matcher import clock
from matcher.errors import Taken
from matcher.extensions import db
from matcher.models.professional import Load, Professional
from matcher.models.proposal import Proposal
from matcher.proposals import busy, claims, queries

Counted = dict[tuple[str, str], int]  # (holder, period) -> visits agreed


@dataclass(frozen=True, slots=True)
class Room:
    """A professional's visits agreed in a proposal's month and term, beside the own limits."""

    in_month: int
    month_cap: int
    in_term: int
    term_cap: int
    clashes: bool = False  # the professional's own calendar has something at that time

    @property
    def is_full(self) -> bool:
        return self.in_month >= self.month_cap or self.in_term >= self.term_cap


def room_for(proposal: Proposal) -> Room | None:
    """What the professional asked has given already; None where nobody's load counts."""
    host = proposal.professional
    if host is None or proposal.starts_at is None or proposal.shares_slot:
        return None
    room = _room(proposal, host, _counted(proposal, [host.id]))
    return replace(room, clashes=busy.clashes(proposal))


def rooms_for(proposals: Iterable[Proposal]) -> dict[int, Room]:
    """The same of many, for who chooses among them, by one query; own calendars are not asked."""
    found = [p for p in proposals if p.professional and p.starts_at and not p.shares_slot]
    rows = select(Load.holder, Load.period, Load.taken).where(
        Load.holder.in_({f"professional:{p.professional_id}" for p in found}),
        Load.period.in_({period for p in found for period in _periods(p)}),
    )
    counted = {(row.holder, row.period): row.taken for row in db.session.execute(rows)}
    return {p.id: _room(p, p.professional, counted) for p in found if p.professional}


def with_room(proposal: Proposal, hosts: Iterable[Professional]) -> list[Professional]:
    """Those who could take this visit on: within their limits, and free at that time."""
    found = list(hosts)
    if proposal.starts_at is None or proposal.ends_at is None:
        return found
    counted = _counted(proposal, [host.id for host in found])
    if _company_is_full(proposal, counted):
        return []
    first, after = claims.quarters(proposal.starts_at, proposal.ends_at)
    ids = {host.id for host in found}
    away = {key for key, _quarter in queries.claimed(ids, first, after)}
    away |= set(busy.blocks_of(ids, proposal.starts_at, proposal.ends_at))
    return [
        host for host in found if host.id not in away and not _room(proposal, host, counted).is_full
    ]


def check(proposal: Proposal) -> None:
    """Refuse a first yes that could not be confirmed as things stand; the second yes claims."""
    room = room_for(proposal)
    if room is None or proposal.starts_at is None or proposal.ends_at is None:
        return
    assert proposal.professional is not None
    if queries.is_busy(proposal.professional_id, proposal.starts_at, proposal.ends_at):
        raise Taken(claims.PERSON_BUSY)
    if room.is_full or _company_is_full(proposal, _counted(proposal, [])):
        raise Taken(claims.FULL)


def _room(proposal: Proposal, host: Professional, counted: Counted) -> Room:
    month, term = _periods(proposal)
    holder = f"professional:{host.id}"
    return Room(
        in_month=counted.get((holder, month), 0),
        month_cap=host.month_cap,
        in_term=counted.get((holder, term), 0),
        term_cap=host.term_cap,
    )


def _company_is_full(proposal: Proposal, counted: Counted) -> bool:
    company = proposal.offer.company
    holder = (f"company:{company.id}", _periods(proposal)[1])
    return company.term_cap is not None and counted.get(holder, 0) >= company.term_cap


def _counted(proposal: Proposal, host_ids: Iterable[int]) -> Counted:
    holders = [f"professional:{key}" for key in host_ids]
    rows = select(Load.holder, Load.period, Load.taken).where(
        Load.holder.in_([*holders, f"company:{proposal.offer.company_id}"]),
        Load.period.in_(_periods(proposal)),
    )
    return {(row.holder, row.period): row.taken for row in db.session.execute(rows)}


def _periods(proposal: Proposal) -> tuple[str, str]:
    assert proposal.starts_at is not None
    zone = ZoneInfo(proposal.region.programme.time_zone)
    day = clock.local(proposal.starts_at, zone).date()
    return clock.month(day), clock.term(day)
