"""A class without a request of its own: the few facts a webinar, film or challenge asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.need import Need, NeedState, NeedWindow
from matcher.models.offer import Offer
from matcher.models.organisation import School
from matcher.offers.kinds import Booking, booking_of
from matcher.web.forms import Choices, Form, WholeNumber
from matcher.web.names import Names

if TYPE_CHECKING:
    from matcher.models.professional import Slot


class ClassForm(Form):
    """Which class it is for."""

    school = Choices(_l("School"), filled=True)
    subject = Choices(_l("Subject"), filled=True)
    level = Choices(_l("Level"), filled=True)
    group_size = WholeNumber(_l("Number of pupils"), least=1, most=1000, filled=True)


def schools_of(person: Person) -> Sequence[School]:
    found = select(School).where(School.id.in_(person.school_ids)).order_by(School.name, School.id)
    return db.session.scalars(found.limit(50)).all()


def class_form(offer: Offer, person: Person) -> ClassForm:
    names, form = Names(), ClassForm()
    form.school.choices = [(str(school.id), school.name) for school in schools_of(person)]
    form.subject.choices = [(code, names.subject(code)) for code in offer.subjects]
    form.level.choices = [(code, names.level(code)) for code in offer.levels]
    return form


def may_be_quick(offer: Offer) -> bool:
    """Nobody travels for it: no plan of days is needed first."""
    return booking_of(offer) != Booking.PROFESSIONAL


def open_for(offer: Offer, slot: Slot | None, form: ClassForm, *, by: Person) -> Need:
    """An open need for just this offer, at just this date."""
    school = db.session.get_one(School, int(form.school.data))
    if school.id not in by.school_ids:
        raise NotAllowed(_l("Only a teacher of this school can do this."))
    if not may_be_quick(offer):
        raise WrongState(_l("First write what your class needs; then you can ask for this."))
    if booking_of(offer) == Booking.DATE and slot is None:
        raise Invalid(_l("Choose a time."), field="slot")
    if offer.max_group is not None and (form.group_size.data or 0) > offer.max_group:
        most = _l("It takes groups of at most %(most)d pupils.", most=offer.max_group)
        raise Invalid(most, field="group_size")
    need = Need(school=school, region_id=school.region_id, teacher=by, **_values(offer, form))
    if slot is not None:
        need.windows = [NeedWindow(starts_at=slot.starts_at, ends_at=slot.ends_at)]
    db.session.add(need)
    db.session.flush()
    write_journal("publish", need, by=by)
    return need


def _values(offer: Offer, form: ClassForm) -> dict[str, Any]:
    """What the offer says already, and the few facts of the class."""
    return {
        "state": NeedState.OPEN,
        "title": offer.title,
        "goal": offer.description,
        "language": offer.language,
        "subject": form.subject.data,
        "levels": [form.level.data],
        "years": [],
        "support": [],
        "group_size": form.group_size.data,
        "kinds": [offer.kind.value],
        "place": offer.place,
        "languages": list(offer.languages),
        "class_profile": {},
        "lesson_minutes": min(max(offer.minutes, 10), 600),
        "published_at": clock.now(),
        "matched_at": clock.now(),  # it asks for this one thing
    }
