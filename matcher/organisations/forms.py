"""The company's own page as a form."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from matcher.models.organisation import Company
from matcher.reference.postcodes import PostcodeArea, find_postcode
from matcher.web import forms
from matcher.web.names import system


class CompanyForm(forms.Form):
    """What schools see of a company, and its limits."""

    name = forms.SingleLine(_l("Name"), filled=True, longest=120)
    about = forms.Prose(_l("What do you make or do?"), longest=2000)
    sector = forms.SingleLine(_l("Sector"), longest=80)
    employees = forms.WholeNumber(_l("How many people work here?"), least=1, filled=True)
    register_code = forms.SingleLine(_l("Number in the trade register"), longest=12)
    street = forms.SingleLine(_l("Street and number"))
    postcode = forms.SingleLine(_l("Postcode"), filled=True, longest=10)
    website = forms.SingleLine(_l("Website"))
    term_cap = forms.WholeNumber(_l("At most how many visits per half school year?"), most=1000)
    paused_until = forms.DayField(_l("Ask us nothing until"))

    area: PostcodeArea | None = None

    def validate_postcode(self, field: Any) -> None:
        self.area = find_postcode(field.data)
        if self.area is None:
            raise ValidationError(_("This postcode is not known. Use the form 1234 AB."))

    def validate_register_code(self, field: Any) -> None:
        if field.data and not system().is_identifier("company", field.data):
            raise ValidationError(_("This number has 8 digits."))

    def validate_website(self, field: Any) -> None:
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Start with https://"))

    def values(self) -> dict[str, Any]:
        """By column name, with the place that belongs to the postcode."""
        area = self.area
        plain = {name: self[name].data for name in self._fields if name != "csrf_token"}
        place = (
            {"town": area.town, "latitude": area.latitude, "longitude": area.longitude}
            if area
            else {}
        )
        return plain | place | {"register_code": self.register_code.data or None}


def company_form(company: Company) -> CompanyForm:
    return CompanyForm(obj=company)
