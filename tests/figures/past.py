"""What has been: proposals walked into their states on days long gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.need import Need
from matcher.models.offer import Offer
from matcher.models.professional import Professional
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from tests.cast import add

AGREED = ("release", "school_accept", "company_confirm")
SIDES = {"school": Side.SCHOOL, "company": Side.COMPANY, "release": Side.COORDINATOR}
YEAR = "2024-25"


def day(month: int, number: int, hour: int = 10, *, year: int = 2024) -> datetime:
    """A wall-clock time; August to December lie in the first half of 2024-25."""
    return clock.utc(datetime(year if month >= 8 else year + 1, month, number, hour))


def step(proposal: Proposal, name: str, at: datetime, **more: Any) -> None:
    side = more.pop("side", None) or SIDES.get(name.partition("_")[0], Side.SCHOOL)
    until = {"answer_by": at + timedelta(days=7)} if name in {"release", "invite"} else {}
    proposal.move(name, side=side, by=None, **until, **more).at = at


def propose(need: Need, offer: Offer, starts: datetime | None, **more: Any) -> Proposal:
    ends = starts + timedelta(minutes=more.pop("minutes", 60)) if starts else None
    host: Professional | None = more.pop("host", None)
    return add(
        Proposal(
            need_id=need.id,
            offer_id=offer.id,
            region_id=need.region_id,
            professional_id=host.id if host else None,
            starts_at=starts,
            ends_at=ends,
            **more,
        )
    )


def agree(proposal: Proposal, at: datetime) -> Proposal:
    for name in AGREED:
        step(proposal, name, at)
    proposal.confirmed_at = at
    return proposal


def hold(
    need: Need, offer: Offer, starts: datetime | None, *, attended: int | None = 25, **more: Any
) -> Proposal:
    """Agreed four weeks before, held, and the pupils counted."""
    agreed = more.pop("agreed", None) or (starts or day(9, 1)) - timedelta(days=28)
    proposal = agree(propose(need, offer, starts, **more), agreed)
    step(proposal, "deliver", starts or agreed)
    add(Visit(proposal_id=proposal.id, calendar_uid=f"v{proposal.id}", attended=attended))
    db.session.flush()
    return proposal
