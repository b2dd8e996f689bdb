"""What a coordinator fills in on the pages of figures: the rate of an hour."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l

from matcher.errors import Invalid
from matcher.web.forms import Form, SingleLine, clean_line

_AMOUNT = re.compile(r"(?:€ ?)?([0-9]{1,4})(?:[.,]([0-9]{1,2}))?")


class RateForm(Form):
    """What an hour of a company counts for."""

    rate = SingleLine(
        _l("Euros an hour"),
        filled=True,
        longest=10,
        description=_l("What the scheme that co-finances you lets you count, such as 60 or 52,50."),
    )

    def cents(self) -> int:
        """The amount in cents; Invalid where it is none."""
        found = _AMOUNT.fullmatch(clean_line(self.rate.data))
        if found is None:
            raise Invalid(_l("Enter an amount in euros, such as 60 or 52,50."), field="rate")
        return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
