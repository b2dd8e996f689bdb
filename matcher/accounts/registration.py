"""How people come in: they register or are invited, and become a person by using the mailed link.

Until then nothing of them is kept but the link: no account waits for whoever claims it first, and
nobody's address is spent by somebody else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from matcher import clock, mail, policies
from matcher.accounts import links, passwords
from matcher.accounts.service import find_person
from matcher.errors import Invalid, NotAllowed, NotFound, Taken
from matcher.extensions import db
from matcher.models.account import (
    COMPANY_ROLES,
    ForeignIdentity,
    LinkPurpose,
    MailLink,
    Person,
    Role,
    RoleGrant,
)
from matcher.models.journal import write_journal
from matcher.models.organisation import Company, Region, School
from matcher.models.professional import Professional
from matcher.reference import programme
from matcher.reference.postcodes import PostcodeArea, find_postcode


@dataclass(frozen=True, slots=True)
class NewCompany:
    """What is asked of a company at the door; the rest is asked inside."""

    name: str
    postcode: str
    employees: int
    sector: str = ""
    register_code: str = ""


# ---- register -----------------------------------------------------------------------------------
def register_teacher(
    email: str,
    *,
    name: str,
    school_id: int | None,
    language: str,
    identity: tuple[str, str] | None = None,
) -> None:
    """Mail the link that makes a teacher's account. Tells nothing of who has one.

    ``identity`` (issuer, subject) is who this is at the school's own sign-in service.
    """
    school = db.session.get(School, school_id) if school_id else None
    if school is None or not school.is_open:
        raise Invalid(_l("Choose your school from the list."), field="school_id")
    details: dict[str, Any] = {"role": Role.TEACHER.value, "school_id": school.id, "name": name}
    if identity is not None:
        details["identity"] = list(identity)
    _mail_verification(email, language=language, details=details)


def register_company(email: str, *, name: str, company: NewCompany, language: str) -> None:
    """Mail the link that makes a company and its first contact."""
    _insist_on_new(company)
    area_of(company.postcode)
    details = {"role": Role.COMPANY_CONTACT.value, "name": name, "company": asdict(company)}
    _mail_verification(email, language=language, details=details)


def _mail_verification(email: str, *, language: str, details: dict[str, Any]) -> None:
    person = find_person(email)
    links.end_all(email, LinkPurpose.VERIFY)
    token = links.make(LinkPurpose.VERIFY, email, details={**details, "language": language})
    key = links.hashed(token)
    if person is not None:
        mail.queue("already_known", person, key=f"already_known:{key}", path="/sign-in")
        return
    # Not greeted by the name that was typed: anybody may type anybody's address, and any name.
    reader = mail.Stranger(email, language)
    mail.queue("verify", reader, key=f"verify:{key}", path=f"/verify/{token}")


def _insist_on_new(company: NewCompany) -> None:
    twin = or_(
        func.lower(Company.name) == company.name.lower(),
        Company.register_code == (company.register_code or None),
    )
    if db.session.scalar(select(Company.id).where(twin).limit(1)) is not None:
        text = _l("This company is here already. Ask a colleague there to invite you.")
        raise Taken(text, field="company_name")


def area_of(postcode: str) -> PostcodeArea:
    area = find_postcode(postcode)
    if area is None:
        raise Invalid(_l("Enter a Dutch postcode, such as 5611 AB."), field="postcode")
    return area


# ---- invite -------------------------------------------------------------------------------------
def invite(email: str, company: Company, *, role: Role, language: str, by: Person) -> None:
    """Ask somebody to join a company. An earlier invitation to them for it ends."""
    if role not in COMPANY_ROLES or not policies.may_edit_company(by, company):
        raise NotAllowed(_l("Only the company's own contact can invite people."))
    details = {"role": role.value, "company_id": company.id, "language": language}
    _end_invitations(email, company)
    token = links.make(LinkPurpose.INVITE, email, details={**details, "invited_by": by.id})
    reader: Person | mail.Stranger = find_person(email) or mail.Stranger(email, language)
    mail.queue(
        "invite",
        reader,
        key=f"invite:{links.hashed(token)}",
        path=f"/invitation/{token}",
        company=company.name,
        inviter=by.name,
    )


def _end_invitations(email: str, company: Company) -> None:
    """Those of this company; what another has sent stays."""
    waiting = select(MailLink).where(
        MailLink.email == email,
        MailLink.purpose == LinkPurpose.INVITE,
        MailLink.used_at.is_(None),
    )
    for link in db.session.scalars(waiting.order_by(MailLink.id).limit(50)):
        if link.details.get("company_id") == company.id:
            link.used_at = clock.now()


# ---- become a person ----------------------------------------------------------------------------
def welcome(token: str, purpose: LinkPurpose, *, name: str, password: str = "") -> Person:
    """Use the link: make the person with what the link promises. ``password`` is a choice."""
    link = links.find(token, purpose)
    if find_person(link.email) is not None:
        raise Taken(_l("There is an account with this mail address already. Sign in first."))
    if password:
        passwords.insist_on_strength(password, email=link.email)
    links.use(token, purpose)
    person = Person(
        email=link.email,
        name=name,
        language=str(link.details.get("language", "nl")),
        email_verified_at=clock.now(),
        password_hash=passwords.hashed(password) if password else None,
    )
    db.session.add(person)
    db.session.flush()
    _give(person, link)
    if "identity" in link.details:
        issuer, subject = link.details["identity"]
        db.session.add(ForeignIdentity(issuer=issuer, subject=subject, person_id=person.id))
    return person


def join(token: str, *, by: Person) -> Company:
    """Accept an invitation with the account one has; only its own address may."""
    link = links.find(token, LinkPurpose.INVITE)
    if link.email != by.email:
        raise NotAllowed(_l("This invitation is for another mail address than yours."))
    links.use(token, LinkPurpose.INVITE)
    _give(by, link)
    return company_of(link)


def company_of(link: MailLink) -> Company:
    company = db.session.get(Company, int(link.details["company_id"]))
    if company is None:
        raise NotFound(_l("This company is here no more."))
    return company


def _give(person: Person, link: MailLink) -> None:
    """The role the link promises, at its school or company."""
    role = Role(link.details["role"])
    if role == Role.TEACHER:
        grant = RoleGrant(role=role, school_id=int(link.details["school_id"]))
    elif link.purpose == LinkPurpose.VERIFY:
        grant = RoleGrant(role=role, company_id=_found(NewCompany(**link.details["company"])).id)
    else:
        grant = RoleGrant(role=role, company_id=company_of(link).id)
        _bind_professional(person, grant.company_id)
    if not any(g.role == role and _same_place(g, grant) for g in person.grants):
        person.grants.append(grant)
    db.session.flush()
    write_journal("welcome", person, by=person, changes={"role": [None, role.value]})


def _same_place(one: RoleGrant, other: RoleGrant) -> bool:
    return (one.school_id, one.company_id) == (other.school_id, other.company_id)


def _found(new: NewCompany) -> Company:
    """Make the company, in the region of its postcode."""
    _insist_on_new(new)
    area = area_of(new.postcode)
    company = Company(
        region_id=region_of(area).id,
        name=new.name,
        register_code=new.register_code or None,
        sector=new.sector,
        employees=new.employees,
        postcode=new.postcode.replace(" ", "").upper(),
        town=area.town,
        latitude=area.latitude,
        longitude=area.longitude,
    )
    db.session.add(company)
    db.session.flush()
    return company


def region_of(area: PostcodeArea, code: str = "nl") -> Region:
    """The region whose provinces hold this postcode."""
    codes = [entry.code for entry in programme(code).regions if area.province in entry.provinces]
    region = db.session.scalar(select(Region).where(Region.code.in_(codes)).order_by(Region.id))
    if region is None:
        raise Invalid(_l("This place lies in no region of the programme."), field="postcode")
    return region


def _bind_professional(person: Person, company_id: int | None) -> None:
    """The card a company made of its professional before there was an account."""
    card = db.session.scalar(
        select(Professional).where(
            Professional.company_id == company_id,
            Professional.email == person.email,
            Professional.person_id.is_(None),
        )
    )
    if card is not None:
        card.person_id = person.id
