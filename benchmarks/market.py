"""A national market to measure on: real schools and postcodes, texts from the real vocabulary."""

from __future__ import annotations

import csv
import gzip
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from matcher.matching.types import Demand, Person, Place, Slot, Supply, Text, Window
from matcher.reference.postcodes import find_postcode

DATA = Path(__file__).resolve().parent.parent / "matcher" / "reference" / "data"
START = datetime(2027, 1, 11, 8, tzinfo=UTC)  # a Monday after the Christmas holidays
DAYS = 60
SECONDARY = ("vmbo-b", "vmbo-k", "vmbo-gl", "vmbo-tl", "havo-onderbouw", "havo-bovenbouw")
LEVELS = (*SECONDARY, "vwo-onderbouw", "vwo-bovenbouw", "po-bovenbouw", "mbo")


@dataclass(frozen=True)
class Market:
    """What one run gets."""

    demands: list[Demand]
    supplies: list[Supply]
    people: list[Person]


@dataclass(frozen=True)
class Topic:
    """A concept's words in both languages and the subjects it belongs to."""

    labels: dict[str, list[str]]
    subjects: tuple[str, ...]


@cache
def topics() -> list[Topic]:
    """Every concept of the thesaurus that belongs to a subject."""
    with (DATA / "concepts.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        Topic(
            {"nl": row["nl"].split("|"), "en": row["en"].split("|")},
            tuple(row["subjects"].split("|")),
        )
        for row in rows
        if row["subjects"] and row["nl"] and row["en"]
    ]


@cache
def schools() -> list[Place]:
    """All school locations of the register."""
    path = next(DATA.glob("nl/schools.csv*"))
    packed = path.suffix == ".gz"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as file:
        return [
            Place(
                float(row["lat"]), float(row["lon"]), f"{row['provincie']}|{row['vestigingscode']}"
            )
            for row in csv.DictReader(file)
            if row["lat"] and row["lon"]
        ]


@cache
def company_places() -> list[Place]:
    """Postcode areas in which companies stand."""
    places = (find_postcode(str(code)) for code in range(1011, 9999, 7))
    return [Place(p.latitude, p.longitude, p.province) for p in places if p is not None]


def build_market(needs: int, offers: int, seed: int = 7) -> Market:
    """``needs`` open needs and ``offers`` published offers; the same seed gives the same market."""
    chance = random.Random(seed)
    people: list[Person] = []
    supplies = [_supply(number, chance, people) for number in range(offers)]
    demands = [_demand(number, chance) for number in range(needs)]
    return Market(demands, supplies, people)


def _text(topic: Topic, language: str, chance: random.Random) -> Text:
    """A title of one label and a body of the topic's words among a few of another topic's."""
    words = topic.labels[language]
    other = chance.choice(topics()).labels[language]
    body = chance.sample(words, min(len(words), 6)) + chance.sample(other, min(len(other), 2))
    chance.shuffle(body)
    return Text(chance.choice(words), ", ".join(body), language)


def _demand(number: int, chance: random.Random) -> Demand:
    topic = chance.choice(topics())
    school = chance.choice(schools())
    language = "nl" if chance.random() < 0.85 else "en"
    province, code = school.name.split("|")
    windows = []
    for _ in range(4):
        day = START + timedelta(days=chance.randrange(DAYS // 7) * 7 + chance.randrange(5))
        windows.append(Window(day, day + timedelta(hours=8)))
    kinds = frozenset(chance.sample(("lecture", "tour", "challenge", "webinar"), 2)) | {"lecture"}
    return Demand(
        key=f"n{number:07d}",
        text=_text(topic, language, chance),
        subjects=(chance.choice(topic.subjects),),
        levels=(chance.choice(LEVELS),),
        group_size=chance.randrange(14, 33),
        kinds=kinds,
        place=chance.choice(("both", "both", "onsite", "online")),
        languages=frozenset({"nl", "en"} if chance.random() < 0.7 else {"nl"}),
        minutes=chance.choice((50, 50, 60, 90)),
        school=code,
        region=province,
        location=school,
        windows=tuple(sorted(windows, key=lambda w: w.start)),
        visits_last_year=chance.choice((0, 0, 0, 1, 2, 5)),
        waiting_days=chance.randrange(40),
    )


def _supply(number: int, chance: random.Random, people: list[Person]) -> Supply:
    topic = chance.choice(topics())
    language = "nl" if chance.random() < 0.6 else "en"
    at = chance.choice(company_places())
    kind = chance.choices(("lecture", "tour", "challenge", "webinar"), (70, 12, 12, 6))[0]
    key = f"o{number:07d}"
    languages = frozenset({language} | ({"nl"} if chance.random() < 0.5 else set()))
    on_demand = kind in {"tour", "challenge"}
    slots: tuple[Slot, ...] = ()
    if not on_demand:
        person = None
        if kind == "lecture":
            person = f"p{number:07d}"
            people.append(Person(person, languages, 2, 4, 60.0, at))
        slots = _slots(key, person, chance, seats=1 if person else 8)
    return Supply(
        key=key,
        kind=kind,
        text=_text(topic, language, chance),
        subjects=topic.subjects,
        levels=tuple(sorted(chance.sample(LEVELS, 5))),
        place="online" if kind == "webinar" else chance.choice(("onsite", "online", "both")),
        languages=languages,
        minutes=chance.choice((45, 50, 60)),
        max_group=chance.choice((None, 24, 28, 32)),
        company=f"c{number // 3:06d}",
        employees=_employees(number // 3),
        region=at.name,
        location=at,
        slots=slots,
        on_demand=on_demand,
        capacity=6 if on_demand else 1,
        company_term_cap=12,
        days_since_confirmed=chance.randrange(300),
    )


def _employees(company: int) -> int:
    """One number for all offers of a company."""
    return int(random.Random(company).lognormvariate(4, 1.6)) + 1


def _slots(key: str, person: str | None, chance: random.Random, *, seats: int) -> tuple[Slot, ...]:
    slots = []
    for turn, day in enumerate(sorted(chance.sample(range(DAYS), 4))):
        date = START + timedelta(days=day - (day % 7 > 4) * 2, hours=chance.randrange(7))
        slots.append(Slot(f"{key}-{turn}", date, date + timedelta(hours=1), person, seats))
    return tuple(slots)
