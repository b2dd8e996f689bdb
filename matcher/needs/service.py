"""Verbs on needs: draft, save, publish, withdraw, reuse, switch alerts."""

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
from matcher.models.need import Need, NeedState, NeedWindow, PlaceKind
from matcher.models.offer import Offer
from matcher.models.organisation import School
from matcher.needs import queries
from matcher.needs.rhythm import Rhythm, windows_of
from matcher.proposals.queries import open_windows
from matcher.proposals.service import end_need
from matcher.reference import programme
from matcher.reference.system import Level, told
from matcher.reference.taking_part import Activity

COPIED = (
    "title goal hook language subject levels other_levels years groups group_size support kinds"
    " place travel_km languages class_profile lesson_minutes visits_wanted remarks"
)
REMEMBERED = "subject levels kinds place languages"
MOST_WINDOWS = 250
Window = tuple[datetime, datetime]


def draft(school: School, *, by: Person) -> Need:
    """A new need of this teacher at this school, seen by nobody else.

    What rarely differs from one request to the next is taken from the latest; a draft in which
    nothing was ever written is taken up again.
    """
    need = queries.blank_draft_of(by) or Need(teacher_id=by.id, class_profile={}, rhythm={})
    need.school, need.region = school, school.region
    spoken = {programme(school.region.programme.code).languages[0], by.language}
    need.language = by.language if by.language in {"nl", "en"} else "nl"
    need.languages, need.kinds = sorted(spoken), ["lecture"]
    need.lesson_minutes = school.lesson_minutes
    need.changed_at = clock.now()
    latest = queries.latest_need_of(by, school)
    for name in REMEMBERED.split() if latest is not None else ():
        setattr(need, name, getattr(latest, name))
    db.session.add(need)
    db.session.flush()
    return need


def wish(need: Need, offer: Offer, *, by: Person) -> None:
    """Write the need for an offer that its teacher saw: what the offer says is filled in."""
    _still_editable(need)
    need.wish_id = offer.id
    need.kinds = sorted({*need.kinds, offer.kind.value})
    if len(offer.subjects) == 1 or need.subject not in offer.subjects:
        need.subject = next(iter(offer.subjects), need.subject)
    taught = {level.code for level in levels_of(need.school)}
    need.levels = [code for code in need.levels if code in offer.levels] or [
        code for code in offer.levels if code in taught
    ][:1]
    need.languages = sorted({*need.languages, *offer.languages[:1]})
    write_journal("wish", need, by=by, changes={"offer": [None, offer.id]})
    db.session.flush()


def start_from(need: Need, activity: Activity, *, by: Person) -> None:
    """Write the need for a way of taking part: what is usually asked for it is filled in."""
    usual = activity.need
    values = {
        "title": told(usual["title"], need.language),
        "goal": told(usual["goal"], need.language),
        "kinds": [activity.offer_kind],
        "lesson_minutes": usual["minutes"],
        "place": PlaceKind(usual["place"]),
        "group_size": usual.get("group_size", need.group_size),
    }
    save(need, values, by=by)


def levels_of(school: School) -> tuple[Level, ...]:
    """The levels taught there, as far as the register tells."""
    return programme(school.region.programme.code).levels_at(school.kind)


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


def set_windows(
    need: Need, windows: Sequence[Window], *, by: Person, rhythm: Rhythm | None = None
) -> None:
    """When it suits, in place of what stood: single stretches, and the class's own lessons."""
    _still_editable(need)
    weekly = set(windows_of(rhythm, need.school)) if rhythm else set()
    wanted = dict.fromkeys(windows, False) | dict.fromkeys(weekly, True)
    if len(wanted) > MOST_WINDOWS:
        raise Invalid(_l("These are too many lessons. Choose fewer weeks."), field="to_day")
    record = rhythm.as_record() if rhythm else {}
    stood = {(w.starts_at, w.ends_at): w.weekly for w in need.windows}
    if (wanted, record) == (stood, need.rhythm):
        return
    need.rhythm = record
    need.windows = [
        NeedWindow(starts_at=start, ends_at=end, weekly=weekly)
        for (start, end), weekly in sorted(wanted.items())
    ]
    _touch(need, {"windows": [len(stood), len(wanted)]}, by=by)


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
    elif not open_windows(need, need.school):
        found.append(("windows", _l("All these days are holidays. Choose other days.")))
    return found


def withdraw(need: Need, *, by: Person, reasons: Sequence[str] = (), note: str = "") -> None:
    """Take the need back; whoever was asked is told, with the reasons. A draft needs none."""
    if need.state not in {NeedState.DRAFT, NeedState.OPEN}:
        raise WrongState(_l("This request cannot be withdrawn any more."))
    if need.state == NeedState.OPEN and not reasons:
        raise Invalid(_l("Choose at least one reason."), field="reasons")
    end_need(need, by=by, reasons=reasons, note=note)
    need.state = NeedState.WITHDRAWN
    need.end_reasons, need.end_note = list(reasons), note
    write_journal("withdraw", need, by=by, changes={"reasons": [[], list(reasons)]})


def switch_alerts(need: Need, on: bool, *, by: Person) -> None:
    """Whether its teacher hears by mail of offers that are new and fit."""
    if need.alerts != on:
        write_journal("alerts", need, by=by, changes={"alerts": [need.alerts, on]})
        need.alerts = on


def look_again(need: Need, *, by: Person) -> None:
    """Have the matcher look at an open need once more, as it stands."""
    if need.state != NeedState.OPEN:
        raise WrongState(_l("This request is no longer open."))
    need.matched_at = None
    write_journal("look_again", need, by=by)


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
