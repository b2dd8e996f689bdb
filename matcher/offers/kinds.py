"""The four kinds of offers as data: what each is called, what its form asks, how it is booked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from matcher.models.offer import OfferKind, TourForm

if TYPE_CHECKING:
    from flask_babel.speaklater import LazyString

    from matcher.models.offer import Offer


class Booking(StrEnum):
    """What a class books when it says yes to an offer."""

    PROFESSIONAL = "professional"  # a slot of one of its professionals
    DATE = "date"  # a seat at one of the offer's own dates
    NOTHING = "nothing"  # it stands there, ready to be used


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of offer. ``asks`` are the fields it has beyond those of every offer."""

    code: OfferKind
    name: LazyString
    sentence: LazyString  # what it is, for whoever has to choose
    asks: tuple[str, ...]
    booking: Booking
    may_skip_asking: bool  # the company may let a school's yes be enough
    minutes: int  # a sensible start


EVERY_OFFER = (
    "title",
    "description",
    "language",
    "languages",
    "subjects",
    "levels",
    "minutes",
    "max_group",
    "angles",
    "postcode",
)

KINDS: dict[OfferKind, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            OfferKind.LECTURE,
            _l("Guest lecture"),
            _l("Someone from your company tells and shows a class what the work is like."),
            ("place", "needs_in_room", "professionals"),
            Booking.PROFESSIONAL,
            may_skip_asking=False,
            minutes=50,
        ),
        Kind(
            OfferKind.TOUR,
            _l("Company tour"),
            _l("A class looks inside your company: on film, online with a guide, or on site."),
            (
                "tour_form",
                "film_url",
                "captions",
                "stops",
                "lesson_sheet",
                "place",
                "needs_in_room",
                "professionals",
                "ask_first",
            ),
            Booking.PROFESSIONAL,
            may_skip_asking=True,
            minutes=40,
        ),
        Kind(
            OfferKind.CHALLENGE,
            _l("Challenge"),
            _l("Pupils work on a real question from your company and show you what they found."),
            (
                "brief",
                "data_links",
                "deliverables",
                "jury",
                "opens_on",
                "closes_on",
                "place",
                "needs_in_room",
                "ask_first",
            ),
            Booking.NOTHING,
            may_skip_asking=True,
            minutes=200,
        ),
        Kind(
            OfferKind.WEBINAR,
            _l("Webinar"),
            _l("One online session on a set date, for several classes at once."),
            ("join_url", "professionals", "ask_first"),
            Booking.DATE,
            may_skip_asking=True,
            minutes=60,
        ),
    )
}


def fields_of(kind: OfferKind) -> tuple[str, ...]:
    """Every field an offer of this kind may carry; the only ones a form may write."""
    return EVERY_OFFER + KINDS[kind].asks


def booking_of(offer: Offer) -> Booking:
    """How this very offer is booked; a film needs no one's time."""
    if offer.tour_form == TourForm.FILM:
        return Booking.NOTHING
    return KINDS[offer.kind].booking
