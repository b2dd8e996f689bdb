"""What a confirmation takes from others: the slot or seat, the person's time, the load limits.

Every limit is kept by the database, the same way on SQLite and PostgreSQL: a counter that only
goes up below its limit, a unique index on the slot, a primary key on each quarter of an hour.
A verb takes its locks in one order (needs, slot, proposals, quarters, loads), so that two of them
wait for each other at most once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from matcher import clock
from matcher.errors import Taken, WrongState
from matcher.extensions import db
from matcher.models.need import Need
from matcher.models.professional import QUARTER_SECONDS, ClaimedQuarter, Load, Slot
from matcher.models.proposal import Proposal

_TIME_TAKEN = _l("This time has just been given to somebody else. Choose another time.")
PERSON_BUSY = _l("The guest speaker already has another visit at this time.")
FULL = _l("The guest speaker or the company has no visits left in this period.")
_MOVED_ON = _l("This proposal has moved on. Look at its present state first.")
_AT_ONCE = _l("Somebody else answered at the same moment. Please try again.")
_UNIQUE = {
    "uq_proposal_slot_confirmed": _TIME_TAKEN,
    "proposal.slot_id": _TIME_TAKEN,
    "pk_claimed_quarter": PERSON_BUSY,
    "claimed_quarter.": PERSON_BUSY,
}


def quarters(start: datetime, end: datetime) -> tuple[int, int]:
    """The first quarter of an hour (since 1970, UTC) a time touches, and the one after the last."""
    first = int(start.timestamp()) // QUARTER_SECONDS
    return first, -(-int(end.timestamp()) // QUARTER_SECONDS)


def hold_needs(need_ids: Iterable[int]) -> dict[int, Need]:
    """Lock needs against other verbs until the transaction ends, and read them afresh.

    SQLite needs no row lock: a transaction that may write is alone there.
    """
    found = (
        select(Need)
        .where(Need.id.in_(sorted(set(need_ids))))
        .order_by(Need.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {need.id: need for need in db.session.scalars(found)}


@contextmanager
def refusing() -> Iterator[None]:
    """Write now; what the database refuses because somebody was first becomes a DomainError."""
    try:
        yield
        db.session.flush()
    except StaleDataError as error:
        raise WrongState(_MOVED_ON) from error
    except IntegrityError as error:
        for name, message in _UNIQUE.items():
            if name in str(error.orig):
                raise Taken(message) from error
        raise
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") in {"40P01", "40001"}:
            raise Taken(_AT_ONCE) from error
        raise


def claim(proposal: Proposal) -> None:
    """Take all that a confirmation needs; Taken when any of it is gone. The door rolls back."""
    if proposal.slot_id is not None:
        _take_place(proposal.slot_id)
        db.session.expire(proposal.slot, ["taken"])
    with refusing():
        pass  # the proposal's own row: its version, and the unique index on the slot
    if proposal.starts_at is None or proposal.ends_at is None or proposal.shares_slot:
        return
    if proposal.professional_id is not None:
        _take_quarters(proposal, proposal.professional_id)
    for holder, period, cap in _loads(proposal):
        _count_up(holder, period, cap)


def release(proposal: Proposal) -> None:
    """Give back what ``claim`` took."""
    if proposal.slot_id is not None:
        _change(
            update(Slot)
            .where(Slot.id == proposal.slot_id, Slot.taken > 0)
            .values(taken=Slot.taken - 1)
        )
        db.session.expire(proposal.slot, ["taken"])
    with refusing():
        pass
    if proposal.starts_at is None or proposal.shares_slot:
        return
    _change(delete(ClaimedQuarter).where(ClaimedQuarter.proposal_id == proposal.id))
    for holder, period, _cap in _loads(proposal):
        _change(
            update(Load)
            .where(Load.holder == holder, Load.period == period, Load.taken > 0)
            .values(taken=Load.taken - 1)
        )


def _change(statement: object) -> int:
    """Run an UPDATE or DELETE as it stands, without flushing what waits in the session."""
    with db.session.no_autoflush:
        result = db.session.execute(
            statement,  # type: ignore[call-overload]
            execution_options={"synchronize_session": False},
        )
    return int(result.rowcount)


def _take_place(slot_id: int) -> None:
    """One of the slot's places: the only one of a lecture, a seat of a webinar."""
    taken = _change(
        update(Slot)
        .where(Slot.id == slot_id, Slot.withdrawn_at.is_(None), Slot.taken < Slot.seats)
        .values(taken=Slot.taken + 1)
    )
    if taken != 1:
        raise Taken(_TIME_TAKEN, field="slot")


def _take_quarters(proposal: Proposal, professional_id: int) -> None:
    assert proposal.starts_at is not None and proposal.ends_at is not None
    first, after = quarters(proposal.starts_at, proposal.ends_at)
    with refusing():
        db.session.add_all(
            ClaimedQuarter(
                professional_id=professional_id, quarter=quarter, proposal_id=proposal.id
            )
            for quarter in range(first, after)
        )


def periods(proposal: Proposal, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Which counters (holder, period) a dated visit counts in, always in the same order."""
    assert proposal.starts_at is not None
    day = clock.local(proposal.starts_at, zone).date()
    found = []
    if proposal.professional_id is not None:
        holder = f"professional:{proposal.professional_id}"
        found += [(holder, clock.month(day)), (holder, clock.term(day))]
    return [*found, (f"company:{proposal.offer.company_id}", clock.term(day))]


def _loads(proposal: Proposal) -> list[tuple[str, str, int | None]]:
    """The same counters with their limits."""
    host, company = proposal.professional, proposal.offer.company
    caps = [host.month_cap, host.term_cap] if host is not None else []
    zone = ZoneInfo(proposal.region.programme.time_zone)
    return [
        (holder, period, cap)
        for (holder, period), cap in zip(
            periods(proposal, zone), [*caps, company.term_cap], strict=True
        )
    ]


def _count_up(holder: str, period: str, cap: int | None) -> None:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    _change(
        dialect.insert(Load)
        .values(holder=holder, period=period, taken=0)
        .on_conflict_do_nothing(index_elements=["holder", "period"])
    )
    row = update(Load).where(Load.holder == holder, Load.period == period)
    if cap is not None:
        row = row.where(Load.taken < cap)
    if _change(row.values(taken=Load.taken + 1)) != 1:
        raise Taken(FULL)
