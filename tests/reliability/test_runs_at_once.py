"""Jobs that run twice at the same moment do no harm: suggestions, expiry and reminders once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from matcher import clock
from matcher.extensions import db
from matcher.models.moves import ProposalState
from matcher.models.need import PlaceKind
from matcher.models.offer import OfferKind, TourForm
from matcher.models.outbox import OutboxMail
from matcher.models.proposal import Proposal
from matcher.models.run import MatchRun, RunState
from matcher.proposals import run, service
from tests.cast import Cast, make_offer
from tests.proposals.scenes import another_need, ask
from tests.reliability.contenders import crowded_app
from tests.reliability.test_racing_answers import race

AT_ONCE = 3


@pytest.fixture
def crowded(any_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    app = crowded_app(any_app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


def _count(state: ProposalState) -> int:
    found = select(func.count()).select_from(Proposal).where(Proposal.state == state)
    return db.session.scalar(found) or 0


def test_new_needs_matched_by_several_at_once_are_suggested_once(
    crowded: Flask, any_cast: Cast
) -> None:
    for need in (another_need(any_cast), another_need(any_cast)):
        need.title, need.goal = any_cast.need.title, any_cast.need.goal
    make_offer(
        any_cast.windwerk,
        OfferKind.TOUR,
        tour_form=TourForm.FILM,
        film_url="https://example.nl/film",
        lesson_sheet="Kijk.",
        place=PlaceKind.ONLINE,
        ask_first=False,
    )
    db.session.commit()
    run.dry_run(any_cast.region)  # the text space is fitted before the race
    db.session.rollback()
    outcome = race(crowded, [lambda: run.match_new_needs() and None] * AT_ONCE)
    assert outcome == ["done"] * AT_ONCE
    db.session.rollback()
    needs = db.session.scalars(
        select(Proposal.need_id).where(Proposal.state == ProposalState.SUGGESTED)
    ).all()
    assert len(needs) == len(set(needs)) == 3
    assert {r.state for r in db.session.scalars(select(MatchRun))} == {RunState.DONE}


def test_expiry_by_several_at_once_tells_everybody_once(crowded: Flask, any_cast: Cast) -> None:
    proposal = ask(any_cast, any_cast.need, any_cast.lecture, any_cast.slot)
    proposal.answer_by = clock.now() - timedelta(minutes=1)
    db.session.commit()
    assert race(crowded, [lambda: service.expire_due() and None] * AT_ONCE) == ["done"] * AT_ONCE
    db.session.rollback()
    assert _count(ProposalState.EXPIRED) == 1
    told = select(OutboxMail.message).where(OutboxMail.message.like("%expired"))
    assert sorted(db.session.scalars(told)) == ["company_expired", "school_expired"]
