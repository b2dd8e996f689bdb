"""Invented people with real roles."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import func, select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant

FIRST = [
    "Sanne",
    "Daan",
    "Emma",
    "Luuk",
    "Julia",
    "Sem",
    "Fenna",
    "Bram",
    "Iris",
    "Thomas",
    "Lieke",
    "Stan",
    "Amira",
    "Joris",
    "Tess",
    "Ruben",
    "Maaike",
    "Hidde",
    "Zoë",
    "Floris",
    "Esra",
    "Niels",
    "Marloes",
    "Gijs",
    "Noa",
    "Pim",
    "Sofie",
    "Jelle",
    "Wies",
    "Olaf",
]
LAST = [
    "Verhoeven",
    "Bakker",
    "Smeets",
    "van den Berg",
    "Yilmaz",
    "Hermans",
    "Postma",
    "de Groot",
    "Linders",
    "Kuiper",
    "Martens",
    "Schouten",
    "Benali",
    "van Leeuwen",
    "Driessen",
    "Hoekstra",
    "Maassen",
    "de Haan",
    "Peeters",
    "Wolters",
    "Jacobs",
]


def invented_name(number: int) -> str:
    """The same number gives the same name; neighbours in number share nothing."""
    return f"{FIRST[number % len(FIRST)]} {LAST[(number * 5) % len(LAST)]}"


def make_person(name: str, *, demo: bool = False) -> Person:
    """A verified person with an address nobody can have."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    address = plain.lower().replace(" ", ".")
    twins = db.session.scalar(
        select(func.count()).select_from(Person).where(Person.email.startswith(address))
    )
    suffix = str(twins + 1) if twins else ""
    person = Person(
        name=name,
        email=f"{address}{suffix}@demo.invalid",
        language="nl",
        email_verified_at=clock.now(),
        is_demo=demo,
        phone="040 000 00 00",
    )
    db.session.add(person)
    db.session.flush()
    return person


def grant(person: Person, role: Role, **at: Any) -> None:
    """``school=``, ``company=`` or ``region=`` says where the role holds."""
    ids = {f"{name}_id": thing.id for name, thing in at.items()}
    person.grants.append(RoleGrant(role=role, **ids))
    db.session.flush()
