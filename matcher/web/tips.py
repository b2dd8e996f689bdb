"""Tips for preparing a visit: for the kind of visit, and for who sits in the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from matcher.models.need import Need
from matcher.models.offer import Offer, OfferKind, TourForm
from matcher.web.names import language, system

ALWAYS = (_l("Let the pupils think of questions beforehand, and send them to the guest."),)
BY_KIND = {
    OfferKind.LECTURE: (
        _l("Begin with five minutes of story, and an object to pass around."),
        _l("Plan one task of 15 to 20 minutes in which the pupils do something."),
        _l("Show the subject from at least two sides."),
        _l("Take a minute for the guest's own route, doubts included."),
        _l("Link it to the chapter the class is in."),
        _l("Close with five minutes on jobs, and what to study for them."),
    ),
    OfferKind.TOUR: (
        _l("Make groups of at most 12 for each guide."),
        _l("Give a task at every stop."),
        _l("A hunt for photos or answers, or a contest, keeps everybody going."),
        _l("Have something to eat ready."),
        _l("Look back together in class afterwards."),
    ),
}
FILM = (_l("Stop the film for the questions of the lesson sheet, and look back together."),)
MUCH = 0.25  # of the class: who should not be left out


@dataclass(frozen=True, slots=True)
class ClassTip:
    """How to reach one type of pupils; ``is_missed``: many, and the offer does not name them."""

    name: str
    tip: str
    is_missed: bool


@dataclass(frozen=True, slots=True)
class Tips:
    """For the visit itself, and for this class, those who are most in it first."""

    visit: tuple[str, ...]
    pupils: tuple[ClassTip, ...]


def tips_for(need: Need, offer: Offer | None = None) -> Tips:
    """Before an offer is known: for the first kind the class asks for that has tips."""
    if offer is not None:
        visit = FILM if offer.tour_form == TourForm.FILM else BY_KIND.get(offer.kind, ())
    else:
        kinds = [kind for kind in BY_KIND if kind.value in need.kinds]
        visit = BY_KIND[kinds[0]] if kinds else ()
    told = tuple(str(tip) for tip in (*visit, *ALWAYS))
    return Tips(told, _pupils(need, offer.angles if offer is not None else None))


def _pupils(need: Need, angles: Sequence[str] | None) -> tuple[ClassTip, ...]:
    whole = sum(need.class_profile.values())
    if not whole:
        return ()
    here = language()
    told = []
    for kind in system().kinds_of_profile:
        share = need.class_profile.get(kind.code, 0) / whole
        missed = angles is not None and share >= MUCH and kind.code not in angles
        if share:
            tip = ClassTip(kind.name(here), kind.tip.get(here) or kind.tip["en"], missed)
            told.append((-share, kind.code, tip))
    return tuple(tip for _share, _code, tip in sorted(told, key=lambda row: row[:2]))
