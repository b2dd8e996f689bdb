"""A region's settings: written with before and after, told in words, put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from matcher.errors import Invalid, NotFound
from matcher.models.account import Person
from matcher.models.journal import JournalEntry, write_journal
from matcher.models.organisation import Region, ReviewPolicy

FIELDS = (
    "review_policy",
    "answer_days",
    "alternates_asked",
    "ladder_after_days",
    "ladder_before_days",
    "reads_first_offers",
    "run_days",
    "run_hour",
    "settings",
)
DEED = "settings"


def update_settings(region: Region, values: Mapping[str, Any], *, by: Person) -> bool:
    """Set what is named in ``values`` and write down what changes; whether anything did.

    The matcher's ``settings`` are merged into those there are; ``weights`` may stand beside them.
    """
    new = {name: values[name] for name in FIELDS if name in values}
    own = dict(values.get("settings") or {})
    if values.get("weights"):
        own["weights"] = values["weights"]
    if own:
        new["settings"] = dict(region.settings) | own
    _check(new.get("settings", {}))
    return _set(region, new, by=by)


def _check(settings: Mapping[str, Any]) -> None:
    weights = settings.get("weights") or {}
    if weights and not any(weights.values()):
        raise Invalid(_l("At least one part must count."), field="text")


def _set(region: Region, new: Mapping[str, Any], *, by: Person, **more: Any) -> bool:
    changes: dict[str, object] = {}
    for name, value in new.items():
        before = getattr(region, name)
        if before != value:
            changes[name] = [_plain(before), _plain(value)]
            setattr(region, name, value)
    if changes:
        write_journal(DEED, region, by=by, changes=changes | more)
    return bool(changes)


def put_back(region: Region, entry: JournalEntry, *, by: Person) -> bool:
    """Give what an entry changed the values it had before; that is a change like any other."""
    if (entry.record_type, entry.record_id, entry.deed) != ("Region", region.id, DEED):
        raise NotFound(_l("This change is not one of this region's settings."))
    before = {name: pair[0] for name, pair in entry.changes.items() if name in FIELDS}
    if "review_policy" in before:
        before["review_policy"] = ReviewPolicy(before["review_policy"])
    return _set(region, before, by=by)


def history_of(region: Region) -> Select[JournalEntry]:
    """Who changed the region's settings, the newest first."""
    return (
        select(JournalEntry)
        .where(
            JournalEntry.record_type == "Region",
            JournalEntry.record_id == region.id,
            JournalEntry.deed == DEED,
        )
        .options(joinedload(JournalEntry.by))
        .order_by(JournalEntry.id.desc())
    )


def _plain(value: object) -> object:
    return value if isinstance(value, int | dict | list) else str(value)
