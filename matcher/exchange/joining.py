"""Two rows made one, step by step, and the steps taken back: no word here of what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Column, Index, Table, UniqueConstraint, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from matcher.errors import Taken, WrongState
from matcher.extensions import db
from matcher.models.plain import meant, meant_row, told, told_row

Step = dict[str, Any]
# Ended with their person: nobody comes in as somebody else. They are not brought back.
ENDED = {"sign_in_session", "mail_link"}
# May be cleared away by the service itself; that they are gone is no reason against an undo.
FLEETING = {"personal_link", "need_alert", "import_upload", "outbox_mail"}
OWN_NAMES = {("need", "reference"), ("offer", "reference")}  # cleared where two are the same
KEPT_BY_WINNER = {"second_factor"}
ONE_PERSON_AT_A_TIME = {"claimed_quarter"}


def join(table: Table, gone: int, kept: int) -> list[Step]:
    """Let all that points to the row ``gone`` point to ``kept``, and take the row away.

    Where both have the same of something (a professional's card, a lesson of the day), these are
    joined in turn. Taken where they exclude each other.
    """
    steps: list[Step] = []
    _join(table, gone, kept, steps)
    return steps


def _join(table: Table, gone: int, kept: int, steps: list[Step]) -> None:
    for child, column in pointing_to(table):
        if child.name in ENDED:
            db.session.execute(delete(child).where(column == gone))
            continue
        for row in _rows(child, column == gone):
            _hand_over(child, column, row, kept, steps=steps)
    _names_in_words(table, gone, kept, steps)
    row = _rows(table, table.c.id == gone)[0]
    _take_away(table, row, steps)


def pointing_to(table: Table) -> Iterator[tuple[Table, Column[Any]]]:
    """Every column that refers to this table, in a fixed order."""
    for child in db.metadata.sorted_tables:
        for column in child.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                yield child, column


def _rows(table: Table, condition: Any) -> list[dict[str, Any]]:
    found = select(table).where(condition).order_by(*table.primary_key.columns)
    return [dict(row) for row in db.session.execute(found).mappings()]


def _hand_over(
    child: Table, column: Column[Any], row: dict[str, Any], kept: int, *, steps: list[Step]
) -> None:
    twin = _twin(child, column, row, kept)
    if twin is None and child.name not in KEPT_BY_WINNER:
        _set(child, row, {column.name: kept}, steps)
        return
    own = next((n for t, n in OWN_NAMES if t == child.name), None)
    if own is not None:
        _set(child, row, {own: None}, steps)
        _set(child, row | {own: None}, {column.name: kept}, steps)
        return
    if child.name in ONE_PERSON_AT_A_TIME or (row.get("taken") and (twin or {}).get("taken")):
        raise Taken(_("Both have a visit at the same time. Move one of the two first."))
    if twin is not None and "id" in child.c:
        _join(child, row["id"], twin["id"], steps)
        return
    _take_away(child, row, steps)


def _twin(
    child: Table, column: Column[Any], row: Mapping[str, Any], kept: int
) -> dict[str, Any] | None:
    """The row of the one that stays which would stand in this one's way."""
    for names in _unique_sets(child):
        if column.name not in names:
            continue
        wanted = {name: kept if name == column.name else row[name] for name in names}
        if None in wanted.values() and child.name != "role_grant":
            continue
        same = and_(*(child.c[name].is_not_distinct_from(v) for name, v in wanted.items()))
        found = _rows(child, same)
        if found:
            return found[0]
    return None


def _unique_sets(table: Table) -> list[list[str]]:
    found = [[column.name for column in table.primary_key.columns]]
    for rule in sorted(table.constraints, key=lambda rule: str(rule.name)):
        if isinstance(rule, UniqueConstraint):
            found.append([column.name for column in rule.columns])
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        if _is_whole(index):
            found.append([column.name for column in index.columns])
    return found


def _is_whole(index: Index) -> bool:
    """Unique, and for all rows rather than some."""
    options = index.dialect_options
    return bool(index.unique) and all(
        options[name].get("where") is None for name in ("sqlite", "postgresql")
    )


def _names_in_words(table: Table, gone: int, kept: int, steps: list[Step]) -> None:
    """Links that name their holder as "person:7"."""
    links = db.metadata.tables["personal_link"]
    for row in _rows(links, links.c.holder == f"{table.name}:{gone}"):
        holder = f"{table.name}:{kept}"
        same = and_(
            links.c.purpose == row["purpose"],
            links.c.proposal_id.is_not_distinct_from(row["proposal_id"]),
            links.c.holder == holder,
        )
        if _rows(links, same):
            _take_away(links, row, steps)
        else:
            _set(links, row, {"holder": holder}, steps)


# ---- steps and their undoing --------------------------------------------------------------------
def _key(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: row[column.name] for column in table.primary_key.columns}


def _is(table: Table, key: Mapping[str, Any]) -> Any:
    return and_(*(table.c[n] == meant(v, table.c[n].type) for n, v in key.items()))


def _set(
    table: Table, row: Mapping[str, Any], values: Mapping[str, Any], steps: list[Step]
) -> None:
    db.session.execute(
        update(table).where(_is(table, _key(table, row))).values(**values),
        execution_options={"synchronize_session": False},
    )
    before = {name: told(row[name]) for name in values}
    after = {name: told(value) for name, value in values.items()}
    key = told_row(_key(table, {**row, **values}))
    steps.append({"set": table.name, "key": key, "before": before, "after": after})


def change(table: Table, key: int, values: Mapping[str, Any]) -> list[Step]:
    """Set values of one row, as steps."""
    steps: list[Step] = []
    if values:
        _set(table, _rows(table, table.c.id == key)[0], values, steps)
    return steps


def _take_away(table: Table, row: Mapping[str, Any], steps: list[Step]) -> None:
    db.session.execute(delete(table).where(_is(table, _key(table, row))))
    steps.append({"gone": table.name, "row": told_row(row)})


def take_back(steps: Sequence[Step]) -> None:
    """Undo the steps, last first. WrongState where something has changed since."""
    try:
        for step in reversed(steps):
            table = db.metadata.tables[step.get("set") or step["gone"]]
            if "gone" in step:
                db.session.execute(insert(table).values(**meant_row(step["row"], table)))
            else:
                _set_back(table, step)
    except IntegrityError as error:
        text = _("Something new stands in its place by now. It can no longer be undone.")
        raise WrongState(text) from error


def _set_back(table: Table, step: Step) -> None:
    found = _rows(table, _is(table, step["key"]))
    if not found and table.name in FLEETING:
        return
    now = {name: told(found[0][name]) for name in step["after"]} if found else None
    if now != step["after"]:
        raise WrongState(
            _(
                "Something has changed since (%(what)s). It can no longer be undone.",
                what=f"{table.name} {'/'.join(str(part) for part in step['key'].values())}",
            )
        )
    values = {n: meant(value, table.c[n].type) for n, value in step["before"].items()}
    db.session.execute(
        update(table).where(_is(table, step["key"])).values(**values),
        execution_options={"synchronize_session": False},
    )
