"""Step three of the need's form: the class's own lessons in some weeks, and single days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, Form, FormField
from wtforms.validators import ValidationError

from matcher import clock
from matcher.models.need import Need
from matcher.needs.rhythm import (
    LONGEST,
    WEEKDAYS,
    Lesson,
    Rhythm,
    Window,
    is_day_off,
    read_lesson,
    rhythm_from,
    usual_weeks,
)
from matcher.organisations.bell_times import EARLIEST, LATEST, Bell, bells_of
from matcher.web import forms
from matcher.web.calendars import day_off_name, lesson_name, weekday_name

SPARE, MOST_ROWS = 2, 12
ALL_DAY = "all_day"


class WindowForm(Form):
    """One stretch of time on one day: a lesson by its name, or from and until."""

    day = forms.DayField(_l("Day"))
    lesson = forms.Choices(_l("Lesson"))
    begins = forms.ClockField(_l("From"))
    ends = forms.ClockField(_l("Until"))

    bells: Sequence[Bell] = ()

    def is_empty(self) -> bool:
        filled = self.day.data or self.begins.data or self.ends.data or self.lesson.data
        return not filled and not self.errors

    def clocks(self) -> tuple[time, time] | None:
        """The times as typed; else those of the lesson chosen."""
        if self.begins.data and self.ends.data:
            return self.begins.data, self.ends.data
        if self.lesson.data == ALL_DAY and self.bells:
            return self.bells[0].starts, max(bell.ends for bell in self.bells)
        named = (b for b in self.bells if b.name == self.lesson.data)
        return next(((bell.starts, bell.ends) for bell in named), None)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if not self.is_empty():
            field, told = self._wrong()
            if told:
                self[field].errors = [told]
        return not self.errors

    def _wrong(self) -> tuple[str, str]:
        """The field that is not right, and what to do; empty where all is well."""
        clocks = self.clocks()
        if not self.day.data or (clocks is None and not (self.begins.data or self.ends.data)):
            return ("day" if not self.day.data else "ends"), _(
                "Fill in the day and the time, or leave the row empty."
            )
        if clocks is None or bool(self.begins.data) != bool(self.ends.data):
            return "ends", _("Fill in both times, or leave the row empty.")
        begins, ends = clocks
        if ends <= begins:
            return "ends", _("This must be later than the start.")
        if begins < EARLIEST or ends > LATEST:
            return "ends", _("Choose times between 7:00 and 22:00.")
        if self.day.data < clock.today():
            return "day", _("This day has passed.")
        return "", ""


class WhenForm(forms.Form):
    """The class's own lessons in some weeks, and single days beside or instead of them."""

    lessons = forms.MultiChoices(_l("When does this class have its lesson?"))
    weekdays = forms.MultiChoices(_l("On which days of the week?"))
    daily_begins = forms.ClockField(_l("From"))
    daily_ends = forms.ClockField(_l("Until"))
    from_day = forms.DayField(_l("First day"))
    to_day = forms.DayField(_l("Last day"))
    windows = FieldList(FormField(WindowForm), label=_l("Days and times"), max_entries=MOST_ROWS)
    keep_days = BooleanField(_l("Keep the days that were chosen before"))

    need: Need

    def validate_daily_ends(self, field: Any) -> None:
        begins = self.daily_begins.data
        if begins and field.data and field.data <= begins:
            raise ValidationError(_("This must be later than the start."))
        if begins and field.data and (begins < EARLIEST or field.data > LATEST):
            raise ValidationError(_("Choose times between 7:00 and 22:00."))

    def validate_to_day(self, field: Any) -> None:
        if not field.data or not self.from_day.data:
            return
        if field.data < self.from_day.data:
            raise ValidationError(_("This must be later than the start."))
        if field.data - self.from_day.data > LONGEST:
            raise ValidationError(_("Choose at most half a year."))
        if field.data < clock.today():
            raise ValidationError(_("This day has passed."))

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self._lessons() and not (self.from_day.data and self.to_day.data):
            missing = self.to_day if self.from_day.data else self.from_day
            missing.errors = [_("Say from which day until which day.")]
        for row in self.windows:
            self._refuse_day_off(row.form)
        return not self.errors

    def _refuse_day_off(self, row: WindowForm) -> None:
        day = row.day.data
        if day and not row.errors and is_day_off(day, self.need.school):
            why = day_off_name(day, self.need.school) or weekday_name(day.weekday())
            row.day.errors = [_("There is no school on this day: %(why)s.", why=why)]
            self.windows.errors = [{"day": row.day.errors}]

    def _lessons(self) -> tuple[Lesson, ...]:
        found = [lesson for code in self.lessons.data or [] if (lesson := read_lesson(code))]
        if self.weekdays.data and self.daily_begins.data and self.daily_ends.data:
            span = self.daily_begins.data, self.daily_ends.data
            found += [Lesson(int(weekday), *span) for weekday in self.weekdays.data]
        return tuple(sorted(set(found)))

    def rhythm(self) -> Rhythm | None:
        """The lessons of the week, where some are chosen."""
        lessons = self._lessons()
        if not lessons or not self.from_day.data or not self.to_day.data:
            return None
        return Rhythm(lessons, self.from_day.data, self.to_day.data)

    def single_days(self) -> list[Window]:
        """The rows' stretches in UTC, with those kept from before."""
        found = [
            window(row.form.day.data, *row.form.clocks())
            for row in self.windows
            if not row.form.is_empty()
        ]
        if self.keep_days.data:
            found += singles_of(self.need)
        return sorted(set(found))


