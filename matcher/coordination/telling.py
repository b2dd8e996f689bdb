"""What the desk's pages say of codes: a run's stages, settings before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.models.journal import JournalEntry
from matcher.models.organisation import ReviewPolicy
from matcher.models.run import MatchRun
from matcher.proposals.explain import LABELS
from matcher.web.calendars import weekday_name

# In the order the matcher takes them; names are its own (matching.match.STAGES).
STAGES = {
    "space": _l("getting ready"),
    "columns": _l("reading requests and offers"),
    "vectors": _l("reading the texts"),
    "candidates": _l("finding what could fit"),
    "scores": _l("weighing every pair"),
    "assignment": _l("choosing fairly"),
    "reasons": _l("writing down why"),
    "advice": _l("advice for who is left"),
}
FIELDS = {
    "review_policy": _l("Who releases"),
    "answer_days": _l("Days to answer"),
    "alternates_asked": _l("Others asked after a no"),
    "ladder_after_days": _l("Something else, days after publishing"),
    "ladder_before_days": _l("Something else, days before the first day"),
    "reads_first_offers": _l("First offers are read"),
    "run_days": _l("Days of matching"),
    "run_hour": _l("Hour of matching"),
    "first_visit_bonus": _l("Bonus of a first visit"),
    "school_bonus": _l("Bonus of a school without visits"),
    "load_cost": _l("Cost of a company's load"),
    "small_company_share": _l("Share for small companies"),
    "unserved_school_share": _l("Share for schools without visits"),
    "reserve_price": _l("Most a score may fall for fairness"),
    "explore_share": _l("Share open for new companies"),
    "learn_from": _l("Answers to learn from"),
}
POLICIES = {
    ReviewPolicy.COORDINATOR.value: _l("a coordinator looks first"),
    ReviewPolicy.AUTOMATIC.value: _l("released at once"),
}

QUEUES = {
    "suggested": _l("New suggestions"),
    "nearly_late": _l("Must answer within two days"),
    "broken": _l("No longer fits"),
    "to_close": _l("Visits to close"),
    "disputed": _l("Two sides, two stories"),
    "cancelled_late": _l("Cancelled late"),
    "attendance": _l("Pupils not counted"),
    "asked_in_vain": _l("Asked in vain: your turn"),
    "waiting_long": _l("Waiting longer than two weeks"),
    "stale_offers": _l("Offers not confirmed for half a year"),
}
LISTS = {
    "waiting": _l("Waiting for an answer"),
    "confirmed": _l("Agreed visits"),
    "cancelled": _l("Cancelled"),
    "ended": _l("Ended"),
    "held": _l("Held"),
}
NEXT_STEPS = {
    "nearly_late": _l("Phone them. On the proposal you can answer for whoever you speak to."),
    "broken": _l("Look whether it can still go on. If not, take it back or cancel it."),
    "cancelled_late": _l("Phone the school, and see whether something else can come in its place."),
    "to_close": _l("Ask whether it took place, and close it on the visit's page."),
    "attendance": _l("Ask the teacher how many pupils there were, and fill it in at the visit."),
    "disputed": _l("Hear both sides, and decide on the visit's page."),
    "asked_in_vain": _l(
        "Nobody is asked by itself any more. Choose another offer, or phone a company."
    ),
    "waiting_long": _l("See what stands in the way, and phone the teacher about what would help."),
}
BROKEN = {
    "away": _l("the offer or its company is away"),
    "guest": _l("the guest cannot be asked now"),
    "moment": _l("the moment has been withdrawn"),
    "forbidden": _l("the pair has been forbidden"),
    "group": _l("the class is larger than the offer takes"),
    "duration": _l("it takes longer than the lesson"),
    "language": _l("no language in common"),
    "place": _l("one wants it on site, the other online"),
    "time": _l("outside the days the class has now"),
}


@dataclass(frozen=True)
class Stage:
    """One step of a run and how far it is: done, now or later."""

    label: str
    state: str


@dataclass(frozen=True)
class Told:
    """A field with its values before and after, in words."""

    label: str
    before: str
    after: str


def broken_words(rule: str) -> str:
    """What has changed since a proposal was made."""
    return str(BROKEN.get(rule, rule))


def stages_of(run: MatchRun) -> list[Stage]:
    """The steps of a run that is computed now."""
    names = list(STAGES)
    done = names.index(run.stage) + 1 if run.stage in names else 0
    return [
        Stage(str(STAGES[name]), "done" if n < done else ("now" if n == done else "later"))
        for n, name in enumerate(names)
    ]


def told_settings(entry: JournalEntry) -> list[Told]:
    """Each setting an entry changed, the matcher's and the weights among them one by one."""
    rows = []
    for name, pair in entry.changes.items():
        if not isinstance(pair, list) or len(pair) != 2:
            continue
        if name == "settings":
            rows += _of_matcher(pair[0] or {}, pair[1] or {})
        else:
            rows.append(Told(_label(name), *(_value(name, value) for value in pair)))
    return rows


def _of_matcher(before: Mapping[str, object], after: Mapping[str, object]) -> list[Told]:
    rows = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if isinstance(old or new, dict):
            rows += _of_weights(dict(old or {}), dict(new or {}))  # type: ignore[call-overload]
        elif old != new:
            rows.append(Told(_label(name), _value(name, old), _value(name, new)))
    return rows


def _of_weights(before: dict[str, float], after: dict[str, float]) -> list[Told]:
    return [
        Told(str(LABELS.get(part, part)), _hundredths(before.get(part)), _hundredths(after[part]))
        for part in after
        if before.get(part) != after[part]
    ]


def _label(name: str) -> str:
    return str(FIELDS.get(name, name))


def _hundredths(weight: float | None) -> str:
    return _("as usual") if weight is None else str(round(weight * 100))


def _value(name: str, value: object) -> str:
    if value is None:
        return _("as usual")
    if name == "review_policy":
        return str(POLICIES.get(str(value), value))
    if name == "run_days" and isinstance(value, list):
        return ", ".join(weekday_name(day) for day in value) or _("never by itself")
    if name == "run_hour":
        return f"{value:02d}:00"
    return str(value)
