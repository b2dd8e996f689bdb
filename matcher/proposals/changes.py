"""What is different between two choices for the same needs: new, moved, dropped, the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal

GROUPS = ("new", "moved", "dropped")
Meeting = tuple[int, datetime | None]  # offer, start
Choice = Mapping[int, list[Meeting]]  # by need


def by_need(meetings: Iterable[tuple[int, int, datetime | None]]) -> dict[int, list[Meeting]]:
    """(need, offer, start) as a choice."""
    found: dict[int, list[Meeting]] = defaultdict(list)
    for need, offer, start in meetings:
        found[need].append((offer, start))
    return {need: sorted(found[need], key=_order) for need in sorted(found)}


def suggested_in(region: Region) -> dict[int, list[Meeting]]:
    """What stands as a suggestion in a region now."""
    columns = select(Proposal.need_id, Proposal.offer_id, Proposal.starts_at)
    stands = Proposal.region_id == region.id, Proposal.state == ProposalState.SUGGESTED
    return by_need(
        (need, offer, start)
        for need, offer, start in db.session.execute(
            columns.where(*stands).order_by(Proposal.need_id, Proposal.id)
        )
    )


def between(before: Choice, after: Choice) -> dict[str, Any]:
    """JSON-ready: a line for each need that differs, by group; the ids of those that do not."""
    told: dict[str, Any] = {group: [] for group in GROUPS} | {"same": []}
    for need in sorted({*before, *after}):
        old, new = list(before.get(need, [])), list(after.get(need, []))
        if old == new:
            told["same"].append(need)
            continue
        group = "moved" if old and new else ("new" if new else "dropped")
        told[group].append({"need": need, "before": _plain(old), "after": _plain(new)})
    return told


def counts(changes: Mapping[str, Any]) -> dict[str, int]:
    """How many needs each group has."""
    return {group: len(changes.get(group, [])) for group in (*GROUPS, "same")}


def needs_in(changes: Mapping[str, Any], group: str) -> list[int]:
    """The needs of one group."""
    rows = changes.get(group, [])
    return list(rows) if group == "same" else [row["need"] for row in rows]


def _order(meeting: Meeting) -> tuple[int, str]:
    return meeting[0], meeting[1].isoformat() if meeting[1] else ""


def _plain(meetings: Iterable[Meeting]) -> list[dict[str, Any]]:
    return [{"offer": o, "start": start.isoformat() if start else None} for o, start in meetings]
