"""Every column that could hold somebody's words or address is accounted for."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import JSON, Enum, String, Text

from matcher.extensions import db
from matcher.privacy.registry import HOLDINGS, IMPERSONAL, READERS, TOPICS, Topic

pytestmark = pytest.mark.usefixtures("app")
PEOPLE = {"person.id"}


def _texts() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text | JSON) and not isinstance(column.type, Enum)
    }


def _told() -> list[str]:
    personal = [
        f"{holding.table}.{name}"
        for holding in HOLDINGS
        for name in (*holding.columns, *holding.secrets, *holding.stays)
    ]
    return personal + [f"{table}.{name}" for table, names in IMPERSONAL.items() for name in names]


def test_every_text_is_somebodys_or_nobodys() -> None:
    assert _texts() - set(_told()) == set(), "add it to matcher/privacy/registry.py"


def test_nothing_is_told_that_is_not_there() -> None:
    columns = {f"{t.name}.{c.name}" for t in db.metadata.tables.values() for c in t.columns}
    assert set(_told()) - columns == set()
    owners = {f"{holding.table}.{holding.owner}" for holding in HOLDINGS}
    assert owners - columns == set()


def test_no_text_is_both_somebodys_and_nobodys() -> None:
    impersonal = {f"{table}.{name}" for table, names in IMPERSONAL.items() for name in names}
    personal = {f"{holding.table}.{name}" for holding in HOLDINGS for name in holding.columns}
    assert personal & impersonal == set()


def test_every_reference_to_a_person_has_an_owner() -> None:
    references = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if {key.target_fullname for key in column.foreign_keys} & PEOPLE
    }
    assert references - {f"{h.table}.{h.owner}" for h in HOLDINGS} == set()


def test_every_topic_is_told_to_readers(app: Flask) -> None:
    assert set(TOPICS) == set(READERS) == set(Topic) == {holding.topic for holding in HOLDINGS}
