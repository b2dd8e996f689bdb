"""The need's form in three steps: what, who, when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, RadioField
from wtforms.validators import ValidationError

from matcher import clock
from matcher.models.need import Need, PlaceKind
from matcher.models.offer import OfferKind
from matcher.reference import SchoolSystem
from matcher.reference.holidays import day_off
from matcher.web import forms
from matcher.web.names import KINDS, LANGUAGES, PLACES, language

ROWS = 3
MOST_ROWS = 12
MOST_YEARS = 8
EARLIEST, LATEST = time(7, 0), time(22, 0)


class WhatForm(forms.Form):
    """Step one: what the class works on."""

    title = forms.SingleLine(_l("Title"), filled=True, longest=120)
    subject = forms.Choices(_l("Subject"), validators=[forms.Filled(_l("Choose the subject."))])
    levels = forms.MultiChoices(
        _l("Which levels sit in this class?"),
        validators=[forms.Filled(_l("Choose at least one level."))],
    )
    years = forms.MultiChoices(_l("Which years?"))
    goal = forms.Prose(_l("What should the pupils take home?"), filled=True, longest=2000)
    hook = forms.Prose(_l("Chapter, and what the class knows already"), longest=2000)

    def values(self) -> dict[str, Any]:
        plain = {name: self[name].data for name in ("title", "subject", "goal", "hook")}
        years = sorted(int(year) for year in self.years.data or [])
        return plain | {"levels": list(self.levels.data or []), "years": years}


class WhoForm(forms.Form):
    """Step two: the class, and what kind of visit suits it."""

    group_size = forms.WholeNumber(_l("How many pupils?"), least=1, most=1000, filled=True)
    lesson_minutes = forms.WholeNumber(
        _l("How many minutes may it take?"), least=10, most=600, filled=True
    )
    kinds = forms.MultiChoices(
        _l("What would suit?"), validators=[forms.Filled(_l("Choose at least one kind of visit."))]
    )
    place = RadioField(_l("Where?"))
    languages = forms.MultiChoices(
        _l("In which languages?"), validators=[forms.Filled(_l("Choose at least one language."))]
    )
    visits_wanted = forms.WholeNumber(_l("How many visits do you want?"), least=1, most=10)
    remarks = forms.Prose(_l("Anything a guest should know of this class?"), longest=1000)

    profile: dict[str, int]
    profile_error = ""

    def values(self) -> dict[str, Any]:
        return {
            "group_size": self.group_size.data,
            "lesson_minutes": self.lesson_minutes.data,
            "kinds": list(self.kinds.data or []),
            "place": PlaceKind(self.place.data),
            "languages": list(self.languages.data or []),
            "visits_wanted": self.visits_wanted.data or 1,
            "remarks": self.remarks.data,
            "class_profile": self.profile,
        }

    def read_profile(self, posted: Any, codes: list[str]) -> bool:
        """The mix in percent; together 100, or all empty."""
        self.profile, texts = {}, {code: str(posted.get(f"profile-{code}", "")) for code in codes}
        for code, text in texts.items():
            digits = forms.clean_line(text)
            if digits and not (digits.isascii() and digits.isdigit() and int(digits[:4]) <= 100):
                self.profile_error = _("Enter whole percentages from 0 to 100.")
            elif digits and int(digits):
                self.profile[code] = int(digits)
        total = sum(self.profile.values())
        if not self.profile_error and self.profile and total != 100:
            self.profile_error = _("Together it must be 100; now it is %(total)s.", total=total)
        return not self.profile_error


class WindowForm(Form):
    """One stretch of time on one day."""

    day = forms.DayField(_l("Day"))
    begins = forms.ClockField(_l("From"))
    ends = forms.ClockField(_l("Until"))

    def is_empty(self) -> bool:
        return not (self.day.data or self.begins.data or self.ends.data) and not self.errors

    def validate_ends(self, field: Any) -> None:
        day, begins, ends = self.day.data, self.begins.data, field.data
        if not (day or begins or ends):
            return
        if not (day and begins and ends):
            raise ValidationError(_("Fill in the day and both times, or leave the row empty."))
        if ends <= begins:
            raise ValidationError(_("This must be later than the start."))
        if begins < EARLIEST or ends > LATEST:
            raise ValidationError(_("Choose times between 7:00 and 22:00."))
        if day < clock.today():
            raise ValidationError(_("This day has passed."))


class WhenForm(forms.Form):
    """Step three: several days and times, or every school day of some weeks."""

    windows = FieldList(FormField(WindowForm), label=_l("Days and times"), max_entries=40)
    from_day = forms.DayField(_l("First day"))
    to_day = forms.DayField(_l("Last day"))
    daily_begins = forms.ClockField(_l("Each day from"))
    daily_ends = forms.ClockField(_l("until"))

    def validate_to_day(self, field: Any) -> None:
        if bool(field.data) != bool(self.from_day.data):
            raise ValidationError(_("Fill in both days, or neither."))
        if not field.data:
            return
        if field.data < self.from_day.data:
            raise ValidationError(_("This must be later than the start."))
        if (field.data - self.from_day.data).days > 120:
            raise ValidationError(_("Choose at most four months."))

    def stretches(self, holiday_region: str) -> list[tuple[datetime, datetime]]:
        """All windows in UTC; of a span of days those with school."""
        found = [
            (row.form.day.data, row.form.begins.data, row.form.ends.data)
            for row in self.windows
            if not row.form.is_empty()
        ]
        if self.from_day.data and self.to_day.data:
            begins, ends = self.daily_begins.data or time(8, 30), self.daily_ends.data or time(16)
            day = max(self.from_day.data, clock.today())
            while day <= self.to_day.data:
                if day.weekday() < 5 and not day_off(day, holiday_region):
                    found.append((day, begins, ends))
                day += timedelta(days=1)
        return [
            (clock.utc(datetime.combine(d, b)), clock.utc(datetime.combine(d, e)))
            for d, b, e in found
        ]


def what_form(need: Need, system: SchoolSystem) -> WhatForm:
    form = WhatForm(obj=need)
    form.subject.choices = [("", _("Choose…")), *_named(system.subjects)]
    form.levels.choices = _named(system.levels)
    form.years.choices = [(str(year), str(year)) for year in range(1, MOST_YEARS + 1)]
    return form


def who_form(need: Need) -> WhoForm:
    form = WhoForm(obj=need)
    form.kinds.choices = [(kind.value, KINDS[kind]) for kind in OfferKind]
    form.place.choices = [(place.value, PLACES[place.value]) for place in PlaceKind]
    form.languages.choices = [(code, LANGUAGES[code]) for code in ("nl", "en")]
    if not form.is_submitted():
        form.place.data = need.place.value
    form.profile = dict(need.class_profile)
    return form


def when_form(need: Need, rows: int = 0) -> WhenForm:
    """With a row for each window that stands, and some to spare."""
    form = WhenForm()
    if form.is_submitted():
        while len(form.windows) < min(rows, MOST_ROWS):
            form.windows.append_entry()
        return form
    for window in need.windows:
        start, end = clock.local(window.starts_at), clock.local(window.ends_at)
        form.windows.append_entry({"day": start.date(), "begins": start.time(), "ends": end.time()})
    spare = max(1, ROWS - len(need.windows))
    for _row in range(spare):
        form.windows.append_entry()
    return form


def _named(entries: Any) -> list[tuple[str, str]]:
    return [(entry.code, entry.name(language())) for entry in entries]
