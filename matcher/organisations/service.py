"""Verbs on schools, companies and regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from matcher import policies
from matcher.errors import NotAllowed, Taken
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.organisation import Company, School
from matcher.organisations.register import load_register

__all__ = ["load_register", "set_arrival", "update_company"]


def update_company(company: Company, values: Mapping[str, Any], *, by: Person) -> None:
    """Keep the company's own page. Taken names the field another company has already."""
    if not policies.may_edit_company(by, company):
        raise NotAllowed(_l("Only this company's contacts can change this."))
    for name, message in (
        ("name", _l("A company with this name is here already.")),
        ("register_code", _l("A company with this number is here already.")),
    ):
        column = getattr(Company, name)
        value = values.get(name)
        twin = select(Company.id).where(func.lower(column) == (value or "").lower())
        if name == "register_code":  # several places of one company may take part
            twin = twin.where(Company.establishment == company.establishment)
        if value and db.session.scalar(twin.where(Company.id != company.id).limit(1)):
            raise Taken(message, field=name)
    changes = {}
    for name, value in values.items():
        before = getattr(company, name)
        if before != value:
            changes[name] = [str(before), str(value)]
            setattr(company, name, value)
    if changes:
        write_journal("edit", company, by=by, changes=changes)
    db.session.flush()


def set_arrival(school: School, words: str, *, by: Person) -> None:
    """How guests arrive; it stands on every visit's page where nothing else was agreed."""
    if not policies.may_edit_school(by, school):
        raise NotAllowed(_l("Only this school's teachers can change this."))
    if school.arrival != words:
        school.arrival = words
        write_journal("arrival", school, by=by, changes={"arrival": True})
