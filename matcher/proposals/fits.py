"""Which offers could suit a need: its rules asked of the database, without the matcher.

The matcher also weighs topics and gives each moment away once; this only says what is not excluded.
It serves a teacher who is still writing, the directory, and alerts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select, true

from matcher import clock
from matcher.extensions import db
from matcher.models.busy import BusyBlock
from matcher.models.need import Need, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm, offer_professional
from matcher.models.organisation import Company, Region
from matcher.models.professional import ClaimedQuarter, Professional, Slot
from matcher.models.sql import holds, holds_or_says_nothing, minute_of, squared_km
from matcher.proposals import queries

LEAD_DAYS = 7  # as in the matcher's settings, which a web worker does not load
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Fits:
    """How many offers a need's rules let through; of those, how many on its days, if it has any."""

    offers: int
    on_days: int | None


def fits_of(need: Need) -> Fits:
    """Both counts, by one query."""
    windows = queries.open_windows(need, need.school) if need.windows else []
    on_days = _has_moment(need, windows) if need.windows else literal(False)
    counted = select(func.count(), func.sum(case((on_days, 1), else_=0)))
    offers, suited = db.session.execute(counted.select_from(Offer).where(passes(need))).one()
    return Fits(offers, int(suited or 0) if need.windows else None)


def passes(need: Need) -> ColumnElement[bool]:
    """Whether no rule of this need keeps an offer out."""
    return and_(*rules_of(need).values())


def refusals(need: Need, offer: Offer) -> list[str]:
    """The names of the rules that keep this offer out, by one query; empty when it fits."""
    named = rules_of(need)
    asked = select(*named.values()).where(Offer.id == offer.id)
    row = db.session.execute(asked).one()
    return [name for name, fits in zip(named, row, strict=True) if not fits]


def rules_of(need: Need) -> dict[str, ColumnElement[bool]]:
    """Each rule under the name the matcher gives it; what the need leaves open is no rule."""
    today = clock.today()
    rules: dict[str, ColumnElement[bool]] = {
        "away": and_(
            Offer.state == OfferState.PUBLISHED,
            Offer.region.has(Region.programme_id == need.region.programme_id),
            Offer.company.has(or_(Company.paused_until.is_(None), Company.paused_until < today)),
        ),
        "place": _takes_place(need),
        "distance": or_(_is_on_demand(), _can_come_here(need)),
    }
    if need.kinds:
        rules["kind"] = Offer.kind.in_(need.kinds)
    if need.languages:
        rules["language"] = holds(Offer.languages, need.languages)
    if need.group_size:
        rules["group"] = or_(Offer.max_group.is_(None), Offer.max_group >= need.group_size)
    if need.lesson_minutes:
        rules["duration"] = or_(_is_on_demand(), Offer.minutes <= need.lesson_minutes)
    if need.levels:
        rules["level"] = holds_or_says_nothing(Offer.levels, need.accepted_levels)
    if need.subject:
        rules["subject"] = holds_or_says_nothing(Offer.subjects, [need.subject])
    return rules


def passes_on_its_days(need: Need) -> ColumnElement[bool]:
    """The same, with a free moment inside the need's windows, or needing none."""
    return and_(passes(need), _has_moment(need, queries.open_windows(need, need.school)))


def _is_on_demand() -> ColumnElement[bool]:
    """``Offer.is_on_demand``, said to the database."""
    film = func.coalesce(Offer.tour_form == TourForm.FILM, False)
    return or_(Offer.kind == OfferKind.CHALLENGE, film)


def _takes_place(need: Need) -> ColumnElement[bool]:
    """A webinar comes through the line; what a class does by itself can be done anywhere."""
    if need.place == PlaceKind.BOTH:
        return true()
    webinar = Offer.kind == OfferKind.WEBINAR
    there = Offer.place.in_([need.place, PlaceKind.BOTH])
    if need.place == PlaceKind.ONLINE:
        return or_(_is_on_demand(), webinar, there)
    return or_(_is_on_demand(), and_(~webinar, there))


