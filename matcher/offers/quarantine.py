"""Whether an offer is read by the coordinator before schools see it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from matcher import clock, policies
from matcher.extensions import db
from matcher.models.moderation import ReportState, TextReport
from matcher.models.offer import Offer

if TYPE_CHECKING:
    from matcher.models.account import Person

WATCHED_FOR = timedelta(days=90)


def waits_to_be_read(offer: Offer, by: Person) -> bool:
    """The first of a new company where the region wishes so, and any after a text was taken away.

    A coordinator's own word is enough.
    """
    if policies.is_coordinator_of(by, offer.region_id):
        return False
    return _is_watched(offer) or (offer.region.reads_first_offers and _is_first(offer))


def _is_first(offer: Offer) -> bool:
    shown = select(Offer.id).where(
        Offer.company_id == offer.company_id, Offer.published_at.is_not(None)
    )
    return db.session.scalar(shown.limit(1)) is None


def _is_watched(offer: Offer) -> bool:
    taken_away = (
        select(TextReport.id)
        .join(TextReport.offer)
        .where(
            Offer.company_id == offer.company_id,
            TextReport.state == ReportState.UPHELD,
            TextReport.decided_at > clock.now() - WATCHED_FOR,
        )
    )
    return db.session.scalar(taken_away.limit(1)) is not None
