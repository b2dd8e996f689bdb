"""The demo's years gone by: what was asked, agreed, held and missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.demo.schools import texts
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import Side
from matcher.models.need import Need, NeedState, NeedWindow, PlaceKind
from matcher.models.offer import Offer, OfferKind
from matcher.models.organisation import Region, School
from matcher.models.professional import Professional
from matcher.models.proposal import Origin, Proposal
from matcher.models.visit import Feedback, Report, Visit
from matcher.proposals import claims
from matcher.reference.holidays import day_off
from matcher.visits.closing import QUESTIONS

ASKED = (16, 24, 34)  # requests of the three years before this one
THIS_YEAR = 3  # of every month of this one
ENDINGS = ("held", "film", "missed", "held", "refused", "held", "held", "cancelled", "held")
LATE_ENDINGS = ("held", "not_held", "held", "expired", "film", "held", "refused", "held", "held")
REASONS = ("date", "full", "distance", "date", "level", "topic")
SAID = {Side.SCHOOL: "school", Side.COMPANY: "company"}


@dataclass
class Past:
    """One region while its past is written; who was where, so that nobody is at two places."""

    region: Region
    schools: Sequence[School]
    teachers: Sequence[Person]
    coordinator: Person
    offers: Sequence[Offer]
    films: Sequence[Offer]
    in_month: Counter[tuple[int, str]] = field(default_factory=Counter)
    in_term: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    days: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))


def live_through(
    region: Region, schools: Sequence[School], teachers: Sequence[Person], coordinator: Person
) -> None:
    """Write the region's past years; flushed, not committed."""
    offers = db.session.scalars(
        select(Offer)
        .where(Offer.region_id == region.id)
        .options(selectinload(Offer.professionals), joinedload(Offer.company))
        .order_by(Offer.id)
    ).all()
    lectures = [offer for offer in offers if offer.kind == OfferKind.LECTURE]
    films = [offer for offer in offers if offer.is_on_demand]
    past = Past(region, schools, teachers, coordinator, lectures, films)
    apart = region.id % 7  # no two regions lived the same years
    for number, asked_on in enumerate(_days_of_asking()):
        if number % 8 or apart % 2:
            _story(past, number + apart * 4, asked_on)
    db.session.flush()


