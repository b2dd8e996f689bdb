"""What counts how much in a region, by hand or learnt; and what is lacking to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from matcher.extensions import db
from matcher.matching.settings import DEFAULT_WEIGHTS, Settings
from matcher.models.learnt import LearntWeights
from matcher.models.organisation import Region
from matcher.proposals import heard

Weights = dict[str, float]
MOST_USES = 50


def weights_of(region: Region) -> Weights:
    """What counts how much now; every part."""
    return complete(region.settings.get("weights") or {})


def complete(weights: Mapping[str, Any]) -> Weights:
    return {**DEFAULT_WEIGHTS, **{part: float(weight) for part, weight in weights.items()}}


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """To the hundredth, which is what people see and set."""
    left, right = complete(one), complete(other)
    return all(round(100 * left[part]) == round(100 * right[part]) for part in DEFAULT_WEIGHTS)


def in_use(region: Region) -> LearntWeights | None:
    """The learnt weights by which the region matches now; None where people set them."""
    uses = select(LearntWeights).where(
        LearntWeights.region_id == region.id, LearntWeights.undone_at.is_(None)
    )
    newest = db.session.scalars(uses.order_by(LearntWeights.id.desc()).limit(MOST_USES))
    now = weights_of(region)
    return next((use for use in newest if is_same(use.weights, now)), None)


def by_hand(region: Region) -> Weights:
    """What people set: from there all learning starts, so that learning twice does not drift."""
    use = in_use(region)
    return weights_of(region) if use is None else complete(use.by_hand)


def least_answers(region: Region) -> int:
    """Below so many answers nothing is learnt."""
    return int(region.settings.get("learn_from", Settings().learn_from))


def lacking(region: Region, tally: heard.Tally) -> tuple[int, int, int]:
    """Answers, yeses and nos that are still lacking."""
    least = least_answers(region)
    of_each = max(1, least // 4)
    return (
        max(0, least - tally.counted),
        max(0, of_each - tally.yes),
        max(0, of_each - tally.no),
    )
