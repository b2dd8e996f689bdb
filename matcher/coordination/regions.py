"""A coordinator's own region, for every door that names one in its address."""

from __future__ import annotations

from matcher import policies
from matcher.models.organisation import Region
from matcher.web.guards import allow, current_person, load_or_404


def own_region(region_id: int) -> Region:
    """The region, or the same page as for one that is not there."""
    region = load_or_404(Region, region_id)
    allow(policies.may_coordinate(current_person(), region))
    return region
