"""Whose proposals are whose, and what a list costs."""

from __future__ import annotations

from sqlalchemy import Select

from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import ProposalState, Side
from matcher.models.proposal import Proposal
from matcher.proposals import queries, service
from tests.cast import Cast, in_days, make_slot
from tests.proposals.scenes import another_need, ask, suggest
from tests.proposals.test_inputs import counted


def found(selected: Select[Proposal]) -> list[Proposal]:
    return list(db.session.scalars(selected))


def test_each_sees_what_was_asked_of_them_and_the_coordinator_everything(cast: Cast) -> None:
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    hidden = suggest(another_need(cast), cast.lecture, cast.slot)
    dropped = suggest(cast.need, cast.lecture, cast.slot)
    service.decline(dropped, side=Side.COORDINATOR, by=cast.gea, reasons=["topic"])
    assert found(queries.of_person(cast.anna, Side.SCHOOL)) == [asked]
    assert found(queries.of_person(cast.bram, Side.SCHOOL)) == []
    assert found(queries.of_person(cast.dirk, Side.COMPANY)) == [asked]
    assert found(queries.of_person(cast.carla, Side.COMPANY)) == [asked]
    assert found(queries.of_person(cast.els, Side.COMPANY)) == []
    assert found(queries.of_person(cast.anna, Side.COMPANY)) == []
    assert found(queries.in_region(cast.region)) == [dropped, hidden, asked]
    assert found(queries.in_region(cast.region, ProposalState.SUGGESTED)) == [hidden]
    assert found(queries.in_region(cast.other_region)) == []
    assert queries.standing_for(cast.need) == [asked]


def test_what_was_declined_after_asking_stays_visible(cast: Cast) -> None:
    asked = ask(cast, cast.need, cast.lecture, cast.slot)
    service.decline(asked, side=Side.COMPANY, by=cast.dirk, reasons=["date"])
    assert found(queries.of_person(cast.anna, Side.SCHOOL)) == [asked]
    assert found(queries.of_person(cast.dirk, Side.COMPANY)) == [asked]


def test_a_list_costs_the_same_for_one_and_for_four(cast: Cast) -> None:
    def cost(person: Person) -> int:
        db.session.commit()
        key = person.id
        db.session.expunge_all()
        reader = db.session.get_one(Person, key)
        assert reader.grants
        with counted() as seen:
            for proposal in found(queries.of_person(reader, Side.SCHOOL)):
                assert proposal.need.school.name and proposal.offer.company.name
                assert proposal.moves and proposal.slot and proposal.professional
        return len(seen)

    ask(cast, cast.need, cast.lecture, cast.slot)
    anna, one = cast.anna, cost(cast.anna)
    host = db.session.merge(cast.dirk_professional)
    need, offer = db.session.merge(cast.need), db.session.merge(cast.lecture)
    for hour in (11, 12, 13):
        proposal = suggest(need, offer, make_slot(host, in_days(30, hour)))
        service.release(proposal, by=None)
    assert cost(anna) == one == 2
