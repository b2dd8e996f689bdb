"""A company's contacts: who answers for it. There is always one."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock, policies
from matcher.errors import NotAllowed, NotFound, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import COMPANY_ROLES, LinkPurpose, MailLink, Person, Role, RoleGrant
from matcher.models.journal import write_journal
from matcher.models.organisation import Company

MOST = 100


def contacts_of(company: Company) -> list[Person]:
    """By name; the blocked too, for they hold the role."""
    return _people(company, Role.COMPANY_CONTACT)


def colleagues_of(company: Company) -> list[Person]:
    """Who works here, has an account and is no contact yet."""
    contacts = {person.id for person in contacts_of(company)}
    everybody = _people(company, *COMPANY_ROLES)
    return [p for p in everybody if p.id not in contacts and p.blocked_at is None]


def _people(company: Company, *roles: Role) -> list[Person]:
    found = select(Person).where(
        Person.grants.any(RoleGrant.role.in_(roles) & (RoleGrant.company_id == company.id))
    )
    return list(db.session.scalars(found.order_by(Person.name, Person.id).limit(MOST)))


def invitations_of(company: Company) -> list[MailLink]:
    """Who was invited and has not come yet, newest first."""
    found = select(MailLink).where(
        MailLink.purpose == LinkPurpose.INVITE,
        MailLink.used_at.is_(None),
        MailLink.expires_at > clock.now(),
        MailLink.details["company_id"].as_integer() == company.id,
    )
    return list(db.session.scalars(found.order_by(MailLink.id.desc()).limit(MOST)))


def add_contact(company: Company, person: Person, *, by: Person) -> None:
    """Let a colleague answer for the company too. Who has no account is invited instead."""
    _may(company, by)
    if not policies.is_of_company(person, company.id):
        raise NotFound(_l("Only somebody of this company can be its contact. Invite them first."))
    if policies.is_contact_of(person, company.id):
        raise Taken(_l("%(name)s is a contact already.", name=person.name))
    if person.blocked_at is not None:
        raise WrongState(_l("This account is blocked."))
    person.grants.append(RoleGrant(role=Role.COMPANY_CONTACT, company_id=company.id))
    db.session.flush()
    write_journal("contact_added", company, by=by, changes={"contact": [None, person.id]})


def remove_contact(company: Company, person: Person, *, by: Person) -> None:
    """Take the role away, one's own too; the last contact who can sign in stays."""
    _may(company, by)
    # Two contacts who remove each other at one moment: the second waits here, and is refused.
    db.session.execute(select(Company.id).where(Company.id == company.id).with_for_update())
    found = select(RoleGrant).where(
        RoleGrant.company_id == company.id, RoleGrant.role == Role.COMPANY_CONTACT
    )
    grants = db.session.scalars(found.execution_options(populate_existing=True)).all()
    mine = next((grant for grant in grants if grant.person_id == person.id), None)
    if mine is None:
        raise NotFound(_l("This person is no contact of the company."))
    if not any(g.person_id != person.id and g.person.blocked_at is None for g in grants):
        raise WrongState(
            _l("The last contact cannot leave. Make a colleague contact first, or hand over.")
        )
    person.grants.remove(mine)
    db.session.flush()
    write_journal("contact_removed", company, by=by, changes={"contact": [person.id, None]})


def hand_over(company: Company, to: Person, *, by: Person) -> None:
    """A contact's own place, given to a colleague."""
    if not policies.is_contact_of(by, company.id):
        raise NotAllowed(_l("Only a contact can hand over."))
    if not policies.is_contact_of(to, company.id):
        add_contact(company, to, by=by)
    remove_contact(company, by, by=by)


def _may(company: Company, by: Person) -> None:
    if not policies.may_edit_company(by, company):
        raise NotAllowed(_l("Only this company's contacts can change this."))
