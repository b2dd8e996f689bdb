"""A person's own calendar to subscribe to: its secret address, and the visits in it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from matcher import clock
from matcher.accounts.links import hashed
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import ProposalState
from matcher.models.need import Need
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal, ProposalMove
from matcher.models.visit import Visit
from matcher.proposals import queries

MOST = 500  # entries of one calendar
PAST_KEPT = timedelta(days=60)
CANCELLED_KEPT = timedelta(days=30)  # long enough for every calendar program to have taken it out
_STANDS = (ProposalState.CONFIRMED, ProposalState.DELIVERED)
_GONE = (ProposalState.CANCELLED, ProposalState.NOT_HELD)


def new_secret(person: Person) -> str:
    """A new secret for the address; the one before opens nothing any more. Only a hash is kept."""
    secret = secrets.token_urlsafe(32)
    person.calendar_token_hash = hashed(secret)
    return secret


def end_secret(person: Person) -> None:
    person.calendar_token_hash = None


def owner_of(secret: str) -> Person | None:
    """Whose calendar this is; nobody's once it was ended or its owner blocked."""
    found = select(Person).where(
        Person.calendar_token_hash == hashed(secret), Person.blocked_at.is_(None)
    )
    return db.session.scalar(found)


def visits_of(person: Person) -> Sequence[Visit]:
    """The person's visits, a coordinator's whole regions': past, to come, and just cancelled."""
    mine = queries.of_person(person).order_by(None).with_only_columns(Proposal.id)
    regions = [g.region_id for g in person.grants if g.role == Role.COORDINATOR]
    just_gone = exists().where(
        ProposalMove.proposal_id == Proposal.id,
        ProposalMove.target.in_(_GONE),
        ProposalMove.at >= clock.now() - CANCELLED_KEPT,
    )
    recent = or_(Proposal.starts_at.is_(None), Proposal.ends_at >= clock.now() - PAST_KEPT)
    found = (
        select(Visit)
        .join(Proposal, Proposal.id == Visit.proposal_id)
        .where(
            or_(Proposal.id.in_(mine), Proposal.region_id.in_(regions)),
            or_(
                and_(Proposal.state.in_(_STANDS), recent),
                and_(Proposal.state.in_(_GONE), just_gone),
            ),
        )
        .options(*_shown())
        .order_by(Proposal.starts_at.desc(), Visit.id.desc())
        .limit(MOST)
    )
    return db.session.scalars(found).unique().all()


def _shown() -> list[ExecutableOption]:
    """What an entry tells, in a fixed number of queries."""
    proposal = joinedload(Visit.proposal)
    need = proposal.joinedload(Proposal.need)
    return [
        need.joinedload(Need.school),
        proposal.joinedload(Proposal.offer),
        proposal.joinedload(Proposal.region).joinedload(Region.programme),
        proposal.selectinload(Proposal.moves),
    ]
