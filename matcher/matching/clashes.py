"""What one person or one class cannot do at once: the rules a flow cannot express."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.matching.columns import PLACES, TOUR, kilometres, minute
from matcher.matching.constraints import Field, Meetings
from matcher.matching.travel import minutes
from matcher.matching.types import Person, Place

Array = NDArray[Any]


@dataclass(frozen=True)
class Diary:
    """Meetings as stretches of time and place, by row: who gives it, who gets it, where."""

    need: Array
    person: Array  # -1 for none
    start: Array
    end: Array
    place: Array  # where the person is: the school, a tour's company; -1 online
    points: Array  # (places, 3) unit vectors; zero where a place is unknown
    kmh: float

    def where(self, rows: Array | list[int]) -> Array:
        """(n, 3) unit vectors of where these meetings are; zero online."""
        place = self.place[rows]
        return np.where(place[:, None] >= 0, self.points[place], 0.0)

    def clashes(self, rows: Array) -> list[tuple[int, int]]:
        """Pairs of rows that cannot both stand, in order."""
        found: set[tuple[int, int]] = set()
        for group in _groups(self._near_in_time(rows), self.person):
            found.update(self._too_close(group))
        for group in _groups(rows, self.need):
            found.update(self._same_class(group))
        return sorted(found)

    def _near_in_time(self, rows: Array) -> Array:
        """Rows of persons who have two meetings with less than the longest way between them."""
        rows = rows[self.person[rows] >= 0]
        order = rows[np.lexsort((self.start[rows], self.person[rows]))]
        person, following = self.person[order[:-1]], self.person[order[1:]]
        gap = self.start[order[1:]] - self.end[order[:-1]]
        near = (person == following) & (gap < minutes(_breadth(self.where(rows)), self.kmh))
        return rows[np.isin(self.person[rows], person[near])]

    def _too_close(self, group: list[int]) -> list[tuple[int, int]]:
        ordered = sorted(group, key=lambda row: (self.start[row], row))
        return [
            (min(a, b), max(a, b))
            for place, a in enumerate(ordered)
            for b in ordered[place + 1 :]
            if self.start[b] - self.end[a] < self._travel(a, b)
        ]

    def _same_class(self, group: list[int]) -> list[tuple[int, int]]:
        """A class gets no person twice, and no two visits at one time."""
        return [
            (min(a, b), max(a, b))
            for place, a in enumerate(group)
            for b in group[place + 1 :]
            if (self.person[a] >= 0 and self.person[a] == self.person[b])
            or (self.start[a] >= 0 and self.start[a] < self.end[b] and self.start[b] < self.end[a])
        ]

    def _travel(self, a: int, b: int) -> float:
        return float(minutes(kilometres(self.where([a]), self.where([b])), self.kmh)[0])


def _breadth(points: Array) -> Array:
    """Km that no two of these points are further apart than."""
    known = points[np.abs(points).sum(axis=1) > 0]
    if not len(known):
        return np.zeros(())
    return 2 * kilometres(known, np.broadcast_to(known[0], known.shape)).max()


def _groups(rows: Array, of: Array) -> list[list[int]]:
    """Rows by the value of ``of``, where at least two share it."""
    order = rows[np.argsort(of[rows], kind="stable")]
    ends = np.nonzero(np.diff(of[order]))[0] + 1
    return [group.tolist() for group in np.split(order, ends) if len(group) > 1]


def make_diary(field: Field, found: Meetings, d: Array, s: Array) -> Diary:
    """The diary of meetings of pairs (``d`` and ``s`` by pair)."""
    need, offer = d[found.pair], s[found.pair]
    only_online = field.demand.places[need] & field.supply.places[offer] == PLACES["online"]
    tour = (field.supply.kinds[offer] & TOUR) > 0
    place = np.where(tour, len(field.demand.point) + offer, need)
    person = np.full(len(need), -1)
    if len(field.supply.slot_person):
        person = np.where(found.slot >= 0, field.supply.slot_person[found.slot], -1)
    return Diary(
        need=need,
        person=person.astype(np.int32),
        start=found.start,
        end=found.end,
        place=np.where(only_online, -1, place).astype(np.int32),
        points=np.concatenate([field.demand.point, field.supply.point]),
        kmh=field.settings.travel_kmh,
    )


def is_busy(diary: Diary, people: Sequence[Person]) -> Array:
    """Rows in which the person is elsewhere, or too far away to arrive or leave in time."""
    busy = np.zeros(len(diary.start), dtype=bool)
    order = np.argsort(diary.person, kind="stable")
    sorted_people = diary.person[order]
    for index in np.unique(diary.person[diary.person >= 0]).tolist():
        person = people[index]
        if not person.busy:
            continue
        low, high = np.searchsorted(sorted_people, [index, index + 1])
        mine = order[low:high]
        for window, place in person.busy:
            travel = _minutes_from(diary, mine, place)
            start, end = minute(window.start) - travel, minute(window.end) + travel
            busy[mine] |= (diary.start[mine] < end) & (diary.end[mine] > start)
    return busy


def _minutes_from(diary: Diary, rows: Array, place: Place | None) -> Array:
    if place is None:
        return np.zeros(len(rows))
    lat, lon = np.radians(place.latitude), np.radians(place.longitude)
    at = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    km = kilometres(diary.where(rows), np.broadcast_to(at, (len(rows), 3)))
    return minutes(km, diary.kmh)
