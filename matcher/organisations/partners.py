"""Who are partners, who could be, and what they have done together: reads for pages and jobs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.organisation import Partnership, PartnershipState, School
from matcher.models.proposal import Proposal
from matcher.models.visit import Feedback, Visit

GOOD_VISITS = 2
LOOKED_BACK = timedelta(days=730)
AT_ONCE = 200
MOST = 100


def pairs_without_plan(starts: date) -> list[tuple[int, int]]:
    """(school, company) with two good visits in two years, and no plan for the year or running.

    A visit was good when the school would have it again and the company does not say otherwise.
    """
    again = _feedback(Side.SCHOOL, again=True)
    never = _feedback(Side.COMPANY, again=False)
    planned = exists().where(
        Partnership.school_id == Need.school_id,
        Partnership.company_id == Offer.company_id,
        or_(Partnership.starts_on == starts, Partnership.state != PartnershipState.ENDED),
    )
    found = (
        select(Need.school_id, Offer.company_id)
        .select_from(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .where(
            Proposal.state == ProposalState.DELIVERED,
            Proposal.confirmed_at >= clock.now() - LOOKED_BACK,
            again,
            ~never,
            ~planned,
        )
        .group_by(Need.school_id, Offer.company_id)
        .having(func.count() >= GOOD_VISITS)
        .order_by(Need.school_id, Offer.company_id)
        .limit(AT_ONCE)
    )
    return [(school, company) for school, company in db.session.execute(found)]


def _feedback(side: Side, *, again: bool) -> Exists:
    return exists().where(
        Visit.proposal_id == Proposal.id,
        Feedback.visit_id == Visit.id,
        Feedback.side == side,
        Feedback.again.is_(again),
    )


def in_state(state: PartnershipState) -> Select[Partnership]:
    return (
        select(Partnership)
        .options(joinedload(Partnership.school), joinedload(Partnership.company))
        .where(Partnership.state == state)
        .order_by(Partnership.id)
        .limit(AT_ONCE)
    )


def of_person(person: Person) -> Select[Partnership]:
    """Those of one's schools, companies and regions: what runs or waits first, then by year."""
    mine: list[ColumnElement[bool]] = [false()]
    if person.school_ids:
        mine.append(Partnership.school_id.in_(person.school_ids))
    if person.company_ids:
        mine.append(Partnership.company_id.in_(person.company_ids))
    if person.region_ids:
        mine.append(Partnership.school.has(School.region_id.in_(person.region_ids)))
    if person.has_role(Role.ADMINISTRATOR):
        mine = [Partnership.id.is_not(None)]
    return (
        select(Partnership)
        .options(
            joinedload(Partnership.school),
            joinedload(Partnership.company),
            selectinload(Partnership.activities),
        )
        .where(or_(*mine))
        .order_by(
            Partnership.state == PartnershipState.ENDED,
            Partnership.starts_on.desc(),
            Partnership.id.desc(),
        )
    )


def visits_of(partnership: Partnership) -> list[Proposal]:
    """What the two agreed on or held in the plan's year, in order of time."""
    first = datetime.combine(partnership.starts_on, time(), UTC)
    last = datetime.combine(partnership.ends_on or partnership.starts_on, time(), UTC)
    when = func.coalesce(Proposal.starts_at, Proposal.confirmed_at)
    found = (
        select(Proposal)
        .join(Need, Need.id == Proposal.need_id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .options(joinedload(Proposal.offer), joinedload(Proposal.need))
        .where(
            Need.school_id == partnership.school_id,
            Offer.company_id == partnership.company_id,
            Proposal.state.in_([ProposalState.CONFIRMED, ProposalState.DELIVERED]),
            when >= first,
            when < last + timedelta(days=1),
        )
        .order_by(when, Proposal.id)
    )
    return list(db.session.scalars(found.limit(MOST)))


def teachers_of(partnership: Partnership) -> list[Person]:
    """The teachers whose classes this company came to; they know it."""
    came = (
        select(Need.teacher_id)
        .join(Proposal, Proposal.need_id == Need.id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .where(
            Need.school_id == partnership.school_id,
            Offer.company_id == partnership.company_id,
            Proposal.state == ProposalState.DELIVERED,
        )
    )
    found = select(Person).where(Person.id.in_(came), Person.blocked_at.is_(None))
    return list(db.session.scalars(found.order_by(Person.id).limit(MOST)))


def contacts_of(partnership: Partnership) -> list[Person]:
    found = (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            and_(
                RoleGrant.role == Role.COMPANY_CONTACT,
                RoleGrant.company_id == partnership.company_id,
                Person.blocked_at.is_(None),
            )
        )
    )
    return list(db.session.scalars(found.order_by(Person.id).limit(MOST)).unique())
