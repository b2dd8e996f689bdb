"""What an offer still misses before schools may see it: one table, asked by page and service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from matcher import clock
from matcher.models.offer import OfferKind, TourForm
from matcher.offers.films import find_film
from matcher.offers.kinds import Booking, booking_of

if TYPE_CHECKING:
    from flask_babel.speaklater import LazyString

    from matcher.models.offer import Offer
    from matcher.models.professional import Slot


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something an offer must have: the field that holds it, how we ask for it, the test."""

    field: str
    sentence: LazyString
    is_met: Callable[[Offer], bool]


def _is_film(offer: Offer) -> bool:
    return offer.tour_form == TourForm.FILM


def _is_tour(offer: Offer) -> bool:
    return offer.kind == OfferKind.TOUR


def _is_challenge(offer: Offer) -> bool:
    return offer.kind == OfferKind.CHALLENGE


def _has_someone(offer: Offer) -> bool:
    if booking_of(offer) != Booking.PROFESSIONAL:
        return True
    return any(professional.is_active for professional in offer.professionals)


def is_to_come(date: Slot) -> bool:
    """Whether a class can still join at this date, or wait for a seat."""
    return date.withdrawn_at is None and date.starts_at > clock.now()


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement("title", _l("Give it a title."), lambda offer: bool(offer.title.strip())),
    Requirement(
        "description",
        _l("Describe what pupils will see, hear or do."),
        lambda offer: bool(offer.description.strip()),
    ),
    Requirement("subjects", _l("Choose at least one subject."), lambda o: bool(o.subjects)),
    Requirement("levels", _l("Choose at least one school level."), lambda o: bool(o.levels)),
    Requirement(
        "languages",
        _l("Choose the languages in which you can give it."),
        lambda offer: bool(offer.languages),
    ),
    Requirement(
        "tour_form",
        _l("Choose whether the tour is a film or is given live."),
        lambda offer: not _is_tour(offer) or offer.tour_form is not None,
    ),
    Requirement(
        "film_url",
        _l("Give the address of the film."),
        lambda offer: not _is_film(offer) or find_film(offer.film_url) is not None,
    ),
    Requirement(
        "captions",
        _l("Say in which languages the film has captions. Deaf pupils need them."),
        lambda offer: not _is_film(offer) or bool(offer.extra.get("captions", "").strip()),
    ),
    Requirement(
        "lesson_sheet",
        _l("Add a lesson sheet: questions and tasks for the class. A tour needs one."),
        lambda offer: not _is_tour(offer) or bool(offer.lesson_sheet.strip()),
    ),
    Requirement(
        "brief",
        _l("Write the brief: the question pupils will work on."),
        lambda offer: not _is_challenge(offer) or bool(offer.brief.strip()),
    ),
    Requirement(
        "deliverables",
        _l("Say what pupils hand in or show at the end."),
        lambda offer: not _is_challenge(offer) or bool(offer.deliverables.strip()),
    ),
    Requirement(
        "closes_on",
        _l("The period of this challenge is over. Choose a later day, or leave it empty."),
        lambda offer: offer.closes_on is None or offer.closes_on >= clock.today(),
    ),
    Requirement("professionals", _l("Choose at least one professional."), _has_someone),
    Requirement(
        "dates",
        _l("Add at least one date in the future."),
        lambda offer: booking_of(offer) != Booking.DATE or any(map(is_to_come, offer.dates)),
    ),
)


def missing_for_publication(offer: Offer) -> tuple[Requirement, ...]:
    """What is still missing, in the order of the form; empty when it can be published."""
    return tuple(need for need in REQUIREMENTS if not need.is_met(offer))
