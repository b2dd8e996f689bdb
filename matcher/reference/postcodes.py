"""Dutch postcode areas: where they are, and which holiday region they follow."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from matcher.reference.system import DATA


@dataclass(frozen=True, slots=True)
class PostcodeArea:
    """The area of a four-digit postcode."""

    code: str
    town: str
    municipality: str
    province: str
    holiday_region: str
    latitude: float
    longitude: float


@cache
def postcode_areas() -> dict[str, PostcodeArea]:
    """All areas by their four digits."""
    with (DATA / "nl" / "postcodes.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["pc4"]: PostcodeArea(
                code=row["pc4"],
                town=row["plaats"],
                municipality=row["gemeente_2024"],
                province=row["provincie"],
                holiday_region=row["vakantieregio"],
                latitude=float(row["lat"]),
                longitude=float(row["lon"]),
            )
            for row in csv.DictReader(file)
        }


def find_postcode(text: str) -> PostcodeArea | None:
    """The area of "5611 AB", "5611ab" or "5611"; None when there is none."""
    match = re.fullmatch(r"\s*([1-9][0-9]{3})\s*([A-Za-z]{2})?\s*", text)
    return postcode_areas().get(match.group(1)) if match else None
