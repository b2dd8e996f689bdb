"""Who waits for what, where and when: unmet requests by region, subject, level and month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import joinedload

from matcher import clock
from matcher.extensions import db
from matcher.figures.dimensions import Dimension, column_of
from matcher.models.need import Need, NeedState, NeedWindow
from matcher.models.organisation import Region
from matcher.proposals.queries import has_live_proposal

AHEAD = 12  # months
FEW = 3  # fewer than this are not counted out in public
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """Classes that wait: where, for what, at which level, in which month; the newest's moment."""

    region: int
    subject: str
    level: str
    month: str  # "2027-03"
    classes: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at; empty means all."""

    region: Region | None = None
    subject: str = ""
    level: str = ""
    month: str = ""


def months_ahead() -> list[str]:
    """This month and the eleven after it."""
    first = clock.today()
    numbers = range(first.year * 12 + first.month - 1, first.year * 12 + first.month - 1 + AHEAD)
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]


def cells(asked: Asked) -> list[Cell]:
    """All that wait, summed in one query. A class stands in the first month it still can, so that
    months add up; groups that come together count each."""
    first = _first_window()
    rows = db.session.execute(
        select(
            Need.region_id.label("region"),
            Need.subject.label("subject_code"),
            column_of(Dimension.LEVEL).label("level"),
            _month_of(first.c.at).label("month"),
            func.sum(Need.groups),
            func.max(Need.published_at),
        )
        .join(first, first.c.need_id == Need.id)
        .where(*_unmet(asked), first.c.at < _begin(months_ahead()[-1], after=1))
        .group_by(Need.region_id, Need.subject, "level", "month")
        .order_by("month", Need.region_id, Need.subject, "level")
    )
    found = [Cell(*row) for row in rows]
    return [cell for cell in found if not asked.month or cell.month == asked.month]


def needs_of(asked: Asked) -> Sequence[Need]:
    """The requests behind a cell, who waits longest first; at most fifty."""
    first = _first_window()
    return db.session.scalars(
        select(Need)
        .join(first, first.c.need_id == Need.id)
        .where(*_unmet(asked), _month_of(first.c.at) == asked.month)
        .options(joinedload(Need.school))
        .order_by(Need.published_at, Need.id)
        .limit(MOST_LISTED)
    ).all()


def total(found: Iterable[Cell]) -> int:
    return sum(cell.classes for cell in found)


def summed(found: Iterable[Cell], key: Callable[[Cell], Any]) -> Counter[Any]:
    """Classes by whatever of a cell tells them apart."""
    counted: Counter[Any] = Counter()
    for cell in found:
        counted[key(cell)] += cell.classes
    return counted


def _unmet(asked: Asked) -> list[ColumnElement[bool]]:
    conditions = [Need.state == NeedState.OPEN, ~has_live_proposal()]
    if asked.region is not None:
        conditions.append(Need.region_id == asked.region.id)
    if asked.subject:
        conditions.append(Need.subject == asked.subject)
    if asked.level:
        conditions.append(column_of(Dimension.LEVEL) == asked.level)
    return conditions


def _first_window() -> Any:
    """Of each need the first moment that is still to come."""
    return (
        select(NeedWindow.need_id, func.min(NeedWindow.starts_at).label("at"))
        .where(NeedWindow.starts_at > clock.now())
        .group_by(NeedWindow.need_id)
        .subquery()
    )


def _month_of(moment: Any) -> ColumnElement[str]:
    """The month on the wall clock, of those ahead; the same on both databases."""
    known = [
        (and_(moment >= _begin(month), moment < _begin(month, after=1)), month)
        for month in months_ahead()
    ]
    return case(*known)


def _begin(month: str, *, after: int = 0) -> datetime:
    """The first moment of a month, or of one ``after`` it."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + after
    first = date(number // 12, number % 12 + 1, 1)
    return clock.utc(datetime(first.year, first.month, 1))  # noqa: DTZ001  (a wall-clock time)


def regions_by_id(ids: Iterable[int]) -> dict[int, Region]:
    found = select(Region).where(Region.id.in_(set(ids))).order_by(Region.name, Region.id)
    return {region.id: region for region in db.session.scalars(found)}


def region_of(code: str) -> Region | None:
    return db.session.scalar(select(Region).where(Region.code == code))
