"""Companies from a file, by KvK's number and establishment, or by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.accounts.registration import region_of
from matcher.errors import Invalid
from matcher.exchange import cells
from matcher.exchange.columns import Column, Record
from matcher.exchange.outcome import Line, Verdict, differences
from matcher.exchange.scope import Scope, companies_named
from matcher.extensions import db
from matcher.models.journal import write_journal
from matcher.models.organisation import Company
from matcher.reference.postcodes import find_postcode

KEPT = (
    "name",
    "register_code",
    "establishment",
    "about",
    "sector",
    "employees",
    "street",
    "postcode",
    "website",
    "term_cap",
    "paused_until",
)


def columns(scope: Scope) -> tuple[Column, ...]:
    """The columns of a file of companies."""
    shape = scope.system.identifiers.get("company", r"^[0-9A-Z]{1,12}$").strip("^$")
    return (
        Column(
            "name",
            _l("Name"),
            cells.name,
            asked=True,
            also=("naam", "bedrijfsnaam", "bedrijf", "company"),
            example="Windwerk BV",
        ),
        Column(
            "register_code",
            _l("Number in the trade register"),
            cells.pattern(shape, lambda: _("KvK's number has 8 digits; mind the zeros in front.")),
            also=("kvk", "kvk-nummer", "kvk nummer"),
            example="12345678",
        ),
        Column(
            "establishment",
            _l("Number of the establishment (KvK)"),
            cells.pattern(
                "[0-9]{12}",
                lambda: _("An establishment's number has 12 digits; mind the zeros in front."),
            ),
            also=("vestigingsnummer", "vestiging"),
            hint=_l("Only where several places of one company take part."),
        ),
        *_more_columns(scope),
    )


def _more_columns(_scope: Scope) -> tuple[Column, ...]:
    """What it does, where it is, and its limits."""
    return (
        Column("about", _l("What the company does"), cells.prose(2000), also=("over",)),
        Column("sector", _l("Sector"), cells.line(80)),
        Column(
            "employees",
            _l("How many people work there"),
            cells.whole(1, 500_000),
            also=("medewerkers", "aantal medewerkers"),
            example="80",
        ),
        Column("street", _l("Street and number"), cells.line(), also=("adres", "straat")),
        Column("postcode", _l("Postcode"), cells.postcode, asked=True, example="5611 AB"),
        Column("town", _l("Town"), cells.line(), also=("plaats",)),
        Column("website", _l("Website"), cells.web_address),
        Column(
            "term_cap",
            _l("Most visits in half a school year"),
            cells.whole(0, 1000),
            hint=_l("Leave empty when any number is fine."),
        ),
        Column("paused_until", _l("Ask nothing until"), cells.day),
    )


class Companies:
    """Brings companies in line with a file."""

    def __init__(self, scope: Scope, found: Sequence[Record]) -> None:
        self.scope = scope
        names = [r.get(n) for r in found for n in ("name", "register_code", "establishment")]
        self.known = companies_named(filter(None, names))

    @staticmethod
    def key(record: Record) -> object:
        code = record.get("register_code")
        if code:
            return code, record.get("establishment", "")
        return str(record.get("name", "")).lower()

    @staticmethod
    def is_told_twice(record: Record, first: Record) -> bool:
        return record.values == first.values

    def take(self, record: Record) -> Line:
        """Add, change or leave one company."""
        values = {name: record.values[name] for name in KEPT if record.has(name)}
        if values.get("establishment") and not values.get("register_code"):
            raise Invalid(_("An establishment needs KvK's number too."), field="register_code")
        company = self._find(values)
        if company is None:
            return self._add(record, values)
        self.scope.insist(company.region_id, "postcode")
        return self._change(record, company, values)

    def _find(self, values: dict[str, Any]) -> Company | None:
        """By number and place; by name where one of the two has no number."""
        code, place = values.get("register_code"), values.get("establishment", "")
        named = self.known.get(values["name"].lower())
        if not code:
            return named
        for one in self.known.values():
            if (one.register_code, one.establishment) == (code, place):
                if named is not None and named is not one:
                    raise Invalid(_("Another company has this name already."), field="name")
                return one
        if named is not None and named.register_code:
            text = _(
                "A company with this name is here with another number: %(code)s.",
                code=f"{named.register_code} {named.establishment}".strip(),
            )
            raise Invalid(text, field="register_code")
        return named

    def _add(self, record: Record, values: dict[str, Any]) -> Line:
        area = find_postcode(values["postcode"])
        assert area is not None
        region = region_of(area, self.scope.system.code)
        self.scope.insist(region.id, "postcode")
        if not values.get("employees"):
            raise Invalid(_("Say how many people work there."), field="employees")
        made: dict[str, Any] = {"street": "", "about": "", "sector": "", "website": ""}
        made |= {"establishment": ""} | values
        made["register_code"] = made.get("register_code") or None
        company = Company(
            region_id=region.id,
            town=record.get("town") or area.town,
            latitude=area.latitude,
            longitude=area.longitude,
            **made,
        )
        db.session.add(company)
        db.session.flush()
        self._remember(company)
        write_journal("import", company, by=self.scope.by)
        return Line(record.row, company.name, Verdict.NEW)

    def _change(self, record: Record, company: Company, values: dict[str, Any]) -> Line:
        if "employees" in values and not values["employees"]:
            raise Invalid(_("Say how many people work there."), field="employees")
        if not values.get("register_code"):
            values.pop("register_code", None)
            values.pop("establishment", None)
        if record.get("town"):
            values["town"] = record.get("town")
        changes = differences({name: getattr(company, name) for name in values}, values)
        if not changes:
            return Line(record.row, company.name, Verdict.SAME)
        if "postcode" in changes:
            area = find_postcode(values["postcode"])
            assert area is not None
            region = region_of(area, self.scope.system.code)
            if region.id != company.region_id:
                text = _("This postcode lies in another region. Ask the coordinator there.")
                raise Invalid(text, field="postcode")
            company.latitude, company.longitude = area.latitude, area.longitude
            company.town = values.get("town") or area.town
        for name in changes:
            setattr(company, name, values[name])
        self._remember(company)
        write_journal("import", company, by=self.scope.by, changes=changes)
        return Line(record.row, company.name, Verdict.CHANGED, changes)

    def _remember(self, company: Company) -> None:
        self.known[company.name.lower()] = company
        if company.register_code:
            self.known.setdefault(company.register_code + company.establishment, company)
