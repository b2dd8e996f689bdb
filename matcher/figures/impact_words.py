"""The impact monitor in words: its panels, each a chart with its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import format_decimal
from flask_babel import gettext as _

from matcher.figures import answers, charts, reach
from matcher.figures.answers import Lead
from matcher.figures.dimensions import Dimension
from matcher.figures.ledger_words import name_of
from matcher.figures.panels import Panel, bars_of, count, of_all, part
from matcher.figures.scope import Scope
from matcher.figures.yearly import Year
from matcher.models.moves import Side
from matcher.web.names import Names

MOST_ROWS = 12
Years = Mapping[str, Year]


def panels(scope: Scope, years: Years) -> list[Panel]:
    """All of the page, from asking to looking back."""
    return [
        fill_rate(years),
        visits(years),
        pupils(years),
        days(years),
        answer_rates(scope),
        declines(scope),
        cancellations(scope),
        reached(scope, Dimension.PROVINCE),
        reached(scope, Dimension.LEVEL),
        reached(scope, Dimension.KIND),
        hands(scope),
    ]


def fill_rate(years: Years) -> Panel:
    return _trend(
        _("Requests that led to a visit"),
        years,
        lambda year: year.fill_rate * 100 if year.fill_rate is not None else None,
        lambda year: part(year.fill_rate),
        more={
            _("Requests"): lambda year: count(year.asked),
            _("With a visit"): lambda year: count(year.filled),
        },
        head=_("Share"),
        note=_("Of all requests published in the year, those with a visit agreed or held."),
    )


def visits(years: Years) -> Panel:
    return _trend(
        _("Visits held"),
        years,
        lambda year: year.held,
        lambda year: count(year.held),
        more={
            _("Not held"): lambda year: of_all(year.not_held, year.held + year.not_held),
            _("By small companies"): lambda year: part(year.small_share),
        },
        head=_("Visits"),
        note=_("Not held: agreed, and yet nobody came or it fell through on the day."),
    )


def pupils(years: Years) -> Panel:
    return _trend(
        _("Pupils reached"),
        years,
        lambda year: year.pupils,
        lambda year: count(year.pupils),
        more={
            _("Encounters"): lambda year: count(year.encounters),
            _("Schools"): lambda year: count(year.schools),
            _("Not counted"): lambda year: count(year.uncounted),
        },
        head=_("Pupils"),
        note=_(
            "Pupils are counted on the day; a class that was met twice counts once. An encounter "
            "is one pupil meeting one professional, on site or live on a screen; films do not "
            "count. The last column holds visits whose pupils nobody counted."
        ),
    )


def days(years: Years) -> Panel:
    return _trend(
        _("Days until a visit is agreed"),
        years,
        lambda year: year.days,
        lambda year: "–" if year.days is None else _decimal(year.days),
        head=_("Days"),
        note=_("The median: half of the requests took less, half took more."),
    )


def _trend(
    title: str,
    years: Years,
    value: Callable[[Year], float | None],
    told: Callable[[Year], str],
    *,
    more: Mapping[str, Callable[[Year], str]] | None = None,
    head: str,
    note: str = "",
) -> Panel:
    more = more or {}
    points = []
    for year in years.values():
        known = value(year)
        points.append((known, told(year)) if known is not None else None)
    chart = charts.lines(title, list(years), [(title, points)])
    rows = [
        (name, told(year), *(cell(year) for cell in more.values())) for name, year in years.items()
    ]
    some = rows if any(year.asked or year.held for year in years.values()) else []
    return Panel(title, [_("School year"), head, *more], some, chart, note=note)


def answer_rates(scope: Scope) -> Panel:
    found = answers.answered(scope)
    sides = {Side.SCHOOL: _("Schools"), Side.COMPANY: _("Companies")}
    return bars_of(
        _("Who answers"),
        [_("Side"), _("Answered"), _("Questions"), _("No answer")],
        [
            (
                sides[side],
                one.rate or 0,
                [part(one.rate), count(one.answered + one.silent), count(one.silent)],
            )
            for side, one in found.items()
            if one.rate is not None
        ],
        most=1,
        note=_("Of the questions asked in the year that have ended, yes or no alike."),
    )


def declines(scope: Scope) -> Panel:
    found = answers.declined(scope)
    return bars_of(
        _("Why it was no"),
        [_("Reason"), _("Together"), _("Schools"), _("Companies")],
        [
            (
                Names().reason(reason),
                sum(by.values()),
                [count(sum(by.values())), count(by[Side.SCHOOL]), count(by[Side.COMPANY])],
            )
            for reason, by in found.items()
        ],
        note=_("Several reasons at once count each."),
    )


def cancellations(scope: Scope) -> Panel:
    found = answers.cancelled(scope)
    leads = {
        Lead.DAY: _("less than a day before"),
        Lead.WEEK: _("1 to 6 days before"),
        Lead.FORTNIGHT: _("7 to 13 days before"),
        Lead.LONGER: _("two weeks or more before"),
        Lead.UNDATED: _("without a day"),
    }

    def cells(lead: Lead) -> tuple[int, int, int]:
        by = {side: found.get((lead, side), 0) for side in Side}
        rest = by[Side.COORDINATOR] + by[Side.SYSTEM]
        return by[Side.SCHOOL], by[Side.COMPANY], rest

    rows = [(label, sum(cells(lead)), cells(lead)) for lead, label in leads.items()]
    return bars_of(
        _("Cancelled, by how long before"),
        [_("When"), _("Together"), _("Schools"), _("Companies"), _("Others")],
        [
            (label, many, [count(many), *map(count, numbers)])
            for label, many, numbers in rows
            if found
        ],
    )


def reached(scope: Scope, dimension: Dimension, most: int = MOST_ROWS) -> Panel:
    titles = {
        Dimension.PROVINCE: (_("Pupils reached, by province"), _("Province")),
        Dimension.LEVEL: (_("Pupils reached, by level"), _("Level")),
        Dimension.KIND: (_("Pupils reached, by kind of visit"), _("Kind")),
    }
    title, head = titles[dimension]
    return bars_of(
        title,
        [head, _("Pupils"), _("Visits"), _("Schools")],
        [
            (
                name_of(dimension, one.code, scope.regions),
                one.pupils,
                [count(one.pupils), count(one.visits), count(one.schools)],
            )
            for one in reach.reached(scope, dimension)[:most]
        ],
    )


def hands(scope: Scope) -> Panel:
    found = reach.hands(scope)
    rows = [
        (_("Before the visit"), found.before_share, found.before),
        (_("After the visit"), found.after_share, found.after),
    ]
    return bars_of(
        _("“I could do such work”"),
        [_("Hands up"), _("Share"), _("Hands"), _("Pupils")],
        [
            (label, value, [part(value), count(many), count(found.pupils)])
            for label, value, many in rows
            if value is not None
        ],
        most=1,
        note=_(
            "A show of hands in classes that counted both times. It tells what a class said that "
            "day, not what pupils choose later."
        ),
    )


def _decimal(value: float) -> str:
    return str(format_decimal(round(value, 1), "0.0"))
