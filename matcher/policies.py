"""Who may what, and who sees what: pure predicates, asked by doors, services and templates."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from matcher import clock
from matcher.models.account import COMPANY_ROLES, Role
from matcher.models.moves import ProposalState, Side

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.need import Need
    from matcher.models.offer import Offer
    from matcher.models.organisation import Company, Partnership, Region, School
    from matcher.models.professional import Professional
    from matcher.models.proposal import Proposal

CONTACTS_SHOWN_FOR = timedelta(days=30)


# ---- roles --------------------------------------------------------------------------------------
def is_administrator(person: Person) -> bool:
    return person.has_role(Role.ADMINISTRATOR)


def is_coordinator_of(person: Person, region_id: int) -> bool:
    return is_administrator(person) or any(
        g.role == Role.COORDINATOR and g.region_id == region_id for g in person.grants
    )


def is_contact_of(person: Person, company_id: int) -> bool:
    return any(g.role == Role.COMPANY_CONTACT and g.company_id == company_id for g in person.grants)


def is_of_company(person: Person, company_id: int) -> bool:
    return any(g.role in COMPANY_ROLES and g.company_id == company_id for g in person.grants)


def stands_on_both_sides(person: Person) -> bool:
    """Teaches somewhere, and works for a company that takes part."""
    return bool(person.school_ids and person.company_ids)


# ---- school side --------------------------------------------------------------------------------
def may_see_need(person: Person, need: Need) -> bool:
    return need.teacher_id == person.id or is_coordinator_of(person, need.region_id)


def may_edit_need(person: Person, need: Need) -> bool:
    return may_see_need(person, need)


def may_edit_school(person: Person, school: School) -> bool:
    """Its page, arrival and bell times: who teaches there; the region's coordinators may help."""
    return school.id in person.school_ids or is_coordinator_of(person, school.region_id)


def may_invite_for(person: Person, need: Need) -> bool:
    return may_see_need(person, need)


# ---- company side -------------------------------------------------------------------------------
def may_edit_company(person: Person, company: Company) -> bool:
    return is_contact_of(person, company.id) or is_coordinator_of(person, company.region_id)


def may_edit_offer(person: Person, offer: Offer) -> bool:
    return is_contact_of(person, offer.company_id) or is_coordinator_of(person, offer.region_id)


def may_edit_professional(person: Person, professional: Professional) -> bool:
    return (
        professional.person_id == person.id
        or is_contact_of(person, professional.company_id)
        or is_coordinator_of(person, professional.company.region_id)
    )


# ---- toolbox ------------------------------------------------------------------------------------
def may_edit_toolbox(person: Person) -> bool:
    return any(g.role in (Role.COORDINATOR, Role.ADMINISTRATOR) for g in person.grants)


def may_attach_to_visit(person: Person, proposal: Proposal) -> bool:
    """Both sides of an agreed visit, and its coordinator."""
    agreed = proposal.state in (ProposalState.CONFIRMED, ProposalState.DELIVERED)
    return agreed and bool(sides_of(person, proposal))


# ---- partnerships -------------------------------------------------------------------------------
def partner_side(person: Person, partnership: Partnership) -> Side | None:
    """For whom somebody may plan and sign: a teacher for the school, a contact for the company."""
    if partnership.school_id in person.school_ids:
        return Side.SCHOOL
    return Side.COMPANY if is_contact_of(person, partnership.company_id) else None


def may_see_partnership(person: Person, partnership: Partnership) -> bool:
    regions = {partnership.school.region_id, partnership.company.region_id}
    return (
        partner_side(person, partnership) is not None
        or is_of_company(person, partnership.company_id)
        or any(is_coordinator_of(person, region) for region in regions)
    )


# ---- where they meet ----------------------------------------------------------------------------
def sides_of(person: Person, proposal: Proposal) -> frozenset[Side]:
    """The sides on which this person stands in this proposal."""
    sides = set()
    if proposal.need.teacher_id == person.id:
        sides.add(Side.SCHOOL)
    if is_contact_of(person, proposal.offer.company_id) or (
        proposal.professional is not None and proposal.professional.person_id == person.id
    ):
        sides.add(Side.COMPANY)
    if is_coordinator_of(person, proposal.region_id):
        sides.add(Side.COORDINATOR)
    return frozenset(sides)


def may_see_proposal(person: Person, proposal: Proposal) -> bool:
    """Both sides see what has been released; the coordinator sees suggestions too."""
    sides = sides_of(person, proposal)
    if Side.COORDINATOR in sides:
        return True
    released = any(move.target == ProposalState.ASKED for move in proposal.moves) or (
        proposal.state not in {ProposalState.SUGGESTED, ProposalState.SUPERSEDED}
        and any(move.name != "drop" for move in proposal.moves)
    )
    return bool(sides) and released


def may_move(person: Person, proposal: Proposal, name: str) -> bool:
    """Whether one of this person's sides may take this edge now."""
    return any(proposal.may_move(name, side) for side in sides_of(person, proposal))


def may_coordinate(person: Person, region: Region) -> bool:
    return is_coordinator_of(person, region.id)


# ---- what is shown when -------------------------------------------------------------------------
class Shown(StrEnum):
    """What the two sides may know of each other; see ``shown``."""

    SCHOOL_BAND = "school_band"  # region and distance band
    SCHOOL_NAME = "school_name"
    FIRST_NAMES = "first_names"
    FULL_NAMES = "full_names"
    CONTACTS = "contacts"  # e-mail, phone, address and room, video link


_YES = {Shown.SCHOOL_BAND, Shown.SCHOOL_NAME, Shown.FIRST_NAMES}
_NAMES = _YES | {Shown.FULL_NAMES}
_DISCLOSED: dict[ProposalState, set[Shown]] = {
    ProposalState.SUGGESTED: {Shown.SCHOOL_BAND},
    ProposalState.ASKED: {Shown.SCHOOL_BAND},
    ProposalState.SCHOOL_YES: _YES,
    ProposalState.COMPANY_YES: _YES,
    ProposalState.CONFIRMED: _NAMES | {Shown.CONTACTS},
    ProposalState.DELIVERED: _NAMES | {Shown.CONTACTS},
    ProposalState.NOT_HELD: _NAMES,
    ProposalState.CANCELLED: _NAMES,
}


def shown(proposal: Proposal) -> frozenset[Shown]:
    """What the two sides see of each other now; contacts are masked 30 days after the visit."""
    disclosed = set(_DISCLOSED.get(proposal.state, {Shown.SCHOOL_BAND}))
    held_until = proposal.ends_at or proposal.confirmed_at
    if held_until is not None and clock.now() > held_until + CONTACTS_SHOWN_FOR:
        disclosed.discard(Shown.CONTACTS)
    return frozenset(disclosed)
