"""Tables of what happened in regions: availability, proposals, visits, partnerships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matcher.exchange.names import own_number
from matcher.exchange.writing import Sheet
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.organisation import Company, Partnership, School
from matcher.models.professional import Professional, Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit

BATCH = 500


def happened(ids: Sequence[int], zone: ZoneInfo) -> list[Sheet]:
    """In these regions, oldest first."""
    return [
        _availability(ids, zone),
        _proposals(ids, zone),
        _moves(ids, zone),
        _visits(ids),
        _partnerships(ids),
    ]


def _each(found: Select[Any]) -> Iterator[Any]:
    yield from db.session.scalars(found.execution_options(yield_per=BATCH))


def _at(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment is not None else ""


def _availability(ids: Sequence[int], zone: ZoneInfo) -> Sheet:
    heading = [_("Company"), _("Professional"), _("From"), _("Until"), _("Taken"), _("Withdrawn")]
    found = (
        select(Slot)
        .join(Slot.professional)
        .join(Professional.company)
        .where(Company.region_id.in_(ids))
        .options(joinedload(Slot.professional).joinedload(Professional.company))
        .order_by(Slot.starts_at, Slot.id)
    )
    rows = [
        [
            slot.professional.company.name,
            slot.professional.email,
            _at(slot.starts_at, zone),
            _at(slot.ends_at, zone),
            slot.taken,
            _at(slot.withdrawn_at, zone),
        ]
        for slot in _each(found)
    ]
    return Sheet(_("Availability"), heading, rows)


def _proposals(ids: Sequence[int], zone: ZoneInfo) -> Sheet:
    heading = [
        _("Proposal"),
        _("Request"),
        _("Offer"),
        _("State"),
        _("From"),
        _("Until"),
        _("Professional"),
        _("Score"),
    ]
    heading += [_("Answer by"), _("Agreed on"), _("Made on")]
    found = (
        select(Proposal)
        .where(Proposal.region_id.in_(ids))
        .options(
            joinedload(Proposal.need),
            joinedload(Proposal.offer),
            joinedload(Proposal.professional),
        )
        .order_by(Proposal.id)
    )
    rows = [
        [
            proposal.id,
            proposal.need.reference or own_number(proposal.need_id),
            proposal.offer.reference or own_number(proposal.offer_id),
            proposal.state.value,
            _at(proposal.starts_at, zone),
            _at(proposal.ends_at, zone),
            proposal.professional.email if proposal.professional else "",
            round(proposal.score, 4),
            _at(proposal.answer_by, zone),
            _at(proposal.confirmed_at, zone),
            _at(proposal.created_at, zone),
        ]
        for proposal in _each(found)
    ]
    return Sheet(_("Proposals"), heading, rows)


def _moves(ids: Sequence[int], zone: ZoneInfo) -> Sheet:
    heading = [_("Proposal"), _("When"), _("Step"), _("From state"), _("To state"), _("Side")]
    heading += [_("Reasons"), _("Note")]
    found = (
        select(Proposal)
        .where(Proposal.region_id.in_(ids))
        .options(selectinload(Proposal.moves))
        .order_by(Proposal.id)
    )
    rows = [
        [
            proposal.id,
            _at(move.at, zone),
            move.name,
            move.source.value,
            move.target.value,
            move.side.value if move.side else "",
            list(move.reasons or []),
            move.note,
        ]
        for proposal in _each(found)
        for move in proposal.moves
    ]
    return Sheet(_("Steps"), heading, rows)


def _visits(ids: Sequence[int]) -> Sheet:
    heading = [
        _("Proposal"),
        _("Pupils"),
        _("Held, says the school"),
        _("Held, says the company"),
        _("Marks of the school"),
        _("Words of the school"),
        _("Marks of the company"),
        _("Words of the company"),
    ]
    found = (
        select(Visit)
        .join(Visit.proposal)
        .where(Proposal.region_id.in_(ids))
        .options(selectinload(Visit.reports), selectinload(Visit.feedback))
        .order_by(Visit.proposal_id)
    )
    return Sheet(_("Visits"), heading, [_visit(visit) for visit in _each(found)])


def _visit(visit: Visit) -> list[Any]:
    held = {report.side: report.held for report in visit.reports}
    back = {feedback.side: feedback for feedback in visit.feedback}
    row: list[Any] = [visit.proposal_id, visit.attended]
    row += [held.get(Side.SCHOOL), held.get(Side.COMPANY)]
    for side in (Side.SCHOOL, Side.COMPANY):
        told = back.get(side)
        row += [told.marks if told else None, told.words if told else ""]
    return row


def _partnerships(ids: Sequence[int]) -> Sheet:
    heading = [_("School"), _("Company"), _("State"), _("From"), _("Until"), _("Plan")]
    heading += [_("Activities")]
    found = (
        select(Partnership)
        .join(Partnership.school)
        .join(Partnership.company)
        .where(or_(School.region_id.in_(ids), Company.region_id.in_(ids)))
        .options(
            joinedload(Partnership.school),
            joinedload(Partnership.company),
            selectinload(Partnership.activities),
        )
        .order_by(Partnership.id)
    )
    rows = [
        [
            one.school.register_code,
            one.company.name,
            one.state.value,
            one.starts_on,
            one.ends_on,
            one.plan,
            [f"{activity.month} {activity.title}" for activity in one.activities],
        ]
        for one in _each(found)
    ]
    return Sheet(_("Partnerships"), heading, rows)
