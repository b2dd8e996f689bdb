"""The sliders of the what-if page: how a region weighs now, and what was moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.coordination.forms import USUAL
from matcher.models.organisation import Region
from matcher.web.forms import clean_line

WEIGHTS = {
    "text": _l("Topic"),
    "distance": _l("Distance"),
    "level": _l("Level"),
    "novelty": _l("New to visits"),
    "partner": _l("Know each other"),
}
FAIRNESS = "fairness"
# What fairness is made of, at a hundred percent: the matcher's own (matching.settings).
USUAL_FAIRNESS = {
    "first_visit_bonus": 0.10,
    "school_bonus": 0.05,
    "load_cost": 0.01,
    "reserve_price": 0.12,
}
MOST = {**dict.fromkeys(WEIGHTS, 100), FAIRNESS: 300}


@dataclass(frozen=True)
class Slider:
    """One of them: hundredths of weight, or percent of the usual fairness."""

    name: str
    label: str
    value: str
    most: int
    stands: int  # the value the region has now
    hint: str
    error: str = ""


@dataclass(frozen=True)
class Moved:
    """What was posted: the sliders again, and the settings of those that were moved."""

    sliders: list[Slider]
    settings: dict[str, Any]

    @property
    def is_right(self) -> bool:
        return not any(slider.error for slider in self.sliders)


def standing(region: Region) -> dict[str, int]:
    """Each slider's value as the region is set now."""
    own = region.settings.get("weights") or {}
    values = {part: round(own.get(part, USUAL[part] / 100) * 100) for part in WEIGHTS}
    bonus = region.settings.get("school_bonus", USUAL_FAIRNESS["school_bonus"])
    values[FAIRNESS] = round(100 * bonus / USUAL_FAIRNESS["school_bonus"])
    return {name: min(MOST[name], value) for name, value in values.items()}


def moved(region: Region, posted: Mapping[str, str]) -> Moved:
    """What differs from how the region stands; a slider that is not posted is not moved."""
    stands, made = standing(region), []
    weights: dict[str, float] = {}
    settings: dict[str, Any] = {}
    for name, now in stands.items():
        text = clean_line(posted.get(name, str(now)))
        error = ""
        if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST[name]):
            error = _("Enter a whole number from 0 to %(most)s.", most=MOST[name])
        elif int(text) != now and name == FAIRNESS:
            settings |= {k: round(v * int(text) / 100, 6) for k, v in USUAL_FAIRNESS.items()}
        elif int(text) != now:
            weights[name] = int(text) / 100
        made.append(Slider(name, _label(name), text, MOST[name], now, _hint(name), error))
    return Moved(made, settings | ({"weights": weights} if weights else {}))


def from_details(region: Region, details: Mapping[str, Any]) -> Moved:
    """The sliders as they stood when a question was asked."""
    posted = {part: str(round(100 * w)) for part, w in (details.get("weights") or {}).items()}
    if "school_bonus" in details:
        percent = 100 * details["school_bonus"] / USUAL_FAIRNESS["school_bonus"]
        posted[FAIRNESS] = str(round(percent))
    return moved(region, posted)


def _label(name: str) -> str:
    return str(_l("Fairness") if name == FAIRNESS else WEIGHTS[name])


def _hint(name: str) -> str:
    if name == FAIRNESS:
        return _("In percent: first visits, schools without one, small companies. 0 is off.")
    return ""
