"""Texts under a coordinator's eye: what readers report, and first offers that wait to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from matcher import clock, mail, policies
from matcher.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import write_journal
from matcher.models.moderation import ReportReason, ReportState, TextReport
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.proposal import Proposal
from matcher.needs import service as needs
from matcher.offers import service as offers
from matcher.organisations.contacts import contacts_of

MOST_LOOKED_AT = 50


# ---- readers ------------------------------------------------------------------------------------
def may_read(person: Person, text: Offer | Need) -> bool:
    """Whether this text is shown to them: an open offer to everybody, a need to its two sides."""
    if isinstance(text, Offer):
        return text.state == OfferState.PUBLISHED or policies.may_edit_offer(person, text)
    if policies.may_see_need(person, text):
        return True
    found = select(Proposal).where(Proposal.need_id == text.id).order_by(Proposal.id.desc())
    asked = db.session.scalars(found.limit(MOST_LOOKED_AT))
    return any(policies.may_see_proposal(person, proposal) for proposal in asked)


def report(text: Offer | Need, reason: ReportReason, note: str, *, by: Person) -> TextReport:
    """Tell the coordinator of a text; each reader once while it is open."""
    if not may_read(by, text):
        raise NotFound(_l("There is no such text."))
    made = TextReport(region_id=text.region_id, by_id=by.id, reason=reason, note=note)
    _about(made, text)
    standing = _open_on(text).where(TextReport.by_id == by.id)
    if db.session.scalar(standing.limit(1)) is not None:
        raise Taken(_l("You have reported this already. The coordinator looks at it."))
    db.session.add(made)
    db.session.flush()
    return made


def _about(made: TextReport, text: Offer | Need) -> None:
    if isinstance(text, Offer):
        made.offer_id = text.id
    else:
        made.need_id = text.id


def _open_on(text: Offer | Need) -> Select[TextReport]:
    column = TextReport.offer_id if isinstance(text, Offer) else TextReport.need_id
    found = select(TextReport).where(column == text.id, TextReport.state == ReportState.OPEN)
    return found.order_by(TextReport.id)


# ---- what waits ---------------------------------------------------------------------------------
def open_reports(region_ids: Collection[int]) -> Select[TextReport]:
    """Oldest first."""
    return (
        select(TextReport)
        .where(TextReport.region_id.in_(region_ids), TextReport.state == ReportState.OPEN)
        .options(
            joinedload(TextReport.offer).joinedload(Offer.company),
            joinedload(TextReport.need).joinedload(Need.school),
            joinedload(TextReport.by),
        )
        .order_by(TextReport.id)
    )


def held_offers(region_ids: Collection[int]) -> Select[Offer]:
    """Offers that wait to be read before schools see them; oldest first."""
    return (
        select(Offer)
        .where(Offer.region_id.in_(region_ids), Offer.state == OfferState.REVIEW)
        .options(joinedload(Offer.company))
        .order_by(Offer.id)
    )


def waiting(region_ids: Collection[int]) -> dict[int, int]:
    """How much waits for the coordinator, by region; two queries."""
    counted: Counter[int] = Counter()
    reports = select(TextReport.region_id, func.count()).where(
        TextReport.region_id.in_(region_ids), TextReport.state == ReportState.OPEN
    )
    held = select(Offer.region_id, func.count()).where(
        Offer.region_id.in_(region_ids), Offer.state == OfferState.REVIEW
    )
    for rows in (reports.group_by(TextReport.region_id), held.group_by(Offer.region_id)):
        for region_id, number in db.session.execute(rows):
            counted[region_id] += number
    return dict(counted)


# ---- the coordinator's word ---------------------------------------------------------------------
def release(offer: Offer, *, by: Person) -> None:
    """Read and found right: schools see it from now on, and its company hears so."""
    _insist(by, offer)
    if offer.state != OfferState.REVIEW:
        raise WrongState(_l("This offer no longer waits to be read."))
    offers.release(offer, by=by)
    write_journal("release_text", offer, by=by)
    _tell_company(offer, "released", "")


def refuse(offer: Offer, reason: str, *, by: Person) -> None:
    """Back to its company as a draft, with what should change."""
    _insist(by, offer)
    _insist_on_reason(reason)
    if offer.state != OfferState.REVIEW:
        raise WrongState(_l("This offer no longer waits to be read."))
    offer.state = OfferState.DRAFT
    write_journal("refuse_text", offer, by=by, changes={"reason": ["", reason]})
    _tell_company(offer, "refused", reason)


def uphold(told: TextReport, reason: str, *, by: Person) -> None:
    """The text goes: an offer waits to be read again, a need is withdrawn; its writer hears why."""
    text = told.offer or told.need
    assert text is not None  # the table's constraint
    _insist(by, text)
    _insist_on_reason(reason)
    _still_open(told)
    if isinstance(text, Offer):
        if text.state in {OfferState.PUBLISHED, OfferState.PAUSED}:
            text.state = OfferState.REVIEW
        _tell_company(text, "held", reason)
    else:
        if text.state == NeedState.OPEN:
            needs.withdraw(text, by=by, reasons=["other"], note=reason)
        _tell(text.teacher, text, "withdrawn", reason, path=f"/needs/{text.id}")
    write_journal("uphold_report", text, by=by, changes={"reason": ["", reason]})
    for one in db.session.scalars(_open_on(text).limit(500)):
        _decide(one, ReportState.UPHELD, reason, by=by)


def dismiss(told: TextReport, reason: str, *, by: Person) -> None:
    """The text may stay."""
    text = told.offer or told.need
    assert text is not None
    _insist(by, text)
    _still_open(told)
    _decide(told, ReportState.DISMISSED, reason, by=by)


def _decide(told: TextReport, state: ReportState, reason: str, *, by: Person) -> None:
    told.state, told.decision = state, reason
    told.decided_by_id, told.decided_at = by.id, clock.now()


def _insist(by: Person, text: Offer | Need) -> None:
    if not policies.may_coordinate(by, text.region):
        raise NotAllowed(_l("Only a coordinator of this region can do this."))


def _insist_on_reason(reason: str) -> None:
    if not reason:
        raise Invalid(_l("Say why; the writer reads it."), field="reason")


def _still_open(told: TextReport) -> None:
    if told.state != ReportState.OPEN:
        raise WrongState(_l("Somebody has decided on this already."))


def _tell_company(offer: Offer, deed: str, reason: str) -> None:
    for contact in contacts_of(offer.company):
        _tell(contact, offer, deed, reason, path=f"/offers/{offer.id}")


def _tell(person: Person, text: Offer | Need, deed: str, reason: str, *, path: str) -> None:
    key = f"moderated:{type(text).__name__}:{text.id}:{deed}:{clock.now().isoformat()}:{person.id}"
    mail.queue("moderated", person, key=key, path=path, title=text.title, deed=deed, reason=reason)
