"""The words the arithmetic speaks: frozen dataclasses in, frozen dataclasses out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, aware UTC datetimes, end exclusive."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """A dated moment in which a professional, or a webinar's seats, can be booked.

    ``professional`` is the key of the person (None for a webinar's own date); ``seats`` counts
    how many needs may still share it (1 for a lecture or a live tour).
    """

    key: str
    start: datetime
    end: datetime
    professional: str | None = None
    seats: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """What was written, in which language (ISO 639-1)."""

    title: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map in degrees, with the name people know it by."""

    latitude: float
    longitude: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """One published need as the matcher sees it. Keys are stable across runs."""

    key: str
    text: Text
    subjects: tuple[str, ...]
    levels: tuple[str, ...]
    group_size: int
    kinds: frozenset[str]
    place: str  # "onsite", "online" or "both"
    languages: frozenset[str]
    minutes: int
    school: str
    region: str
    location: Place | None = None
    windows: tuple[Window, ...] = ()
    class_profile: Mapping[str, float] = field(default_factory=dict)  # type -> share, sums to 1
    visits_wanted: int = 1
    visits_last_year: int = 0  # the school's delivered visits, for fairness
    waiting_days: int = 0
    partners: frozenset[str] = frozenset()  # companies with a partnership or a good past visit
    open_on: date | None = None
    travel_km: float | None = None  # how far the class goes to a tour on site; None: no limit
    holiday_region: str = ""  # whose school holidays count when other days are thought of


@dataclass(frozen=True, slots=True)
class Person:
    """A professional's limits: how often, how far, in which languages, and what is already taken.

    ``taken`` maps a month "2027-02" or a term "2026-27/1" to the visits already confirmed in it.
    ``busy`` are stretches in which the person is confirmed elsewhere, with the place if known.
    ``maybe``: has not firmly said yes for this year, and is second to who has.
    """

    key: str
    languages: frozenset[str]
    month_cap: int
    term_cap: int
    radius_km: float
    location: Place | None = None
    taken: Mapping[str, int] = field(default_factory=dict)
    busy: tuple[tuple[Window, Place | None], ...] = ()
    maybe: bool = False


@dataclass(frozen=True, slots=True)
class Supply:
    """One published offer as the matcher sees it, with the slots in which it can be had.

    An offer that needs no date (a recorded tour, an open challenge) has ``on_demand`` true and
    no slots; ``capacity`` then bounds how many needs one run may give it.
    """

    key: str
    kind: str  # "lecture", "tour", "challenge" or "webinar"
    text: Text
    subjects: tuple[str, ...]
    levels: tuple[str, ...]  # empty: not said, so nothing is excluded
    place: str  # "onsite", "online" or "both"
    languages: frozenset[str]
    minutes: int
    max_group: int | None
    company: str
    employees: int
    region: str
    location: Place | None = None
    radius_km: float | None = None  # for pupils travelling to a tour on site; None: no limit
    slots: tuple[Slot, ...] = ()
    on_demand: bool = False
    capacity: int = 1
    company_term_cap: int | None = None
    company_taken: Mapping[str, int] = field(default_factory=dict)  # term -> visits confirmed
    angles: Mapping[str, float] = field(default_factory=dict)  # class-profile type -> emphasis
    days_since_confirmed: int = 0


@dataclass(frozen=True, slots=True)
class Pin:
    """A coordinator's word about a pair: ``force`` it or ``forbid`` it."""

    demand: str
    supply: str
    forbid: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score: ``value`` in [0, 1], ``weight``, and points = value x weight.

    The points of a pairing's reasons add up to its score. ``facts`` holds what a sentence needs
    (km, shared concepts, minutes...), as JSON-ready values; wording is the web's work.
    """

    part: str
    value: float
    weight: float
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def points(self) -> float:
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Pairing:
    """A need, an offer and a time (None for on-demand), with its score and reasons."""

    demand: str
    supply: str
    slot: str | None
    professional: str | None
    start: datetime | None
    end: datetime | None
    score: float
    reasons: tuple[Reason, ...]
    weak_point: str  # the part that costs most points
    rank: int = 0  # 0: proposed; 1, 2...: alternates in order


@dataclass(frozen=True, slots=True)
class Blocker:
    """A rule that kept a need from offers: how many only this rule kept away, and one change."""

    rule: str
    count: int  # offers this rule refuses
    only: int  # offers that only this rule refuses
    examples: tuple[str, ...] = ()  # offer keys


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a need, and how many offers on its topic it would make possible.

    ``to`` is the new value (a code, a number, a day); ``facts`` holds ``windows`` (start, end) in
    place of the need's own where the change is one of time.
    """

    rule: str
    to: str
    unlocks: int
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rung:
    """An offer on the topic that a class can have although it asked for something else.

    ``slot`` is None for what needs no date; ``fit`` is the weighted mean of text, subject and level
    in [0, 1]; ``facts`` names what both are about.
    """

    supply: str
    kind: str
    slot: str | None
    fit: float
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A need left without a proposal, with what stands in the way and what would help."""

    demand: str
    blockers: tuple[Blocker, ...]
    changes: tuple[Change, ...] = ()
    instead: tuple[Rung, ...] = ()  # the best tour, challenge and webinar
    on_topic: int = 0  # offers about what the need is about; blockers count among them