def _can_come_here(need: Need) -> ColumnElement[bool]:
    """Through the line, or within the radius of somebody who gives it."""
    line = or_(Offer.kind == OfferKind.WEBINAR, Offer.place != PlaceKind.ONSITE)
    online = line if need.place != PlaceKind.ONSITE else false()
    return or_(online, and_(_class_travels(need), _hosts(need, near=True).exists()))


def _class_travels(need: Need) -> ColumnElement[bool]:
    """A tour is no further than the class said it goes."""
    if need.travel_km is None:
        return true()
    at = (need.school.latitude, need.school.longitude)
    far = squared_km(Offer.latitude, Offer.longitude, at)
    return or_(Offer.kind != OfferKind.TOUR, far <= need.travel_km * need.travel_km)


def _hosts(need: Need, *, near: bool) -> Any:
    """Who gives an offer and can be asked now; ``near``: and comes as far as the school."""
    found = (
        select(literal(1))
        .select_from(offer_professional)
        .join(Professional, Professional.id == offer_professional.c.professional_id)
        .where(
            offer_professional.c.offer_id == Offer.id,
            Professional.may_be_asked(clock.today()),
        )
    )
    if not near:
        return found
    at = (need.school.latitude, need.school.longitude)
    far = squared_km(Professional.latitude, Professional.longitude, at)
    return found.where(far <= Professional.radius_km * Professional.radius_km)


def _has_moment(need: Need, windows: Sequence[Window]) -> ColumnElement[bool]:
    """A free moment of the offer, or of somebody who gives it, in which it fits the class."""
    if not windows:
        return _is_on_demand()
    own_date = (
        _free_slots(need)
        .where(
            Slot.offer_id == Offer.id,
            or_(*(and_(Slot.starts_at >= a, Slot.ends_at <= b) for a, b in windows)),
        )
        .exists()
    )
    hosts = _hosts(need, near=need.place == PlaceKind.ONSITE)
    theirs = (
        _free_slots(need)
        .where(
            hosts.where(Professional.id == Slot.professional_id).correlate(Offer, Slot).exists(),
            or_(*(_meets(a, b) for a, b in windows)),
            ~_is_busy(),
        )
        .exists()
    )
    return or_(_is_on_demand(), own_date, theirs)


def _free_slots(need: Need) -> Any:
    lead = int(need.region.settings.get("lead_days", LEAD_DAYS))
    first = clock.utc(datetime.combine(clock.today() + timedelta(days=lead), time()))
    return select(literal(1)).where(
        Slot.ends_at > first, Slot.withdrawn_at.is_(None), Slot.taken < Slot.seats
    )


def _meets(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Slot and window share as many minutes as the offer takes."""
    first, last = int(start.timestamp()) // 60, int(end.timestamp()) // 60
    begins, ends = minute_of(Slot.starts_at), minute_of(Slot.ends_at)
    return and_(
        ends - begins >= Offer.minutes,
        Offer.minutes <= last - first,
        ends >= first + Offer.minutes,
        begins <= last - Offer.minutes,
    )


def _is_busy() -> ColumnElement[bool]:
    """A visit of the same professional stands in it, or their own calendar takes all of it."""
    away = (
        select(literal(1))
        .where(
            BusyBlock.professional_id == Slot.professional_id,
            BusyBlock.starts_at <= Slot.starts_at,
            BusyBlock.ends_at >= Slot.ends_at,
        )
        .correlate(Slot)
        .exists()
    )
    return or_(_has_visit(), away)


def _has_visit() -> ColumnElement[bool]:
    return (
        select(literal(1))
        .where(
            ClaimedQuarter.professional_id == Slot.professional_id,
            ClaimedQuarter.quarter * 15 < minute_of(Slot.ends_at),
            (ClaimedQuarter.quarter + 1) * 15 > minute_of(Slot.starts_at),
        )
        .correlate(Slot)
        .exists()
    )
