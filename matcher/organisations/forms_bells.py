"""A school's page as forms: how guests arrive, and the bell times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField

from matcher.models.organisation import School
from matcher.organisations.bell_times import LONGEST, MOST, SHORTEST, Bell
from matcher.web import forms

USUAL_START, USUAL_LESSONS = time(8, 30), 8
USUAL_BREAKS = ((2, 20), (4, 30))
BREAKS = 3


class ArrivalForm(forms.Form):
    """What every guest of this school must know."""

    arrival = forms.Prose(_l("Where to report, parking, how to get there"), longest=1000)


class BreakForm(Form):
    """A pause after one of the lessons."""

    after = forms.WholeNumber(_l("Break after lesson"), least=1, most=MOST)
    minutes = forms.WholeNumber(_l("of how many minutes"), least=1, most=180)


class RingForm(forms.Form):
    """The few figures from which most timetables follow."""

    first = forms.ClockField(_l("The first lesson starts at"), filled=True)
    minutes = forms.WholeNumber(
        _l("A lesson takes how many minutes?"), least=SHORTEST, most=LONGEST, filled=True
    )
    lessons = forms.WholeNumber(_l("How many lessons a day?"), least=1, most=MOST, filled=True)
    breaks = FieldList(FormField(BreakForm), label=_l("Breaks"), max_entries=BREAKS)

    def pauses(self) -> dict[int, int]:
        rows = [(row.form.after.data, row.form.minutes.data) for row in self.breaks]
        return {after: minutes for after, minutes in rows if after and minutes}


class BellForm(Form):
    """One lesson."""

    name = forms.SingleLine(_l("Lesson"), longest=20)
    starts = forms.ClockField(_l("From"))
    ends = forms.ClockField(_l("Until"))

    def is_empty(self) -> bool:
        return not (self.starts.data or self.ends.data) and not self.errors

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        starts, ends = self.starts.data, self.ends.data
        if bool(starts) != bool(ends):
            self.ends.errors = [_("Fill in both times, or leave the row empty.")]
        elif starts and ends and ends <= starts:
            self.ends.errors = [_("This must be later than the start.")]
        return not self.ends.errors


class BellsForm(forms.Form):
    """All lessons of the day."""

    rows = FieldList(FormField(BellForm), label=_l("Lessons"), max_entries=MOST)

    def bells(self) -> list[Bell]:
        return [
            Bell(row.form.name.data or "", row.form.starts.data, row.form.ends.data)
            for row in self.rows
            if not row.form.is_empty()
        ]


def ring_form(school: School) -> RingForm:
    """As posted, or with what is usual."""
    usual = [{"after": after, "minutes": minutes} for after, minutes in USUAL_BREAKS]
    start = {"first": USUAL_START, "minutes": school.lesson_minutes, "lessons": USUAL_LESSONS}
    form = RingForm(data=start | {"breaks": usual})
    while len(form.breaks) < BREAKS:
        form.breaks.append_entry()
    return form


def bells_form(bells: Sequence[Bell] | None = None) -> BellsForm:
    """As posted; or with these lessons, and a spare row."""
    if bells is None:
        return BellsForm()
    form = BellsForm(formdata=None)
    for bell in bells:
        form.rows.append_entry({"name": bell.name, "starts": bell.starts, "ends": bell.ends})
    if len(form.rows) < MOST:
        form.rows.append_entry()
    return form
