"""What all tables share: the base class and the column types both databases agree on."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, ForeignKey, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

from matcher.extensions import Base, db

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(kind: type[StrEnum], name: str) -> Enum:
    """A column that holds one of an enum's values, with a CHECK that says so."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def owned(target: str, *, cascade: bool = False, **more: Any) -> Any:
    """A foreign key with an index; ``cascade`` for parts that die with their whole."""
    ondelete = "CASCADE" if cascade else "RESTRICT"
    return mapped_column(ForeignKey(target, ondelete=ondelete), index=True, **more)


Json = JSON().with_variant(JSONB(), "postgresql")

Key = Annotated[int, mapped_column(primary_key=True)]
Line = Annotated[str, mapped_column(String(200))]
Code = Annotated[str, mapped_column(String(40))]
Prose = Annotated[str, mapped_column(Text)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
IntList = Annotated[list[int], mapped_column(Json, default=list)]
StrList = Annotated[list[str], mapped_column(Json, default=list)]
Record = Annotated[dict[str, Any], mapped_column(Json, default=dict)]
