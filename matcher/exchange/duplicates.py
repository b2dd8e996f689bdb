"""What may stand here twice: schools, companies and people that look like each other, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from matcher.exchange.scope import Scope
from matcher.extensions import db
from matcher.models.account import Person, RoleGrant
from matcher.models.exchange import Merge, MergeKind, MergeState
from matcher.models.organisation import Company, School
from matcher.organisations.register import plain

MOST_PAIRS = 100
MOST_ALIKE = 6  # of one key; what more share is no sign of being the same
MOST_ROWS = 20_000
LEGAL = {"bv", "b", "v", "nv", "n", "vof", "holding", "groep", "group", "nederland", "the", "de"}
SCHOOL_WORDS = {"school", "basisschool", "college", "openbare", "obs", "cbs", "de", "het", "voor"}
WHY = {
    "code": _l("the same number"),
    "name": _l("the same name"),
    "place": _l("the same address"),
    "mail": _l("nearly the same mail address"),
    "phone": _l("the same telephone number"),
    "site": _l("the same website"),
}
Signs = list[tuple[str, str]]  # (why, key)


@dataclass(frozen=True, slots=True)
class Twins:
    """Two rows that may be one; the older first."""

    first: Any
    second: Any
    why: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        return [str(WHY[one]) for one in self.why]


def twins(kind: MergeKind, scope: Scope) -> list[Twins]:
    """Pairs of these regions, those with most in common first; at most 100."""
    apart = _kept_apart(kind)
    shared: dict[tuple[int, int], list[str]] = defaultdict(list)
    rows = {row.id: row for row in _rows(kind, scope)}
    for (why, _key), ids in _by_sign(rows.values(), SIGNS[kind]).items():
        for pair in combinations(sorted(ids), 2):
            shared[pair].append(why)
    found = [
        Twins(rows[first], rows[second], tuple(sorted(set(why))))
        for (first, second), why in shared.items()
        if (first, second) not in apart and _is_enough(kind, set(why))
    ]
    return sorted(found, key=lambda one: (-len(one.why), one.first.id, one.second.id))[:MOST_PAIRS]


def _is_enough(kind: MergeKind, why: set[str]) -> bool:
    """Several schools share a building, and several people a name or a telephone."""
    alone = {
        MergeKind.SCHOOL: {"code"},
        MergeKind.COMPANY: {"code", "name", "site"},
        MergeKind.PERSON: {"mail"},
    }
    return bool(why & alone[kind]) or len(why) > 1


def _by_sign(
    rows: Iterable[Any], signs: Callable[[Any], Signs]
) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        for sign in dict.fromkeys(signs(row)):
            if sign[1]:
                found[sign].append(row.id)
    return {sign: ids for sign, ids in found.items() if 1 < len(ids) <= MOST_ALIKE}


def _kept_apart(kind: MergeKind) -> set[tuple[int, int]]:
    found = select(Merge.kept_id, Merge.gone_id).where(
        Merge.kind == kind, Merge.state == MergeState.APART
    )
    return {(min(a, b), max(a, b)) for a, b in db.session.execute(found)}


def _rows(kind: MergeKind, scope: Scope) -> Sequence[Any]:
    ids = [region.id for region in scope.regions()]
    found: Any
    if kind == MergeKind.PERSON:
        here = (
            select(RoleGrant.person_id)
            .outerjoin(RoleGrant.school)
            .outerjoin(RoleGrant.company)
            .where(or_(School.region_id.in_(ids), Company.region_id.in_(ids)))
        )
        found = select(Person).where(Person.id.in_(here))
    else:
        model: Any = School if kind == MergeKind.SCHOOL else Company
        found = select(model).where(model.region_id.in_(ids))
    model = {MergeKind.PERSON: Person, MergeKind.SCHOOL: School}.get(kind, Company)
    return db.session.scalars(found.order_by(model.id).limit(MOST_ROWS)).all()


# ---- signs --------------------------------------------------------------------------------------
def _name(text: str, dropped: set[str]) -> str:
    """The words that tell one from another, in a fixed order."""
    return " ".join(sorted(word for word in plain(text).split() if word not in dropped))


def _address(row: Any) -> str:
    street = plain(row.street).replace(" ", "")
    return f"{row.postcode} {street}" if re.search(r"[0-9]", street) else ""


def _host(text: str) -> str:
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname
    except ValueError:
        return ""
    return (host or "").removeprefix("www.")


def _of_school(school: School) -> Signs:
    town = plain(school.town)
    name = _name(school.name, SCHOOL_WORDS)
    return [
        ("code", school.register_code.partition("-")[0]),
        ("name", f"{name} {town}" if name else ""),
        ("place", _address(school)),
    ]


def _of_company(company: Company) -> Signs:
    number = "" if company.establishment else company.register_code or ""
    return [
        ("code", number),
        ("name", _name(company.name, LEGAL)),
        ("place", _address(company)),
        ("site", _host(company.website)),
    ]


def _of_person(person: Person) -> Signs:
    local, _at, host = person.email.partition("@")
    return [
        ("name", _name(person.name, set())),
        ("mail", f"{re.sub(r'[^a-z]', '', local.partition('+')[0])}@{host}"),
        ("phone", re.sub(r"[^0-9]", "", person.phone or "")[-9:]),
    ]


SIGNS: dict[MergeKind, Callable[[Any], Signs]] = {
    MergeKind.SCHOOL: _of_school,
    MergeKind.COMPANY: _of_company,
    MergeKind.PERSON: _of_person,
}