def _days_of_asking() -> Iterator[date]:
    """Requests come from September to May, a few more every year."""
    this = int(clock.school_year()[:4])
    for back, many in zip((3, 2, 1), ASKED, strict=True):
        for number in range(many):
            yield date(this - back, 9, 3) + timedelta(days=number * 230 // many)
    day = date(this, 9, 2)
    while day < clock.today() - timedelta(days=40):
        yield day
        day += timedelta(days=30 // THIS_YEAR)


def _story(past: Past, number: int, asked_on: date) -> None:
    """One request and what became of it."""
    told = (ENDINGS, LATE_ENDINGS)[number // len(ENDINGS) % 2]
    ending = told[number % len(told)]
    need = _need(past, number, asked_on)
    if ending == "film" and past.films:
        _watch(past, need, number)
        return
    held_on = _school_day(asked_on + timedelta(days=24 + number * 7 % 30))
    host = None if ending == "missed" else _host(past, need, held_on, number)
    if host is None or held_on >= clock.today() - timedelta(days=2):
        need.state = NeedState.CLOSED
        return
    _tell(past, Proposal(**_meeting(past, need, host, held_on, number)), ending, number)


def _watch(past: Past, need: Need, number: int) -> None:
    """A film or a challenge: agreed on the school's word, done when it suited."""
    offer = past.films[number % len(past.films)]
    need.kinds = [offer.kind.value]
    asked = need.published_at or clock.now()
    proposal = Proposal(
        need=need, offer=offer, region=past.region, origin=Origin.INVITATION, score=0.6
    )
    proposal.created_at = asked
    db.session.add(proposal)
    teacher = need.teacher
    proposal.move(
        "invite", side=Side.SCHOOL, by=teacher, answer_by=asked + timedelta(days=7)
    ).at = asked + timedelta(days=1)
    agreed = asked + timedelta(days=1 + number % 3, minutes=5)
    _step(proposal, "company_confirm", agreed, side=Side.SYSTEM, by=None)
    proposal.confirmed_at = agreed
    db.session.flush()
    visit = Visit(proposal=proposal, calendar_uid=f"demo-{proposal.id}@lesbrug", created_at=agreed)
    visit.attended = need.group_size
    db.session.add(visit)
    _step(proposal, "deliver", agreed + timedelta(days=9), side=Side.SCHOOL, by=teacher)


def _need(past: Past, number: int, asked_on: date) -> Need:
    known = texts()
    text = known[(number * 7) % len(known)]
    primary = text["level"].startswith("po")
    fits = [i for i, one in enumerate(past.schools) if (one.kind == "basisschool") == primary]
    at = fits[_school_number(number, len(fits))]
    asked_at = _moment(asked_on, 16)
    need = Need(
        school_id=past.schools[at].id,
        region_id=past.region.id,
        teacher_id=past.teachers[at].id,
        state=NeedState.FILLED,
        title=text["title"],
        goal=text["description"],
        language=text["language"],
        subject=text["subject"],
        levels=[text["level"]],
        group_size=text["group_size"],
        kinds=["lecture"],
        place=PlaceKind.ONSITE,
        languages=text["accepts_languages"],
        lesson_minutes=50,
        published_at=asked_at,
        created_at=asked_at,
        matched_at=asked_at,
        alerts=False,
    )
    day = _school_day(asked_on + timedelta(days=30))
    need.windows = [NeedWindow(starts_at=_moment(day, 8), ends_at=_moment(day, 15))]
    db.session.add(need)
    db.session.flush()
    return need


def _school_number(number: int, many: int) -> int:
    """In earlier years fewer schools took part."""
    reach = max(3, min(many, many * (number + 25) // 90))
    return (number * 11 + number // 3) % reach


def _host(past: Past, need: Need, day: date, number: int) -> tuple[Offer, Professional] | None:
    """Somebody of the region who speaks of it and is free that day, by turns."""
    fits = [o for o in past.offers if need.subject in o.subjects or need.levels[0] in o.levels]
    pairs = [(offer, person) for offer in fits for person in offer.professionals]
    for turn in range(len(pairs)):
        offer, person = pairs[(number * 5 + turn) % len(pairs)]
        if day not in past.days[person.id] and _has_room(past, offer, person, day):
            past.days[person.id].add(day)
            past.in_month[person.id, clock.month(day)] += 1
            past.in_term["professional", person.id, clock.term(day)] += 1
            past.in_term["company", offer.company_id, clock.term(day)] += 1
            return offer, person
    return None


def _has_room(past: Past, offer: Offer, person: Professional, day: date) -> bool:
    term = clock.term(day)
    company = offer.company.term_cap
    return (
        term != clock.term()  # the present half-year is for the matcher
        or past.in_term["professional", person.id, term] < 1
    ) and (
        past.in_month[person.id, clock.month(day)] < person.month_cap
        and past.in_term["professional", person.id, term] < person.term_cap
        and (company is None or past.in_term["company", offer.company_id, term] < company // 2)
    )


def _meeting(
    past: Past, need: Need, host: tuple[Offer, Professional], day: date, number: int
) -> dict[str, Any]:
    offer, person = host
    starts = _moment(day, 9 + number % 5)
    return {
        "need": need,
        "offer": offer,
        "region": past.region,
        "professional": person,
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=offer.minutes),
        "origin": Origin.RUN,
        "score": 0.55 + number % 40 / 100,
        "created_at": (need.published_at or starts) + timedelta(days=1),
    }


def _tell(past: Past, proposal: Proposal, ending: str, number: int) -> None:
    """Walk a proposal to its end, each step on its own day."""
    db.session.add(proposal)
    need, person = proposal.need, proposal.professional
    asked = need.published_at or proposal.created_at
    host = person.person if person else None
    at = asked + timedelta(days=2)
    _step(proposal, "release", at, side=Side.COORDINATOR, by=past.coordinator)
    if ending in {"refused", "expired"}:
        _not_agreed(proposal, ending, at, number)
        need.state = NeedState.CLOSED
        return
    at += timedelta(days=1 + number % 6)
    _step(proposal, "school_accept", at, side=Side.SCHOOL, by=need.teacher)
    at += timedelta(days=number % 4, hours=3)
    _step(proposal, "company_confirm", at, side=Side.COMPANY, by=host)
    proposal.confirmed_at = at
    db.session.flush()
    claims.claim(proposal)
    visit = Visit(proposal=proposal, calendar_uid=f"demo-{proposal.id}@lesbrug", created_at=at)
    db.session.add(visit)
    _ended(proposal, visit, ending, number)


def _not_agreed(proposal: Proposal, ending: str, at: datetime, number: int) -> None:
    if ending == "expired":
        _step(proposal, "expire", at + timedelta(days=7), side=Side.SYSTEM, by=None)
        return
    side = Side.SCHOOL if number % 3 == 0 else Side.COMPANY
    _step(
        proposal,
        f"{SAID[side]}_decline",
        at + timedelta(days=3),
        side=side,
        by=None,
        reasons=[REASONS[number % len(REASONS)]],
    )


def _ended(proposal: Proposal, visit: Visit, ending: str, number: int) -> None:
    assert proposal.starts_at is not None and proposal.ends_at is not None
    teacher = proposal.need.teacher
    if ending == "cancelled":
        early = proposal.starts_at - timedelta(days=(1, 4, 10, 20)[number % 4])
        at = max(early, (proposal.confirmed_at or early) + timedelta(hours=1))
        claims.release(proposal)
        _step(proposal, "cancel", at, side=Side.SCHOOL, by=teacher, reasons=["date"])
        proposal.need.state = NeedState.CLOSED
        return
    after = proposal.ends_at + timedelta(hours=5)
    held = ending == "held"
    if held:
        visit.attended = (proposal.need.group_size or 25) - number % 4
        visit.hands_before = visit.attended // 4
        visit.hands_after = visit.hands_before + number % 6
        marks = {name: 3 + (number + place) % 3 for place, name in enumerate(QUESTIONS)}
        visit.feedback.append(
            Feedback(side=Side.SCHOOL, by_id=teacher.id, marks=marks, again=True, at=after)
        )
    visit.reports.append(
        Report(
            side=Side.SCHOOL,
            by_id=teacher.id,
            held=held,
            attended=visit.attended,
            reasons=[] if held else ["illness"],
            at=after,
        )
    )
    reasons = None if held else ["illness"]
    name = "deliver" if held else "not_held"
    _step(proposal, name, after, side=Side.SCHOOL, by=teacher, reasons=reasons)
    if not held:
        proposal.need.state = NeedState.CLOSED


def _step(proposal: Proposal, name: str, at: datetime, **more: Any) -> None:
    until = at + timedelta(days=7) if name == "release" else None
    proposal.move(name, answer_by=until, **more).at = at


def _school_day(day: date) -> date:
    while day.weekday() > 4 or day_off(day, "ZU"):
        day += timedelta(days=1)
    return day


def _moment(day: date, hour: int) -> datetime:
    return clock.utc(datetime.combine(day, time(hour)))
