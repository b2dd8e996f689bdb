"""People from a file, by mail address: their roles, and what a professional can give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from matcher import clock, mail
from matcher.errors import Invalid
from matcher.exchange import cells
from matcher.exchange.columns import Column, Record
from matcher.exchange.names import by_code
from matcher.exchange.outcome import Changes, Line, Verdict, differences
from matcher.exchange.scope import (
    Scope,
    companies_named,
    company_of,
    regions_by_code,
    rows_by,
    school_of,
)
from matcher.extensions import db
from matcher.models.account import COMPANY_ROLES, Person, Role, RoleGrant
from matcher.models.journal import write_journal
from matcher.models.organisation import Company, School
from matcher.models.professional import Professional
from matcher.offers import professionals
from matcher.web.names import LANGUAGES

ROLES = {
    "teacher": Role.TEACHER,
    "docent": Role.TEACHER,
    "leraar": Role.TEACHER,
    "companycontact": Role.COMPANY_CONTACT,
    "contact": Role.COMPANY_CONTACT,
    "contactpersoon": Role.COMPANY_CONTACT,
    "professional": Role.PROFESSIONAL,
    "gastdocent": Role.PROFESSIONAL,
    "coordinator": Role.COORDINATOR,
    "administrator": Role.ADMINISTRATOR,
}
ACCOUNT = ("name", "phone", "language")
CARD = ("profession", "about", "languages", "postcode", "radius_km", "month_cap", "term_cap")


def columns(scope: Scope) -> tuple[Column, ...]:
    """The columns of a file of people: a row for each role of each person."""
    mine = {name: code for name, code in by_code(LANGUAGES).items() if code in {"nl", "en"}}
    return (
        Column(
            "email",
            _l("Mail address"),
            cells.mail_address,
            asked=True,
            also=("e-mail", "mail", "e-mailadres", "mailadres"),
            example="a.deboer@school.nl",
        ),
        Column("name", _l("Name"), cells.name, asked=True, also=("naam",), example="Anna de Boer"),
        Column("phone", _l("Telephone"), cells.line(40), also=("telefoon", "tel")),
        Column("language", _l("Language of mails"), cells.one_of(mine), also=("taal",)),
        *_role_columns(scope),
        *_card_columns(scope),
    )


def _role_columns(_scope: Scope) -> tuple[Column, ...]:
    """Which role, and where it holds."""
    return (
        Column(
            "role",
            _l("Role"),
            cells.one_of(ROLES),
            asked=True,
            also=("rol",),
            example="teacher",
            hint=_l("teacher, company_contact or professional"),
        ),
        Column(
            "school",
            _l("School (code)"),
            cells.line(40),
            also=("brin", "schoolcode", "school"),
            example="01AB00",
        ),
        Column("company", _l("Company (name or number)"), cells.line(), also=("bedrijf",)),
        Column("region", _l("Region"), cells.line(40), also=("regio",)),
    )


def _card_columns(_scope: Scope) -> tuple[Column, ...]:
    """What a professional can give."""
    spoken = by_code(LANGUAGES)
    return (
        Column(
            "account",
            _l("Has an account"),
            lambda text: cells.yes_no(text) if text.strip() else True,
            hint=_l("No: only the company's card of a professional, without an account."),
        ),
        Column("profession", _l("Profession"), cells.line(120), also=("beroep",)),
        Column("about", _l("About this person"), cells.prose(1500)),
        Column("languages", _l("Speaks with a class in"), cells.some_of(spoken)),
        Column("postcode", _l("Travels from postcode"), cells.postcode, also=("postcode",)),
        Column("radius_km", _l("Travels at most (km)"), cells.whole(0, 500)),
        Column("month_cap", _l("Most visits a month"), cells.whole(0, 31)),
        Column("term_cap", _l("Most visits in half a school year"), cells.whole(0, 100)),
    )


def is_of_these_regions(person: Person, scope: Scope) -> bool:
    """Holds roles, and none elsewhere: whose account a coordinator may mend."""
    if scope.is_boundless:
        return True
    held = {_region_of(grant) for grant in person.grants}
    return bool(held) and all(region is not None and scope.may(region) for region in held)


def _region_of(grant: RoleGrant) -> int | None:
    if grant.school is not None:
        return grant.school.region_id
    return grant.company.region_id if grant.company is not None else grant.region_id


class People:
    """Brings people and their roles in line with a file."""

    def __init__(self, scope: Scope, found: Sequence[Record]) -> None:
        self.scope = scope
        self.known = rows_by(Person.email, (r.get("email") for r in found))
        self.schools = rows_by(School.register_code, (r.get("school") for r in found))
        self.companies = companies_named(filter(None, (r.get("company") for r in found)))
        self.regions = regions_by_code()
        self.told: dict[str, Record] = {}

    @staticmethod
    def key(record: Record) -> object:
        names = ("email", "role", "school", "company", "region")
        return tuple(str(record.get(name) or "").lower() for name in names)

    @staticmethod
    def is_told_twice(record: Record, first: Record) -> bool:
        return record.values == first.values

    def take(self, record: Record) -> Line:
        """Add or change one person with one role."""
        role = Role(record.values["role"])
        place, at = self._place(role, record)
        label = f"{record.values['email']} ({role.value})"
        if role == Role.PROFESSIONAL and record.get("account") is False:
            return self._card_alone(record, at, label)
        person, changes, is_new = self._account(record)
        is_granted = self._grant(person, role, place)
        if role == Role.PROFESSIONAL:
            changes |= self._card(record, person, at, is_asked=is_granted)[0]
        if is_new:
            self._welcome(person)
        if is_granted:
            write_journal("import", person, by=self.scope.by, changes={"role": [None, role.value]})
            return Line(record.row, label, Verdict.NEW)
        if not changes:
            return Line(record.row, label, Verdict.SAME)
        write_journal("import", person, by=self.scope.by, changes=changes)
        return Line(record.row, label, Verdict.CHANGED, changes)

    def _card_alone(self, record: Record, company: Company | None, label: str) -> Line:
        """A professional whom the company asks itself, without an account."""
        changes, is_new = self._card(record, None, company, is_asked=True)
        if is_new:
            return Line(record.row, label, Verdict.NEW)
        verdict = Verdict.CHANGED if changes else Verdict.SAME
        return Line(record.row, label, verdict, changes)

    # ---- the account ----------------------------------------------------------------------------
    def _account(self, record: Record) -> tuple[Person, Changes, bool]:
        email = record.values["email"]
        self._insist_on_one_story(email, record)
        wanted = {name: record.values[name] for name in ACCOUNT if record.has(name)}
        if not wanted.get("language"):
            wanted.pop("language", None)
        person = self.known.get(email)
        if person is None:
            person = Person(email=email, email_verified_at=clock.now(), **wanted)
            person.phone = person.phone or None
            db.session.add(person)
            db.session.flush()
            self.known[email] = person
            return person, {}, True
        changes = differences({name: getattr(person, name) for name in wanted}, wanted)
        if changes and not is_of_these_regions(person, self.scope):
            text = _(
                "%(name)s also belongs elsewhere: only they themselves can change this.",
                name=person.name,
            )
            raise Invalid(text, field=next(iter(changes)))
        for name in changes:
            setattr(person, name, wanted[name] or None)
        return person, changes, False

    def _insist_on_one_story(self, email: str, record: Record) -> None:
        """Several roles of one person stand in several rows; they must not contradict."""
        first = self.told.setdefault(email, record)
        for name in ACCOUNT:
            if record.get(name) != first.get(name):
                text = _("Row %(row)d says something else of this person.", row=first.row)
                raise Invalid(text, field=name)

    def _welcome(self, person: Person) -> None:
        """Nobody is entered somewhere without being told, and by whom."""
        by = self.scope.by.name if self.scope.by is not None else "Lesbrug"
        mail.queue("entered", person, key=f"entered:{person.id}", path="/sign-in/link", by=by)

    # ---- the role -------------------------------------------------------------------------------
    def _place(self, role: Role, record: Record) -> tuple[dict[str, int], Company | None]:
        """Where the role holds, as the grant's columns."""
        if role == Role.TEACHER:
            school = school_of((record.get("school") or "").upper(), self.schools)
            self.scope.insist(school.region_id, "school")
            return {"school_id": school.id}, None
        if role in COMPANY_ROLES:
            company = company_of(record.get("company") or "", self.companies)
            self.scope.insist(company.region_id, "company")
            return {"company_id": company.id}, company
        if role == Role.ADMINISTRATOR:
            return {}, None
        region = self.regions.get(record.get("region") or "")
        if region is None:
            raise Invalid(_("Give the code of the region."), field="region")
        self.scope.insist(region.id, "region")
        return {"region_id": region.id}, None

    def _grant(self, person: Person, role: Role, place: Mapping[str, int]) -> bool:
        """Whether the role is new; some are not for coordinators to give."""
        wanted = {"school_id": None, "company_id": None, "region_id": None} | dict(place)
        for old in person.grants:
            if old.role == role and all(getattr(old, n) == v for n, v in wanted.items()):
                return False
        if role in {Role.COORDINATOR, Role.ADMINISTRATOR} and not self.scope.is_boundless:
            raise Invalid(_("Only an administrator can give this role."), field="role")
        person.grants.append(RoleGrant(role=role, **place))
        db.session.flush()
        return True

    # ---- the professional's card ----------------------------------------------------------------
    def _card(
        self, record: Record, person: Person | None, company: Company | None, *, is_asked: bool
    ) -> tuple[Changes, bool]:
        """What changed on the card, and whether it is new; ``is_asked`` where there must be one."""
        assert company is not None
        email = record.values["email"]
        card = db.session.scalar(
            select(Professional)
            .where(Professional.company_id == company.id, func.lower(Professional.email) == email)
            .limit(1)
        )
        wanted: dict[str, Any] = {
            name: record.values[name]
            for name in CARD
            if record.has(name) and record.values[name] not in (None, "", [])
        }
        if card is None:
            if not wanted.get("profession"):
                if not is_asked:
                    return {}, False
                raise Invalid(_("Say what the professional's work is."), field="profession")
            wanted.setdefault("languages", [person.language if person else "nl"])
            values = wanted | {"email": email, "name": record.values["name"]}
            card = professionals.add_professional(company, values, by=self.scope.acting)
            card.person_id = person.id if person else None
            return {}, True
        changes = differences({name: getattr(card, name) for name in wanted}, wanted)
        if changes:
            chosen = {name: wanted[name] for name in changes}
            professionals.update_professional(card, chosen, by=self.scope.acting)
        return changes, False
