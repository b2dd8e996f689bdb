"""Why nothing matched, in words, and the one click that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matcher import clock
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.need import Need, PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState
from matcher.models.run import UnmatchedNeed
from matcher.needs import service
from matcher.reference.holidays import day_off
from matcher.web.names import KINDS, LANGUAGES, PLACES, Names

BLOCKERS = {
    "kind": _l("are of another kind"),
    "language": _l("are given in another language"),
    "place": _l("are only online, or only on site"),
    "level": _l("are for another level"),
    "group": _l("take smaller groups"),
    "duration": _l("take longer than your lesson"),
    "day": _l("have no free moment on your days"),
    "time": _l("have no free moment long enough at your times"),
    "distance": _l("are too far away"),
    "taken": _l("fit, and went to other classes"),
    "topic": _l("are about other topics"),
}
CHANGES = {
    "day": _l("any day in the same weeks is fine"),
    "duration": _l("the lesson may take %(to)s minutes"),
    "place": _l("%(to)s is fine too"),
    "language": _l("%(to)s is fine too"),
    "kind": _l("a %(to)s is fine too"),
    "level": _l("offers for %(to)s are fine too"),
    "group": _l("the class comes in two groups of %(to)s"),
}
APPLIED = frozenset({"day", "duration", "place", "language", "kind", "group"})
MOST = 4


@dataclass(frozen=True)
class Hint:
    """A change that would help: its rule and value for the button, how many offers it unlocks."""

    rule: str
    to: str
    unlocks: int
    can_apply: bool


@dataclass(frozen=True)
class Advice:
    """What stands in the way, counted, and what would help most."""

    blockers: list[tuple[int, object]]
    hints: list[Hint]


def in_words(unmatched: UnmatchedNeed) -> Advice:
    """The counted blockers in sentences, and the changes, the best first."""
    blockers = [
        (row["count"], BLOCKERS[row["rule"]])
        for row in unmatched.blockers
        if row["rule"] in BLOCKERS and row["rule"] != "topic"
    ]
    hints = [
        Hint(row["rule"], row["to"], row["unlocks"], row["rule"] in APPLIED)
        for row in unmatched.changes
    ]
    return Advice(blockers[:MOST], hints[:MOST])


def instead(unmatched: UnmatchedNeed) -> list[Offer]:
    """The ladder: what the class can do anyway, in the order of the run."""
    found = (
        select(Offer)
        .where(Offer.id.in_(unmatched.instead), Offer.state == OfferState.PUBLISHED)
        .options(joinedload(Offer.company))
    )
    by_id = {offer.id: offer for offer in db.session.scalars(found.order_by(Offer.id))}
    return [by_id[key] for key in unmatched.instead if key in by_id]


def blocker_words(rule: str) -> str:
    """What offers do that a rule refuses."""
    return str(BLOCKERS.get(rule, rule))


def hint_words(hint: Hint) -> str:
    """The change as a teacher would say it."""
    told = {
        "language": LANGUAGES.get(hint.to, hint.to),
        "kind": KINDS[OfferKind(hint.to)] if hint.rule == "kind" else hint.to,
        "level": Names().level(hint.to),
        "place": PLACES.get(hint.to, hint.to),
    }
    return str(CHANGES[hint.rule]) % {"to": told.get(hint.rule, hint.to)}


def apply(need: Need, rule: str, to: str, *, by: Person) -> None:
    """Make the change on the need itself, and let the matcher look again."""
    values: dict[str, object]
    if rule == "duration" and to.isdigit() and 10 <= int(to) <= 600:
        values = {"lesson_minutes": int(to)}
    elif rule == "place":
        values = {"place": PlaceKind.BOTH}
    elif rule == "language" and to in {"nl", "en"}:
        values = {"languages": sorted({*need.languages, to})}
    elif rule == "kind" and to in set(OfferKind):
        values = {"kinds": sorted({*need.kinds, to})}
    elif rule == "group" and to.isdigit() and 1 <= int(to) <= 1000:
        values = {"group_size": int(to), "visits_wanted": min(10, need.visits_wanted * 2)}
    elif rule == "day" and need.windows:
        _any_day(need, by=by)
        return
    else:
        raise Invalid(_l("That change cannot be made here."))
    service.save(need, values, by=by)


def _any_day(need: Need, *, by: Person) -> None:
    """Every school day from the first window's week to the last's, at the same hours."""
    local = [(clock.local(w.starts_at), clock.local(w.ends_at)) for w in need.windows]
    begins, ends = min(s.time() for s, _ in local), max(e.time() for _, e in local)
    day, last = min(s.date() for s, _ in local), max(e.date() for _, e in local)
    if (last - day).days < 5:
        day, last = day - timedelta(days=day.weekday()), day + timedelta(days=4 - day.weekday())
    found = []
    while day <= last:
        if (
            day > clock.today()
            and day.weekday() < 5
            and not day_off(day, need.school.holiday_region)
        ):
            start, end = datetime.combine(day, begins), datetime.combine(day, ends)
            found.append((clock.utc(start), clock.utc(end)))
        day += timedelta(days=1)
    service.set_windows(need, found, by=by)
