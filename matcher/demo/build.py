"""Builds the demo on an empty database, and says who lives in it."""

from __future__ import annotations

from sqlalchemy import func, select

from matcher.demo.companies import build_companies
from matcher.demo.history import play
from matcher.demo.past import live_through
from matcher.demo.people import grant, make_person
from matcher.demo.schools import build_needs, make_teachers, pick_schools
from matcher.demo.signed import sign_earlier_year
from matcher.demo.waiting import let_wait
from matcher.extensions import db
from matcher.guide.suggesting import tend_toolbox
from matcher.models.account import Person, Role
from matcher.models.moves import ProposalState
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal
from matcher.proposals.run import run_region

REGIONS = ("NL-NB", "NL-ZH")
COORDINATORS = {"NL-NB": "Gerda van Loon", "NL-ZH": "Ben Kortekaas"}


def is_empty() -> bool:
    """Whether nobody has an account yet."""
    return not db.session.scalar(select(func.count()).select_from(Person))


def build() -> None:
    """Schools, companies, needs and offers, a finished run, and proposals in every state."""
    found = db.session.scalars(select(Region).where(Region.code.in_(REGIONS)))
    regions = {region.code: region for region in found}
    build_companies(regions)
    coordinators = {}
    for code, region in regions.items():
        schools = pick_schools(region)
        teachers = make_teachers(schools)
        build_needs(schools, teachers, half=REGIONS.index(code))
        coordinators[code] = make_person(COORDINATORS[code])
        live_through(region, schools, teachers, coordinators[code])
        grant(coordinators[code], Role.COORDINATOR, region=region)
        sign_earlier_year(region, coordinators[code])
    administrator = make_person("Ada Beheer")
    grant(administrator, Role.ADMINISTRATOR)
    db.session.commit()
    for code, region in regions.items():
        run_region(region, started_by=coordinators[code])
        db.session.commit()
        play(region, coordinators[code])
        db.session.commit()
        run_region(region, started_by=coordinators[code])
        db.session.commit()
    let_wait({region.code: region for region in db.session.scalars(select(Region))})
    tend_toolbox()
    _choose_demo_people(regions[REGIONS[0]], coordinators[REGIONS[0]], administrator)
    db.session.commit()


def _choose_demo_people(region: Region, coordinator: Person, administrator: Person) -> None:
    """A visitor becomes people who have something to do: both sides of an open question."""
    proposal = db.session.scalars(
        select(Proposal)
        .where(
            Proposal.region_id == region.id,
            Proposal.state.in_([ProposalState.ASKED, ProposalState.SCHOOL_YES]),
            Proposal.professional_id.is_not(None),
        )
        .order_by(Proposal.id)
    ).first()
    chosen = {coordinator, administrator}
    if proposal is not None and proposal.professional is not None:
        chosen |= {proposal.need.teacher}
        if proposal.professional.person is not None:
            chosen.add(proposal.professional.person)
    for person in chosen:
        person.is_demo = True
    contact = db.session.scalars(
        select(Person)
        .where(
            Person.grants.any(role=Role.COMPANY_CONTACT), Person.id.not_in({p.id for p in chosen})
        )
        .order_by(Person.id)
    ).first()
    if contact is not None:
        contact.is_demo = True


def people() -> list[Person]:
    """Whom a visitor can become."""
    return list(db.session.scalars(select(Person).where(Person.is_demo).order_by(Person.id)))
