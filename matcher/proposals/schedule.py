"""When each region is matched by itself: on some weekdays, at an hour of its own clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from matcher import clock
from matcher.extensions import db
from matcher.models.organisation import Region
from matcher.models.run import MatchRun, RunScope

HOURS = tuple(hour for hour in range(24) if hour != 2)  # that one is skipped or doubled yearly
_DAY = timedelta(days=1)


def next_run(region: Region, after: datetime | None = None) -> datetime | None:
    """The first moment from ``after`` on at which the region is matched; None for never."""
    after = after or clock.now()
    return next((at for at in _moments(region, after, 8, _DAY) if at > after), None)


def last_due(region: Region, now: datetime) -> datetime | None:
    """The last moment until ``now`` at which the region was to be matched; None for never."""
    return next((at for at in _moments(region, now, 8, -_DAY) if at <= now), None)


def _moments(region: Region, start: datetime, days: int, step: timedelta) -> list[datetime]:
    """The scheduled moments of some days, beginning with the day of ``start``."""
    zone = ZoneInfo(region.programme.time_zone)
    first = clock.local(start, zone).date()
    dates = [first + n * step for n in range(days)]
    at = time(region.run_hour)
    return [
        clock.utc(datetime.combine(day, at), zone)
        for day in dates
        if day.weekday() in region.run_days
    ]


def due_regions() -> list[Region]:
    """Regions that have not been matched as a whole since their last hour; asked any time."""
    now = clock.now()
    latest = (
        select(MatchRun.region_id, func.max(MatchRun.started_at).label("at"))
        .where(MatchRun.scope == RunScope.REGION)
        .group_by(MatchRun.region_id)
    )
    matched = {row.region_id: row.at for row in db.session.execute(latest)}
    found = select(Region).options(joinedload(Region.programme)).order_by(Region.id)
    due = []
    for region in db.session.scalars(found):
        at = last_due(region, now)
        if at is not None and (region.id not in matched or matched[region.id] < at):
            due.append(region)
    return due
