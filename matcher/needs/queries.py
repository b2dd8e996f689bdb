"""What the school's pages read: a teacher's needs, and what lives for them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload, selectinload

from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import WAITING, ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer
from matcher.models.organisation import School
from matcher.models.proposal import Proposal

ENDED_UNHELD = frozenset(
    {
        ProposalState.DECLINED,
        ProposalState.EXPIRED,
        ProposalState.WITHDRAWN,
        ProposalState.CANCELLED,
    }
)


def needs_of(person: Person) -> Select[Need]:
    """A teacher's needs, those that ask for something first."""
    order = (Need.state == NeedState.OPEN).desc(), Need.changed_at.desc(), Need.id.desc()
    return (
        select(Need)
        .where(Need.teacher_id == person.id, ~is_blank())
        .options(joinedload(Need.school), joinedload(Need.region), selectinload(Need.windows))
        .order_by(*order)
    )


def schools_of(person: Person) -> list[School]:
    """Where this person teaches."""
    ids = [g.school_id for g in person.grants if g.role == Role.TEACHER]
    found = select(School).where(School.id.in_(ids)).order_by(School.name, School.id)
    return list(db.session.scalars(found))


def live_proposals(needs: list[Need]) -> dict[int, list[Proposal]]:
    """Proposals the teacher may see, by need, in one query."""
    shown = WAITING | {ProposalState.CONFIRMED, ProposalState.DELIVERED}
    found = (
        select(Proposal)
        .where(Proposal.need_id.in_([need.id for need in needs]), Proposal.state.in_(shown))
        .options(joinedload(Proposal.offer).joinedload(Offer.company))
        .order_by(Proposal.need_id, Proposal.id)
    )
    by_need: dict[int, list[Proposal]] = {need.id: [] for need in needs}
    for proposal in db.session.scalars(found):
        by_need[proposal.need_id].append(proposal)
    return by_need


def suggested_counts(needs: list[Need]) -> dict[int, int]:
    """By need, how many proposals the coordinator still has to release."""
    counted = (
        select(Proposal.need_id, func.count())
        .where(
            Proposal.need_id.in_([need.id for need in needs]),
            Proposal.state == ProposalState.SUGGESTED,
        )
        .group_by(Proposal.need_id)
    )
    return {row[0]: row[1] for row in db.session.execute(counted)}


def ended_proposals(need: Need) -> list[Proposal]:
    """What was asked for this need and came to nothing, the latest first; at most ten."""
    found = (
        select(Proposal)
        .where(Proposal.need_id == need.id, Proposal.state.in_(ENDED_UNHELD))
        .options(joinedload(Proposal.offer).joinedload(Offer.company), selectinload(Proposal.moves))
        .order_by(Proposal.id.desc())
    )
    return list(db.session.scalars(found.limit(10)))


def latest_need_of(person: Person, school: School) -> Need | None:
    """What this teacher last asked for at this school, as far as it was written."""
    found = select(Need).where(
        Need.teacher_id == person.id, Need.school_id == school.id, Need.title != ""
    )
    return db.session.scalars(found.order_by(Need.changed_at.desc(), Need.id.desc())).first()


def blank_draft_of(person: Person) -> Need | None:
    """A draft of this teacher in which nothing was ever written."""
    found = select(Need).where(Need.teacher_id == person.id, is_blank())
    return db.session.scalars(found.order_by(Need.id.desc()).limit(1)).first()


def is_blank() -> ColumnElement[bool]:
    return and_(
        Need.state == NeedState.DRAFT,
        Need.title == "",
        Need.goal == "",
        Need.hook == "",
        Need.group_size.is_(None),
        ~Need.windows.any(),
    )
