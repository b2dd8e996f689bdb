"""Why nothing matched, in words, and the one click that changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.errors import Invalid
from matcher.models.account import Person
from matcher.models.need import Need, PlaceKind
from matcher.models.run import UnmatchedNeed
from matcher.needs import service
from matcher.needs.rhythm import rhythm_from
from matcher.proposals.queries import unmatched_of
from matcher.web.names import Names

BLOCKERS = {
    "kind": _l("of another kind"),
    "language": _l("given in another language"),
    "place": _l("only online, or only on site"),
    "level": _l("for another level"),
    "group": _l("for smaller groups"),
    "duration": _l("longer than the lesson"),
    "day": _l("no free moment on these days"),
    "time": _l("no free moment long enough at these times"),
    "distance": _l("too far away"),
    "limit": _l("at the limit of visits already"),
    "refused": _l("asked before, or ruled out"),
    "taken": _l("fitting, but given to other classes"),
    "topic": _l("about other topics"),
}
# Where a change can be set back by hand.
STEPS = {
    "day": "when",
    "hours": "when",
    "weeks": "when",
    "level": "what",
}
MOST_BLOCKERS, MOST_HINTS = 6, 5
APPLIED = frozenset(
    "day hours weeks duration place language kind level group distance".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Barrier:
    """Offers on the topic that a rule keeps out, in words; ``only``: that nothing else does."""

    words: str
    count: int
    only: int
    share: float  # of the offers on the topic


@dataclass(frozen=True)
class Hint:
    """A change that would help: its rule and value for the button, how many offers it unlocks."""

    rule: str
    to: str
    unlocks: int
    text: str
    can_apply: bool


@dataclass(frozen=True)
class Advice:
    """What stands in the way, counted, and what would help most."""

    on_topic: int
    barriers: list[Barrier]
    hints: list[Hint]


def in_words(unmatched: UnmatchedNeed) -> Advice:
    """The counted blockers in sentences, and the changes, the best first."""
    barriers = [
        Barrier(
            blocker_words(row["rule"]),
            row["count"],
            row["only"],
            row["count"] / max(1, unmatched.on_topic),
        )
        for row in unmatched.blockers
        if row["rule"] in BLOCKERS and row["rule"] != "topic"
    ]
    hints = [_hint(row) for row in unmatched.changes]
    return Advice(unmatched.on_topic, barriers[:MOST_BLOCKERS], hints[:MOST_HINTS])


def blocker_words(rule: str) -> str:
    """What offers do that a rule refuses."""
    return str(BLOCKERS.get(rule, rule))


def _hint(row: Mapping[str, Any]) -> Hint:
    rule, to = row["rule"], row["to"]
    return Hint(rule, to, row["unlocks"], change_words(rule, to), rule in APPLIED)


def change_words(rule: str, to: str) -> str:
    """The change as a teacher would say it."""
    if rule == "day":
        if to == "any":
            return _("any school day in the same weeks is fine")
        return _("%(day)s is fine too", day=format_date(date.fromisoformat(to), "EEEE d MMMM"))
    if rule in {"place", "language"}:
        name = Names().place(to) if rule == "place" else Names().language(to)
        return _("%(what)s is fine too", what=name)
    told = {
        "hours": _("the whole school day is fine"),
        "weeks": _("%(number)s more weeks are fine", number=to),
        "duration": _("the lesson may take %(to)s minutes", to=to),
        "kind": _("a %(to)s is fine too", to=Names().kind(to)),
        "level": _("offers for %(to)s are fine too", to=Names().level(to)),
        "group": _("the class comes in two groups of %(to)s", to=to),
        "distance": _("the class may travel %(to)s km", to=to),
        "reach": _("guests would have to come %(to)s km further", to=to),
    }
    return told[rule]


def step_of(rule: str) -> str:
    """The page of the form on which a change stands."""
    return STEPS.get(rule, "who")


# ---- the click ----------------------------------------------------------------------------------
def apply(need: Need, rule: str, to: str, *, by: Person) -> None:
    """Make a change that the last run advised, and let the matcher look again.

    Invalid when it did not advise it: what was promised holds for nothing else.
    """
    change = _advised(need, rule, to)
    if "windows" in change["facts"]:
        windows = [
            (datetime.fromisoformat(start), datetime.fromisoformat(end))
            for start, end in change["facts"]["windows"]
        ]
        weekly = {(w.starts_at, w.ends_at) for w in need.windows if w.weekly}
        single = [window for window in windows if window not in weekly]
        service.set_windows(need, single, rhythm=rhythm_from(need.rhythm), by=by)
    else:
        service.save(need, _values(need, rule, to), by=by)


def _advised(need: Need, rule: str, to: str) -> dict[str, Any]:
    unmatched = unmatched_of(need)
    for change in unmatched.changes if unmatched else []:
        if (change["rule"], change["to"]) == (rule, to) and rule in APPLIED:
            return change
    raise Invalid(_l("This advice has changed. Look at the new one."))


def _values(need: Need, rule: str, to: str) -> dict[str, object]:
    if rule == "group":
        again = need.group_size is not None and need.group_size <= int(to)
        visits = need.visits_wanted if again else min(10, need.visits_wanted * 2)
        return {"group_size": int(to), "visits_wanted": visits}
    if rule in {"language", "kind", "level"}:
        name = {"language": "languages", "kind": "kinds", "level": "other_levels"}[rule]
        return {name: sorted({*getattr(need, name), to})}
    if rule == "place":
        return {"place": PlaceKind.BOTH}
    return {{"duration": "lesson_minutes", "distance": "travel_km"}[rule]: int(float(to))}
