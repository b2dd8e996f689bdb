"""Nothing is booked twice: many at once, in threads and in processes, on both databases.

Every scene has its control: the same contenders without the guards do overbook, so that the
scene is known to be able to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from matcher.errors import Taken
from matcher.extensions import db
from matcher.models.moves import ProposalState, Side
from matcher.models.proposal import Proposal
from matcher.proposals import claims, service
from tests.cast import Cast
from tests.proposals import scenes
from tests.reliability import contenders
from tests.reliability.contenders import Crowd, Scene, crowded_app, in_threads, recount
from tests.reliability.deaths import FULL

WRITERS = 40
STAMPEDE = 500
MakeScene = Callable[[Cast, int], Scene]
SCENES = [
    contenders.one_slot,
    contenders.overlapping,
    contenders.seats,
    contenders.month_cap,
    contenders.term_cap,
    contenders.company_cap,
]
STAMPEDES = [contenders.one_slot, contenders.overlapping, contenders.seats]
NOTHING_WRONG = {
    "visits missing": 0,
    "wrong slot counters": 0,
    "wrong quarters": 0,
    "wrong loads": 0,
    "mails missing": 0,
}
each_scene = pytest.mark.parametrize("make", SCENES, ids=lambda make: make.__name__)


@pytest.fixture
def crowded(any_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    app = crowded_app(any_app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    made = Crowd()
    yield made
    made.leave()


def _check(outcome: dict[str, int], scene: Scene) -> None:
    assert set(outcome) <= {"confirmed", "Taken", "WrongState"}
    assert outcome["confirmed"] == scene.winners
    assert sum(outcome.values()) == len(scene.proposals)
    assert recount() == {"confirmed": scene.winners} | NOTHING_WRONG


@each_scene
@pytest.mark.parametrize("writers", [2, WRITERS])
def test_threads_get_exactly_what_there_is(
    crowded: Flask, any_cast: Cast, make: MakeScene, writers: int
) -> None:
    scene = make(any_cast, writers)
    _check(in_threads(crowded, scene), scene)


@pytest.mark.skipif(not FULL, reason="a stampede of 500 takes minutes: make torture")
@pytest.mark.parametrize("make", STAMPEDES, ids=lambda make: make.__name__)
def test_a_stampede_gets_exactly_what_there_is(
    crowded: Flask, any_cast: Cast, make: MakeScene
) -> None:
    scene = make(any_cast, STAMPEDE)
    _check(in_threads(crowded, scene), scene)


@each_scene
def test_processes_get_exactly_what_there_is(
    crowd: Crowd, any_app: Flask, any_cast: Cast, make: MakeScene
) -> None:
    scene = make(any_cast, WRITERS)
    _check(crowd.contend(any_app.config["SQLALCHEMY_DATABASE_URI"], scene), scene)


@pytest.mark.parametrize(
    "make",
    [contenders.one_slot, contenders.overlapping, contenders.seats],
    ids=lambda make: make.__name__,
)
def test_control_without_the_guards_too_many_are_confirmed(
    crowded: Flask, any_cast: Cast, make: MakeScene
) -> None:
    scene = make(any_cast, WRITERS)
    db.session.execute(text("DROP INDEX uq_proposal_slot_confirmed"))
    db.session.commit()
    outcome = in_threads(crowded, scene, contenders.look_then_write)
    assert outcome == {"confirmed": len(scene.proposals)}
    assert scene.winners < len(scene.proposals)


def test_control_without_the_counter_the_load_limit_is_passed(
    crowded: Flask, any_cast: Cast
) -> None:
    scene = contenders.month_cap(any_cast, WRITERS)
    outcome = in_threads(crowded, scene, contenders.look_then_write)
    assert outcome == {"confirmed": WRITERS}


def test_the_index_alone_refuses_a_second_visit_in_a_slot(any_app: Flask, any_cast: Cast) -> None:
    """The counter is the first guard; with it off, the index still holds."""
    scene = contenders.one_slot(any_cast, 2)
    first, second = (db.session.get_one(Proposal, key) for key in scene.proposals)
    first.move("school_confirm", side=Side.SCHOOL, by=None)
    db.session.commit()
    with pytest.raises(Taken), claims.refusing():
        second.move("school_confirm", side=Side.SCHOOL, by=None)
    db.session.rollback()
    assert second.state == ProposalState.COMPANY_YES


def test_an_integrity_error_of_another_kind_is_not_called_taken(
    any_app: Flask, any_cast: Cast
) -> None:
    with pytest.raises(IntegrityError), claims.refusing():
        any_cast.slot.seats = -1
    db.session.rollback()


def test_cancelled_places_can_be_had_again_exactly_once(crowded: Flask, any_cast: Cast) -> None:
    scene = contenders.seats(any_cast, WRITERS)
    in_threads(crowded, scene)
    db.session.rollback()
    confirmed = db.session.scalars(
        select(Proposal).where(Proposal.state == ProposalState.CONFIRMED).order_by(Proposal.id)
    ).all()
    for proposal in confirmed[:4]:
        service.cancel(proposal, side=Side.SCHOOL, by=any_cast.anna, reasons=["date"])
    slot, webinar = confirmed[0].slot, confirmed[0].offer
    assert scenes.taken(slot) == contenders.SEATS - 4
    db.session.commit()
    waiting = [contenders.half_agreed(any_cast, webinar, slot).id for _ in range(10)]
    db.session.commit()
    outcome = in_threads(crowded, Scene("again", 4, waiting))
    assert outcome["confirmed"] == 4
    assert recount()["confirmed"] == contenders.SEATS
    assert recount()["wrong slot counters"] == 0
