"""Who comes in through a school's own sign-in service, by what that service says of them.

The profile is that of the Dutch Entree Federatie: ``eduPersonAffiliation`` says whether somebody is
staff, ``nlEduPersonHomeOrganizationId`` names the school by its register code (four characters for
all its locations, six for one). No mail address comes along: it is asked once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock
from matcher.accounts import registration
from matcher.errors import Invalid, NotAllowed, Taken
from matcher.extensions import db
from matcher.models.account import ForeignIdentity, Person
from matcher.models.journal import write_journal
from matcher.models.organisation import School

STAFF = frozenset({"employee", "staff"})
MOST_LOCATIONS = 60


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the sign-in service says of somebody; plain values, fit for a cookie."""

    issuer: str
    subject: str
    register_code: str
    name: str

    def as_record(self) -> dict[str, str]:
        return asdict(self)


def read(claims: Mapping[str, Any]) -> Arrival:
    """The claims of a checked token; NotAllowed for pupils and for who has no school."""
    kinds = {kind.lower() for kind in _texts(claims.get("eduPersonAffiliation"))}
    if not kinds & STAFF:
        raise NotAllowed(_l("Only staff of a school can come in this way. Pupils need no account."))
    codes = _texts(claims.get("nlEduPersonHomeOrganizationId"))
    code = codes[0].strip().upper() if codes else ""
    subject = str(claims.get("uid") or claims.get("sub") or "")
    if not (subject and len(subject) <= 200 and code.isalnum() and len(code) in {4, 6}):
        raise NotAllowed(_l("Your school's sign-in service does not say which school you work at."))
    return Arrival(str(claims["iss"]), subject, code, str(claims.get("givenName") or "")[:200])


def _texts(value: object) -> list[str]:
    """One text or several: services differ."""
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, list) else []


def find(arrival: Arrival) -> Person | None:
    """Whose identity this is already; NotAllowed when that person is blocked."""
    identity = db.session.get(ForeignIdentity, (arrival.issuer, arrival.subject))
    if identity is None:
        return None
    if identity.person.blocked_at is not None:
        raise NotAllowed(_l("You cannot sign in. Ask your coordinator."))
    identity.seen_at = clock.now()
    return identity.person


def locations(arrival: Arrival) -> list[School]:
    """The open locations of the school; NotAllowed when the register knows none."""
    found = (
        select(School)
        .where(School.register_code.startswith(arrival.register_code), School.is_open)
        .order_by(School.name, School.town, School.id)
    )
    schools = list(db.session.scalars(found.limit(MOST_LOCATIONS)))
    if not schools:
        raise NotAllowed(_l("Your school is not in our register yet. Ask your coordinator."))
    return schools


def register(
    arrival: Arrival, email: str, *, name: str, school_id: int | None, language: str
) -> None:
    """Mail the link that makes the account; using it also ties it to the school's sign-in."""
    if school_id not in {school.id for school in locations(arrival)}:
        raise Invalid(_l("Choose your school from the list."), field="school_id")
    registration.register_teacher(
        email,
        name=name,
        school_id=school_id,
        language=language,
        identity=(arrival.issuer, arrival.subject),
    )


def tie(arrival: Arrival, person: Person) -> None:
    """From now on this person may also come in through the school's sign-in service."""
    known = db.session.get(ForeignIdentity, (arrival.issuer, arrival.subject))
    if known is not None and known.person_id != person.id:
        raise Taken(_l("This school account belongs to somebody else here."))
    if known is None:
        db.session.add(
            ForeignIdentity(issuer=arrival.issuer, subject=arrival.subject, person_id=person.id)
        )
        write_journal("tie_school_account", person, by=person)
