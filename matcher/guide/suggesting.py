"""Which resources speak of what a need asks: read as the matcher reads, by the jobs process.

The matcher is loaded when first used, so that a web worker never loads it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, delete, func, or_, select

from matcher import clock
from matcher.extensions import cache, db
from matcher.guide import materials
from matcher.models.guide import Resource, SuggestedResource
from matcher.models.need import Need, NeedState

AT_ONCE = 100
MOST_RESOURCES = 2000
MOST_SUGGESTED = 3
LIKE_ENOUGH = 0.3  # of 1; below it two texts share little more than common words


def tend_toolbox() -> int:
    """Add what came with the service, and suggest anew for needs that changed. How many."""
    return materials.seed() + suggest()


def suggest() -> int:
    """For open needs that were changed since, or since the toolbox was; how many."""
    needs = _waiting()
    resources = _resources()
    if not needs:
        return 0
    scores = _likeness(needs, resources) if resources else [[] for _need in needs]
    db.session.execute(
        delete(SuggestedResource).where(SuggestedResource.need_id.in_([n.id for n in needs]))
    )
    for need, row in zip(needs, scores, strict=True):
        fitting = [
            (-score, one.id)
            for score, one in zip(row, resources, strict=True)
            if score >= LIKE_ENOUGH and _suits(one, need)
        ]
        for score, key in sorted(fitting)[:MOST_SUGGESTED]:
            db.session.add(SuggestedResource(need_id=need.id, resource_id=key, score=-score))
        need.resources_at = clock.now()
    db.session.flush()
    return len(needs)


def _waiting() -> list[Need]:
    newest = select(func.max(func.coalesce(Resource.hidden_at, Resource.changed_at)))
    changed = or_(
        Need.resources_at.is_(None),
        Need.resources_at < Need.changed_at,
        Need.resources_at < newest.scalar_subquery(),
    )
    query = select(Need).where(and_(Need.state == NeedState.OPEN, changed))
    return list(db.session.scalars(query.order_by(Need.id).limit(AT_ONCE)))


def _resources() -> list[Resource]:
    query = select(Resource).where(Resource.hidden_at.is_(None)).order_by(Resource.id)
    return list(db.session.scalars(query.limit(MOST_RESOURCES)))


def _suits(resource: Resource, need: Need) -> bool:
    spoken = {need.language, *need.languages}
    levels = set(resource.levels)
    return resource.language in spoken and (not levels or bool(levels & set(need.levels)))


def _likeness(needs: Sequence[Need], resources: Sequence[Resource]) -> list[list[float]]:
    """By need and resource, 0 to 1."""
    from matcher.matching.text import default_space
    from matcher.matching.types import Text

    space = default_space(cache.reading.folder, cache.reading.model)
    asked = space.encode(
        [Text(need.title, f"{need.goal}\n{need.hook}", need.language) for need in needs]
    )
    held = space.encode([Text(one.title, one.about, one.language) for one in resources])
    found: list[list[float]] = space.all_pairs(asked, held).tolist()
    return found
