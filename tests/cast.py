"""The named cast: two schools, three companies, one coordinator, and what they want and give.

Anna teaches physics at the Lorentz, Bram teaches technology at the Vakschool. Carla is contact of
Windwerk (large), Dirk lectures for it; Els runs Printlab (small) alone and lectures herself;
Farid is contact of Zuivel, in another region. Gea coordinates the region; Hugo another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant
from matcher.models.need import Need, NeedState, NeedWindow, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.organisation import Company, Programme, Region, School
from matcher.models.professional import Professional, Slot
from matcher.reference.holidays import day_off

EINDHOVEN = (51.44, 5.48)
BREDA = (51.59, 4.78)
GRONINGEN = (53.22, 6.57)


@dataclass
class Cast:
    """Everybody and everything, by name."""

    region: Region
    other_region: Region
    lorentz: School
    vakschool: School
    windwerk: Company
    printlab: Company
    zuivel: Company
    anna: Person
    bram: Person
    carla: Person
    dirk: Person
    els: Person
    farid: Person
    gea: Person
    hugo: Person
    dirk_professional: Professional
    els_professional: Professional
    need: Need  # Anna's, open: physics, havo-bovenbouw, energy
    lecture: Offer  # Windwerk's, published, by Dirk
    slot: Slot  # Dirk's, inside the need's first window


def in_days(days: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment on a school day, about ``days`` from now, at a UTC hour."""
    day = clock.today() + timedelta(days=days)
    while day.weekday() > 4 or day_off(day, "ZU"):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def add(thing: Any) -> Any:
    db.session.add(thing)
    db.session.flush()
    return thing


def make_person(name: str, *, email: str | None = None, **grants: Any) -> Person:
    """A verified person; ``teacher=school, contact=company, professional=company,
    coordinator=region, administrator=True`` grant roles."""
    address = email or f"{name.split(maxsplit=1)[0].lower()}@example.nl"
    person = Person(name=name, email=address, language="nl", email_verified_at=clock.now())
    made = {
        "teacher": lambda of: RoleGrant(role=Role.TEACHER, school_id=of.id),
        "contact": lambda of: RoleGrant(role=Role.COMPANY_CONTACT, company_id=of.id),
        "professional": lambda of: RoleGrant(role=Role.PROFESSIONAL, company_id=of.id),
        "coordinator": lambda of: RoleGrant(role=Role.COORDINATOR, region_id=of.id),
        "administrator": lambda of: RoleGrant(role=Role.ADMINISTRATOR),
    }
    person.grants = [made[role](of) for role, of in grants.items()]
    return add(person)


def make_school(
    name: str, region: Region, at: tuple[float, float] = EINDHOVEN, **more: Any
) -> School:
    values: dict[str, Any] = {
        "register_code": f"99{name[:2].upper()}00",
        "town": "Eindhoven",
        "postcode": "5611AB",
        "province": "Noord-Brabant",
        "holiday_region": "ZU",
        "search": f"{name} eindhoven".lower(),
    }
    return add(
        School(region_id=region.id, name=name, latitude=at[0], longitude=at[1], **(values | more))
    )


def make_company(
    name: str, region: Region, at: tuple[float, float] = EINDHOVEN, **more: Any
) -> Company:
    values: dict[str, Any] = {"employees": 200, "postcode": "5611AB", "town": "Eindhoven"}
    return add(
        Company(region_id=region.id, name=name, latitude=at[0], longitude=at[1], **(values | more))
    )


def make_professional(company: Company, name: str, **more: Any) -> Professional:
    values: dict[str, Any] = {
        "email": f"{name.split(maxsplit=1)[0].lower()}@example.nl",
        "profession": "engineer",
        "languages": ["nl", "en"],
        "latitude": company.latitude,
        "longitude": company.longitude,
        "postcode": company.postcode,
        "radius_km": 60,
    }
    return add(Professional(company_id=company.id, name=name, **(values | more)))


