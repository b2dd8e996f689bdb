"""What differs between two choices, as a page shows it: requests with their offers and times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matcher.extensions import db
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.proposals import changes as differences

SHOWN = 20  # lines of each group that a page shows at first


@dataclass(frozen=True)
class Meeting:
    """An offer, and when; without a time where the class chooses."""

    offer: Offer
    start: datetime | None


@dataclass(frozen=True)
class Line:
    """A request whose meetings differ."""

    need: Need
    before: list[Meeting]
    after: list[Meeting]


@dataclass(frozen=True)
class Changed:
    """Counts of all groups, and the first lines of those that differ."""

    counts: dict[str, int]
    lines: dict[str, list[Line]]


def changed(changes: Mapping[str, Any], *, most: int = SHOWN) -> Changed:
    """In two queries, however many lines."""
    rows = {group: changes.get(group, [])[:most] for group in differences.GROUPS}
    every = [row for some in rows.values() for row in some]
    needs, offers = _needs(every), _offers(every)
    return Changed(
        differences.counts(changes),
        {
            group: [_line(row, needs, offers) for row in some if row["need"] in needs]
            for group, some in rows.items()
        },
    )


def _line(row: Mapping[str, Any], needs: dict[int, Need], offers: dict[int, Offer]) -> Line:
    def meetings(held: Sequence[Mapping[str, Any]]) -> list[Meeting]:
        return [
            Meeting(
                offers[one["offer"]],
                datetime.fromisoformat(one["start"]) if one["start"] else None,
            )
            for one in held
            if one["offer"] in offers
        ]

    return Line(needs[row["need"]], meetings(row["before"]), meetings(row["after"]))


def _needs(rows: Sequence[Mapping[str, Any]]) -> dict[int, Need]:
    ids = [row["need"] for row in rows]
    found = select(Need).where(Need.id.in_(ids)).options(joinedload(Need.school))
    return {need.id: need for need in db.session.scalars(found.order_by(Need.id))}


def _offers(rows: Sequence[Mapping[str, Any]]) -> dict[int, Offer]:
    ids = {one["offer"] for row in rows for one in (*row["before"], *row["after"])}
    found = select(Offer).where(Offer.id.in_(ids)).options(joinedload(Offer.company))
    return {offer.id: offer for offer in db.session.scalars(found.order_by(Offer.id))}
