"""The company side of a region's problem: offers within reach, their slots, people's limits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.matching.types import Person, Place, Slot, Supply, Text, Window
from matcher.models.moves import LIVE, ProposalState
from matcher.models.need import Need, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.models.organisation import Company, Region, School
from matcher.models.professional import Load, Pledge, Professional
from matcher.models.professional import Slot as SlotRow
from matcher.models.proposal import Proposal
from matcher.proposals import busy, queries

REACH_DEGREES = (0.9, 1.4)  # about 100 km of latitude and of longitude around a region's schools
ONE_RUN = 3  # schools to whom one run may give an on-demand offer whose company must be asked
UNASKED = 1000  # the same where nobody need be asked
Loads = dict[str, Counter[str]]  # "professional:7" -> period -> visits


@dataclass(frozen=True, slots=True)
class Fixed:
    """A proposal that stands: its need is served, its time given away."""

    need_id: int
    offer_id: int
    slot_id: int | None
    professional_id: int | None
    company_id: int
    state: ProposalState
    starts_at: datetime | None
    ends_at: datetime | None
    shares_slot: bool
    place: Place | None

    @property
    def counts(self) -> bool:
        """Waiting for a yes that would count in the loads; what is confirmed is counted there."""
        return self.state != ProposalState.CONFIRMED and not self.shares_slot


def read_fixed(region: Region, need_ids: Collection[int] | None) -> list[Fixed]:
    """What stands for the programme's needs and people, whichever region it came from.

    Without the suggestions the run is to replace: the region's, or those for ``need_ids``.
    """
    replaced = and_(
        Proposal.state == ProposalState.SUGGESTED,
        Proposal.region_id == region.id
        if need_ids is None
        else Proposal.need_id.in_(sorted(need_ids)),
    )
    stands = and_(Proposal.state.in_(sorted(LIVE)), ~replaced)
    rows = (
        select(Proposal, Offer.company_id, Offer.place, School)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Need, Need.id == Proposal.need_id)
        .join(School, School.id == Need.school_id)
        .join(Region, Region.id == Proposal.region_id)
        .where(Region.programme_id == region.programme_id, stands)
        .order_by(Proposal.id)
    )
    return [
        Fixed(
            need_id=proposal.need_id,
            offer_id=proposal.offer_id,
            slot_id=proposal.slot_id,
            professional_id=proposal.professional_id,
            company_id=company_id,
            state=proposal.state,
            starts_at=proposal.starts_at,
            ends_at=proposal.ends_at,
            shares_slot=proposal.shares_slot,
            place=None
            if place == PlaceKind.ONLINE
            else Place(school.latitude, school.longitude, school.town),
        )
        for proposal, company_id, place, school in db.session.execute(rows)
    ]


def read_supplies(
    region: Region, needs: list[Need], fixed: list[Fixed]
) -> tuple[tuple[Supply, ...], tuple[Person, ...]]:
    """Published offers the needs might reach, and the people who would hold them."""
    offers = _offers(region, needs)
    zone = ZoneInfo(region.programme.time_zone)
    loads = _loads(fixed, zone)
    slots = _slots(fixed)
    supplies = []
    people: dict[int, Professional] = {}
    for offer in offers:
        hosts = [] if offer.is_on_demand else [p for p in offer.professionals if _is_present(p)]
        times = [slot for host in hosts for slot in slots[host.id, None]] + slots[None, offer.id]
        if times or offer.is_on_demand:
            supplies.append(_supply(offer, times, loads))
            people |= {host.id: host for host in hosts}
    elsewhere = _busy(fixed)
    persons = (_person(people[key], elsewhere[key], loads) for key in sorted(people))
    return tuple(supplies), tuple(persons)


def _offers(region: Region, needs: list[Need]) -> list[Offer]:
    found = (
        select(Offer)
        .join(Company, Company.id == Offer.company_id)
        .join(Region, Region.id == Offer.region_id)
        .options(
            joinedload(Offer.company), joinedload(Offer.region), selectinload(Offer.professionals)
        )
        .where(
            Offer.state == OfferState.PUBLISHED,
            Region.programme_id == region.programme_id,
            or_(Company.paused_until.is_(None), Company.paused_until < clock.today()),
            _within_reach(region, needs),
        )
        .order_by(Offer.id)
    )
    return list(db.session.scalars(found))


def _within_reach(region: Region, needs: list[Need]) -> ColumnElement[bool]:
    """The own region, the neighbours' by distance, and whatever nobody travels for.

    Coarse on purpose: who is really near enough is the matcher's to say.
    """
    north, east = REACH_DEGREES
    latitudes = [need.school.latitude for need in needs]
    longitudes = [need.school.longitude for need in needs]
    near = and_(
        Offer.latitude.between(min(latitudes) - north, max(latitudes) + north),
        Offer.longitude.between(min(longitudes) - east, max(longitudes) + east),
    )
    return or_(
        Offer.region_id == region.id,
        near,
        Offer.place != PlaceKind.ONSITE,
        Offer.kind.in_([OfferKind.WEBINAR, OfferKind.CHALLENGE]),
        Offer.tour_form == TourForm.FILM,
    )


def _is_present(host: Professional) -> bool:
    return host.can_be_asked(clock.today())


def _slots(fixed: list[Fixed]) -> dict[tuple[int | None, int | None], list[Slot]]:
    """Free moments by (professional, offer), less what already stands in them, and of each what
    the professional's own calendar leaves."""
    given = Counter(
        row.slot_id
        for row in fixed
        if row.slot_id is not None and row.state != ProposalState.CONFIRMED
    )
    free: dict[tuple[int | None, int | None], list[Slot]] = defaultdict(list)
    rows = queries.free_slots().order_by(SlotRow.starts_at, SlotRow.id)
    found = db.session.scalars(rows).all()
    parts = busy.free_parts(found)
    for row in found:
        seats = row.seats - row.taken - given[row.id]
        if seats > 0 and row.id in parts:
            free[row.professional_id, row.offer_id].append(
                Slot(
                    key=str(row.id),
                    start=parts[row.id][0],
                    end=parts[row.id][1],
                    professional=None if row.professional_id is None else str(row.professional_id),
                    seats=seats,
                )
            )
    return free


