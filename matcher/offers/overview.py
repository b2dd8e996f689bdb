"""A company's own page: its offers with what they miss, its professionals with their load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import WAITING, ProposalState
from matcher.models.offer import Offer, OfferState
from matcher.models.organisation import Company
from matcher.models.professional import Load, Professional, Slot
from matcher.models.proposal import Proposal
from matcher.offers.completeness import Requirement, missing_for_publication
from matcher.offers.professionals import is_paused
from matcher.offers.service import asks_still_true

MOST_SHOWN = 300
STATE_ORDER = (
    OfferState.REVIEW,
    OfferState.PUBLISHED,
    OfferState.DRAFT,
    OfferState.PAUSED,
    OfferState.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One offer: what it still misses, whether it has to be confirmed, what came of it."""

    offer: Offer
    missing: tuple[Requirement, ...]
    asks_still_true: bool
    waiting: int
    agreed: int


@dataclass(frozen=True, slots=True)
class ProfessionalLine:
    """One professional: visits agreed this month and term beside the limits, moments free."""

    professional: Professional
    in_month: int
    in_term: int
    free: int
    is_paused: bool

    @property
    def is_full(self) -> bool:
        cap = self.professional
        return self.in_month >= cap.month_cap or self.in_term >= cap.term_cap


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the company's page shows."""

    company: Company
    offers: tuple[OfferLine, ...]
    professionals: tuple[ProfessionalLine, ...]
    in_term: int

    @property
    def to_confirm(self) -> tuple[Offer, ...]:
        return tuple(line.offer for line in self.offers if line.asks_still_true)


def companies_of(person: Person) -> list[Company]:
    """The companies whose page this person may work on, by name; at most 300."""
    query = select(Company).order_by(Company.name).limit(MOST_SHOWN)
    if not person.has_role(Role.ADMINISTRATOR):
        mine = {g.company_id for g in person.grants if g.role == Role.COMPANY_CONTACT}
        regions = {g.region_id for g in person.grants if g.role == Role.COORDINATOR}
        query = query.where(or_(Company.id.in_(mine), Company.region_id.in_(regions)))
    return list(db.session.scalars(query))


def professionals_of(company: Company, *, active: bool = False) -> Sequence[Professional]:
    """By name; at most 300."""
    query = select(Professional).where(Professional.company_id == company.id)
    if active:
        query = query.where(Professional.is_active)
    query = query.order_by(Professional.is_active.desc(), Professional.name, Professional.id)
    return db.session.scalars(query.limit(MOST_SHOWN)).all()


def own_professionals(person: Person) -> Sequence[Professional]:
    """As whom this person gives lectures: once for each company."""
    query = select(Professional).where(Professional.person_id == person.id)
    return db.session.scalars(query.order_by(Professional.id).limit(MOST_SHOWN)).all()


def overview(company: Company) -> Overview:
    """The whole page in a fixed number of queries."""
    professionals = professionals_of(company)
    loads = _loads(company, professionals)
    free = _free_slots(company)
    return Overview(
        company=company,
        offers=tuple(_offer_lines(company)),
        professionals=tuple(
            ProfessionalLine(
                professional=one,
                in_month=loads.get((f"professional:{one.id}", clock.month()), 0),
                in_term=loads.get((f"professional:{one.id}", clock.term()), 0),
                free=free.get(one.id, 0),
                is_paused=is_paused(one),
            )
            for one in professionals
        ),
        in_term=loads.get((f"company:{company.id}", clock.term()), 0),
    )


def load_of(professional: Professional) -> ProfessionalLine:
    """The same line for one professional's own page."""
    loads = _loads(professional.company, [professional])
    holder = f"professional:{professional.id}"
    return ProfessionalLine(
        professional=professional,
        in_month=loads.get((holder, clock.month()), 0),
        in_term=loads.get((holder, clock.term()), 0),
        free=_free_slots(professional.company).get(professional.id, 0),
        is_paused=is_paused(professional),
    )


def _offer_lines(company: Company) -> list[OfferLine]:
    offers = db.session.scalars(
        select(Offer)
        .where(Offer.company_id == company.id)
        .options(selectinload(Offer.professionals), selectinload(Offer.dates))
        .order_by(Offer.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    waiting, agreed = _proposals(company, WAITING), _proposals(company, {ProposalState.CONFIRMED})
    return [
        OfferLine(
            offer,
            missing_for_publication(offer),
            asks_still_true(offer),
            waiting.get(offer.id, 0),
            agreed.get(offer.id, 0),
        )
        for offer in sorted(offers, key=lambda offer: STATE_ORDER.index(offer.state))
    ]


def _proposals(
    company: Company, states: set[ProposalState] | frozenset[ProposalState]
) -> dict[int, int]:
    rows = db.session.execute(
        select(Proposal.offer_id, func.count(Proposal.id))
        .join(Offer, Offer.id == Proposal.offer_id)
        .where(Offer.company_id == company.id, Proposal.state.in_(states))
        .group_by(Proposal.offer_id)
    )
    return {row[0]: row[1] for row in rows}


def _loads(company: Company, professionals: Sequence[Professional]) -> dict[tuple[str, str], int]:
    holders = [f"professional:{one.id}" for one in professionals] + [f"company:{company.id}"]
    rows = db.session.execute(
        select(Load.holder, Load.period, Load.taken).where(
            Load.holder.in_(holders), Load.period.in_([clock.month(), clock.term()])
        )
    )
    return {(row.holder, row.period): row.taken for row in rows}


def _free_slots(company: Company) -> dict[int, int]:
    """Moments to come that no visit has taken, per professional."""
    taken = select(Proposal.slot_id).where(
        Proposal.state == ProposalState.CONFIRMED, Proposal.slot_id.is_not(None)
    )
    rows = db.session.execute(
        select(Slot.professional_id, func.count(Slot.id))
        .join(Professional, Professional.id == Slot.professional_id)
        .where(
            Professional.company_id == company.id,
            Slot.withdrawn_at.is_(None),
            Slot.starts_at > clock.now(),
            Slot.id.not_in(taken),
        )
        .group_by(Slot.professional_id)
    )
    return {key: count for key, count in rows if key is not None}
