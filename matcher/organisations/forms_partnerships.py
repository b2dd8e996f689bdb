"""A partnership's plan as forms: the words, a line of the year, the end."""

from __future__ import annotations

from datetime import date

from flask_babel import format_date
from flask_babel import lazy_gettext as _l

from matcher.models.organisation import Partnership
from matcher.web import forms
from matcher.web.names import KINDS


class PlanForm(forms.Form):
    """What the two want with each other."""

    plan = forms.Prose(_l("What do you want to reach together?"), longest=2000)


class ActivityForm(forms.Form):
    """One line of the year."""

    kind = forms.Choices(_l("Kind"), filled=True)
    title = forms.SingleLine(_l("What you do together"), filled=True, longest=120)
    month = forms.Choices(_l("Month"), filled=True)


class EndForm(forms.Form):
    """A word on why."""

    note = forms.Prose(_l("A word to the other side"), longest=1000)


def activity_form(partnership: Partnership, *, blank: bool = False) -> ActivityForm:
    """The months to choose from are those of the plan's year."""
    form = ActivityForm(formdata=None) if blank else ActivityForm()
    form.kind.choices = [(kind.value, name) for kind, name in KINDS.items()]
    first = partnership.starts_on
    months = [
        date(first.year + (first.month + n - 1) // 12, (first.month + n - 1) % 12 + 1, 1)
        for n in range(12)
    ]
    form.month.choices = [(f"{day:%Y-%m}", format_date(day, "MMMM yyyy")) for day in months]
    return form
