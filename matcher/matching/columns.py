"""Needs and offers as columns of numbers, made once per run."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.types import Demand, Person, Place, Supply

KINDS = ("lecture", "tour", "challenge", "webinar")
TOUR = 1 << KINDS.index("tour")
PLACES = {"onsite": 1, "online": 2, "both": 3}
EARTH_KM = 6371.0
ANY_SIZE = 1_000_000
FAR = 1e6
Array = NDArray[Any]


@dataclass(frozen=True)
class DemandColumns:
    """One row per need. Windows stand flat: rows ``window_from[i]:window_from[i + 1]``."""

    kinds: Array
    languages: Array
    own_language: Array  # the one the need is written in
    places: Array
    group: Array
    minutes: Array
    travel: Array  # km the class goes to a tour on site; FAR where it said no limit
    point: Array  # (n, 3) unit vectors; zero where the place is unknown
    days: Array  # (words, n) bits of the days that have a window
    window_from: Array
    window_start: Array  # minutes since 1970
    window_end: Array
    hashed: Array


@dataclass(frozen=True)
class SupplyColumns:
    """One row per offer. Slots stand flat: rows ``slot_from[i]:slot_from[i + 1]``."""

    kinds: Array
    languages: Array
    places: Array
    group: Array
    minutes: Array
    point: Array
    radius: Array  # km one side may travel; FAR where nobody minds
    days: Array
    on_demand: Array
    slot_from: Array
    slot_start: Array
    slot_end: Array
    slot_person: Array  # index into people, -1 for none
    slot_seats: Array
    slot_keys: list[str]
    hashed: Array
    slot_hashed: Array


@dataclass(frozen=True)
class Calendar:
    """The days that windows and slots touch, numbered; 64 to a word of bits."""

    first: int
    words: int

    def bits(self, starts: Array, ends: Array, rows: Array, count: int) -> Array:
        """(words, count) bits of the days that each row's stretches touch."""
        table = np.zeros((self.words, count), dtype=np.uint64)
        day, last = starts // 1440 - self.first, (ends - 1) // 1440 - self.first
        while len(rows):
            inside = (day >= 0) & (day < self.words * 64)
            bit = np.left_shift(np.uint64(1), (day[inside] % 64).astype(np.uint64))
            np.bitwise_or.at(table, (day[inside] // 64, rows[inside]), bit)
            day = day + 1
            more = day <= last
            day, last, rows = day[more], last[more], rows[more]
        return table


def minute(moment: datetime) -> int:
    """Minutes since 1970, UTC."""
    return int(moment.timestamp()) // 60


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at * 60, UTC)


def hashed(keys: Iterable[str]) -> Array:
    """A stable 32-bit number per key."""
    return np.array([zlib.crc32(key.encode()) for key in keys], dtype=np.uint64)


Flat = tuple[Array, Array, Array, Array]


def demand_columns(
    demands: Sequence[Demand], calendar: Calendar, codes: Mapping[str, int]
) -> DemandColumns:
    """The needs' columns; ``calendar`` and ``codes`` (of languages) are those of the offers."""
    codes = dict(codes)
    windows = _flat([[(minute(w.start), minute(w.end)) for w in d.windows] for d in demands])
    starts_at, start, end, row = windows
    return DemandColumns(
        kinds=np.array([_bits(d.kinds, KINDS) for d in demands], dtype=np.int8),
        languages=np.array([_mask(d.languages, codes) for d in demands], dtype=np.int64),
        own_language=np.array([_mask([d.text.language], codes) for d in demands], dtype=np.int64),
        places=np.array([PLACES[d.place] for d in demands], dtype=np.int8),
        group=np.array([d.group_size for d in demands], dtype=np.int32),
        minutes=np.array([d.minutes for d in demands], dtype=np.int32),
        travel=np.array([FAR if d.travel_km is None else d.travel_km for d in demands]),
        point=points([d.location for d in demands]),
        days=calendar.bits(start, end, row, len(demands)),
        window_from=starts_at,
        window_start=start,
        window_end=end,
        hashed=hashed(d.key for d in demands),
    )


def supply_columns(
    supplies: Sequence[Supply], people: Mapping[str, int]
) -> tuple[SupplyColumns, Calendar, dict[str, int]]:
    """The offers' columns, the days of their slots, and a number for each language.

    ``people`` maps a person's key to its index.
    """
    codes: dict[str, int] = {}
    slots = _flat([[(minute(s.start), minute(s.end)) for s in o.slots] for o in supplies])
    starts_at, start, end, row = slots
    calendar = _calendar(start, end)
    flat = [slot for offer in supplies for slot in offer.slots]
    made = SupplyColumns(
        kinds=np.array([_bits({s.kind}, KINDS) for s in supplies], dtype=np.int8),
        languages=np.array([_mask(s.languages, codes) for s in supplies], dtype=np.int64),
        places=np.array([PLACES[s.place] for s in supplies], dtype=np.int8),
        group=np.array([s.max_group or ANY_SIZE for s in supplies], dtype=np.int32),
        minutes=np.array([s.minutes for s in supplies], dtype=np.int32),
        point=points([s.location for s in supplies]),
        radius=np.array([FAR if s.radius_km is None else s.radius_km for s in supplies]),
        days=calendar.bits(start, end, row, len(supplies)),
        on_demand=np.array([s.on_demand for s in supplies], dtype=bool),
        slot_from=starts_at,
        slot_start=start,
        slot_end=end,
        slot_person=np.array([people.get(s.professional or "", -1) for s in flat], dtype=np.int64),
        slot_seats=np.array([s.seats for s in flat], dtype=np.int64),
        slot_keys=[s.key for s in flat],
        hashed=hashed(s.key for s in supplies),
        slot_hashed=hashed(s.key for s in flat),
    )
    return made, calendar, codes


def person_columns(people: Sequence[Person]) -> tuple[Array, Array]:
    """Each person's point (n, 3) and radius in km."""
    return (
        points([p.location for p in people]),
        np.array([p.radius_km for p in people], dtype=float),
    )


def kilometres(a: Array, b: Array) -> Array:
    """Great-circle distance of paired unit vectors; 0 where a place is unknown."""
    products = np.einsum("ij,ij->i", a, b)
    known = (np.abs(a).sum(axis=1) > 0) & (np.abs(b).sum(axis=1) > 0)
    return np.where(known, EARTH_KM * np.arccos(np.clip(products, -1, 1)), 0.0)


def points(places: Sequence[Place | None]) -> Array:
    degrees = np.array(
        [(p.latitude, p.longitude) if p else (np.nan, np.nan) for p in places], dtype=float
    ).reshape(-1, 2)
    lat, lon = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    xyz = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    return np.nan_to_num(xyz, nan=0.0)


def _flat(stretches: Sequence[Sequence[tuple[int, int]]]) -> tuple[Array, Array, Array, Array]:
    counts = np.array([len(s) for s in stretches], dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    flat = np.array([pair for s in stretches for pair in s], dtype=np.int64).reshape(-1, 2)
    rows = np.repeat(np.arange(len(stretches), dtype=np.int64), counts)
    return start, flat[:, 0], flat[:, 1], rows


def _calendar(*minutes: Array) -> Calendar:
    known = np.concatenate(minutes)
    if not len(known):
        return Calendar(0, 1)
    first, last = int(known.min()) // 1440, int(known.max()) // 1440
    return Calendar(first, min(12, (last - first) // 64 + 1))


def _bits(chosen: Iterable[str], order: Sequence[str]) -> int:
    return sum(1 << order.index(entry) for entry in chosen)


def _mask(languages: Iterable[str], codes: dict[str, int]) -> int:
    return sum(1 << codes.setdefault(language, len(codes)) for language in sorted(languages))
