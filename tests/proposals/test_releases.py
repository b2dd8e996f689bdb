"""A release undone: suggestions back, mails unsent, who was asked told once; not once answered."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from matcher import mail
from matcher.errors import NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.moves import ProposalState, Side
from matcher.models.organisation import ReviewPolicy
from matcher.models.outbox import OutboxMail
from matcher.models.proposal import Proposal
from matcher.models.run import Release
from matcher.policies import may_see_proposal
from matcher.proposals import queries, releases, run, service
from tests.cast import Cast, in_days, make_slot
from tests.proposals.scenes import another_need, loads, mails, suggest


def released(cast: Cast, many: int = 2) -> Release:
    """Anna's first, then Bram's, all given by Dirk."""
    slots = [cast.slot, *(make_slot(cast.dirk_professional, in_days(60, h)) for h in range(8, 13))]
    needs = [cast.need, *(another_need(cast, title=f"Vraag {n}") for n in range(many - 1))]
    made = [suggest(need, cast.lecture, slot) for need, slot in zip(needs, slots, strict=False)]
    kept, refusals = releases.release_each(cast.region, made, by=cast.gea)
    assert refusals == []
    assert kept is not None
    db.session.commit()
    return kept


def of(release: Release) -> list[Proposal]:
    return [db.session.get_one(Proposal, key) for key in release.proposals]


def in_state(state: ProposalState) -> list[Proposal]:
    found = select(Proposal).where(Proposal.state == state).order_by(Proposal.id)
    return list(db.session.scalars(found))


def test_what_nobody_was_mailed_about_is_as_if_it_had_not_been(any_cast: Cast) -> None:
    release = released(any_cast)
    old = of(release)
    assert len(mails_waiting()) == 4
    undone = releases.undo(release, by=any_cast.gea)
    db.session.commit()
    assert (undone.back, undone.unsent, undone.told) == (2, 4, 0)
    assert mails_waiting() == []
    again = in_state(ProposalState.SUGGESTED)
    assert [(p.need_id, p.offer_id, p.slot_id, p.starts_at, p.score, p.rank) for p in again] == [
        (p.need_id, p.offer_id, p.slot_id, p.starts_at, p.score, p.rank) for p in old
    ]
    assert {p.state for p in old} == {ProposalState.WITHDRAWN}
    assert not any(may_see_proposal(any_cast.anna, p) for p in again)
    assert queries.tried_pairs([any_cast.need.id]) == set()
    assert loads() == {}
    assert (release.undone_by_id, release.undone_at is None) == (any_cast.gea.id, False)


def mails_waiting() -> list[str]:
    return list(db.session.scalars(select(OutboxMail.message).order_by(OutboxMail.id)))


def test_who_was_mailed_hears_once_of_all_and_the_others_nothing(any_cast: Cast) -> None:
    release = released(any_cast, 3)
    asked = select(OutboxMail).order_by(OutboxMail.id)
    first = [row for row in db.session.scalars(asked) if row.message == "company_asked"]
    for row in db.session.scalars(asked):
        if row not in first:
            row.next_try_at = in_days(1)  # the teachers' mails are not due yet
    db.session.commit()
    assert mail.deliver_waiting() == 3
    undone = releases.undo(release, by=any_cast.gea)
    db.session.commit()
    assert (undone.back, undone.unsent, undone.told) == (3, 3, 1)
    told = db.session.scalars(asked.where(OutboxMail.message == "question_taken_back")).one()
    assert told.person_id == any_cast.dirk.id
    assert [any_cast.need.title in told.body, "Vraag 0" in told.body, "Vraag 1" in told.body] == [
        True
    ] * 3
    assert any_cast.anna.name not in told.body


def test_a_guest_without_account_is_told_too(cast: Cast) -> None:
    cast.dirk_professional.person_id = None
    release = released(cast, 1)
    mail.deliver_waiting()
    assert releases.undo(release, by=cast.gea).told == 3
    told = [row for row in mails_rows() if row.message == "question_taken_back"]
    assert sorted(row.to_address for row in told) == [
        "anna@example.nl",
        "carla@example.nl",
        "dirk@example.nl",
    ]


def mails_rows() -> list[OutboxMail]:
    return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def test_an_answer_stops_it_and_the_rest_can_still_be_taken_back(any_cast: Cast) -> None:
    release = released(any_cast, 3)
    answered, *others = of(release)
    service.accept(answered, side=Side.COMPANY, by=any_cast.dirk)
    db.session.commit()
    with pytest.raises(WrongState, match="1 voorstel van deze vrijgave is al beantwoord"):
        releases.undo(release, by=any_cast.gea)
    db.session.rollback()
    assert {p.state for p in others} == {ProposalState.ASKED}
    assert len(mails_waiting()) == 7
    assert releases.undo(release, by=any_cast.gea, rest=True).back == 2
    assert answered.state == ProposalState.COMPANY_YES
    assert len(in_state(ProposalState.SUGGESTED)) == 2


@pytest.mark.parametrize("deed", ["decline", "other_time"])
def test_a_no_and_another_time_are_answers(cast: Cast, deed: str) -> None:
    release = released(cast, 1)
    (proposal,) = of(release)
    if deed == "decline":
        service.decline(proposal, side=Side.SCHOOL, by=cast.anna, reasons=["date"])
    else:
        later = make_slot(cast.dirk_professional, in_days(30, 11))
        service.offer_other_time(proposal, later, side=Side.COMPANY, by=cast.dirk)
    with pytest.raises(WrongState, match="niets ongedaan te maken"):
        releases.undo(release, by=cast.gea, rest=True)


def test_it_is_undone_once_by_its_own_coordinator(cast: Cast) -> None:
    release = released(cast, 1)
    with pytest.raises(NotAllowed):
        releases.undo(release, by=cast.hugo)
    releases.undo(release, by=cast.gea)
    with pytest.raises(WrongState, match="al ongedaan gemaakt"):
        releases.undo(release, by=cast.gea)
    entry = db.session.query(JournalEntry).filter_by(record_type="Release").one()
    assert (entry.deed, entry.by_id, entry.record_id) == ("undo_release", cast.gea.id, release.id)


def test_taken_back_can_be_released_again_with_new_mails(cast: Cast) -> None:
    release = released(cast, 1)
    releases.undo(release, by=cast.gea)
    mails()
    again = in_state(ProposalState.SUGGESTED)
    second, _ = releases.release_each(cast.region, again, by=cast.gea)
    assert second is not None
    assert mails() == [("school_asked", "Anna"), ("company_asked", "Dirk")]
    assert releases.undo(second, by=cast.gea).back == 1


def test_what_a_region_releases_by_itself_can_be_undone(cast: Cast) -> None:
    cast.region.review_policy = ReviewPolicy.AUTOMATIC
    run.run_region(cast.region)
    release = db.session.query(Release).one()
    assert (release.by_id, len(release.proposals)) == (None, 1)
    assert releases.undo(release, by=cast.gea).unsent == 2
