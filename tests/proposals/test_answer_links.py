"""Answering by a mailed link: what it shows, what it does, when it does nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from matcher import clock, mail
from matcher.errors import Invalid
from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.link import PersonalLink
from matcher.models.moves import ProposalState, Side
from matcher.models.outbox import OutboxMail
from matcher.models.professional import Load, Slot
from matcher.models.proposal import Proposal
from matcher.proposals import links, service
from tests.cast import Cast, in_days, make_need, make_professional, make_slot
from tests.proposals.scenes import ask, at, claimed, confirm, loads, mails

LINK = re.compile(r"http://localhost(/answer/\S+)")


def mailed(message: str) -> str:
    """The path of the link in the newest mail of this name, as it is sent."""
    found = select(OutboxMail).where(OutboxMail.message == message).order_by(OutboxMail.id.desc())
    row = db.session.scalars(found.limit(1)).one()
    return LINK.findall(row.text)[0]


def asked(cast: Cast) -> Proposal:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    return proposal


def state_of(proposal: Proposal) -> ProposalState:
    db.session.rollback()
    db.session.expire_all()
    return proposal.state


def heading(page: str) -> str:
    return re.findall(r"<h1[^>]*>([^<]*)", page)[0]


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    return client


def test_a_yes_of_each_side_by_link_agrees_the_visit(any_app: Flask, any_cast: Cast) -> None:
    proposal = asked(any_cast)
    company, school = mailed("company_asked"), mailed("school_asked")
    client = any_app.test_client()
    page = client.get(company).text
    seen = re.findall(r'name="seen" value="([^"]+)"', page)[0]
    assert client.post(f"{company}/yes", data={"seen": seen}).status_code == 303
    assert state_of(proposal) == ProposalState.COMPANY_YES
    assert client.post(f"{school}/yes", data={"seen": seen}).status_code == 303
    assert state_of(proposal) == ProposalState.CONFIRMED
    assert [(m.name, m.side, m.by_id) for m in proposal.moves[1:]] == [
        ("company_accept", Side.COMPANY, any_cast.dirk.id),
        ("school_confirm", Side.SCHOOL, any_cast.anna.id),
    ]
    assert claimed() == 4


def test_looking_changes_nothing_and_is_kept_by_no_browser(cast: Cast, client: FlaskClient) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    for method in (client.get, client.head, client.options):
        answer = method(path)
        assert answer.status_code == 200
    assert client.get(path).headers["Cache-Control"] == "no-store"
    assert client.get(path).headers["Referrer-Policy"] == "same-origin"
    for deed in ("yes", "no", "other-time", "colleague", "take-back"):
        assert client.get(f"{path}/{deed}").status_code == 405
    assert (state_of(proposal), proposal.version, len(proposal.moves)) == (
        ProposalState.ASKED,
        2,
        1,
    )


def test_the_page_loads_nothing_from_elsewhere(cast: Cast, client: FlaskClient) -> None:
    asked(cast)
    page = client.get(mailed("company_asked")).text
    assert re.findall(r'(?:src|href|action)="(https?:[^"]*)"', page) == []


def test_the_question_tells_what_and_when_and_not_which_school(
    cast: Cast, english: FlaskClient
) -> None:
    proposal = asked(cast)
    page = english.get(mailed("company_asked")).text
    assert heading(page) == "Would you like to do this?"
    for told in (proposal.need.title, "in Noord-Brabant, within 5 km", proposal.need.goal):
        assert told in page
    for hidden in ("Lorentz", "Anna", "anna@example.nl"):
        assert hidden not in page


def test_after_the_other_sides_yes_first_names_show_and_never_more(
    cast: Cast, english: FlaskClient
) -> None:
    cast.anna.name, cast.anna.phone = "Anna Achterkanarie", "0610101010"
    proposal = asked(cast)
    service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
    db.session.commit()
    path = mailed("company_other_yes")
    told = {"Lorentz College", "Anna"}
    assert {t for t in told if t in english.get(path).text} == told
    english.post(f"{path}/yes")
    page = english.get(path).text
    assert heading(page) == "It is agreed"
    assert not {t for t in ("Achterkanarie", "0610101010", "anna@example.nl") if t in page}


def test_the_secret_part_of_a_link_is_nowhere_in_the_database(cast: Cast) -> None:
    asked(cast)
    token = mailed("company_asked").rsplit("/", 1)[1]
    signature = token.rsplit(".", 1)[1]
    db.session.commit()
    with db.engine.connect() as link:
        for table in db.metadata.sorted_tables:
            for row in link.execute(select(table)):
                assert signature not in repr(tuple(row)), table.name


def test_what_is_delivered_carries_the_link(cast: Cast, app: Flask) -> None:
    asked(cast)
    path = mailed("company_asked")
    mail.deliver_waiting()
    sent = sorted(Path(app.config["MAIL_FOLDER"]).glob("*.eml"))
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in sent]
    assert [path in letter.get_content() for letter in letters].count(True) == 1


def test_a_reminder_brings_the_same_link(cast: Cast) -> None:
    proposal = asked(cast)
    first = mailed("company_asked")
    assert proposal.answer_by is not None
    with at(proposal.answer_by - timedelta(hours=1)):
        service.remind_due()
        db.session.commit()
    assert mailed("company_reminder") == first
    assert db.session.query(PersonalLink).count() == 2  # one for each side


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-3],
        lambda token: token + "x",
        lambda token: token.replace(token.split(".", 1)[0], "999999", 1),
        lambda token: "é☃",
        lambda token: "1.2.3",
        lambda token: "x" * 2000,
    ],
)
def test_a_changed_link_opens_nothing(cast: Cast, english: FlaskClient, spoil) -> None:
    proposal = asked(cast)
    token = mailed("company_asked").rsplit("/", 1)[1]
    answer = english.get(f"/answer/{spoil(token)}")
    assert (answer.status_code, heading(answer.text)) == (404, "This link is not whole")
    assert english.post(f"/answer/{spoil(token)}/yes").status_code == 404
    assert state_of(proposal) == ProposalState.ASKED


def test_a_link_for_one_proposal_opens_no_other(cast: Cast, client: FlaskClient) -> None:
    """Ids cannot be swapped: the signature covers them."""
    asked(cast)
    mine, theirs = mailed("company_asked"), mailed("school_asked")
    body, signature = mine.rsplit(".", 1)
    other_body, _ = theirs.rsplit(".", 1)
    assert client.get(f"{other_body}.{signature}").status_code == 404
    assert client.get(f"{body}.{signature}").status_code == 200


def test_an_expired_link_tells_nothing_and_does_nothing(cast: Cast, english: FlaskClient) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    assert proposal.answer_by is not None
    with at(proposal.answer_by + timedelta(seconds=1)):
        page = english.get(path)
        assert (page.status_code, heading(page.text)) == (410, "The time to answer has passed")
        assert proposal.need.title not in page.text
        assert english.post(f"{path}/yes").status_code == 410
    assert state_of(proposal) == ProposalState.ASKED


def test_a_second_yes_is_no_mistake(cast: Cast, english: FlaskClient) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    assert [english.post(f"{path}/yes").status_code for _ in range(2)] == [303, 303]
    assert [m.name for m in proposal.moves] == ["release", "company_accept"]
    page = english.get(path).text
    assert heading(page) == "Thank you: you said yes"
    assert "The teacher answers before" in page


def test_a_no_with_several_reasons_and_a_word(cast: Cast, english: FlaskClient) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    posted = {"reasons": ["date", "distance"], "note": "Volgend jaar graag"}
    assert english.post(f"{path}/no", data=posted).status_code == 303
    assert state_of(proposal) == ProposalState.DECLINED
    assert (proposal.moves[-1].reasons, proposal.moves[-1].note) == (
        ["date", "distance"],
        "Volgend jaar graag",
    )
    assert heading(english.get(path).text) == "Your no is passed on"


def test_a_no_without_a_reason_keeps_what_was_typed(cast: Cast, english: FlaskClient) -> None:
    proposal = asked(cast)
    answer = english.post(f"{mailed('company_asked')}/no", data={"note": "Een heel verhaal"})
    assert answer.status_code == 422
    assert "Choose at least one reason." in answer.text
    assert "Een heel verhaal</textarea>" in answer.text
    assert state_of(proposal) == ProposalState.ASKED


def test_another_answer_after_a_no_changes_nothing(cast: Cast, english: FlaskClient) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    english.post(f"{path}/no", data={"reasons": ["date"]})
    answer = english.post(f"{path}/yes")
    assert (answer.status_code, heading(answer.text)) == (409, "Your no is passed on")
    assert "This question has been answered already" in answer.text
    assert state_of(proposal) == ProposalState.DECLINED


def test_a_yes_can_be_taken_back_until_the_other_side_answers(
    cast: Cast, english: FlaskClient
) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    english.post(f"{path}/yes")
    assert "Take back" in english.get(path).text
    assert english.post(f"{path}/take-back").status_code == 303
    assert state_of(proposal) == ProposalState.WITHDRAWN
    page = english.get(path).text
    assert heading(page) == "Taken back"
    assert f"{path}/take-back" not in page


def test_another_time_by_link_is_only_one_of_the_guests_own(any_app: Flask, any_cast: Cast) -> None:
    cast = any_cast
    colleague = make_professional(cast.windwerk, "Ilse Kok")
    cast.lecture.professionals.append(colleague)
    fine = make_slot(cast.dirk_professional, in_days(30, 11))
    not_own = make_slot(colleague, in_days(30, 11))
    outside = make_slot(cast.dirk_professional, in_days(60, 11))
    proposal = asked(cast)
    path, client = mailed("company_asked"), any_app.test_client()
    choices = re.findall(r'<option value="(\d+)"', client.get(path).text.split('id="pass-on"')[0])
    assert choices == [str(fine.id)]
    for slot in (not_own, outside):
        posted = client.post(f"{path}/other-time", data={"slot": slot.id, "time_note": "Hierom"})
        assert posted.status_code == 422
        assert "Hierom</textarea>" in posted.text
        assert state_of(proposal) == ProposalState.ASKED
    assert client.post(f"{path}/other-time", data={"slot": fine.id}).status_code == 303
    assert (state_of(proposal), proposal.slot_id) == (ProposalState.COMPANY_YES, fine.id)


def test_time_gone_meanwhile_says_so_and_offers_what_is_left(
    cast: Cast, english: FlaskClient
) -> None:
    """Another visit of the same person was agreed at this very time in the meantime."""
    left = make_slot(cast.dirk_professional, in_days(30, 12))
    proposal = asked(cast)
    path = mailed("company_asked")
    overlapping = make_slot(cast.dirk_professional, in_days(30, 9, 15))
    confirm(cast, make_need(cast.anna, cast.lorentz, title="Ander"), cast.lecture, overlapping)
    db.session.commit()
    answer = english.post(f"{path}/yes")
    assert answer.status_code == 409
    assert "The guest speaker already has another visit at this time." in answer.text
    assert f'<option value="{left.id}"' in answer.text
    assert state_of(proposal) == ProposalState.ASKED


@pytest.mark.parametrize("cap", ["month_cap", "term_cap", "company"])
def test_a_full_load_is_told_at_the_first_yes(cast: Cast, english: FlaskClient, cap: str) -> None:
    proposal = asked(cast)
    day = clock.local(cast.slot.starts_at).date()
    if cap == "company":
        cast.windwerk.term_cap = 1
        full = Load(holder=f"company:{cast.windwerk.id}", period=clock.term(day), taken=1)
    else:
        setattr(cast.dirk_professional, cap, 1)
        period = clock.month(day) if cap == "month_cap" else clock.term(day)
        full = Load(holder=f"professional:{cast.dirk_professional.id}", period=period, taken=1)
    db.session.add(full)
    db.session.commit()
    path = mailed("company_asked")
    answer = english.post(f"{path}/yes")
    assert answer.status_code == 409
    assert "has no visits left in this period" in answer.text
    assert state_of(proposal) == ProposalState.ASKED
    if cap != "company":
        assert "The limit is reached, so a yes cannot be agreed." in english.get(path).text


def test_a_yes_to_a_time_that_was_changed_is_no_yes(cast: Cast, english: FlaskClient) -> None:
    make_slot(cast.dirk_professional, in_days(30, 12))
    proposal = asked(cast)
    path = mailed("school_asked")
    seen = re.findall(r'name="seen" value="([^"]+)"', english.get(path).text)[0]
    slot = db.session.scalars(select(Slot).order_by(Slot.id.desc()).limit(1)).one()
    service.offer_other_time(proposal, slot, side=Side.COMPANY, by=cast.dirk)
    db.session.commit()
    answer = english.post(f"{path}/yes", data={"seen": seen})
    assert answer.status_code == 409
    assert "Another time has been offered meanwhile." in answer.text
    assert state_of(proposal) == ProposalState.COMPANY_YES


def test_who_is_signed_in_as_somebody_else_answers_nothing(
    cast: Cast, english: FlaskClient, sign_in
) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    sign_in(english, cast.carla)
    for answer in (english.get(path), english.post(f"{path}/yes")):
        assert (answer.status_code, heading(answer.text)) == (403, "This link is for somebody else")
    sign_in(english, cast.dirk)
    assert english.get(path).status_code == 200
    assert state_of(proposal) == ProposalState.ASKED


def test_who_was_blocked_answers_nothing(cast: Cast, english: FlaskClient) -> None:
    proposal = asked(cast)
    path = mailed("company_asked")
    cast.dirk.blocked_at = clock.now()
    db.session.commit()
    assert heading(english.get(path).text) == "This question is no longer yours"
    english.post(f"{path}/yes")
    assert state_of(proposal) == ProposalState.ASKED


def test_a_guest_without_account_is_asked_by_mail_and_hears_the_outcome(
    any_app: Flask, any_cast: Cast
) -> None:
    any_cast.dirk_professional.person = None
    proposal = asked(any_cast)
    told = db.session.execute(
        select(OutboxMail.message, OutboxMail.to_address).order_by(OutboxMail.id)
    ).all()
    assert [tuple(row) for row in told] == [
        ("school_asked", "anna@example.nl"),
        ("company_asked", "carla@example.nl"),
        ("company_asked", "dirk@example.nl"),
    ]
    path, client = mailed("company_asked"), any_app.test_client()
    assert client.post(f"{path}/yes").status_code == 303
    assert (state_of(proposal), proposal.moves[-1].by_id) == (ProposalState.COMPANY_YES, None)
    service.accept(proposal, side=Side.SCHOOL, by=any_cast.anna)
    db.session.commit()
    assert mailed("company_confirmed") == path
    assert proposal.starts_at is not None
    with at(proposal.starts_at - timedelta(days=1)):
        assert client.get(path).status_code == 200
        assert client.post(f"{path}/take-back").status_code == 409
    assert state_of(proposal) == ProposalState.CONFIRMED


# ---- pass on ------------------------------------------------------------------------------------
@pytest.mark.parametrize("agreed", [False, True])
def test_a_question_passed_on_keeps_its_time_and_the_schools_yes(
    any_app: Flask, any_cast: Cast, agreed: bool
) -> None:
    cast = any_cast
    ilse = make_professional(cast.windwerk, "Ilse Kok")
    proposal = asked(cast)
    if agreed:
        service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
        db.session.commit()
    time = proposal.starts_at
    path, client = mailed("company_asked"), any_app.test_client()
    posted = {"colleague": ilse.id, "colleague_note": "Jij kunt dit beter"}
    assert client.post(f"{path}/colleague", data=posted).status_code == 303
    expected = ProposalState.SCHOOL_YES if agreed else ProposalState.ASKED
    assert (state_of(proposal), proposal.professional_id, proposal.starts_at) == (
        expected,
        ilse.id,
        time,
    )
    theirs = mailed("company_passed_on")
    assert theirs != path
    assert "Jij kunt dit beter" in client.get(theirs).text
    assert f"{path}/yes" not in client.get(path).text
    assert client.post(f"{path}/yes").status_code == 200  # the page that says it was passed on
    assert (state_of(proposal), len(proposal.moves)) == (expected, 3 if agreed else 2)
    client.post(f"{theirs}/yes")
    if not agreed:
        service.accept(proposal, side=Side.SCHOOL, by=cast.anna)
        db.session.commit()
    assert state_of(proposal) == ProposalState.CONFIRMED
    assert {holder for holder, _ in loads()} == {
        f"professional:{ilse.id}",
        f"company:{cast.windwerk.id}",
    }


def test_colleagues_to_choose_from_have_room_and_are_near(any_app: Flask, any_cast: Cast) -> None:
    cast = any_cast
    fine = make_professional(cast.windwerk, "Ilse Kok")
    far = make_professional(cast.windwerk, "Jan Ver", latitude=53.2, longitude=6.5)
    full = make_professional(cast.windwerk, "Kees Vol", month_cap=0)
    away = make_professional(cast.windwerk, "Lia Weg", paused_until=clock.today())
    left = make_professional(cast.windwerk, "Mo Uit", is_active=False)
    danish = make_professional(cast.windwerk, "Nis Deens", languages=["da"])
    elsewhere = make_professional(cast.printlab, "Olaf Anders")
    proposal = asked(cast)
    assert service.colleagues_for(proposal) == [fine]
    for other in (far, full, away, left, danish, elsewhere):
        with pytest.raises(Invalid, match=r"has no room|geen ruimte"):
            service.pass_on(proposal, other.id, side=Side.COMPANY, by=cast.dirk)
        db.session.rollback()


def test_a_question_does_not_go_back_to_who_passed_it_on(any_app: Flask, any_cast: Cast) -> None:
    ilse = make_professional(any_cast.windwerk, "Ilse Kok")
    proposal = asked(any_cast)
    service.pass_on(proposal, ilse.id, side=Side.COMPANY, by=any_cast.dirk)
    db.session.commit()
    assert service.colleagues_for(proposal) == []
    journal = select(JournalEntry.changes).where(JournalEntry.deed == "pass_on")
    assert db.session.scalars(journal).one()["professional"] == any_cast.dirk_professional.id


def test_what_colleagues_tell_each_other_stays_in_the_company(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    ilse = make_professional(cast.windwerk, "Ilse Kok")
    proposal = asked(cast)
    note = "Ik heb geen zin"
    service.pass_on(proposal, ilse.id, side=Side.COMPANY, by=cast.dirk, note=note)
    db.session.commit()
    found = {}
    for person in (cast.anna, cast.carla):
        sign_in(client, person)
        found[person.first_name] = note in client.get(f"/proposals/{proposal.id}").text
    assert found == {"Anna": False, "Carla": True}
    assert ("company_passed_on", "Carla") in mails()


def test_passing_on_in_the_product(cast: Cast, client: FlaskClient, sign_in) -> None:
    ilse = make_professional(cast.windwerk, "Ilse Kok")
    proposal = asked(cast)
    sign_in(client, cast.dirk)
    path = f"/proposals/{proposal.id}"
    assert client.post(f"{path}/colleague", data={"colleague": ""}).status_code == 422
    posted = client.post(f"{path}/colleague", data={"colleague": ilse.id})
    assert (posted.status_code, posted.location) == (303, "/proposals")
    assert (state_of(proposal), proposal.professional_id) == (ProposalState.ASKED, ilse.id)
    sign_in(client, cast.anna)
    assert client.post(f"{path}/colleague", data={"colleague": ilse.id}).status_code != 303


def test_old_links_are_forgotten(any_app: Flask, any_cast: Cast) -> None:
    proposal = asked(any_cast)
    assert proposal.answer_by is not None
    with at(proposal.answer_by + links.KEPT_FOR + timedelta(days=1)):
        assert links.forget_old() == 2
        db.session.commit()
    assert db.session.query(PersonalLink).count() == 0
    assert db.session.query(OutboxMail).count() == 2
