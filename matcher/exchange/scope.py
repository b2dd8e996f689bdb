"""For whom a file is read: which regions it may touch, and in whose name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_babel import gettext as _
from sqlalchemy import func, select

from matcher import policies
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant
from matcher.models.organisation import Company, Region, School
from matcher.reference import SchoolSystem

CHUNK = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """Who brings the file; ``by`` is None for the operator at the command line."""

    by: Person | None
    system: SchoolSystem

    def may(self, region_id: int) -> bool:
        return self.by is None or policies.is_coordinator_of(self.by, region_id)

    @property
    def is_boundless(self) -> bool:
        return self.by is None or policies.is_administrator(self.by)

    @property
    def acting(self) -> Person:
        """Whom services ask for permission; the operator may what an administrator may."""
        if self.by is not None:
            return self.by
        return Person(name="", email="", language="nl", grants=[RoleGrant(role=Role.ADMINISTRATOR)])

    def regions(self) -> list[Region]:
        """All it may see, in the order of their names."""
        found = select(Region).order_by(Region.name, Region.id).limit(500)
        if self.by is not None and not self.is_boundless:
            found = found.where(Region.id.in_(self.by.region_ids))
        return list(db.session.scalars(found))

    def insist(self, region_id: int, field: str) -> None:
        if not self.may(region_id):
            raise Invalid(_("This lies in a region that is not yours."), field=field)


def rows_by(column: Any, wanted: Iterable[Any]) -> dict[Any, Any]:
    """The rows whose column holds one of these, by it; read in chunks."""
    values = sorted({value for value in wanted if value not in (None, "")})
    found: dict[Any, Any] = {}
    for start in range(0, len(values), CHUNK):
        chunk = values[start : start + CHUNK]
        model = column.class_
        for row in db.session.scalars(
            select(model).where(column.in_(chunk)).order_by(model.id).limit(len(chunk) * 20)
        ):
            found.setdefault(getattr(row, column.key), row)
    return found


def regions_by_code() -> dict[str, Region]:
    rows = db.session.scalars(select(Region).order_by(Region.id).limit(500))
    return {region.code: region for region in rows}


def school_of(code: str, known: dict[str, School]) -> School:
    """The school of a register code, or a sentence."""
    found = known.get(code)
    if found is None:
        raise Invalid(
            _("There is no school %(code)s here. Bring the schools in first.", code=code or "?"),
            field="school",
        )
    return found


def company_of(text: str, known: dict[str, Company]) -> Company:
    """The company of a name or number, or a sentence."""
    found = known.get(text.lower())
    if found is None:
        raise Invalid(
            _("There is no company %(name)s here. Bring the companies in first.", name=text or "?"),
            field="company",
        )
    return found


def companies_named(texts: Iterable[str]) -> dict[str, Company]:
    """Companies by what files call them: the name, KvK's number, or the number of one place."""
    wanted = sorted({text.lower() for text in texts if text})
    found: dict[str, Company] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk: Sequence[str] = wanted[start : start + CHUNK]
        for column in (func.lower(Company.name), Company.register_code, Company.establishment):
            rows = db.session.scalars(
                select(Company).where(column.in_(chunk)).order_by(Company.id).limit(CHUNK * 20)
            )
            for company in rows:
                for name in (company.name.lower(), company.register_code, company.establishment):
                    if name and name in chunk:
                        found.setdefault(name, company)
    return found
