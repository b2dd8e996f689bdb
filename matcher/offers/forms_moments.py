"""What is filled in about time: one moment, a series, a webinar's date, a pause."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from matcher import clock
from matcher.models.professional import Pledge, Professional
from matcher.offers.availability import Recurrence
from matcher.offers.pledges import months_ahead
from matcher.offers.slots import MOST_SEATS
from matcher.web.forms import (
    Choices,
    ClockField,
    DayField,
    Form,
    MultiChoices,
    SingleLine,
    WholeNumber,
    required,
)


class MomentForm(Form):
    """One day with its hours on the wall clock."""

    day = DayField(_l("Day"), filled=True)
    starts = ClockField(_l("From"), filled=True)
    ends = ClockField(_l("Until"), filled=True)

    def values(self) -> dict[str, Any]:
        return {name: field.data for name, field in self._fields.items() if name != "csrf_token"}


class DateForm(MomentForm):
    """A date of a webinar."""

    seats = WholeNumber(
        _l("Classes that can join"), least=1, most=MOST_SEATS, filled=True, default=10
    )


class SeriesForm(Form):
    """Hours that come back. Looked at first (GET), then stored (POST)."""

    weekdays = MultiChoices(_l("Weekdays"))
    starts = ClockField(_l("From"), filled=True)
    ends = ClockField(_l("Until"), filled=True)
    every = Choices(_l("How often"), default="1")
    first_day = DayField(_l("First day"), filled=True)
    until = DayField(_l("Last day"), filled=True)
    holidays = Choices(_l("School holidays"), default="skip")

    def recurrence(self) -> Recurrence:
        return Recurrence(
            weekdays=frozenset(int(day) for day in self.weekdays.data or []),
            first_day=self.first_day.data,  # type: ignore[arg-type]
            until=self.until.data,  # type: ignore[arg-type]
            starts=self.starts.data,  # type: ignore[arg-type]
            ends=self.ends.data,  # type: ignore[arg-type]
            every=int(self.every.data),
            skip_holidays=self.holidays.data != "keep",
        )

    def as_args(self) -> dict[str, Any]:
        """The same choice as a query string, to go back and change it."""
        return {
            name: field.data if isinstance(field.data, list) else field._value()  # type: ignore[attr-defined]
            for name, field in self._fields.items()
            if name != "csrf_token" and hasattr(field, "_value")
        }


class PauseForm(Form):
    """Until which day nothing new is asked."""

    until = DayField(_l("Pause until and including"), filled=True)


class PledgeForm(Form):
    """Will you give lessons this school year?"""

    pledge = RadioField(_l("This school year"), validators=[required()])
    ask_again = Choices(_l("Ask me again in"))

    def values(self) -> tuple[Pledge, date | None]:
        again = self.ask_again.data
        return Pledge(self.pledge.data), date.fromisoformat(again) if again else None


def pledge_form(professional: Professional) -> PledgeForm:
    again = professional.ask_again_on
    form = PledgeForm(
        data={
            "pledge": professional.pledge.value,
            "ask_again": again.isoformat() if again else "",
        }
    )
    form.pledge.choices = [
        SelectChoice(Pledge.YES.value, _l("Yes, ask me")),
        SelectChoice(Pledge.MAYBE.value, _l("Maybe: ask me when nobody else fits as well")),
        SelectChoice(Pledge.NO.value, _l("No: ask me nothing and write me nothing until then")),
    ]
    months = sorted({*months_ahead(), *([again] if again else [])})
    form.ask_again.choices = [("", _l("Choose a month"))] + [
        (day.isoformat(), format_date(day, "MMMM yyyy")) for day in months
    ]
    return form


def series_form(asked: MultiDict[str, str] | None = None) -> SeriesForm:
    """The form of a series, as posted; or as ``asked`` for in an address, only to look at."""
    if asked is None:
        form = SeriesForm(data=_start())
    else:
        form = SeriesForm(asked or None, data=_start(), meta={"csrf": False})
    monday = clock.today() - timedelta(days=clock.today().weekday())
    form.weekdays.choices = [
        (str(day), format_date(monday + timedelta(days=day), "EEEE")) for day in range(7)
    ]
    form.every.choices = [
        ("1", str(_l("Every week"))),
        ("2", str(_l("Every 2 weeks"))),
        ("3", str(_l("Every 3 weeks"))),
        ("4", str(_l("Every 4 weeks"))),
    ]
    form.holidays.choices = [
        ("skip", str(_l("Leave out school holidays and public holidays"))),
        ("keep", str(_l("Include them"))),
    ]
    return form


def _start() -> dict[str, Any]:
    """The rest of this term, from next week on."""
    monday = clock.today() + timedelta(days=7 - clock.today().weekday())
    return {"first_day": monday, "until": monday + timedelta(weeks=12), "every": "1"}


class SeatsForm(Form):
    """How many classes can join a webinar's date."""

    seats = WholeNumber(_l("Classes that can join"), least=1, most=MOST_SEATS, filled=True)


class RecordingForm(Form):
    """Where a webinar's recording stands."""

    recording_url = SingleLine(
        _l("Address of the recording"),
        longest=500,
        description=_l("Only classes that were registered see it. Empty takes it away."),
    )


class OwnCalendarForm(Form):
    """Where a professional's own calendar can be read."""

    address = SingleLine(_l("Address of the calendar"), filled=True, longest=1000)
