"""Verbs on one professional of a company: add, update, pause, resume, leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock, policies
from matcher.errors import Invalid, NotAllowed, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.professional import Professional
from matcher.reference.postcodes import find_postcode

if TYPE_CHECKING:
    from matcher.models.organisation import Company

FIELDS = ("name", "profession", "about", "languages", "radius_km", "month_cap", "term_cap")
LONGEST_PAUSE = timedelta(days=400)


def add_professional(company: Company, values: Mapping[str, Any], *, by: Person) -> Professional:
    """Somebody of the company who will give lectures or tours; an account is not needed."""
    if not policies.may_edit_company(by, company):
        raise NotAllowed(_l("Only a contact of this company can do this."))
    professional = Professional(
        company=company,
        postcode=company.postcode,
        latitude=company.latitude,
        longitude=company.longitude,
    )
    with db.session.no_autoflush:
        _write(professional, company, values)
    db.session.add(professional)
    db.session.flush()
    return professional


def update_professional(
    professional: Professional, values: Mapping[str, Any], *, by: Person
) -> None:
    """Change what the form holds; visits that were agreed stand, whatever the new limits."""
    _may_edit(professional, by)
    with db.session.no_autoflush:
        _write(professional, professional.company, values)
    db.session.flush()


def pause_professional(professional: Professional, until: date, *, by: Person) -> None:
    """No proposals for moments up to and including this day."""
    _may_edit(professional, by)
    if until < clock.today():
        raise Invalid(_l("Choose a day that is not in the past."), field="until")
    if until > clock.today() + LONGEST_PAUSE:
        raise Invalid(_l("Choose a day within a year."), field="until")
    professional.paused_until = until


def resume_professional(professional: Professional, *, by: Person) -> None:
    _may_edit(professional, by)
    if not is_paused(professional):
        raise WrongState(_l("This professional is not paused."))
    professional.paused_until = None


def set_active(professional: Professional, active: bool, *, by: Person) -> None:
    """Somebody who left keeps the visits agreed; nothing new is proposed."""
    if not policies.may_edit_company(by, professional.company):
        raise NotAllowed(_l("Only a contact of this company can do this."))
    professional.is_active = active


def is_paused(professional: Professional) -> bool:
    until = professional.paused_until
    return until is not None and until >= clock.today()


def _may_edit(professional: Professional, by: Person) -> None:
    if not policies.may_edit_professional(by, professional):
        raise NotAllowed(_l("Only this professional and a contact of the company can do this."))


def _write(professional: Professional, company: Company, values: Mapping[str, Any]) -> None:
    """Refuse first, then write, so that a refusal leaves nothing half changed."""
    area = None
    if values.get("postcode") and values["postcode"] != professional.postcode:
        area = find_postcode(values["postcode"])
        if area is None:
            raise Invalid(_l("We do not know this postcode."), field="postcode")
    if "email" in values:
        _write_email(professional, company, values["email"].strip().lower())
    for name in FIELDS:
        if name in values:
            setattr(professional, name, values[name])
    if area is not None:
        professional.postcode = values["postcode"].replace(" ", "").upper()
        professional.latitude, professional.longitude = area.latitude, area.longitude


def _write_email(professional: Professional, company: Company, email: str) -> None:
    """An address is known once per company; who has an account with it is tied to it."""
    same = select(Professional.id).where(
        Professional.company_id == company.id, Professional.email == email
    )
    if professional.id is not None:
        same = same.where(Professional.id != professional.id)
    if db.session.scalar(same.limit(1)) is not None:
        raise Taken(_l("Somebody with this address is in your list already."), field="email")
    professional.email = email
    if professional.person_id is None:
        person = db.session.scalar(select(Person).where(Person.email == email))
        if person is not None and _holds_for(person, company):
            professional.person_id = person.id


def _holds_for(person: Person, company: Company) -> bool:
    return any(
        grant.role == Role.PROFESSIONAL and grant.company_id == company.id
        for grant in person.grants
    )
