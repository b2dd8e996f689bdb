"""Rows of any table as plain values, and back: what JSON can keep."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, LargeBinary, Table


def told(value: Any) -> Any:
    """A stored value as JSON keeps it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def meant(value: Any, kind: Any) -> Any:
    """The same value as the column's type wants it."""
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    kind = getattr(kind, "impl_instance", kind)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def told_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told(value) for name, value in row.items()}


def meant_row(row: Mapping[str, Any], table: Table) -> dict[str, Any]:
    return {name: meant(value, table.columns[name].type) for name, value in row.items()}