def window(day: date, starts: time, ends: time) -> Window:
    return clock.utc(datetime.combine(day, starts)), clock.utc(datetime.combine(day, ends))


def singles_of(need: Need) -> list[Window]:
    """The need's windows that were chosen one by one."""
    return [(w.starts_at, w.ends_at) for w in need.windows if not w.weekly]


def when_form(need: Need, *, more: bool = False) -> WhenForm:
    """As posted, or as the need stands; ``more`` gives a row to spare."""
    bells = bells_of(need.school)
    rhythm = rhythm_from(need.rhythm)
    singles = singles_of(need)
    form = WhenForm(data=_start(need, rhythm, singles, bells))
    form.need = need
    form.lessons.choices = _lesson_choices(bells, rhythm)
    form.weekdays.choices = [(str(day), weekday_name(day)) for day in WEEKDAYS]
    many = len(singles) > MOST_ROWS
    if not form.is_submitted():
        form.keep_days.data = many
    spare = 1 if more or not form.is_submitted() else 0
    while len(form.windows) < min(MOST_ROWS, max(SPARE, len(form.windows) + spare)):
        form.windows.append_entry()
        spare = 0
    for row in form.windows:
        row.form.bells = bells
        row.form.lesson.choices = _row_choices(bells)
    return form


def _start(
    need: Need, rhythm: Rhythm | None, singles: Sequence[Window], bells: Sequence[Bell]
) -> dict[str, Any]:
    first, last = (rhythm.first, rhythm.last) if rhythm else usual_weeks(need.school)
    start: dict[str, Any] = {"from_day": first, "to_day": last}
    known = {(bell.starts, bell.ends) for bell in bells}
    if rhythm and any((at.starts, at.ends) in known for at in rhythm.lessons):
        start["lessons"] = [lesson.code for lesson in rhythm.lessons]
    elif rhythm:
        start["weekdays"] = sorted({str(lesson.weekday) for lesson in rhythm.lessons})
        start["daily_begins"] = min(lesson.starts for lesson in rhythm.lessons)
        start["daily_ends"] = max(lesson.ends for lesson in rhythm.lessons)
    if len(singles) <= MOST_ROWS:
        start["windows"] = [_row(window, bells) for window in singles]
    return start


def _row(window: Window, bells: Sequence[Bell]) -> dict[str, Any]:
    starts, ends = (clock.local(moment) for moment in window)
    row: dict[str, Any] = {"day": starts.date()}
    for bell in bells:
        if (bell.starts, bell.ends) == (starts.time(), ends.time()):
            return row | {"lesson": bell.name}
    return row | {"begins": starts.time(), "ends": ends.time()}


def _lesson_choices(bells: Sequence[Bell], rhythm: Rhythm | None) -> list[tuple[str, str]]:
    """Every lesson of the week; and what was chosen at times the school no longer rings."""
    found = {
        Lesson(day, bell.starts, bell.ends): f"{weekday_name(day)}, {lesson_name(bell.name)}"
        for bell in bells
        for day in WEEKDAYS
    }
    for lesson in rhythm.lessons if rhythm and bells else ():
        told = f"{weekday_name(lesson.weekday)}, {lesson.starts:%H:%M}–{lesson.ends:%H:%M}"
        found.setdefault(lesson, told)
    return [(lesson.code, told) for lesson, told in found.items()]


def _row_choices(bells: Sequence[Bell]) -> list[tuple[str, str]]:
    if not bells:
        return [("", "")]
    lessons = [(b.name, f"{lesson_name(b.name)} ({b.starts:%H:%M}–{b.ends:%H:%M})") for b in bells]
    return [("", _("Choose…")), (ALL_DAY, _("the whole school day")), *lessons]
