"""Each thing is forgotten when the privacy page says, and not a day before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.journal import JournalEntry, write_journal
from matcher.models.moves import Side
from matcher.models.outbox import OutboxMail
from matcher.models.run import MatchRun, RunState
from matcher.models.visit import Message, Visit
from matcher.privacy import retention
from tests.cast import Cast, add, make_person
from tests.proposals.scenes import confirm

DAY = timedelta(days=1)


def _later(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def visit(any_cast: Cast) -> Visit:
    proposal = confirm(any_cast, any_cast.need, any_cast.lecture, any_cast.slot)
    visit = db.session.scalars(select(Visit).where(Visit.proposal_id == proposal.id)).one()
    visit.room, visit.arrival = "B1.04", "Meld je bij de balie"
    add(
        Message(
            proposal_id=visit.proposal_id,
            side=Side.SCHOOL,
            by_id=any_cast.anna.id,
            words="Tot dan",
        )
    )
    db.session.commit()
    return visit


def test_rooms_and_messages_go_after_the_visit(visit: Visit) -> None:
    end = visit.proposal.ends_at
    assert end is not None
    with _later(end + retention.CONTACTS_SHOWN_FOR - DAY):
        retention.forget()
        assert (visit.room, visit.arrival) == ("B1.04", "Meld je bij de balie")
    with _later(end + retention.CONTACTS_SHOWN_FOR + DAY):
        retention.forget()
        db.session.expire_all()
        assert (visit.room, visit.arrival) == ("", "")
        assert db.session.scalars(select(Message)).one().words == "Tot dan"
    with _later(end + retention.MESSAGES_KEPT + DAY):
        retention.forget()
        assert db.session.scalars(select(Message)).all() == []


def test_runs_and_journal_go_in_time(any_cast: Cast) -> None:
    run = add(
        MatchRun(
            region_id=any_cast.region.id,
            state=RunState.DONE,
            finished_at=clock.now(),
            settings={},
            statistics={"matched": 3},
            inputs=b"kept",
        )
    )
    write_journal("publish", any_cast.need, by=any_cast.anna)
    db.session.commit()
    start = clock.now()
    with _later(start + retention.RUNS_KEPT - DAY):
        retention.drop_inputs()
        db.session.expire_all()
        assert run.inputs == b"kept"
    with _later(start + retention.RUNS_KEPT + DAY):
        retention.drop_inputs()
        db.session.expire_all()
        assert (run.inputs, run.statistics) == (None, {"matched": 3})
    with _later(start + retention.JOURNAL_KEPT - DAY):
        assert retention.drop_journal() == 0
    with _later(start + retention.JOURNAL_KEPT + DAY):
        assert retention.drop_journal() == 1
        assert db.session.scalars(select(JournalEntry)).all() == []


def _mails() -> list[str]:
    rows = select(OutboxMail.dedupe_key).where(OutboxMail.message == "account_unused")
    return sorted(key for key in db.session.scalars(rows))


def test_an_unused_account_is_warned_twice_then_erased(any_cast: Cast) -> None:
    chief = make_person("Ids Chef", administrator=True)
    people = [any_cast.anna, any_cast.bram, chief]
    for person in people:
        person.seen_at = clock.now()
    others = [any_cast.carla, any_cast.dirk, any_cast.els, any_cast.farid, any_cast.gea]
    end = clock.now() + retention.UNUSED_KEPT
    db.session.commit()
    told: list[int] = []
    for days in (31, 29, 20, 6, 5, 1):
        with _later(end - days * DAY):
            for person in [*others, any_cast.hugo]:
                person.seen_at = clock.now()
            if days == 20:
                any_cast.bram.seen_at = clock.now()  # came back in time
            retention.forget()
            db.session.commit()
            told.append(len(_mails()))
    # Anna and Bram at 30 days, Anna alone at 7 days.
    assert told == [0, 2, 2, 3, 3, 3]
    assert any_cast.anna.erased_at is None
    with _later(end + DAY):
        for person in [*others, any_cast.hugo]:
            person.seen_at = clock.now()
        retention.forget()
        db.session.commit()
        assert any_cast.anna.erased_at == clock.now()
    assert (any_cast.bram.erased_at, chief.erased_at) == (None, None)


def test_who_was_never_warned_is_not_erased(cast: Cast) -> None:
    """The jobs stood still for a month: the warning comes first, late as it is."""
    late = clock.now() + retention.UNUSED_KEPT + 10 * DAY
    with _later(late):
        for person in db.session.scalars(select(Person).where(Person.id != cast.anna.id)):
            person.seen_at = clock.now()
        retention.forget()
        assert cast.anna.erased_at is None
        assert len(_mails()) == 2
    with _later(late + retention.WARNED_BEFORE[-1] + DAY):
        retention.forget()
        assert cast.anna.erased_at is not None
