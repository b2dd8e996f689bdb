"""How a company or school can take part: activities, and the guide's table, read from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from matcher.reference.system import (
    DATA,
    BrokenReference,
    Named,
    Names,
    read_entries,
    read_json,
)

FALLBACK = "nl"  # a programme without its own file reads this one, in English


@dataclass(frozen=True)
class Activity(Named):
    """A way of taking part. ``offer`` and ``need`` start the two forms it leads to; ``offer_kind``
    is the kind of offer. ``story`` happened where ``story_source`` says so, else it is imagined."""

    code: str
    offer_kind: str
    names: Names
    duration: Names
    group: Names
    levels: Names
    preparation: Names
    about: Names = field(default_factory=dict)
    tips: tuple[Names, ...] = ()
    story: Names = field(default_factory=dict)
    story_source: str = ""
    offer: Mapping[str, Any] = field(default_factory=dict)
    need: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice(Named):
    """One answer that a step of the guide knows; those of hours, means and horizon ascend."""

    code: str
    names: Names


@dataclass(frozen=True)
class Action:
    """What can be done: the least it asks, and the issues it helps with."""

    activity: str
    hours: str
    means: str
    horizon: str
    issues: tuple[str, ...]


@dataclass(frozen=True)
class GuideTable:
    """The guide's three steps: how much (hours, means, horizon), which issues, which actions."""

    hours: tuple[Choice, ...]
    means: tuple[Choice, ...]
    horizon: tuple[Choice, ...]
    issues: tuple[Choice, ...]
    actions: tuple[Action, ...]


@cache
def activities(programme: str = FALLBACK) -> tuple[Activity, ...]:
    """The catalogue of a programme, in its order."""
    found: tuple[Activity, ...] = read_entries(_file(programme, "activities.json"), Activity)
    if len({one.code for one in found}) != len(found):
        raise BrokenReference("activities.json: a code stands twice")
    return found


def activity(code: str, programme: str = FALLBACK) -> Activity | None:
    return next((one for one in activities(programme) if one.code == code), None)


@cache
def guide_table(programme: str = FALLBACK) -> GuideTable:
    """The guide of a programme; BrokenReference where it names what is not there."""
    raw = read_json(_file(programme, "guide.json"))
    steps = {
        name: tuple(Choice(**entry) for entry in raw[name])
        for name in ("hours", "means", "horizon", "issues")
    }
    actions = tuple(
        Action(**{**entry, "issues": tuple(entry["issues"])}) for entry in raw["actions"]
    )
    known = {name: {choice.code for choice in choices} for name, choices in steps.items()}
    for action in actions:
        named = (
            action.hours in known["hours"]
            and action.means in known["means"]
            and action.horizon in known["horizon"]
            and set(action.issues) <= known["issues"]
        )
        if not named or activity(action.activity, programme) is None:
            raise BrokenReference(f"guide.json: {action.activity} names what is not there")
    return GuideTable(**steps, actions=actions)


def _file(programme: str, name: str) -> Any:
    own = DATA / programme / name
    return own if own.exists() else DATA / FALLBACK / name
