"""A region's settings as a form."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from matcher.models.organisation import Region, ReviewPolicy
from matcher.proposals.explain import LABELS
from matcher.proposals.schedule import HOURS
from matcher.web import forms
from matcher.web.calendars import weekday_name

# What counts how much where the region has set nothing; hundredths of the whole.
USUAL = {
    "text": 55,
    "subject": 9,
    "level": 8,
    "kind": 2,
    "language": 3,
    "distance": 7,
    "time": 4,
    "profile": 4,
    "freshness": 2,
    "novelty": 3,
    "partner": 3,
}


class SettingsForm(forms.Form):
    """Who releases, how long people have, and what counts how much."""

    review_policy = RadioField(
        _l("Who releases what the matcher suggests?"),
        choices=[
            SelectChoice(ReviewPolicy.COORDINATOR.value, _l("A coordinator looks first")),
            SelectChoice(ReviewPolicy.AUTOMATIC.value, _l("It is released at once")),
        ],
        validators=[forms.Filled()],
    )
    answer_days = forms.WholeNumber(_l("Days to answer"), least=1, most=60, filled=True)
    alternates_asked = forms.WholeNumber(
        _l("After a no, ask at most how many others?"), most=20, filled=True
    )
    ladder_after_days = forms.WholeNumber(
        _l("With nobody found, offer something else how many days after publishing?"),
        most=365,
        filled=True,
    )
    ladder_before_days = forms.WholeNumber(
        _l("Or how many days before the first day, if that is sooner?"), most=365, filled=True
    )

    reads_first_offers = BooleanField(_l("Read the first offer of a new company before schools do"))
    run_days = forms.MultiChoices(_l("On which days is the region matched by itself?"))
    run_hour = forms.Choices(_l("At what time?"), filled=True)

    weight_texts: dict[str, str]
    weight_error = ""

    def read_weights(self, posted: Any) -> bool:
        """Hundredths by part; they need not add up, they are compared with each other."""
        self.weight_texts = {part: str(posted.get(f"weight-{part}", "")) for part in USUAL}
        for text in self.weight_texts.values():
            digits = forms.clean_line(text)
            if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
                self.weight_error = _("Enter whole numbers from 0 to 999.")
        if not self.weight_error and not any(int(t) for t in self.weight_texts.values()):
            self.weight_error = _("At least one part must count.")
        return not self.weight_error

    def values(self) -> dict[str, Any]:
        return {
            "review_policy": ReviewPolicy(self.review_policy.data),
            "answer_days": self.answer_days.data,
            "alternates_asked": self.alternates_asked.data,
            "ladder_after_days": self.ladder_after_days.data,
            "ladder_before_days": self.ladder_before_days.data,
            "reads_first_offers": bool(self.reads_first_offers.data),
            "run_days": sorted(int(day) for day in self.run_days.data or []),
            "run_hour": int(self.run_hour.data),
            "weights": {part: int(text) / 100 for part, text in self.weight_texts.items()},
        }


def settings_form(region: Region) -> SettingsForm:
    form = SettingsForm(obj=region)
    form.run_days.choices = [SelectChoice(str(day), weekday_name(day)) for day in range(7)]
    form.run_hour.choices = [SelectChoice(str(hour), f"{hour:02d}:00") for hour in HOURS]
    if not form.is_submitted():
        form.review_policy.data = region.review_policy.value
        form.run_days.data = [str(day) for day in region.run_days]
        form.run_hour.data = str(region.run_hour)
        own = region.settings.get("weights") or {}
        form.weight_texts = {
            part: str(round(own.get(part, usual / 100) * 100)) for part, usual in USUAL.items()
        }
    return form


def weight_rows(form: SettingsForm) -> list[tuple[str, str, str]]:
    """(part, label, text) for the page."""
    return [(part, str(LABELS[part]), form.weight_texts[part]) for part in USUAL]
