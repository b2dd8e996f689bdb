"""Verbs of the administrator on other people: grant and revoke roles, block and unblock."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from matcher import clock, policies
from matcher.accounts import links, sessions
from matcher.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import COMPANY_ROLES, Person, Role, RoleGrant
from matcher.models.journal import write_journal
from matcher.models.organisation import Company, Region, School


def people(words: str = "") -> Select[Person]:
    """Everybody whose name or address holds the words, by name."""
    found = select(Person).options(selectinload(Person.grants)).order_by(Person.name, Person.id)
    for word in words.lower().split()[:5]:
        sought = func.lower(Person.name).contains(word, autoescape=True)
        found = found.where(or_(sought, Person.email.contains(word, autoescape=True)))
    return found


def regions() -> list[Region]:
    return list(db.session.scalars(select(Region).order_by(Region.name, Region.id).limit(200)))


def grant(person: Person, role: Role, place: str, *, by: Person) -> RoleGrant:
    """Give a role; ``place`` is the school's register code, the company's name or the region's
    code, as the role wants it."""
    _insist_on_administrator(by)
    new = RoleGrant(role=role, **_place_of(role, place.strip()))
    for old in person.grants:
        if (old.role, *_ids(old)) == (role, *_ids(new)):
            raise Taken(_l("This person has this role already."), field="role")
    person.grants.append(new)
    db.session.flush()
    write_journal("grant", person, by=by, changes={"role": [None, _told(role, place)]})
    return new


def _ids(row: RoleGrant) -> tuple[int | None, int | None, int | None]:
    return row.school_id, row.company_id, row.region_id


def _place_of(role: Role, place: str) -> dict[str, int]:
    if role == Role.ADMINISTRATOR:
        return {}
    if role == Role.TEACHER:
        name, wanted = "school_id", select(School.id).where(School.register_code == place)
    elif role in COMPANY_ROLES:
        name, wanted = "company_id", select(Company.id).where(Company.name == place)
    else:
        name, wanted = "region_id", select(Region.id).where(Region.code == place)
    found = db.session.scalar(wanted)
    if found is None:
        raise Invalid(_l("There is no such school, company or region."), field="place")
    return {name: found}


def revoke(grant_id: int, *, by: Person) -> Person:
    """Take a role away; the service never loses its last administrator."""
    _insist_on_administrator(by)
    row = db.session.get(RoleGrant, grant_id)
    if row is None:
        raise NotFound(_l("This role has been taken away already."))
    if row.role == Role.ADMINISTRATOR and _administrators() < 2:
        raise WrongState(_l("This is the last administrator. Make somebody else one first."))
    person = row.person
    person.grants.remove(row)
    db.session.flush()
    write_journal("revoke", person, by=by, changes={"role": [_told(row.role, ""), None]})
    return person


def _administrators() -> int:
    counted = select(func.count()).select_from(RoleGrant)
    return db.session.scalar(counted.where(RoleGrant.role == Role.ADMINISTRATOR)) or 0


def _told(role: Role, place: str) -> str:
    return f"{role.value} {place}".strip()


def block(person: Person, *, by: Person) -> None:
    """Nobody comes in as this person any more, also not where they are signed in now."""
    _insist_on_administrator(by)
    if person.id == by.id:
        raise NotAllowed(_l("You cannot block yourself."))
    person.blocked_at = clock.now()
    sessions.end_all(person)
    links.end_all(person.email)
    write_journal("block", person, by=by)


def unblock(person: Person, *, by: Person) -> None:
    _insist_on_administrator(by)
    person.blocked_at = None
    write_journal("unblock", person, by=by)


def _insist_on_administrator(person: Person) -> None:
    if not policies.is_administrator(person):
        raise NotAllowed(_l("Only an administrator can do this."))
