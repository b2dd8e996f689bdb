"""The scope a page of figures asks for in its address, and what its head shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from matcher.figures import scope
from matcher.figures.scope import Scope
from matcher.models.account import Role
from matcher.models.organisation import Region
from matcher.web.guards import current_person


@dataclass(frozen=True)
class Asked:
    """The scope with what one may choose instead; ``args`` keep it in links."""

    scope: Scope
    regions: Sequence[Region]
    years: Sequence[str]

    @property
    def region(self) -> Region | None:
        """The one region, where it is about one."""
        found = self.scope.regions
        return found[0] if len(found) == 1 and not self.scope.is_everything else None

    @property
    def args(self) -> dict[str, str]:
        args = {"year": self.scope.year}
        return args | ({"region": self.region.code} if self.region else {})


def asked() -> Asked:
    """What ?region= and ?year= ask for, within what this coordinator may see."""
    person = current_person()
    regions = scope.regions_of(person)
    found = scope.chosen(
        regions,
        code=request.args.get("region", ""),
        year=request.args.get("year", ""),
        may_all=person.has_role(Role.ADMINISTRATOR),
    )
    return Asked(found, regions, scope.known_years())
