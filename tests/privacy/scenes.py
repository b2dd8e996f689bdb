"""A person who has done everything, each of their columns marked with a word of its own."""

from __future__ import annotations

from sqlalchemy import JSON, func, select, update

from matcher import clock
from matcher.accounts import links, sessions
from matcher.extensions import db
from matcher.models.account import ForeignIdentity, LinkPurpose, Person, SecondFactor
from matcher.models.busy import BusyCalendar
from matcher.models.event import Event, Registration
from matcher.models.hand_in import HandIn
from matcher.models.moderation import ReportReason, ReportState, TextReport
from matcher.models.moves import Side
from matcher.models.proposal import PairRule, RuleKind
from matcher.models.visit import Feedback, Message, Report, Visit
from matcher.privacy.registry import HOLDINGS, Holding
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.proposals import scenes


def busy_year(cast: Cast) -> Person:
    """Anna, who teaches, lectures too, and has left something in every table that knows people."""
    anna = cast.anna
    past = scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
    visit = db.session.scalars(select(Visit).where(Visit.proposal_id == past.id)).one()
    signed = {"visit_id": visit.id, "by_id": anna.id}
    add(Report(side=Side.SCHOOL, held=True, reasons=[], **signed))
    add(Feedback(side=Side.SCHOOL, marks={"content": 5}, **signed))
    add(Message(proposal_id=visit.proposal_id, side=Side.SCHOOL, by_id=anna.id, words="See you"))
    add(
        TextReport(
            region_id=cast.region.id,
            offer_id=cast.lecture.id,
            by_id=anna.id,
            reason=ReportReason.WRONG,
            state=ReportState.DISMISSED,
            decided_by_id=anna.id,
            decided_at=clock.now(),
        )
    )
    add(HandIn(visit_id=visit.id, words="Ons model", links=[], by_id=anna.id))
    sessions.start(anna, browser="Firefox")
    add(SecondFactor(person_id=anna.id, sealed="sealed", recovery=["hash"]))
    add(ForeignIdentity(issuer="https://school.example", subject="anna", person_id=anna.id))
    links.make(LinkPurpose.SIGN_IN, anna.email, person=anna, details={"next": "/needs"})
    add(
        PairRule(
            need_id=cast.need.id,
            offer_id=cast.lecture.id,
            kind=RuleKind.PIN,
            by_id=anna.id,
            reason="asked for",
        )
    )
    event = add(
        Event(
            region_id=cast.region.id,
            kind="webinar",
            title="Webinar",
            starts_at=in_days(20),
            ends_at=in_days(20, 11),
            seats=30,
        )
    )
    add(Registration(event_id=event.id, person_id=anna.id, state="registered"))
    cast.els_professional.person_id = anna.id
    add(
        BusyCalendar(
            professional_id=cast.els_professional.id, sealed="kanarieAgenda", host="kanarieHost"
        )
    )
    db.session.flush()
    return anna


def open_work(cast: Cast) -> None:
    """What of hers still waits: a second request that a company has been asked for."""
    need = make_need(cast.anna, cast.lorentz, title="Nog een les")
    offer = make_offer(cast.windwerk, professionals=[cast.dirk_professional])
    scenes.ask(cast, need, offer, make_slot(cast.dirk_professional, in_days(30, 11)))


def mark(person: Person, sound: str = "kanarie") -> dict[str, str]:
    """Write a word of its own into each personal column of their rows; where -> word."""
    db.session.flush()
    words: dict[str, str] = {}
    for holding in HOLDINGS:
        for column in holding.columns:
            word = f"{sound}{len(words):02d}x"
            if _write(holding, column, word, person.id):
                words[f"{holding.table}.{column}"] = word
    db.session.expire_all()
    return words


def _write(holding: Holding, column: str, word: str, person_id: int) -> bool:
    table = db.metadata.tables[holding.table]
    theirs = table.c[holding.owner] == person_id
    value: object = {"word": word} if isinstance(table.c[column].type, JSON) else word
    if column in {"email", "to_address"}:
        value = f"{word}@example.nl"
    if not db.session.scalar(select(func.count()).select_from(table).where(theirs)):
        return False
    if column in {"holder", "subject"} and holding.table in {"personal_link", "foreign_identity"}:
        return False  # keys of their own
    db.session.execute(update(table).where(theirs).values({column: value}))
    return True


def everything() -> str:
    """Every row of every table as text."""
    tables = db.metadata.sorted_tables
    return "\n".join(f"{t.name}: {row}" for t in tables for row in db.session.execute(select(t)))