def make_need(teacher: Person, school: School, **more: Any) -> Need:
    """An open need with one window 30 days ahead, 08:00 to 15:00 UTC."""
    windows = more.pop("windows", None) or [(in_days(30, 8), in_days(30, 15))]
    values: dict[str, Any] = {
        "state": NeedState.OPEN,
        "title": "Duurzame energie in de klas",
        "goal": "Leerlingen zien hoe wind en zon samen stroom leveren.",
        "hook": "Hoofdstuk energie, vermogen en rendement.",
        "subject": "natuurkunde",
        "levels": ["havo-bovenbouw"],
        "years": [4],
        "group_size": 28,
        "kinds": ["lecture", "tour"],
        "place": PlaceKind.BOTH,
        "languages": ["nl", "en"],
        "lesson_minutes": 50,
        "published_at": clock.now(),
    }
    need = Need(
        school_id=school.id, region_id=school.region_id, teacher_id=teacher.id, **(values | more)
    )
    need.windows = [NeedWindow(starts_at=start, ends_at=end) for start, end in windows]
    return add(need)


def make_offer(company: Company, kind: OfferKind = OfferKind.LECTURE, **more: Any) -> Offer:
    """A published offer; give ``professionals=[…]`` for those who can hold it."""
    values: dict[str, Any] = {
        "state": OfferState.PUBLISHED,
        "title": "Hoe een windpark stroom levert",
        "description": "Vermogen, rendement en energietransport van een windpark op zee.",
        "languages": ["nl"],
        "subjects": ["natuurkunde", "techniek"],
        "levels": ["havo-bovenbouw", "vwo-bovenbouw"],
        "place": PlaceKind.ONSITE,
        "minutes": 50,
        "max_group": 32,
        "published_at": clock.now(),
        "confirmed_at": clock.now(),
        "latitude": company.latitude,
        "longitude": company.longitude,
        "town": company.town,
        "postcode": company.postcode,
    }
    return add(
        Offer(company_id=company.id, region_id=company.region_id, kind=kind, **(values | more))
    )


def make_slot(professional: Professional, start: datetime, minutes: int = 60) -> Slot:
    end = start + timedelta(minutes=minutes)
    return add(Slot(professional_id=professional.id, starts_at=start, ends_at=end))


def make_cast() -> Cast:
    """Build and commit everybody."""
    programme = add(Programme(code="nl", name="Nederland", time_zone="Europe/Amsterdam"))
    region = add(Region(programme_id=programme.id, code="NL-NB", name="Noord-Brabant"))
    other = add(Region(programme_id=programme.id, code="NL-GR", name="Groningen"))
    lorentz = make_school("Lorentz College", region)
    vakschool = make_school("Vakschool Breda", region, BREDA, town="Breda", postcode="4811AB")
    windwerk = make_company("Windwerk", region, employees=800)
    printlab = make_company("Printlab", region, employees=6)
    zuivel = make_company("Zuivel Noord", other, GRONINGEN, town="Groningen", postcode="9711AB")
    people = {
        "anna": make_person("Anna de Boer", teacher=lorentz),
        "bram": make_person("Bram Visser", teacher=vakschool),
        "carla": make_person("Carla Smit", contact=windwerk),
        "dirk": make_person("Dirk Jansen", professional=windwerk),
        "els": make_person("Els Meijer", contact=printlab, professional=printlab),
        "farid": make_person("Farid Haddad", contact=zuivel),
        "gea": make_person("Gea Mulder", coordinator=region),
        "hugo": make_person("Hugo Bos", coordinator=other),
    }
    dirk_professional = make_professional(windwerk, "Dirk Jansen", person_id=people["dirk"].id)
    els_professional = make_professional(printlab, "Els Meijer", person_id=people["els"].id)
    need = make_need(people["anna"], lorentz)
    lecture = make_offer(windwerk, professionals=[dirk_professional])
    slot = make_slot(dirk_professional, in_days(30, 9))
    db.session.commit()
    return Cast(
        region=region,
        other_region=other,
        lorentz=lorentz,
        vakschool=vakschool,
        windwerk=windwerk,
        printlab=printlab,
        zuivel=zuivel,
        dirk_professional=dirk_professional,
        els_professional=els_professional,
        need=need,
        lecture=lecture,
        slot=slot,
        **people,
    )
