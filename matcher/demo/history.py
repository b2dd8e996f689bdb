"""The demo's past and present: proposals walked into every state through the service's verbs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.organisation import Region
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import claims, service


def play(region: Region, coordinator: Person) -> None:
    """Take a finished run's suggestions through every state there is."""
    waiting = list(
        db.session.scalars(
            select(Proposal)
            .where(Proposal.region_id == region.id, Proposal.state == ProposalState.SUGGESTED)
            .order_by(Proposal.score.desc(), Proposal.id)
        )
    )
    dated = [p for p in waiting if p.starts_at is not None]
    scenes = (_asked, _asked, _school_yes, _company_yes, _confirmed, _confirmed, _declined)
    endings = (_cancelled, _delivered, _expired, _withdrawn, _not_held)
    for scene, proposal in zip(scenes + endings, dated, strict=False):
        db.session.refresh(proposal)
        if proposal.state == ProposalState.SUGGESTED:
            service.release(proposal, by=coordinator)
            db.session.flush()
            scene(proposal)
            db.session.flush()


def _teacher(proposal: Proposal) -> Person:
    return proposal.need.teacher


def _host(proposal: Proposal) -> Person | None:
    return proposal.professional.person if proposal.professional else None


def _asked(proposal: Proposal) -> None:
    """Nobody has answered yet."""


def _school_yes(proposal: Proposal) -> None:
    service.accept(proposal, side=Side.SCHOOL, by=_teacher(proposal))


def _company_yes(proposal: Proposal) -> None:
    service.accept(proposal, side=Side.COMPANY, by=_host(proposal))


def _confirmed(proposal: Proposal) -> None:
    _school_yes(proposal)
    if proposal.state == ProposalState.SCHOOL_YES:
        _company_yes(proposal)


def _declined(proposal: Proposal) -> None:
    service.decline(
        proposal,
        side=Side.COMPANY,
        by=_host(proposal),
        reasons=["date"],
        note="Die week ben ik op een beurs.",
    )


def _cancelled(proposal: Proposal) -> None:
    _confirmed(proposal)
    service.cancel(
        proposal,
        side=Side.SCHOOL,
        by=_teacher(proposal),
        reasons=["date"],
        note="Toetsweek verplaatst.",
    )


def _withdrawn(proposal: Proposal) -> None:
    service.withdraw(proposal, side=Side.SCHOOL, by=_teacher(proposal))


def _expired(proposal: Proposal) -> None:
    proposal.answer_by = clock.now() - timedelta(hours=1)
    db.session.flush()
    service.expire_due()


def _delivered(proposal: Proposal) -> None:
    _confirmed(proposal)
    visit = db.session.scalar(select(Visit).where(Visit.proposal_id == proposal.id))
    _move_to_past(proposal)
    proposal.move("deliver", side=Side.SCHOOL, by=_teacher(proposal))
    if visit is not None:
        visit.attended = proposal.need.group_size


def _not_held(proposal: Proposal) -> None:
    _confirmed(proposal)
    _move_to_past(proposal)
    proposal.move("not_held", side=Side.SCHOOL, by=_teacher(proposal), reasons=["illness"])


def _move_to_past(proposal: Proposal) -> None:
    """A demo has no patience: what was agreed for next month happened last month."""
    claims.release(proposal)
    if proposal.starts_at and proposal.ends_at:
        back = timedelta(weeks=9)
        proposal.starts_at, proposal.ends_at = proposal.starts_at - back, proposal.ends_at - back
        if proposal.slot and not proposal.shares_slot:
            proposal.slot.starts_at, proposal.slot.ends_at = proposal.starts_at, proposal.ends_at
    claims.claim(proposal)
