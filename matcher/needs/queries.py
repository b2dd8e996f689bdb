"""What the school's pages read: a teacher's needs, what fits so far, what would help."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, Text, cast, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.models.moves import WAITING, ProposalState
from matcher.models.need import Need, NeedState, PlaceKind
from matcher.models.offer import Offer, OfferState
from matcher.models.organisation import School
from matcher.models.proposal import Proposal

WEEKS_AHEAD = 3
ENOUGH_GOAL = 60  # letters


def needs_of(person: Person) -> Select[Need]:
    """A teacher's needs, those that ask for something first."""
    order = (Need.state == NeedState.OPEN).desc(), Need.changed_at.desc(), Need.id.desc()
    return (
        select(Need)
        .where(Need.teacher_id == person.id)
        .options(joinedload(Need.school), selectinload(Need.windows))
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


def suggested_count(need: Need) -> int:
    """Proposals the coordinator still has to release."""
    counted = select(func.count()).where(
        Proposal.need_id == need.id, Proposal.state == ProposalState.SUGGESTED
    )
    return db.session.scalar(counted) or 0


def offers_that_fit(need: Need) -> int:
    """Published offers that pass by kind, language, place, size, level and subject alone."""
    found = select(func.count()).select_from(Offer).where(Offer.state == OfferState.PUBLISHED)
    if need.kinds:
        found = found.where(Offer.kind.in_(need.kinds))
    if need.place != PlaceKind.BOTH:
        found = found.where(Offer.place.in_([need.place, PlaceKind.BOTH]))
    if need.group_size:
        found = found.where(or_(Offer.max_group.is_(None), Offer.max_group >= need.group_size))
    if need.languages:
        found = found.where(or_(*(_lists(Offer.languages, code) for code in need.languages)))
    for column, codes in ((Offer.subjects, [need.subject]), (Offer.levels, need.levels)):
        wanted = [_lists(column, code) for code in codes if code]
        if wanted:
            found = found.where(or_(*wanted, cast(column, Text) == "[]"))
    return db.session.scalar(found) or 0


def _lists(column, code: str):  # type: ignore[no-untyped-def]
    """Whether a JSON list holds a code; the same on both databases."""
    return cast(column, Text).contains(f'"{code}"', autoescape=True)


@dataclass(frozen=True)
class Tip:
    """One thing that would make the request better, and whether it is done."""

    text: object
    done: bool


def meter(need: Need) -> list[Tip]:
    """What makes a company say yes: goal, hook, what the class knows, choice of days, notice."""
    first = min((w.starts_at for w in need.windows), default=None)
    early = first is not None and (first - clock.now()).days >= WEEKS_AHEAD * 7
    return [
        Tip(_l("The goal is told in a sentence or two."), len(need.goal) >= ENOUGH_GOAL),
        Tip(_l("The chapter and what the class knows already are told."), bool(need.hook)),
        Tip(_l("There are at least two days to choose from."), len(need.windows) >= 2),
        Tip(_l("The first day is at least three weeks ahead."), early),
        Tip(_l("More than one kind of visit is welcome."), len(need.kinds) >= 2),
        Tip(_l("The mix of the class is described."), bool(need.class_profile)),
    ]
