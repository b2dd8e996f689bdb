"""What professionals say of their year: yes, maybe or no; and, per term, that all still holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, or_, select

from matcher import clock, mail, policies
from matcher.errors import Invalid, NotAllowed
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.link import PersonalLink, PersonalPurpose
from matcher.models.professional import Pledge, Professional, Slot

AT_ONCE = 200  # mails per firing; the next firing takes the rest
MONTHS_AHEAD = 12
GOOD_FOR = timedelta(days=30)
_SETTLED = timedelta(days=14)  # into a term before anybody is asked about it


def months_ahead() -> list[date]:
    """The first days of the months in which somebody can ask to be asked again."""
    today, found = clock.today(), []
    for ahead in range(1, MONTHS_AHEAD + 1):
        year, month = divmod(today.month - 1 + ahead, 12)
        found.append(date(today.year + year, month + 1, 1))
    return found


def pledge(
    professional: Professional, answer: Pledge, ask_again_on: date | None, *, by: Person | None
) -> None:
    """Say yes, maybe or no to this school year; a maybe and a no with the month to ask again.

    A yes is asked anew when the next school year starts. ``by`` is None for a mailed link.
    """
    _may_speak_for(professional, by)
    if answer == Pledge.YES:
        ask_again_on = next_school_year()
    if ask_again_on not in {*months_ahead(), next_school_year()}:
        raise Invalid(_l("Choose the month to ask you again."), field="ask_again")
    before = professional.pledge
    professional.pledge, professional.pledged_at = answer, clock.now()
    professional.ask_again_on = ask_again_on
    changes: dict[str, object] = {"pledge": [before.value, answer.value]}
    write_journal("pledge", professional, by=by, changes=changes)


def confirm_still_true(professional: Professional, *, by: Person | None) -> None:
    """Moments, limits and what one offers still hold: the matcher counts it as fresh."""
    _may_speak_for(professional, by)
    professional.confirmed_at = clock.now()
    write_journal("still_true", professional, by=by)


def next_school_year() -> date:
    """The first of September to come."""
    today = clock.today()
    return date(today.year + (today.month >= 9), 9, 1)


def is_due_to_confirm(professional: Professional) -> bool:
    """Not yet confirmed in this term, and there are moments to confirm."""
    told = professional.confirmed_at or professional.created_at
    return (
        professional.can_be_asked(clock.today())
        and clock.term(clock.local(told).date()) != clock.term()
    )


def ask_pledges() -> int:
    """Mail everybody whose month has come, once; how many."""
    today = clock.today()
    due = (
        select(Professional)
        .where(
            Professional.is_active,
            Professional.ask_again_on <= today,
            or_(
                Professional.pledge_asked_on.is_(None),
                Professional.pledge_asked_on < Professional.ask_again_on,
            ),
        )
        .order_by(Professional.id)
        .limit(AT_ONCE)
    )
    asked = 0
    for one in _reachable(due):
        one.pledge_asked_on = today
        _write("pledge_asked", one, PersonalPurpose.PLEDGE, key=today.isoformat())
        asked += 1
    db.session.flush()
    return asked


def ask_still_true() -> int:
    """Once per term mail who has moments to come and has not confirmed them; how many."""
    today = clock.today()
    if clock.term(today - _SETTLED) != clock.term(today):
        return 0
    has_moments = (
        select(Slot.id)
        .where(
            Slot.professional_id == Professional.id,
            Slot.withdrawn_at.is_(None),
            Slot.starts_at > clock.now(),
        )
        .exists()
    )
    began = _term_began(today)
    due = (
        select(Professional)
        .where(
            Professional.may_be_asked(today),
            has_moments,
            or_(Professional.still_asked_on.is_(None), Professional.still_asked_on < began),
        )
        .order_by(Professional.id)
        .limit(AT_ONCE)
    )
    asked = 0
    for one in _reachable(due):
        one.still_asked_on = today
        if is_due_to_confirm(one):
            _write("still_true_asked", one, PersonalPurpose.STILL_TRUE, key=clock.term(today))
            asked += 1
    db.session.flush()
    return asked


def _term_began(day: date) -> date:
    """The first day of the half school year of a day: in August or February."""
    first = date(day.year, 8 if day.month >= 8 else 2, 1)
    return first if day.month != 1 else date(day.year - 1, 8, 1)


def _reachable(due: Select[Professional]) -> Iterator[Professional]:
    for one in db.session.scalars(due).all():
        if one.person is None or one.person.blocked_at is None:
            yield one


def _write(message: str, one: Professional, purpose: PersonalPurpose, *, key: str) -> None:
    link = PersonalLink(
        purpose=purpose,
        holder=f"professional:{one.id}",
        professional_id=one.id,
        expires_at=clock.now() + GOOD_FOR,
    )
    db.session.add(link)
    db.session.flush()
    reader = one.person or mail.Stranger(one.email, "nl")
    mail.queue(
        message, reader, key=f"{message}:{one.id}:{key}", personal=link, company=one.company.name
    )


def _may_speak_for(professional: Professional, by: Person | None) -> None:
    if by is not None and not policies.may_edit_professional(by, professional):
        raise NotAllowed(_l("Only this professional and a contact of the company can do this."))
