"""What another offer for a need would cost the others, from the jobs process's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from matcher import clock
from matcher.extensions import db
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.run import MatchRun, Question, RunScope
from matcher.needs.advice import blocker_words

GOOD_FOR = timedelta(hours=1)
AWAY = "away"  # the offer is not there any more


@dataclass(frozen=True)
class Visit:
    """A visit a need has in a choice; ``score`` in parts of 1."""

    offer: Offer
    start: datetime | None
    score: float


@dataclass(frozen=True)
class Line:
    """A need whose visits differ; ``gain`` in points of a hundred, below 0 for a loss."""

    need: Need
    before: list[Visit]
    after: list[Visit]
    gain: float

    @property
    def loses_all(self) -> bool:
        return bool(self.before) and not self.after


@dataclass(frozen=True)
class Price:
    """The answer as a page shows it: the need itself, the others, the sums."""

    possible: bool
    against: list[str]
    own: Line | None
    others: list[Line]
    before: float
    after: float
    others_gain: float
    without: int  # others who would go without
    is_old: bool

    @property
    def total_gain(self) -> float:
        return self.after - self.before

    @property
    def others_loss(self) -> float:
        return -self.others_gain


def price_of(question: Question) -> Price:
    """In three queries, however many needs are moved."""
    answer = question.answer
    moved = answer["moved"]
    needs = _needs([row["need"] for row in moved])
    offers = _offers([v["offer"] for row in moved for v in (*row["before"], *row["after"])])
    lines = [_line(row, needs, offers) for row in moved if row["need"] in needs]
    own = next((line for line in lines if line.need.id == question.need_id), None)
    others = [line for line in lines if line is not own]
    others.sort(key=lambda line: (line.gain, line.need.id))
    return Price(
        possible=answer["possible"],
        against=[blocker_words(rule) for rule in answer["against"] if rule != AWAY],
        own=own,
        others=others,
        before=100 * answer["before"],
        after=100 * answer["after"],
        others_gain=sum(line.gain for line in others),
        without=sum(line.loses_all for line in others),
        is_old=_is_old(question),
    )


def _line(row: Mapping[str, Any], needs: dict[int, Need], offers: dict[int, Offer]) -> Line:
    def visits(held: Sequence[Mapping[str, Any]]) -> list[Visit]:
        return [
            Visit(
                offers[v["offer"]],
                datetime.fromisoformat(v["start"]) if v["start"] else None,
                v["score"],
            )
            for v in held
            if v["offer"] in offers
        ]

    before, after = visits(row["before"]), visits(row["after"])
    return Line(needs[row["need"]], before, after, 100 * row["gain"])


def _needs(ids: Sequence[int]) -> dict[int, Need]:
    found = select(Need).where(Need.id.in_(ids)).options(joinedload(Need.school))
    return {need.id: need for need in db.session.scalars(found.order_by(Need.id))}


def _offers(ids: Sequence[int]) -> dict[int, Offer]:
    found = select(Offer).where(Offer.id.in_(ids)).options(joinedload(Offer.company))
    return {offer.id: offer for offer in db.session.scalars(found.order_by(Offer.id))}


def _is_old(question: Question) -> bool:
    """A run has been since, or too much time."""
    newest = select(func.max(MatchRun.started_at)).where(
        MatchRun.region_id == question.region_id, MatchRun.scope == RunScope.REGION
    )
    run_at = db.session.scalar(newest)
    since = run_at is not None and run_at > question.asked_at
    return since or clock.now() - question.asked_at > GOOD_FOR
