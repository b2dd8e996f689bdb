"""Partnerships: suggested after two good visits, signed by both, renewed, ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.organisation import Partnership, PartnershipState
from matcher.models.visit import Feedback, Visit
from matcher.organisations import partnerships
from matcher.proposals import service
from matcher.proposals.inputs import read_problem
from tests.cast import Cast, in_days, make_need, make_person, make_slot
from tests.proposals.scenes import at, confirm, mails
from tests.proposals.test_inputs import counted


def held(cast: Cast, days: int, *, school: bool | None = True, company: bool | None = None) -> None:
    """A visit of Windwerk to the Lorentz that was held, and whether each would again."""
    slot = make_slot(cast.dirk_professional, in_days(days, 12))
    window = [(in_days(days, 8), in_days(days, 15))]
    proposal = confirm(cast, make_need(cast.anna, cast.lorentz, windows=window), cast.lecture, slot)
    with at(slot.ends_at):
        service.deliver(proposal, side=Side.SCHOOL, by=cast.anna)
    visit = db.session.scalars(select(Visit).where(Visit.proposal_id == proposal.id)).one()
    for side, again in ((Side.SCHOOL, school), (Side.COMPANY, company)):
        if again is not None:
            visit.feedback.append(Feedback(side=side, by_id=cast.anna.id, marks={}, again=again))
    db.session.commit()


def suggested(cast: Cast) -> Partnership:
    held(cast, 40)
    held(cast, 70)
    mails()
    partnerships.suggest_due()
    db.session.commit()
    return db.session.scalars(select(Partnership)).one()


def signed(cast: Cast) -> Partnership:
    partnership = suggested(cast)
    partnerships.plan(partnership, "Elk jaar een gastles.", by=cast.anna)
    partnerships.sign(partnership, by=cast.anna)
    partnerships.sign(partnership, by=cast.carla)
    mails()
    return partnership


def test_two_good_visits_suggest_a_partnership_once(any_cast: Cast) -> None:
    held(any_cast, 40)
    mails()
    assert partnerships.suggest_due() == 0
    held(any_cast, 70)
    mails()
    assert [partnerships.suggest_due(), partnerships.suggest_due()] == [1, 0]
    made = db.session.scalars(select(Partnership)).one()
    assert (made.school_id, made.company_id, made.state) == (
        any_cast.lorentz.id,
        any_cast.windwerk.id,
        PartnershipState.PROPOSED,
    )
    assert mails() == [("partnership_suggested", "Anna"), ("partnership_suggested", "Carla")]


@pytest.mark.parametrize(
    "second", [{"school": False}, {"school": None}, {"school": True, "company": False}]
)
def test_a_visit_one_side_would_not_repeat_is_not_a_good_one(cast: Cast, second: dict) -> None:
    held(cast, 40)
    held(cast, 70, **second)
    assert partnerships.suggest_due() == 0


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        (date(2026, 11, 24), date(2026, 8, 1)),
        (date(2027, 4, 30), date(2026, 8, 1)),
        (date(2027, 5, 1), date(2027, 8, 1)),
    ],
)
def test_from_may_on_a_plan_is_for_the_next_school_year(day: date, starts: date) -> None:
    assert partnerships.start_of_year(day) == starts


def test_it_runs_once_both_have_signed(cast: Cast) -> None:
    partnership = suggested(cast)
    mails()
    with pytest.raises(Invalid) as refusal:
        partnerships.sign(partnership, by=cast.anna)
    assert refusal.value.field == "plan"
    partnerships.plan(partnership, "Elk jaar een gastles.", by=cast.anna)
    partnerships.sign(partnership, by=cast.anna)
    assert (partnership.state, mails()) == (
        PartnershipState.PROPOSED,
        [("partnership_signed", "Carla")],
    )
    partnerships.sign(partnership, by=cast.carla)
    assert (partnership.state, mails()) == (
        PartnershipState.ACTIVE,
        [("partnership_active", "Anna")],
    )
    with pytest.raises(WrongState):
        partnerships.sign(partnership, by=cast.carla)


def test_new_words_ask_for_new_signatures(cast: Cast) -> None:
    partnership = suggested(cast)
    partnerships.plan(partnership, "Een gastles.", by=cast.anna)
    partnerships.sign(partnership, by=cast.anna)
    partnerships.plan(partnership, "Een gastles en een excursie.", by=cast.carla)
    assert partnership.school_signed_at is None
    partnerships.sign(partnership, by=cast.carla)
    assert partnership.state == PartnershipState.PROPOSED
    partnerships.sign(partnership, by=cast.anna)
    assert partnership.state == PartnershipState.ACTIVE
    with pytest.raises(WrongState):
        partnerships.plan(partnership, "Iets anders.", by=cast.anna)


def test_only_the_partners_plan_and_sign(cast: Cast) -> None:
    partnership = suggested(cast)
    for stranger in (cast.bram, cast.dirk, cast.els, cast.farid, cast.gea):
        with pytest.raises(NotAllowed):
            partnerships.sign(partnership, by=stranger)
        with pytest.raises(NotAllowed):
            partnerships.plan(partnership, "x", by=stranger)


def test_a_running_partnership_counts_in_matching_within_its_year(cast: Cast) -> None:
    partnership = signed(cast)
    for visit in db.session.scalars(select(Visit)):
        visit.feedback.clear()
    db.session.flush()

    def partners() -> set[str]:
        found = read_problem(cast.region, need_ids=[cast.need.id])
        return set(found.demands[0].partners)

    assert partners() == {str(cast.windwerk.id)}
    partnership.starts_on = clock.today() + timedelta(days=1)
    db.session.flush()
    assert partners() == set()
    partnership.starts_on = clock.today()
    partnerships.end(partnership, "", by=cast.carla)
    assert partners() == set()


def test_no_thank_you_is_not_asked_again_this_year(cast: Cast) -> None:
    partnership = suggested(cast)
    mails()
    partnerships.end(partnership, "Geen tijd.", by=cast.carla)
    assert mails() == [("partnership_ended", "Anna")]
    assert partnerships.suggest_due() == 0
    with pytest.raises(WrongState):
        partnerships.end(partnership, "", by=cast.anna)


def test_two_months_before_its_end_both_are_asked_to_renew_once(any_cast: Cast) -> None:
    partnership = signed(any_cast)
    assert partnership.ends_on is not None
    ends = datetime.combine(partnership.ends_on, datetime.min.time(), UTC)
    asked = {}
    for days in (61, 60, 30):
        with time_machine.travel(ends - timedelta(days=days), tick=False):
            asked[days] = partnerships.ask_to_renew()
    assert asked == {61: 0, 60: 1, 30: 0}
    assert mails() == [("partnership_renewal", "Anna"), ("partnership_renewal", "Carla")]


def test_renewing_carries_the_plan_a_year_on(cast: Cast) -> None:
    partnership = signed(cast)
    first = partnership.starts_on
    partnerships.add_activity(
        partnership, "tour", "Excursie", f"{first.year + 1}-02", by=cast.carla
    )
    renewed = partnerships.renew(partnership, by=cast.anna)
    assert partnerships.renew(partnership, by=cast.carla) is renewed
    assert (renewed.starts_on.year, renewed.plan, renewed.state) == (
        first.year + 1,
        partnership.plan,
        PartnershipState.PROPOSED,
    )
    assert [(a.title, a.month) for a in renewed.activities] == [
        ("Excursie", f"{first.year + 2}-02")
    ]
    assert [a.month for a in partnership.activities] == [f"{first.year + 1}-02"]


def test_what_is_past_ends_by_itself(any_cast: Cast) -> None:
    partnership = signed(any_cast)
    partnership.ends_on = clock.today()
    assert partnerships.end_past() == 0
    partnership.ends_on = clock.today() - timedelta(days=1)
    assert [partnerships.end_past(), partnerships.end_past()] == [1, 0]
    assert partnership.state == PartnershipState.ENDED


def test_the_page_plans_ticks_and_signs(cast: Cast, client: FlaskClient, sign_in) -> None:
    partnership = suggested(cast)
    path = f"/partnerships/{partnership.id}"
    month = f"{partnership.starts_on.year}-12"
    line = {"kind": "lecture", "title": "Gastles wind", "month": month}
    sign_in(client, cast.anna)
    assert client.post(f"{path}/sign").status_code == 422
    assert client.post(f"{path}/activities", data=line | {"month": "1999-01"}).status_code == 422
    assert client.post(f"{path}/activities", data=line).status_code == 303
    assert client.post(f"{path}/plan", data={"plan": "Samen."}).status_code == 303
    assert client.post(f"{path}/sign").status_code == 303
    sign_in(client, cast.carla)
    assert client.post(f"{path}/sign").status_code == 303
    db.session.expire_all()
    activity = partnership.activities[0]
    assert client.post(f"/partnerships/activities/{activity.id}/tick").status_code == 303
    db.session.expire_all()
    assert (partnership.state, activity.done_at is not None) == (PartnershipState.ACTIVE, True)
    assert client.post(f"/partnerships/activities/{activity.id}/remove").status_code == 303
    db.session.expire_all()
    assert partnership.activities == []


@pytest.mark.parametrize("who", ["bram", "els", "farid", "hugo"])
def test_strangers_find_no_partnership(cast: Cast, client: FlaskClient, sign_in, who: str) -> None:
    partnership = suggested(cast)
    sign_in(client, getattr(cast, who))
    path = f"/partnerships/{partnership.id}"
    deeds = [client.post(f"{path}/{deed}").status_code for deed in ("sign", "end", "renew", "plan")]
    assert (client.get(path).status_code, deeds) == (404, [404] * 4)


def test_the_list_costs_the_same_for_one_and_for_three(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    suggested(cast)
    school, companies = cast.lorentz.id, [cast.printlab.id, cast.zuivel.id]
    admin = make_person("Iris Baas", administrator=True)
    db.session.commit()
    sign_in(client, admin)

    def cost() -> int:
        db.session.expunge_all()
        with counted() as told:
            assert client.get("/partnerships").status_code == 200
        return len(told)

    one = cost()
    for company in companies:
        db.session.add(
            Partnership(school_id=school, company_id=company, starts_on=date(2026, 8, 1))
        )
    db.session.commit()
    assert cost() == one
