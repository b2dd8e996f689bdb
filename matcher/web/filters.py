"""What every template may use: dates and numbers as people write them, names of codes, the menu."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import (
    format_currency,
    format_date,
    format_datetime,
    format_decimal,
    format_percent,
)
from flask_babel import gettext as _
from flask_login import current_user

from matcher import clock, extensions, policies
from matcher.web.calendars import in_lessons
from matcher.web.names import Names, language
from matcher.web.navigation import nav_items
from matcher.web.tips import tips_for

LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English"}
TRANSLATIONS = Path(__file__).resolve().parent.parent.parent / "translations"


def register(app: Flask) -> None:
    """Give the application its languages, filters and globals."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    extensions.babel.init_app(app, locale_selector=chosen_language)
    for function in (day, short_day, clock_time, moment, period, number, percent):
        app.add_template_filter(function, {"clock_time": "clock"}.get(function.__name__))
    app.add_template_filter(Names().kind, "kind_name")
    app.add_template_filter(Names().language, "language_name")
    app.add_template_filter(Names().subject, "subject_name")
    app.add_template_filter(Names().level, "level_name")
    app.add_template_filter(Names().reason, "reason_name")
    app.add_template_filter(Names().support, "support_name")
    app.add_template_filter(Names().profile, "profile_name")
    app.add_template_filter(points)
    app.add_template_filter(one_decimal)
    app.add_template_filter(two_decimals)
    app.add_template_filter(euros)
    app.add_template_filter(signed)
    app.add_template_filter(in_lessons)
    app.add_template_filter(month_name)
    app.add_template_filter(short_month)
    app.add_template_filter(upfirst)
    app.add_template_global(nav_items)
    app.add_template_global(has_endpoint)
    app.add_template_global(tips_for)
    # These two are also there in macros, which see no page's context.
    app.jinja_env.globals["names"] = Names()
    app.jinja_env.globals["may"] = policies
    # Globals, so that imported macros see them too.
    app.jinja_env.globals.update(names=Names(), may=policies)
    app.context_processor(_globals)


def _globals() -> dict[str, Any]:
    return {
        "language": language(),
        "languages": [(code, LANGUAGE_NAMES[code]) for code in current_app.config["LANGUAGES"]],
        "now": clock.now(),
    }


def has_endpoint(name: str) -> bool:
    """Whether a room with this view is there."""
    return name in current_app.view_functions


def chosen_language() -> str:
    """The person's own, then the visitor's choice, then the browser's."""
    known = current_app.config["LANGUAGES"]
    forced = g.get("language")
    if forced in known:
        return str(forced)
    if not has_request_context():
        return str(known[0])
    chosen = session.get("language")
    if chosen in known:
        return str(chosen)
    if current_user.is_authenticated and current_user.person.language in known:
        return str(current_user.person.language)
    return request.accept_languages.best_match(known) or str(known[0])


def day(value: date | datetime) -> str:
    """maandag 3 maart 2027"""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return format_date(value, "EEEE d MMMM yyyy")


def short_day(value: date) -> str:
    """3 maart 2027"""
    return format_date(value, "d MMMM yyyy")


def month_name(value: str) -> str:
    """maart 2027, of "2027-03"."""
    return format_date(date(int(value[:4]), int(value[5:]), 1), "MMMM yyyy")


def short_month(value: str) -> str:
    """mrt 2027, of "2027-03"."""
    return format_date(date(int(value[:4]), int(value[5:]), 1), "MMM yyyy")


def upfirst(text: str) -> str:
    """A name at the head of a line: the first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def clock_time(value: datetime) -> str:
    """13:30"""
    return format_datetime(value, "HH:mm")


def moment(value: datetime) -> str:
    """maandag 3 maart 2027, 13:30"""
    return f"{day(value)}, {clock_time(value)}"


def period(start: datetime, end: datetime | None) -> str:
    """maandag 3 maart 2027, 13:30 tot 15:00"""
    if end is None:
        return moment(start)
    same_day = clock.local(start).date() == clock.local(end).date()
    until = clock_time(end) if same_day else moment(end)
    return _("%(start)s to %(end)s", start=moment(start), end=until)


def number(value: float) -> str:
    return format_decimal(value)


def percent(value: float) -> str:
    return format_percent(value, "0%")


def one_decimal(value: float) -> str:
    return format_decimal(round(value, 1) + 0.0, "0.0")


def two_decimals(value: float) -> str:
    return format_decimal(round(value, 2) + 0.0, "0.00")


def euros(cents: int) -> str:
    """€ 1.234,50"""
    return format_currency(cents / 100, "EUR")


def signed(value: float) -> str:
    """A difference: +1,5 or −1,5; a rounding's breadth is 0,0."""
    told = one_decimal(abs(value))
    if round(value, 1) == 0:
        return told
    return f"+{told}" if value > 0 else f"−{told}"


def points(tenths: int) -> str:
    """A score's points out of a hundred, with one decimal."""
    return format_decimal(tenths / 10, "0.0")
