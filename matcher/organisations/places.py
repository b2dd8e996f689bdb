"""What the pages of a company and of a school read: their people, offers and visits."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant
from matcher.models.moves import ProposalState
from matcher.models.need import Need
from matcher.models.offer import Offer, OfferState
from matcher.models.organisation import Company, School
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal

MOST = 100


def professionals_of(company: Company) -> list[Professional]:
    """Who takes part, by name."""
    found = select(Professional).where(
        Professional.company_id == company.id, Professional.is_active
    )
    return list(db.session.scalars(found.order_by(Professional.name, Professional.id).limit(MOST)))


def offers_of(company: Company) -> list[Offer]:
    """What is offered or being written, newest first."""
    found = select(Offer).where(Offer.company_id == company.id, Offer.state != OfferState.WITHDRAWN)
    return list(db.session.scalars(found.order_by(Offer.id.desc()).limit(MOST)))


def teachers_of(school: School) -> list[Person]:
    """A school's teachers with an account, by name."""
    found = select(Person).where(
        Person.grants.any((RoleGrant.role == Role.TEACHER) & (RoleGrant.school_id == school.id)),
        Person.blocked_at.is_(None),
    )
    return list(db.session.scalars(found.order_by(Person.name, Person.id).limit(MOST)))


def visits_of(school: School) -> Select[Proposal]:
    """What was agreed or held for this school's classes: what is to come last agreed first."""
    when = func.coalesce(Proposal.starts_at, Proposal.confirmed_at)
    return (
        select(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .options(
            joinedload(Proposal.need).joinedload(Need.teacher),
            joinedload(Proposal.offer).joinedload(Offer.company),
        )
        .where(
            Need.school_id == school.id,
            Proposal.state.in_([ProposalState.CONFIRMED, ProposalState.DELIVERED]),
        )
        .order_by(when.desc(), Proposal.id.desc())
    )


def schools_of(person: Person) -> list[School]:
    """Where a person teaches, by name."""
    found = select(School).where(School.id.in_(person.school_ids))
    return list(db.session.scalars(found.order_by(School.name, School.id).limit(MOST)))
