"""Messages between the two sides: relayed, told by mail, limited, reported."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matcher import clock, mail
from matcher.errors import NotAllowed, TooMany, WrongState
from matcher.extensions import db
from matcher.models.moves import Side
from matcher.models.outbox import OutboxMail
from matcher.models.proposal import Proposal
from matcher.models.visit import Message
from matcher.proposals import links, messages, service
from tests.cast import Cast
from tests.proposals.scenes import ask, at, confirm, mails
from tests.proposals.test_inputs import counted

TELLING = "Groet, Anna de Boer (06-12345678) van het Lorentz College"


@pytest.fixture
def asked(any_cast: Cast) -> Proposal:
    proposal = ask(any_cast, any_cast.need, any_cast.lecture, any_cast.slot)
    mails()
    return proposal


def read(proposal: Proposal, side: Side) -> list[str]:
    return [line.words for line in messages.messages_of(proposal, side)]


def test_a_message_waits_with_its_names_until_the_visit_is_agreed(
    asked: Proposal, any_cast: Cast
) -> None:
    messages.say(asked, TELLING, side=Side.SCHOOL, by=any_cast.anna)
    masked = "Groet, […] ([…]) van het […]"
    [own] = messages.messages_of(asked, Side.SCHOOL)
    assert (own.words, own.other_reads, own.who) == (TELLING, masked, "Anna de Boer")
    [other] = messages.messages_of(asked, Side.COMPANY)
    assert (other.words, other.other_reads, other.who) == (masked, "", "")
    service.accept(asked, side=Side.SCHOOL, by=any_cast.anna)
    assert read(asked, Side.COMPANY) == ["Groet, Anna […] ([…]) van het Lorentz College"]
    service.accept(asked, side=Side.COMPANY, by=any_cast.dirk)
    [told] = messages.messages_of(asked, Side.COMPANY)
    assert (told.words, told.who) == (TELLING, "Anna de Boer")
    assert messages.messages_of(asked, Side.COORDINATOR) == []


def test_the_other_side_gets_one_mail_for_what_is_said_in_a_row(
    asked: Proposal, any_cast: Cast
) -> None:
    for words in ("Een", "Twee"):
        messages.say(asked, words, side=Side.SCHOOL, by=any_cast.anna)
    [row] = db.session.query(OutboxMail).all()
    assert (row.message, row.person) == ("message_waiting", any_cast.dirk)
    assert row.next_try_at - row.created_at >= timedelta(seconds=119)
    db.session.commit()
    assert mail.deliver_waiting() == 0
    with at(clock.now() + messages.TOLD_AFTER):
        assert mail.deliver_waiting() == 1
        messages.say(asked, "Drie", side=Side.SCHOOL, by=any_cast.anna)
        messages.say(asked, "Ja", side=Side.COMPANY, by=any_cast.dirk)
    assert mails() == [
        ("message_waiting", "Dirk"),
        ("message_waiting", "Dirk"),
        ("message_waiting", "Anna"),
    ]


def test_twenty_an_hour_is_the_most_and_nothing_typed_is_lost(
    asked: Proposal, any_cast: Cast
) -> None:
    for number in range(messages.MOST_AN_HOUR):
        messages.say(asked, str(number), side=Side.SCHOOL, by=any_cast.anna)
    with pytest.raises(TooMany) as refusal:
        messages.say(asked, "21", side=Side.SCHOOL, by=any_cast.anna)
    assert refusal.value.field == "words"
    messages.say(asked, "Van mij", side=Side.COMPANY, by=any_cast.dirk)
    with at(clock.now() + timedelta(minutes=61)):
        messages.say(asked, "21", side=Side.SCHOOL, by=any_cast.anna)
    assert read(asked, Side.SCHOOL)[-2:] == ["Van mij", "21"]


def test_nothing_is_said_once_it_has_ended(asked: Proposal, any_cast: Cast) -> None:
    messages.say(asked, "Kan het later?", side=Side.COMPANY, by=any_cast.dirk)
    service.decline(asked, side=Side.COMPANY, by=any_cast.dirk, reasons=["date"])
    with pytest.raises(WrongState):
        messages.say(asked, "Toch wel", side=Side.COMPANY, by=any_cast.dirk)
    assert read(asked, Side.SCHOOL) == ["Kan het later?"]


def test_a_report_is_the_other_sides_and_the_coordinator_settles_it(
    asked: Proposal, any_cast: Cast
) -> None:
    row = messages.say(asked, "Onaardig", side=Side.COMPANY, by=any_cast.dirk)
    for person in (any_cast.dirk, any_cast.gea, any_cast.bram):
        with pytest.raises(NotAllowed):
            messages.report(row, "", by=person)
    with pytest.raises(NotAllowed):
        messages.settle(row, hide=True, by=any_cast.gea)
    assert messages.counts_of([any_cast.region.id]) == {}
    messages.report(row, "Dit hoort niet", by=any_cast.anna)
    messages.report(row, "Nog eens", by=any_cast.anna)
    assert (row.report_note, row.reported_by_id) == ("Dit hoort niet", any_cast.anna.id)
    assert messages.counts_of([any_cast.region.id]) == {any_cast.region.id: 1}
    with pytest.raises(NotAllowed):
        messages.settle(row, hide=True, by=any_cast.hugo)
    messages.settle(row, hide=True, by=any_cast.gea)
    assert messages.counts_of([any_cast.region.id]) == {}
    assert (read(asked, Side.SCHOOL), read(asked, Side.COMPANY)) == ([""], [""])


def test_both_write_on_the_proposals_page(cast: Cast, client: FlaskClient, sign_in) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    path = f"/proposals/{proposal.id}"
    sign_in(client, cast.anna)
    assert client.post(f"{path}/messages", data={"words": " "}).status_code == 422
    answer = client.post(f"{path}/messages", data={"words": f"<b>{TELLING}"})
    assert (answer.status_code, answer.location) == (303, f"{path}#messages")
    sign_in(client, cast.dirk)
    page = client.get(path).get_data(as_text=True)
    assert "&lt;b&gt;Groet, […] ([…]) van het […]" in page
    row = db.session.query(Message).one()
    answer = client.post(f"/messages/{row.id}/report", data={"note": "Spam"})
    assert answer.location == f"{path}#messages"
    db.session.expire_all()
    assert (row.report_note, row.reported_by_id) == ("Spam", cast.dirk.id)


def test_too_many_are_told_beside_the_field_with_the_words_kept(
    cast: Cast, client: FlaskClient, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST_AN_HOUR", 1)
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    db.session.commit()
    sign_in(client, cast.anna)
    for status in (303, 422):
        answer = client.post(f"/proposals/{proposal.id}/messages", data={"words": "Bewaar mij"})
        assert answer.status_code == status
    page = answer.get_data(as_text=True)
    assert (page.count('id="words-error"'), page.count("Bewaar mij</textarea>")) == (1, 1)
    assert db.session.query(Message).count() == 1


def test_a_guest_without_an_account_reads_and_writes_behind_the_mailed_link(
    cast: Cast, client: FlaskClient
) -> None:
    cast.dirk_professional.person_id = None
    db.session.flush()
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    messages.say(proposal, "Lukt tien uur?", side=Side.SCHOOL, by=cast.anna)
    path = links.of_guest(proposal, cast.dirk_professional).path
    db.session.commit()
    assert "Lukt tien uur?" in client.get(path).get_data(as_text=True)
    assert client.post(f"{path}/messages", data={"words": ""}).status_code == 422
    assert client.post(f"{path}/messages", data={"words": "Ja hoor"}).status_code == 303
    db.session.expire_all()
    [_first, second] = messages.messages_of(proposal, Side.SCHOOL)
    assert (second.words, second.who, second.is_mine) == ("Ja hoor", "", False)
    told = db.session.query(OutboxMail).filter_by(message="message_waiting").all()
    assert [row.to_address for row in told] == [
        "carla@example.nl",
        "dirk@example.nl",
        "anna@example.nl",
    ]


def test_a_coordinator_reads_only_what_was_reported(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = confirm(cast, cast.need, cast.lecture, cast.slot)
    first = messages.say(proposal, "Kanarie een", side=Side.SCHOOL, by=cast.anna)
    messages.say(proposal, "Kanarie twee", side=Side.SCHOOL, by=cast.anna)
    messages.report(first, "Waarom", by=cast.dirk)
    db.session.commit()
    sign_in(client, cast.gea)
    listed = f"/coordination/regions/{cast.region.id}/messages"
    pages = {
        path: client.get(path).get_data(as_text=True)
        for path in (f"/proposals/{proposal.id}", f"/visits/{proposal.id}", listed)
    }
    assert [path for path, page in pages.items() if "Kanarie een" in page] == [listed]
    assert [path for path, page in pages.items() if "Kanarie twee" in page] == []
    words = {"words": "Ik ook"}
    assert client.post(f"/proposals/{proposal.id}/messages", data=words).status_code == 403
    client.post(f"/coordination/messages/{first.id}/settle", data={"hide": "yes"})
    assert "Kanarie een" not in client.get(listed).get_data(as_text=True)
    assert "Kanarie een" in client.get(f"{listed}?show=all").get_data(as_text=True)
    sign_in(client, cast.dirk)
    assert "Kanarie een" not in client.get(f"/visits/{proposal.id}").get_data(as_text=True)


def test_the_page_costs_the_same_for_one_message_and_for_four(
    cast: Cast, client: FlaskClient, sign_in
) -> None:
    proposal = ask(cast, cast.need, cast.lecture, cast.slot)
    key, writers = proposal.id, (cast.anna.id, cast.carla.id, cast.dirk.id)
    sign_in(client, cast.anna)

    def cost(writer: int) -> int:
        row = Message(proposal_id=key, side=Side.COMPANY, by_id=writer, words="x", at=clock.now())
        db.session.add(row)
        db.session.commit()
        db.session.expunge_all()
        with counted() as told:
            assert client.get(f"/proposals/{key}").status_code == 200
        return len(told)

    assert len({cost(writer) for writer in writers}) == 1
