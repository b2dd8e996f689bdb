"""A professional's own calendar: connect it, look into it, keep when they are busy, forget it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, or_, select

from matcher import clock, policies, seals
from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.busy import BusyBlock, BusyCalendar
from matcher.models.journal import write_journal
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.offers.calendars_read import Look, NotACalendar, Stretch, busy_in
from matcher.offers.slots import zone_of
from matcher.web.fetching import Limits, Unreadable, check, fetch

PURPOSE = "own calendar"
AHEAD = timedelta(days=300)
READ_EVERY = timedelta(hours=2)
AT_ONCE = 3  # calendars of one firing; the next is seconds away
MOST_SHOWN = 200
_SCHEMES = {"webcal": "https", "webcals": "https"}


@dataclass(frozen=True, slots=True)
class Turn:
    """A calendar to be looked into, with all that this takes: no database while we wait."""

    professional_id: int
    sealed: str
    address: str | None  # None: it was locked away under another key
    look: Look


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it: taken stretches, or why there are none."""

    stretches: Sequence[Stretch] = ()
    problem: str = ""


# ---- verbs --------------------------------------------------------------------------------------
def connect(
    professional: Professional, address: str, *, by: Person, allowed: frozenset[str]
) -> None:
    """Keep this address in place of the one before; it is read within seconds."""
    _may(professional, by)
    scheme, separator, rest = address.partition("://")
    address = f"{_SCHEMES.get(scheme.lower(), scheme.lower())}{separator}{rest}"
    try:
        host = check(address, Limits(allowed=allowed)).hostname
    except Unreadable:
        raise Invalid(
            _l("Give the whole address of a calendar, beginning with https://"), field="address"
        ) from None
    _forget(professional)
    db.session.add(
        BusyCalendar(
            professional_id=professional.id,
            sealed=seals.lock_away(PURPOSE, address),
            host=str(host)[:200],
        )
    )
    db.session.flush()
    write_journal("calendar_connected", professional, by=by)


def forget(professional: Professional, *, by: Person) -> None:
    """The address and all that was read from it, for good."""
    _may(professional, by)
    _forget(professional)
    write_journal("calendar_forgotten", professional, by=by)


def read_again(professional: Professional, *, by: Person) -> None:
    """Let the next look come now."""
    _may(professional, by)
    calendar = calendar_of(professional)
    if calendar is not None:
        calendar.tried_at = None


def _forget(professional: Professional) -> None:
    for table in (BusyBlock, BusyCalendar):
        db.session.execute(delete(table).where(table.professional_id == professional.id))
    db.session.expire_all()


def _may(professional: Professional, by: Person) -> None:
    if not policies.may_edit_professional(by, professional):
        raise NotAllowed(_l("Only this professional and the company's contacts can change this."))


# ---- looking ------------------------------------------------------------------------------------
def due() -> list[Turn]:
    """Whose turn it is: never tried, or tried longest ago and more than two hours."""
    over = BusyCalendar.tried_at < clock.now() - READ_EVERY
    found = (
        select(BusyCalendar)
        .join(Professional, Professional.id == BusyCalendar.professional_id)
        .where(or_(BusyCalendar.tried_at.is_(None), over), Professional.is_active)
        .order_by(BusyCalendar.tried_at.asc().nulls_first(), BusyCalendar.professional_id)
        .limit(AT_ONCE)
    )
    return [_turn(calendar) for calendar in db.session.scalars(found)]


def _turn(calendar: BusyCalendar) -> Turn:
    now = clock.now()
    uids = (
        select(Visit.calendar_uid)
        .join(Proposal, Proposal.id == Visit.proposal_id)
        .where(Proposal.professional_id == calendar.professional_id)
    )
    return Turn(
        professional_id=calendar.professional_id,
        sealed=calendar.sealed,
        address=seals.take_out(PURPOSE, calendar.sealed),
        look=Look(
            zone=zone_of(calendar.professional.company),
            first=now - timedelta(days=1),
            last=now + AHEAD,
            own=frozenset(db.session.scalars(uids)),
        ),
    )


def look_into(turn: Turn, *, allowed: frozenset[str]) -> Found:
    """Ask for the calendar and read it; touches no database."""
    if turn.address is None:
        return Found(problem="key")
    try:
        answer = fetch(turn.address, limits=Limits(allowed=allowed))
        if answer.status != 200:
            return Found(problem="status")
        return Found(stretches=busy_in(answer.body, turn.look))
    except Unreadable as refusal:
        return Found(problem=refusal.why)
    except NotACalendar:
        return Found(problem="no_calendar")


def keep(turn: Turn, found: Found) -> None:
    """Put what was found in place of what stood; nothing, where the address has changed meanwhile.

    After a failure what was read before stands: a calendar that is away for an hour frees nobody.
    """
    calendar = db.session.get(BusyCalendar, turn.professional_id, populate_existing=True)
    if calendar is None or calendar.sealed != turn.sealed:
        return
    calendar.tried_at, calendar.problem = clock.now(), found.problem
    if found.problem:
        return
    calendar.read_at = calendar.tried_at
    mine = BusyBlock.professional_id == turn.professional_id
    db.session.execute(delete(BusyBlock).where(mine))
    db.session.add_all(
        BusyBlock(professional_id=turn.professional_id, starts_at=start, ends_at=end)
        for start, end in found.stretches
    )
    db.session.flush()


# ---- reading ------------------------------------------------------------------------------------
def calendar_of(professional: Professional) -> BusyCalendar | None:
    return db.session.get(BusyCalendar, professional.id)


def blocks_to_come(professional: Professional) -> list[BusyBlock]:
    """From now on, in order."""
    found = select(BusyBlock).where(
        BusyBlock.professional_id == professional.id, BusyBlock.ends_at > clock.now()
    )
    ordered = found.order_by(BusyBlock.starts_at, BusyBlock.id)
    return list(db.session.scalars(ordered.limit(MOST_SHOWN)))
