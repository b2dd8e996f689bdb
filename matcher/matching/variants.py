"""Single changes to a need, from small to large, as the need would be after each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from matcher import clock
from matcher.matching.types import Demand, Window
from matcher.reference import programme
from matcher.reference.holidays import day_off

SCHOOL_DAY = (time(8, 30), time(16, 0))
MORE_WEEKS = 4
MOST_WINDOWS = 120  # such a change would not be a small one
LONGER = (60, 75, 90, 100, 120, 150, 180, 240)
LEAST_HALVED = 20
MORE_KM = 10
LANGUAGES = ("en", "nl")
KINDS = ("lecture", "tour", "challenge", "webinar")


@dataclass(frozen=True)
class Variant:
    """A need after one change: the rule it eases, and the new value."""

    rule: str
    to: str
    demand: Demand
    facts: Mapping[str, object] = field(default_factory=dict)


def variants(demand: Demand) -> list[Variant]:
    """All single changes worth trying; the need's own key stays."""
    makers: tuple[Callable[[Demand], Iterable[Variant]], ...] = (
        _of_time,
        _of_duration,
        _of_place,
        _of_language,
        _of_kind,
        _of_level,
        _of_group,
        _of_distance,
    )
    return [variant for make in makers for variant in make(demand)]


# ---- time ---------------------------------------------------------------------------------------
def _of_time(demand: Demand) -> Iterable[Variant]:
    """The whole school day on the same days; any school day of the same weeks; later weeks too."""
    if not demand.windows:
        return
    local = [(clock.local(w.start), clock.local(w.end)) for w in demand.windows]
    begins = min(start.time() for start, _ in local)
    ends = max(end.time() for _, end in local)
    days = sorted({start.date() for start, _ in local})
    longest = (min(begins, SCHOOL_DAY[0]), max(ends, SCHOOL_DAY[1]))
    weeks = [day for day in _weeks(days[0], days[-1]) if _has_school(day, demand)]
    later = [day + timedelta(weeks=n) for day in days for n in range(1, MORE_WEEKS + 1)]
    later = [day for day in later if _has_school(day, demand)]
    yield from _timed(demand, "hours", "", [_window(day, *longest) for day in days])
    yield from _timed(demand, "day", "any", [_window(day, begins, ends) for day in weeks])
    yield from _timed(demand, "weeks", str(MORE_WEEKS), [_window(d, begins, ends) for d in later])


def _timed(demand: Demand, rule: str, to: str, more: Iterable[Window | None]) -> Iterable[Variant]:
    windows = merged((*demand.windows, *(window for window in more if window)))
    if windows != merged(demand.windows) and len(windows) <= MOST_WINDOWS:
        facts = {"windows": [(w.start, w.end) for w in windows]}
        yield Variant(rule, to, replace(demand, windows=windows), facts)


def one_day(variant: Variant, original: Demand, day: date) -> Variant:
    """The same change for one of its days alone."""
    extra = [w for w in variant.demand.windows if clock.local(w.start).date() == day]
    windows = merged((*original.windows, *extra))
    facts = {"windows": [(w.start, w.end) for w in windows]}
    return Variant("day", day.isoformat(), replace(original, windows=windows), facts)


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """In order, those that touch made one."""
    kept: list[Window] = []
    for window in sorted(windows, key=lambda w: (w.start, w.end)):
        if kept and window.start <= kept[-1].end:
            kept[-1] = Window(kept[-1].start, max(kept[-1].end, window.end))
        else:
            kept.append(window)
    return tuple(kept)


def _weeks(first: date, last: date) -> list[date]:
    """The weekdays from the first day's Monday to the last day's Friday."""
    day = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    return [
        day + timedelta(days=n)
        for n in range((end - day).days)
        if (day + timedelta(days=n)).weekday() < 5
    ]


def _has_school(day: date, demand: Demand) -> bool:
    is_past = demand.open_on is not None and day <= demand.open_on
    return not is_past and day.weekday() < 5 and not day_off(day, demand.holiday_region)


def _window(day: date, begins: time, ends: time) -> Window | None:
    """None on the one day a year on which such an hour does not exist."""
    try:
        start, end = (clock.utc(datetime.combine(day, at)) for at in (begins, ends))
    except ValueError:
        return None
    return Window(start, end) if end > start else None


# ---- the rest -----------------------------------------------------------------------------------
def _of_duration(demand: Demand) -> Iterable[Variant]:
    for minutes in LONGER:
        if minutes > demand.minutes:
            yield Variant("duration", str(minutes), replace(demand, minutes=minutes))


def _of_place(demand: Demand) -> Iterable[Variant]:
    if demand.place != "both":
        other = "online" if demand.place == "onsite" else "onsite"
        yield Variant("place", other, replace(demand, place="both"))


def _of_language(demand: Demand) -> Iterable[Variant]:
    for language in LANGUAGES:
        if language not in demand.languages:
            more = demand.languages | {language}
            yield Variant("language", language, replace(demand, languages=more))


def _of_kind(demand: Demand) -> Iterable[Variant]:
    for kind in KINDS:
        if kind not in demand.kinds:
            yield Variant("kind", kind, replace(demand, kinds=demand.kinds | {kind}))


def _of_level(demand: Demand) -> Iterable[Variant]:
    for level in next_levels(demand.levels):
        yield Variant("level", level, replace(demand, levels=(*demand.levels, level)))


def _of_group(demand: Demand) -> Iterable[Variant]:
    if demand.group_size >= LEAST_HALVED:
        half = -(-demand.group_size // 2)
        yield Variant("group", str(half), replace(demand, group_size=half))


def _of_distance(demand: Demand) -> Iterable[Variant]:
    """How far the class itself travels is its own to say; how far guests do is theirs."""
    if demand.travel_km is not None:
        further = demand.travel_km + MORE_KM
        yield Variant("distance", f"{further:g}", replace(demand, travel_km=further))


def next_levels(levels: Sequence[str]) -> list[str]:
    """Levels at most one step away in the school system, in its order."""
    known = {level.code: level for level in programme("nl").levels}
    mine = [known[code] for code in levels if code in known]
    return [
        code
        for code, level in known.items()
        if code not in levels
        and any(level.sector == own.sector and abs(level.rank - own.rank) <= 1 for own in mine)
    ]
