"""Verbs on needs: draft, save, publish, withdraw, reuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from matcher import clock
from matcher.errors import Invalid, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.need import Need, NeedState, NeedWindow
from matcher.models.organisation import School
from matcher.proposals import queries
from matcher.proposals.service import end_need
from matcher.reference import programme

COPIED = (
    "title goal hook language subject levels years groups group_size support kinds place languages"
    " class_profile lesson_minutes visits_wanted remarks"
)
Window = tuple[datetime, datetime]


def draft(school: School, *, by: Person) -> Need:
    """A new need of this teacher at this school, empty and seen by nobody else."""
    need = Need(
        school_id=school.id,
        region_id=school.region_id,
        teacher_id=by.id,
        language=by.language if by.language in {"nl", "en"} else "nl",
        languages=sorted({programme(school.region.programme.code).languages[0], by.language}),
        kinds=["lecture"],
        lesson_minutes=school.lesson_minutes,
        class_profile={},
    )
    db.session.add(need)
    db.session.flush()
    return need


def save(need: Need, values: Mapping[str, Any], *, by: Person) -> None:
    """Keep what was filled in; an open need is looked at again by the matcher."""
    _still_editable(need)
    changes = {}
    for name, value in values.items():
        before = getattr(need, name)
        if before != value:
            changes[name] = [_plain(before), _plain(value)]
            setattr(need, name, value)
    _touch(need, changes, by=by)


def set_windows(need: Need, windows: Sequence[Window], *, by: Person) -> None:
    """When it suits, in place of what stood."""
    _still_editable(need)
    wanted = sorted(set(windows))
    if wanted == [(w.starts_at, w.ends_at) for w in need.windows]:
        return
    need.windows = [NeedWindow(starts_at=start, ends_at=end) for start, end in wanted]
    _touch(need, {"windows": [None, len(wanted)]}, by=by)


def publish(need: Need, *, by: Person) -> None:
    """Open the need. Invalid names the first field that still lacks something."""
    if need.state != NeedState.DRAFT:
        raise WrongState(_l("This request has been published already."))
    for field, message in missing(need):
        raise Invalid(message, field=field)
    need.state = NeedState.OPEN
    need.published_at = clock.now()
    need.matched_at = None
    write_journal("publish", need, by=by)


def missing(need: Need) -> list[tuple[str, object]]:
    """What must be there before others may see it: (field, sentence) in the order of the form."""
    found: list[tuple[str, object]] = []
    needed = (
        ("title", need.title, _l("Give it a title.")),
        ("goal", need.goal, _l("Say what the pupils should take home.")),
        ("subject", need.subject, _l("Choose the subject.")),
        ("levels", need.levels, _l("Choose at least one level.")),
        ("group_size", need.group_size, _l("Say how many pupils come.")),
        ("lesson_minutes", need.lesson_minutes, _l("Say how long the lesson is.")),
        ("kinds", need.kinds, _l("Choose at least one kind of visit.")),
        ("languages", need.languages, _l("Choose at least one language.")),
    )
    found += [(field, message) for field, value, message in needed if not value]
    if not any(w.ends_at > clock.now() for w in need.windows):
        found.append(("windows", _l("Say at least one day and time that still lies ahead.")))
    elif not queries.open_windows(need, need.school):
        found.append(("windows", _l("All these days are holidays. Choose other days.")))
    return found


def withdraw(need: Need, *, by: Person) -> None:
    """Take the need back; whoever was asked is told."""
    if need.state not in {NeedState.DRAFT, NeedState.OPEN}:
        raise WrongState(_l("This request cannot be withdrawn any more."))
    end_need(need, by=by)
    need.state = NeedState.WITHDRAWN
    write_journal("withdraw", need, by=by)


def reuse(need: Need, *, by: Person) -> Need:
    """A new draft with the same words, for another class or year; times are asked anew."""
    copy = draft(need.school, by=by)
    for name in COPIED.split():
        setattr(copy, name, getattr(need, name))
    db.session.flush()
    return copy


def _still_editable(need: Need) -> None:
    if need.state not in {NeedState.DRAFT, NeedState.OPEN}:
        raise WrongState(_l("This request is closed. Use it again for a new one."))


def _touch(need: Need, changes: dict[str, Any], *, by: Person) -> None:
    if not changes:
        return
    need.changed_at = clock.now()
    if need.state == NeedState.OPEN:
        need.matched_at = None
        for _field, message in missing(need):
            raise Invalid(message, field=_field)
        write_journal("edit", need, by=by, changes=changes)
    db.session.flush()


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | list | dict | type(None)) else str(value)