def _loads(fixed: list[Fixed], zone: ZoneInfo) -> Loads:
    """Visits per holder and period: those confirmed, and those asked that may become so."""
    loads: Loads = defaultdict(Counter)
    for row in db.session.execute(select(Load.holder, Load.period, Load.taken)):
        loads[row.holder][row.period] += row.taken
    for standing in fixed:
        if not standing.counts or standing.starts_at is None:
            continue
        day = clock.local(standing.starts_at, zone).date()
        loads[f"company:{standing.company_id}"][clock.term(day)] += 1
        if standing.professional_id is not None:
            holder = loads[f"professional:{standing.professional_id}"]
            holder[clock.month(day)] += 1
            holder[clock.term(day)] += 1
    return loads


def _busy(fixed: list[Fixed]) -> dict[int, list[tuple[Window, Place | None]]]:
    busy: dict[int, list[tuple[Window, Place | None]]] = defaultdict(list)
    for row in fixed:
        if row.professional_id is not None and row.starts_at and row.ends_at:
            busy[row.professional_id].append((Window(row.starts_at, row.ends_at), row.place))
    return busy


def _supply(offer: Offer, slots: list[Slot], loads: Loads) -> Supply:
    company = offer.company
    alone = offer.is_on_demand or offer.kind == OfferKind.WEBINAR
    hosts = [host.confirmed_at for host in offer.professionals if host.confirmed_at is not None]
    told = max([offer.confirmed_at or offer.published_at or offer.created_at, *hosts])
    return Supply(
        key=str(offer.id),
        kind=offer.kind.value,
        text=Text(offer.title, f"{offer.description}\n{offer.brief}".strip(), offer.language),
        subjects=tuple(offer.subjects),
        levels=tuple(offer.levels),
        place=_place(offer),
        languages=frozenset(offer.languages) or frozenset({offer.language}),
        minutes=offer.minutes,
        max_group=offer.max_group,
        company=str(company.id),
        employees=company.employees,
        region=offer.region.code,
        location=None if alone else Place(offer.latitude, offer.longitude, offer.town),
        radius_km=offer.extra.get("pupils_travel_km"),
        slots=tuple(sorted(slots, key=lambda slot: (slot.start, slot.key))),
        on_demand=offer.is_on_demand,
        capacity=ONE_RUN if offer.ask_first else UNASKED,
        company_term_cap=None if alone else company.term_cap,
        company_taken=dict(sorted(loads[f"company:{company.id}"].items())),
        angles=dict.fromkeys(sorted(offer.angles), 1.0),
        days_since_confirmed=max(0, (clock.now() - told).days),
    )


def _place(offer: Offer) -> str:
    """A webinar comes through the line; what a class does by itself can be done anywhere."""
    if offer.is_on_demand:
        return PlaceKind.BOTH.value
    return PlaceKind.ONLINE.value if offer.kind == OfferKind.WEBINAR else offer.place.value


def _person(host: Professional, busy: list[tuple[Window, Place | None]], loads: Loads) -> Person:
    return Person(
        key=str(host.id),
        languages=frozenset(host.languages),
        month_cap=host.month_cap,
        term_cap=host.term_cap,
        radius_km=float(host.radius_km),
        location=Place(host.latitude, host.longitude, ""),
        taken=dict(sorted(loads[f"professional:{host.id}"].items())),
        maybe=host.pledge == Pledge.MAYBE,
        busy=tuple(sorted(busy, key=lambda stretch: (stretch[0].start, stretch[0].end))),
    )
