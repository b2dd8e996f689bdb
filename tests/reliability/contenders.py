"""Many who want the same thing at once: scenes, contenders in threads and processes, a recount."""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.synchronize import Barrier as ProcessBarrier
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text, update

from matcher import clock
from matcher.errors import DomainError
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.offer import OfferKind
from matcher.models.outbox import OutboxMail
from matcher.models.professional import ClaimedQuarter, Load, Slot
from matcher.models.proposal import Proposal
from matcher.models.visit import Visit
from matcher.proposals import service
from tests.cast import Cast, add, in_days, make_need, make_offer, make_slot
from tests.proposals.scenes import suggest

PROCESSES = 4
CAP = 5
SEATS = 30
Contend = Callable[[int, Any], str]


@dataclass(frozen=True)
class Scene:
    """What is contended for, and how many may have it."""

    name: str
    winners: int
    proposals: list[int]


# ---- scenes -------------------------------------------------------------------------------------
def one_slot(cast: Cast, writers: int) -> Scene:
    return _scene("one slot", 1, cast, [cast.slot] * writers, cast.lecture)


def overlapping(cast: Cast, writers: int) -> Scene:
    """Slots of one person that all touch the same quarter of an hour."""
    start, step = in_days(120, 9), max(1, 2_400 // writers)
    slots = [
        make_slot(cast.dirk_professional, start + timedelta(seconds=step * n))
        for n in range(writers)
    ]
    return _scene("overlapping slots", 1, cast, slots, cast.lecture)


def seats(cast: Cast, writers: int) -> Scene:
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR, max_group=None)
    start = in_days(30, 13)
    end = start + timedelta(minutes=50)
    date = add(Slot(offer_id=webinar.id, starts_at=start, ends_at=end, seats=SEATS))
    writers = writers if writers < SEATS else 2 * SEATS
    return _scene("seats", min(SEATS, writers), cast, [date] * writers, webinar)


def month_cap(cast: Cast, writers: int) -> Scene:
    cast.dirk_professional.month_cap, cast.dirk_professional.term_cap = CAP, 100
    return _adjacent(cast, writers)


def term_cap(cast: Cast, writers: int) -> Scene:
    cast.dirk_professional.month_cap, cast.dirk_professional.term_cap = 31, CAP
    return _adjacent(cast, writers)


def company_cap(cast: Cast, writers: int) -> Scene:
    cast.dirk_professional.month_cap, cast.dirk_professional.term_cap = 31, 100
    cast.windwerk.term_cap = CAP
    return _adjacent(cast, writers)


def _adjacent(cast: Cast, writers: int) -> Scene:
    """Quarters of an hour one after the other on one day: only the load limit refuses."""
    short = make_offer(
        cast.windwerk, title="Kort", minutes=15, professionals=[cast.dirk_professional]
    )
    start = in_days(120, 6)
    slots = [
        make_slot(cast.dirk_professional, start + timedelta(minutes=15 * n), 15)
        for n in range(writers)
    ]
    return _scene("load", min(CAP, writers), cast, slots, short)


def _scene(name: str, winners: int, cast: Cast, slots: Sequence[Slot], offer: Any) -> Scene:
    """One need per contender, each with the company's yes: the school's yes confirms."""
    scene = Scene(name, winners, [half_agreed(cast, offer, slot).id for slot in slots])
    db.session.commit()  # and nothing is read after it: an open transaction is SQLite's lock
    return scene


def half_agreed(cast: Cast, offer: Any, slot: Slot) -> Proposal:
    proposal = suggest(make_need(cast.anna, cast.lorentz), offer, slot)
    until = clock.now() + timedelta(days=7)
    proposal.move("release", side=Side.SYSTEM, by=None, answer_by=until)
    proposal.move("company_accept", side=Side.COMPANY, by=None)
    return proposal


# ---- contenders ---------------------------------------------------------------------------------
def answer(proposal_id: int, ready: Any) -> str:
    """The school's yes, as the page's door does it: one transaction, rolled back when refused."""
    ready.wait()
    try:
        proposal = db.session.get_one(Proposal, proposal_id)
        teacher = db.session.get_one(Person, proposal.need.teacher_id)
        service.accept(proposal, side=Side.SCHOOL, by=teacher)
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        return type(refusal).__name__
    return "confirmed"


