"""Days on which schools near a professional are closed, with the reason, for previews of dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from matcher.reference import programme
from matcher.reference.postcodes import find_postcode

if TYPE_CHECKING:
    from matcher.models.professional import Professional


def days_off_for(professional: Professional, first: date, last: date) -> dict[date, str]:
    """School and public holidays between two days where this professional lives or works."""
    system = programme(professional.company.region.programme.code)
    area = find_postcode(professional.postcode) or find_postcode(professional.company.postcode)
    found: dict[date, str] = {}
    for start, end, name in system.holidays(area.holiday_region if area else ""):
        day = max(start, first)
        while day <= min(end, last):
            found.setdefault(day, name)
            day += timedelta(days=1)
    return found
