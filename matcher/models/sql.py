"""What columns can be asked on both databases alike: lists, distances, minutes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, cast, extract, func, literal, or_, select

from matcher.extensions import db

KM_PER_DEGREE = 111.2


def elements(column: Any) -> Any:
    """The elements of a list column as rows with one column ``value``."""
    if _is_postgres():
        return func.jsonb_array_elements_text(column).table_valued("value").render_derived()
    return func.json_each(column).table_valued("value")


def holds(column: Any, codes: Sequence[str]) -> ColumnElement[bool]:
    """Whether a list column holds one of these codes."""
    found = elements(column)
    return select(literal(1)).select_from(found).where(found.c.value.in_(codes)).exists()


def holds_or_says_nothing(column: Any, codes: Sequence[str]) -> ColumnElement[bool]:
    """Whether a list column holds one of these codes, or is empty and so excludes none."""
    return or_(holds(column, codes), _length(column) == 0)


def overlap_or_say_nothing(mine: Any, theirs: Any) -> ColumnElement[bool]:
    """Whether two list columns share a code; one that is empty excludes none."""
    left, right = elements(mine).alias(), elements(theirs).alias()
    shared = select(literal(1)).select_from(left.join(right, left.c.value == right.c.value))
    return or_(shared.exists(), _length(mine) == 0, _length(theirs) == 0)


def squared_km(latitude: Any, longitude: Any, at: tuple[float, float]) -> Any:
    """Squared kilometres on a plane laid at a point: within 1 % over the Netherlands."""
    north = (latitude - at[0]) * KM_PER_DEGREE
    east = (longitude - at[1]) * (KM_PER_DEGREE * math.cos(math.radians(at[0])))
    return north * north + east * east


def minute_of(moment: Any) -> ColumnElement[int]:
    """The whole minutes since 1970 of a moment column."""
    if _is_postgres():
        return cast(func.floor(extract("epoch", moment) / 60), BigInteger)
    # SQLite's strftime gives text; in a sum it would be read as a number only here and there.
    return cast(cast(func.strftime("%s", moment), Float) / 60, BigInteger)


def _length(column: Any) -> ColumnElement[int]:
    return func.jsonb_array_length(column) if _is_postgres() else func.json_array_length(column)


def _is_postgres() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