def look_then_write(proposal_id: int, ready: Any) -> str:
    """The control: look whether it is free, then write, as one would without the guards."""
    proposal = db.session.get_one(Proposal, proposal_id)
    slot, host = proposal.slot, proposal.professional_id
    day = clock.local(proposal.starts_at).date()
    holder = f"professional:{host}"
    load = db.session.get(Load, (holder, clock.month(day)))
    confirmed = (
        select(func.count())
        .select_from(Proposal)
        .where(
            Proposal.professional_id == host,
            Proposal.starts_at < proposal.ends_at,
            Proposal.ends_at > proposal.starts_at,
            Proposal.state == ProposalState.CONFIRMED,
        )
    )
    free = slot.taken < slot.seats and (load is None or load.taken < CAP)
    if host is not None:
        free = free and not db.session.scalar(confirmed)
    slot_id, seen = slot.id, slot.taken
    db.session.rollback()
    ready.wait()
    if not free:
        return "Taken"
    db.session.execute(update(Slot).where(Slot.id == slot_id).values(taken=seen + 1))
    db.session.execute(
        text("UPDATE proposal SET state = 'confirmed', confirmed_at = created_at WHERE id = :id"),
        {"id": proposal_id},
    )
    db.session.commit()
    return "confirmed"


def in_threads(app: Flask, scene: Scene, contend: Contend = answer) -> Counter[str]:
    """Everybody at once, each with a session of their own."""
    ready = threading.Barrier(len(scene.proposals))

    def enter(proposal_id: int) -> str:
        with app.app_context():
            try:
                return contend(proposal_id, ready)
            except Exception as error:
                ready.abort()
                return repr(error)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(scene.proposals)) as pool:
        return Counter(pool.map(enter, scene.proposals))


class Crowd:
    """A few processes that all start at the same moment; kept for a whole module."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(
            PROCESSES,
            mp_context=context,
            initializer=_arrive,
            initargs=(context.Barrier(PROCESSES),),
        )

    def contend(self, url: str, scene: Scene) -> Counter[str]:
        shares = [scene.proposals[n::PROCESSES] for n in range(PROCESSES)]
        found: Counter[str] = Counter()
        for outcome in self._pool.map(_process, [url] * PROCESSES, shares):
            found += outcome
        return found

    def leave(self) -> None:
        self._pool.shutdown()


_gate: list[ProcessBarrier] = []  # one per process of a crowd, given when it starts


def _arrive(barrier: ProcessBarrier) -> None:
    _gate.append(barrier)


def _process(url: str, proposals: list[int]) -> Counter[str]:
    """One process of a crowd: its own application, its own connections, some threads."""
    with tempfile.TemporaryDirectory() as folder:
        app = crowded_app(url, Path(folder))
        _gate[0].wait(60)
        outcome = in_threads(app, Scene("", 0, proposals))
        with app.app_context():
            db.engine.dispose()
    return outcome


def crowded_app(url: str, folder: Path) -> Flask:
    """The service with a connection for every contender."""
    from tests.conftest import build_app

    return build_app(url, folder, SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 50, "pool_timeout": 60})


# ---- recount ------------------------------------------------------------------------------------
def recount() -> dict[str, int]:
    """What the tables say now, counted from the proposals; zero wherever nothing is wrong."""
    db.session.rollback()
    confirmed = db.session.scalars(
        select(Proposal).where(Proposal.state == ProposalState.CONFIRMED)
    ).all()
    seats_taken = Counter(p.slot_id for p in confirmed)
    counters = dict(db.session.execute(select(Slot.id, Slot.taken).where(Slot.taken > 0)).all())
    quarters = sum(
        -(-int(p.ends_at.timestamp()) // 900) - int(p.starts_at.timestamp()) // 900
        for p in confirmed
        if not p.shares_slot
    )
    told = select(func.count()).select_from(OutboxMail)
    return {
        "confirmed": len(confirmed),
        "visits missing": len(confirmed) - _count(Visit),
        "wrong slot counters": len(counters.items() ^ seats_taken.items()),
        "wrong quarters": quarters - _count(ClaimedQuarter),
        "wrong loads": _wrong_loads(list(confirmed)),
        "mails missing": len(confirmed)
        - (db.session.scalar(told.where(OutboxMail.message == "school_confirmed")) or 0),
    }


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _wrong_loads(confirmed: list[Proposal]) -> int:
    expected: Counter[tuple[str, str]] = Counter()
    for proposal in confirmed:
        if proposal.shares_slot:
            continue
        day = clock.local(proposal.starts_at).date()
        expected[f"professional:{proposal.professional_id}", clock.month(day)] += 1
        expected[f"professional:{proposal.professional_id}", clock.term(day)] += 1
        expected[f"company:{proposal.offer.company_id}", clock.term(day)] += 1
    rows = select(Load.holder, Load.period, Load.taken).where(Load.taken > 0)
    found = {(holder, period): taken for holder, period, taken in db.session.execute(rows)}
    return len(found.items() ^ expected.items())
