"""Schools from a file: our own layout, or the one in which DUO publishes its register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.errors import Invalid
from matcher.exchange import cells
from matcher.exchange.columns import Column, Record
from matcher.exchange.outcome import Line, Verdict, differences
from matcher.exchange.scope import Scope, regions_by_code, rows_by
from matcher.extensions import db
from matcher.models.journal import write_journal
from matcher.models.organisation import Region, School
from matcher.organisations.register import plain
from matcher.reference.postcodes import find_postcode

CODE = r"[0-9]{2}[A-Z]{2}[0-9]{2}(-[0-9]+)?|[0-9]{2}[A-Z]{2}"
KEPT = (
    "name",
    "kind",
    "street",
    "postcode",
    "town",
    "municipality",
    "province",
    "pupils",
    "website",
    "latitude",
    "longitude",
    "lesson_minutes",
    "is_open",
)


def _code_says() -> str:
    return _("A location's code is BRIN and two digits, such as 01AB00.")


def columns(scope: Scope) -> tuple[Column, ...]:
    """The columns of a file of schools."""
    return (
        Column(
            "register_code",
            _l("Code of the location (BRIN and two digits)"),
            cells.pattern(CODE, _code_says),
            asked=True,
            also=("vestigingscode", "vestigingsnummer", "locatiecode", "brin vest nr", "code"),
            example="01AB00",
        ),
        Column(
            "name",
            _l("Name"),
            cells.line(),
            asked=True,
            also=(
                "vestigingsnaam",
                "naam",
                "naam vestiging",
                "instellingsnaam vestiging",
                "school",
            ),
            example="Lorentz College",
        ),
        Column(
            "kind",
            _l("Kind of school"),
            cells.line(60),
            also=("onderwijsstructuur", "type", "soort"),
            example="HAVO/VWO",
        ),
        *_place_columns(scope),
    )


def _place_columns(_scope: Scope) -> tuple[Column, ...]:
    """Where it is, and what else the register says."""
    return (
        Column("street", _l("Street"), cells.line(), also=("straatnaam", "straat")),
        Column(
            "house_number",
            _l("House number"),
            cells.line(20),
            also=("huisnummer", "huisnummer-toevoeging"),
        ),
        Column(
            "postcode", _l("Postcode"), cells.postcode, asked=True, also=("pc",), example="5611 AB"
        ),
        Column(
            "town",
            _l("Town"),
            cells.line(),
            asked=True,
            also=("plaatsnaam", "plaats"),
            example="Eindhoven",
        ),
        Column("municipality", _l("Municipality"), cells.line(), also=("gemeentenaam", "gemeente")),
        Column("province", _l("Province"), cells.line(40), also=("provincie",)),
        Column("region", _l("Region"), cells.line(40), example="NL-NB"),
        Column(
            "pupils",
            _l("Pupils"),
            cells.whole(0, 100_000),
            also=("leerlingen", "aantal leerlingen"),
        ),
        Column("website", _l("Website"), cells.web_address, also=("internetadres",)),
        Column("latitude", _l("Latitude"), cells.degrees(90), also=("lat",)),
        Column("longitude", _l("Longitude"), cells.degrees(180), also=("lon", "lng")),
        Column("lesson_minutes", _l("Minutes in a lesson"), cells.whole(10, 240)),
        Column("is_open", _l("Open"), cells.yes_no),
    )


class Schools:
    """Brings schools in line with a file, by BRIN and location."""

    def __init__(self, scope: Scope, found: Sequence[Record]) -> None:
        self.scope = scope
        self.known = rows_by(School.register_code, (r.get("register_code") for r in found))
        self.regions = regions_by_code()
        self.region_of_province = {
            province.lower(): entry.code
            for entry in scope.system.regions
            for province in entry.provinces
        }

    @staticmethod
    def key(record: Record) -> object:
        return record.get("register_code")

    @staticmethod
    def is_told_twice(record: Record, first: Record) -> bool:
        """The public register has some locations twice, a house number apart."""
        names = ("name", "postcode", "town")
        return all(record.get(name) == first.get(name) for name in names)

    def take(self, record: Record) -> Line:
        """Add, change or leave one school."""
        values = self._values(record)
        school = self.known.get(values["register_code"])
        region = school.region if school is not None else self._region(record, values)
        label = f"{values['register_code']} {values['name']}"
        if not self.scope.may(region.id):
            note = _("Lies in another region: %(region)s", region=region.name)
            return Line(record.row, label, Verdict.ASIDE, note=note)
        if school is None:
            return self._add(record, values, region, label)
        return self._change(record, school, values, label)

    def _add(self, record: Record, values: dict[str, Any], region: Region, label: str) -> Line:
        if len(values["register_code"]) < 6:
            raise Invalid(_code_says(), field="register_code")
        area = find_postcode(values["postcode"])
        assert area is not None
        start = {
            "municipality": area.municipality,
            "province": area.province,
            "holiday_region": area.holiday_region,
            "latitude": area.latitude,
            "longitude": area.longitude,
        }
        made = start | {name: value for name, value in values.items() if value is not None}
        made.setdefault("street", "")
        db.session.add(School(region_id=region.id, search=_search(made), **made))
        return Line(record.row, label, Verdict.NEW)

    def _change(self, record: Record, school: School, values: dict[str, Any], label: str) -> Line:
        if values["postcode"] != school.postcode:
            area = find_postcode(values["postcode"])
            assert area is not None
            values.setdefault("latitude", area.latitude)
            values.setdefault("longitude", area.longitude)
            school.holiday_region = area.holiday_region
        wanted = {n: values[n] for n in KEPT if n in values and values[n] is not None}
        changes = differences({name: getattr(school, name) for name in wanted}, wanted)
        if not changes:
            return Line(record.row, label, Verdict.SAME)
        for name in changes:
            setattr(school, name, wanted[name])
        now = {name: getattr(school, name) for name in ("name", "town", "postcode")}
        school.search = _search(now)
        write_journal("import", school, by=self.scope.by, changes=changes)
        return Line(record.row, label, Verdict.CHANGED, changes)

    def _values(self, record: Record) -> dict[str, Any]:
        """By column of the table; the place is completed from the postcode."""
        values = {n: record.values[n] for n in ("register_code", *KEPT) if record.has(n)}
        if record.has("house_number"):
            number = record.get("house_number")
            values["street"] = f"{values.get('street', '')} {number}".strip()
        area = find_postcode(values["postcode"])
        for name in ("municipality", "province"):
            if not values.get(name):
                values.pop(name, None)
        if area is not None and "municipality" in values:
            values["municipality"] = area.municipality
        return values

    def _region(self, record: Record, values: dict[str, Any]) -> Region:
        """By the file's own word, the province, or the postcode."""
        asked = record.get("region", "")
        area = find_postcode(values["postcode"])
        province = record.get("province") or (area.province if area else "")
        code = asked or self.region_of_province.get(province.lower(), "")
        region = self.regions.get(code)
        if region is None:
            raise Invalid(
                _('There is no region "%(text)s" here.', text=asked or province),
                field="region" if asked else "province",
            )
        return region


def _search(values: dict[str, Any]) -> str:
    return plain(f"{values['name']} {values['town']} {values['postcode']}")
