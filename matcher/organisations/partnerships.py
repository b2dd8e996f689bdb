"""Verbs on partnerships: two good visits suggest one, both sign its plan, it ends or goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock, mail, policies
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moves import Side
from matcher.models.organisation import (
    Company,
    Partnership,
    PartnershipState,
    PlannedActivity,
    School,
)
from matcher.organisations import partners

RENEWED_BEFORE = timedelta(days=60)
LAST_START = 5  # from May on a plan is for the next school year
MOST_ACTIVITIES = 30
SIGNED: dict[Side, str] = {Side.SCHOOL: "school_signed_at", Side.COMPANY: "company_signed_at"}
OTHER = {Side.SCHOOL: Side.COMPANY, Side.COMPANY: Side.SCHOOL}


def suggest_due() -> int:
    """Suggest a year plan to each school and company with two good visits. How many, each once."""
    starts = start_of_year(clock.today())
    made = 0
    for school_id, company_id in partners.pairs_without_plan(starts):
        school = db.session.get_one(School, school_id)
        company = db.session.get_one(Company, company_id)
        partnership = _new(school, company, starts)
        write_journal("suggest", partnership, by=None)
        for side in SIGNED:
            _write("partnership_suggested", partnership, side)
        made += 1
    return made


def plan(partnership: Partnership, words: str, *, by: Person) -> None:
    """What the two want with each other. A plan that changes has to be signed anew."""
    _acting(partnership, by)
    if partnership.state != PartnershipState.PROPOSED:
        raise WrongState(_l("Both have signed this plan. Renew it to make another one."))
    if partnership.plan == words:
        return
    partnership.plan = words
    partnership.school_signed_at = partnership.company_signed_at = None
    write_journal("plan", partnership, by=by)


def add_activity(
    partnership: Partnership, kind: str, title: str, month: str, *, by: Person
) -> None:
    """One more line of the plan, in a month of its year."""
    _acting(partnership, by)
    _check_runs(partnership)
    if not _first_of(partnership) <= month <= _last_of(partnership):
        raise Invalid(_l("Choose a month of this school year."), field="month")
    if len(partnership.activities) >= MOST_ACTIVITIES:
        raise Invalid(_l("A year has room for thirty lines."), field="title")
    partnership.activities.append(PlannedActivity(kind=kind, title=title, month=month))
    db.session.flush()
    write_journal("plan_activity", partnership, by=by, changes={"title": title, "month": month})


def remove_activity(activity: PlannedActivity, *, by: Person) -> None:
    partnership = activity.partnership
    _acting(partnership, by)
    _check_runs(partnership)
    write_journal("remove_activity", partnership, by=by, changes={"title": activity.title})
    partnership.activities.remove(activity)


def tick_activity(activity: PlannedActivity, *, by: Person) -> None:
    """It is done, or after all it is not."""
    _acting(activity.partnership, by)
    _check_runs(activity.partnership)
    activity.done_at = None if activity.done_at else clock.now()


def sign(partnership: Partnership, *, by: Person) -> None:
    """Agree with the plan, for one's own side; with the second signature it runs."""
    side = _acting(partnership, by)
    _hold(partnership)
    if partnership.state != PartnershipState.PROPOSED:
        raise WrongState(_l("This plan has been signed or has ended."))
    if not partnership.plan and not partnership.activities:
        raise Invalid(_l("Write down first what you want to do together."), field="plan")
    setattr(partnership, SIGNED[side], clock.now())
    if partnership.school_signed_at and partnership.company_signed_at:
        partnership.state = PartnershipState.ACTIVE
    write_journal("sign", partnership, by=by, changes={"side": side.value})
    active = partnership.state == PartnershipState.ACTIVE
    _write("partnership_active" if active else "partnership_signed", partnership, OTHER[side])


def end(partnership: Partnership, note: str, *, by: Person) -> None:
    """Stop, or say no to what was suggested; it is not suggested again for this year."""
    if not policies.may_see_partnership(by, partnership):
        raise NotAllowed(_l("Only the two partners can do this."))
    side = policies.partner_side(by, partnership)
    _hold(partnership)
    if partnership.state == PartnershipState.ENDED:
        raise WrongState(_l("This partnership has ended already."))
    _end(partnership, note, by=by)
    for other in SIGNED if side is None else [OTHER[side]]:
        _write("partnership_ended", partnership, other)


