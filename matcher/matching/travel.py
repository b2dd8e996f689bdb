"""How long people are on their way, from the distance between two postcodes.

An estimate, not a route planner: through town at CITY_KMH for the first CITY_KM as the crow flies,
where streets make the way DETOUR times longer, and beyond at the pace that a region's settings
give for going from town to town (also as the crow flies). The constants are our own judgement.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CITY_KM = 5.0
CITY_KMH = 30.0
DETOUR = 1.3
# Minutes up to which a band goes, and the fit at its end: linear in between, so that one more
# minute never makes a leap. Beyond the last band the fit falls to FARTHEST within an hour.
BANDS = ((15.0, 0.9), (30.0, 0.7), (45.0, 0.45), (60.0, 0.25), (90.0, 0.1))
FARTHEST = 0.02
Array = NDArray[Any]


def minutes(km: Array, kmh: float) -> Array:
    """Estimated minutes for distances in km as the crow flies, >= 0; 0 where a place is unknown."""
    city = np.minimum(km, CITY_KM) * DETOUR / CITY_KMH * 60
    return np.asarray(city + np.maximum(km - CITY_KM, 0.0) / kmh * 60)


def nearness(travel: Array) -> Array:
    """Fit in [0, 1] of a travel time in minutes: 1 next door, falling band by band."""
    ends = [0.0, *(end for end, _ in BANDS), BANDS[-1][0] + 60]
    fits = [1.0, *(fit for _, fit in BANDS), FARTHEST]
    return np.asarray(np.interp(travel, ends, fits))


def band(travel: float) -> int:
    """The minutes within which it can be reached (15, 30, 45, 60, 90), or 0 for longer."""
    return next((int(end) for end, _ in BANDS if travel <= end), 0)
