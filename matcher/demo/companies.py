"""The demo's company side: invented companies and people, their offers and their free moments."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from matcher import clock
from matcher.demo.people import grant, make_person
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.need import PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.models.organisation import Company, Region
from matcher.models.professional import Professional, Slot
from matcher.reference.postcodes import find_postcode

DATA = Path(__file__).parent / "data"
WEEKS_AHEAD = 14
FILM = "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ"
LESSON_SHEET = (
    "Vooraf (10 min): wat denken jullie hier te zien? Schrijf drie vragen op.\n"
    "Tijdens: noteer per halte wie er werkt en wat die persoon meet of maakt.\n"
    "Achteraf (15 min): vergelijk jullie antwoorden en kies het beroep dat je verraste."
)


def build_companies(regions: dict[str, Region]) -> list[Company]:
    """All companies with contacts, professionals, offers and slots; flushed, not committed."""
    with (DATA / "companies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    companies = [_company(row, regions[row["region"]]) for row in rows]
    crews = [_crew(company, row) for company, row in zip(companies, rows, strict=True)]
    _offers(companies, rows, crews)
    db.session.flush()
    return companies


def _company(row: dict[str, str], region: Region) -> Company:
    area = find_postcode(row["postcode"])
    if area is None:
        raise ValueError(f"unknown postcode {row['postcode']}")
    company = Company(
        name=row["name"],
        sector=row["sector"],
        region_id=region.id,
        employees=int(row["employees"]),
        postcode=row["postcode"],
        town=row["town"],
        latitude=area.latitude,
        longitude=area.longitude,
        about=f"{row['sector']} in {row['town']}. Een verzonnen bedrijf in deze demo.",
        term_cap=12 if int(row["employees"]) < 50 else 40,
    )
    db.session.add(company)
    db.session.flush()
    return company


def _crew(company: Company, row: dict[str, str]) -> list[Professional]:
    """The professionals; the first is the company's contact as well."""
    crew = []
    for number, entry in enumerate(row["people"].split("|")):
        name, profession = entry.split(":")
        person = make_person(name)
        grant(person, Role.PROFESSIONAL, company=company)
        if number == 0:
            grant(person, Role.COMPANY_CONTACT, company=company)
        professional = Professional(
            company_id=company.id,
            person_id=person.id,
            name=name,
            email=person.email,
            profession=profession,
            languages=["nl", "en"],
            postcode=company.postcode,
            latitude=company.latitude,
            longitude=company.longitude,
            radius_km=60,
            month_cap=2 + number,
            term_cap=6,
        )
        db.session.add(professional)
        db.session.flush()
        _slots(professional, first=company.id + number)
        crew.append(professional)
    return crew


def _slots(professional: Professional, *, first: int) -> None:
    """Two mornings or afternoons a week; which ones differs by person."""
    hours = ((9, 11), (13, 15), (10, 12), (11, 13))
    for turn in range(2):
        weekday = (first + turn * 2) % 5
        begin, end = hours[(first + turn) % len(hours)]
        for day in _days(weekday):
            db.session.add(
                Slot(
                    professional_id=professional.id,
                    starts_at=clock.utc(datetime.combine(day, time(begin))),
                    ends_at=clock.utc(datetime.combine(day, time(end))),
                )
            )


def _days(weekday: int) -> Iterator[date]:
    start = clock.today() + timedelta(days=7)
    start += timedelta(days=(weekday - start.weekday()) % 7)
    for week in range(WEEKS_AHEAD):
        yield start + timedelta(weeks=week)


def _offers(
    companies: list[Company], rows: list[dict[str, str]], crews: list[list[Professional]]
) -> None:
    """Each offer of the collection goes to the company whose subjects it shares most."""
    wanted = [set(row["subjects"].split("|")) for row in rows]
    given: Counter[int] = Counter()
    lines = (DATA / "offers.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        text = json.loads(line)
        shared = [len(wanted[i] & set(text["subjects"])) for i in range(len(companies))]
        best = max(range(len(companies)), key=lambda i: (shared[i] - 0.4 * given[i], -i))
        given[best] += 1
        _offer(text, companies[best], crews[best])


def _offer(text: dict[str, Any], company: Company, crew: list[Professional]) -> None:
    kind = OfferKind(text["kind"])
    film = kind == OfferKind.TOUR and text["format"] == "online"
    offer = Offer(
        company_id=company.id,
        region_id=company.region_id,
        kind=kind,
        state=OfferState.PUBLISHED,
        title=text["title"],
        description=text["description"],
        language=text["language"],
        languages=[text["language"]],
        subjects=text["subjects"],
        levels=text["levels"],
        place=PlaceKind(text["format"]),
        minutes=min(text["duration_minutes"], 600),
        max_group=text["max_group"],
        postcode=company.postcode,
        town=company.town,
        latitude=company.latitude,
        longitude=company.longitude,
        published_at=clock.now() - timedelta(days=20),
        confirmed_at=clock.now() - timedelta(days=company.id % 90),
        ask_first=not film,
    )
    if kind == OfferKind.TOUR:
        offer.tour_form = TourForm.FILM if film else TourForm.LIVE
        offer.lesson_sheet = LESSON_SHEET
        offer.film_url = FILM if film else ""
        offer.extra = {"captions": "Nederlands, Engels"} if film else {}
    if kind == OfferKind.CHALLENGE:
        offer.brief = text["description"]
        offer.deliverables = "Een kort verslag en een pitch van drie minuten per team."
        offer.jury = "Een collega van ons beoordeelt de pitches online."
    db.session.add(offer)
    if kind == OfferKind.LECTURE or offer.tour_form == TourForm.LIVE:
        offer.professionals = crew
    if kind == OfferKind.WEBINAR:
        db.session.flush()
        _webinar_dates(offer)


def _webinar_dates(offer: Offer) -> None:
    for weeks in (5, 9):
        day = next(_days((offer.company_id + weeks) % 5)) + timedelta(weeks=weeks)
        start = clock.utc(datetime.combine(day, time(10, 30)))
        ends = start + timedelta(minutes=offer.minutes)
        db.session.add(Slot(offer_id=offer.id, starts_at=start, ends_at=ends, seats=20))