def renew(partnership: Partnership, *, by: Person) -> Partnership:
    """The same plan for the next school year, to be signed by both; made once."""
    _acting(partnership, by)
    starts = date(partnership.starts_on.year + 1, 8, 1)
    known = _find(partnership.school_id, partnership.company_id, starts)
    if known is not None:
        return known
    renewed = _new(partnership.school, partnership.company, starts)
    renewed.plan = partnership.plan
    renewed.activities = [
        PlannedActivity(kind=line.kind, title=line.title, month=_a_year_on(line.month))
        for line in partnership.activities
    ]
    db.session.flush()
    write_journal("renew", renewed, by=by, changes={"from": partnership.id})
    return renewed


def ask_to_renew() -> int:
    """Two months before a plan ends, ask both whether they go on. How many plans, each once."""
    today = clock.today()
    ending = partners.in_state(PartnershipState.ACTIVE).where(
        Partnership.ends_on <= today + RENEWED_BEFORE,
        Partnership.ends_on >= today,
        Partnership.renewal_asked_at.is_(None),
    )
    asked = db.session.scalars(ending).all()
    for partnership in asked:
        partnership.renewal_asked_at = clock.now()
        for side in SIGNED:
            _write("partnership_renewal", partnership, side)
    db.session.flush()
    return len(asked)


def end_past() -> int:
    """A plan whose year is over ends, signed or not. How many did."""
    past = select(Partnership).where(
        Partnership.state != PartnershipState.ENDED, Partnership.ends_on < clock.today()
    )
    ended = db.session.scalars(past.order_by(Partnership.id).limit(500)).all()
    for partnership in ended:
        _end(partnership, "", by=None)
    db.session.flush()
    return len(ended)


def start_of_year(day: date) -> date:
    """First day of the school year a plan made on this day is for."""
    return date(day.year if day.month >= LAST_START else day.year - 1, 8, 1)


def _new(school: School, company: Company, starts: date) -> Partnership:
    partnership = Partnership(
        school=school,
        company=company,
        state=PartnershipState.PROPOSED,
        starts_on=starts,
        ends_on=date(starts.year + 1, 7, 31),
    )
    db.session.add(partnership)
    db.session.flush()
    return partnership


def _find(school_id: int, company_id: int, starts: date) -> Partnership | None:
    return db.session.scalar(
        select(Partnership).where(
            Partnership.school_id == school_id,
            Partnership.company_id == company_id,
            Partnership.starts_on == starts,
        )
    )


def _hold(partnership: Partnership) -> None:
    """Two that sign at once must see each other's signature."""
    db.session.flush()
    db.session.refresh(partnership, with_for_update={"of": Partnership})


def _acting(partnership: Partnership, by: Person) -> Side:
    side = policies.partner_side(by, partnership)
    if side is None:
        raise NotAllowed(_l("Only the two partners can do this."))
    return side


def _check_runs(partnership: Partnership) -> None:
    if partnership.state == PartnershipState.ENDED:
        raise WrongState(_l("This partnership has ended already."))


def _end(partnership: Partnership, note: str, *, by: Person | None) -> None:
    partnership.state = PartnershipState.ENDED
    partnership.ended_at, partnership.ended_note = clock.now(), note
    write_journal("end", partnership, by=by)


def _write(message: str, partnership: Partnership, side: Side) -> None:
    """One mail per person, deed and state of the signatures."""
    if side == Side.SCHOOL:
        people: Iterable[Person] = partners.teachers_of(partnership)
    else:
        people = partners.contacts_of(partnership)
    moment = partnership.school_signed_at or partnership.company_signed_at
    stamp = int(moment.timestamp()) if moment else 0
    for person in people:
        mail.queue(
            message,
            person,
            key=f"{message}:{partnership.id}:{stamp}:{person.id}",
            path=f"/partnerships/{partnership.id}",
            partnership=partnership,
            side=side,
        )


def _first_of(partnership: Partnership) -> str:
    return f"{partnership.starts_on:%Y-%m}"


def _last_of(partnership: Partnership) -> str:
    return f"{partnership.ends_on or partnership.starts_on:%Y-%m}"


def _a_year_on(month: str) -> str:
    return f"{int(month[:4]) + 1}{month[4:]}"
