"""Mail: frozen with the deed, sent once, retried on a schedule, never with a forged header."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from matcher import clock, mail
from matcher.extensions import db
from matcher.models.moves import MOVES, Side
from matcher.models.organisation import Partnership
from matcher.models.outbox import MailState, OutboxMail
from matcher.models.proposal import Proposal
from matcher.needs.ladder import Rung
from matcher.needs.standing import News
from tests.cast import Cast

ROOT = Path(__file__).resolve().parent.parent
PROPOSAL_MAILS = sorted(
    {name for move in MOVES.values() for name in move.mails}
    | {"school_reminder", "company_reminder"}
    | {
        "seat_found",
        "school_in_vain",
        "visit_next_week",
        "visit_tomorrow",
        "visit_held_asked",
        "message_waiting",
    }
)
PARTNER_MAILS = [
    "partnership_suggested",
    "partnership_signed",
    "partnership_active",
    "partnership_ended",
    "partnership_renewal",
]
NEED_MAILS = ["need_alerts", "need_ladder"]
ACCOUNT_MAILS = {
    "verify": {},
    "sign_in_link": {},
    "reset": {},
    "already_known": {},
    "password_changed": {},
    "second_factor_changed": {"on": True},
    "invite": {"company": "Windwerk", "inviter": "Carla"},
    "pledge_asked": {"company": "Windwerk"},
    "still_true_asked": {"company": "Windwerk"},
    "account_unused": {"day": date(2027, 3, 3)},
    "accounts_joined": {},
    "entered": {"by": "Gea"},
    "moderated": {"title": "Wind", "deed": "held", "reason": "Reclame"},
}
# tests/offers/test_webinars.py, tests/proposals/test_releases.py, tests/visits/test_handing_in.py
ELSEWHERE = {"seat_missed", "question_taken_back", "handed_in", "judged"}


class Sink:
    """An SMTP server that keeps what it gets, or answers as told."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.got: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("2"):
            self.got.append(BytesParser(policy=policy.default).parsebytes(envelope.content))
        return self.answer


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    handler = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    yield handler
    controller.stop()


def _queue(cast: Cast, key: str = "one") -> OutboxMail:
    row = mail.queue("sign_in_link", cast.anna, key=key, path="/in/secret")
    db.session.commit()
    return row


def _proposal(cast: Cast) -> Proposal:
    proposal = Proposal(
        need=cast.need,
        offer=cast.lecture,
        region_id=cast.region.id,
        slot=cast.slot,
        professional=cast.dirk_professional,
        starts_at=cast.slot.starts_at,
        ends_at=cast.slot.ends_at,
    )
    db.session.add(proposal)
    proposal.move("release", side=Side.SYSTEM, by=None, answer_by=clock.now() + timedelta(days=7))
    db.session.commit()
    return proposal


def test_the_same_key_is_queued_once(cast: Cast) -> None:
    assert _queue(cast).id == _queue(cast).id
    assert db.session.scalars(select(OutboxMail.dedupe_key)).all() == ["one"]


def test_a_mail_rolled_back_with_its_deed_is_never_sent(cast: Cast, sink: Sink) -> None:
    mail.queue("sign_in_link", cast.anna, key="one")
    db.session.rollback()
    assert mail.deliver_waiting() == 0
    assert sink.got == []


def test_delivery_sends_each_mail_once_with_a_stable_message_id(cast: Cast, sink: Sink) -> None:
    row = _queue(cast)
    assert [mail.deliver_waiting(), mail.deliver_waiting()] == [1, 0]
    [letter] = sink.got
    assert letter["Message-ID"] == row.message_id
    assert letter["To"] == "anna@example.nl"
    assert letter["Subject"] == row.subject
    assert letter.get_content().replace("\r\n", "\n").strip() == row.body.strip()
    assert (row.state, row.attempts, row.error) == (MailState.SENT, 1, "")


def test_a_mail_in_another_process_hands_is_left_alone_until_its_lease_ends(
    cast: Cast, sink: Sink
) -> None:
    row = _queue(cast)
    row.leased_until = clock.now() + mail.LEASE
    db.session.commit()
    assert mail.deliver_waiting() == 0
    with time_machine.travel(clock.now() + mail.LEASE + timedelta(seconds=1), tick=False):
        assert mail.deliver_waiting() == 1


def test_a_temporary_no_is_retried_on_the_schedule_and_given_up_in_the_end(
    cast: Cast, sink: Sink
) -> None:
    start = clock.now()
    row = _queue(cast)
    sink.answer = "451 later"
    waits = []
    with time_machine.travel(start + timedelta(seconds=1), tick=False) as traveller:
        for _ in mail.MINUTES_TO_RETRY:
            assert mail.deliver_waiting() == 0
            waits.append((row.next_try_at - clock.now()).total_seconds() / 60)
            traveller.move_to(row.next_try_at - timedelta(seconds=1))
            mail.deliver_waiting()
            assert row.attempts == len(waits)  # not a second too early
            traveller.move_to(row.next_try_at)
        assert row.state == MailState.WAITING
        mail.deliver_waiting()
    assert waits == [0.5, 1, 2, 5, 10, 30, 60, 60, 120]
    assert (row.state, row.attempts) == (MailState.FAILED, 10)


def test_a_final_no_fails_at_once_and_does_not_hold_up_the_next_mail(
    cast: Cast, sink: Sink
) -> None:
    first = _queue(cast)
    sink.answer = "550 no such person"
    assert mail.deliver_waiting() == 0
    assert (first.state, first.attempts) == (MailState.FAILED, 1)
    sink.answer = "250 OK"
    _queue(cast, "two")
    assert mail.deliver_waiting() == 1


def test_a_server_that_is_away_costs_one_mail_one_try(app: Flask, cast: Cast) -> None:
    app.config["SMTP_URL"] = "smtp://127.0.0.1:9"
    first, second = _queue(cast), _queue(cast, "two")
    assert mail.deliver_waiting() == 0
    assert [first.attempts, second.attempts] == [1, 0]
    assert {first.state, second.state} == {MailState.WAITING}


def test_a_password_is_not_sent_over_an_open_line_to_another_machine(
    app: Flask, cast: Cast, sink: Sink
) -> None:
    port = app.config["SMTP_URL"].rsplit(":", 1)[1]
    app.config["SMTP_URL"] = f"smtp://me:secret@0.0.0.0:{port}"
    row = _queue(cast)
    assert mail.deliver_waiting() == 0
    assert row.error == "SMTPNotSupportedError: no password over an open line"


def test_without_a_server_mail_becomes_one_file(app: Flask, cast: Cast) -> None:
    row = _queue(cast)
    assert mail.deliver_waiting() == 1
    row.state, row.sent_at = MailState.WAITING, None  # as after a crash before the write-off
    db.session.commit()
    assert mail.deliver_waiting() == 1
    [path] = Path(app.config["MAIL_FOLDER"]).iterdir()
    letter = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    assert (letter["To"], letter["Message-ID"]) == ("anna@example.nl", row.message_id)
    assert "http://localhost/in/secret" in letter.get_content()


@pytest.mark.parametrize(
    "address",
    ["a@example.nl\nBcc: b@example.nl", "a@example.nl, b@example.nl", "<a@example.nl>", "nobody"],
)
def test_an_address_that_could_forge_a_header_is_refused(cast: Cast, address: str) -> None:
    cast.anna.email = address
    with db.session.no_autoflush, pytest.raises(ValueError, match="one plain address"):
        mail.queue("sign_in_link", cast.anna, key="one")


def test_line_breaks_in_a_title_stay_out_of_the_subject(cast: Cast, sink: Sink) -> None:
    proposal = _proposal(cast)
    cast.lecture.title = "Wind\r\nBcc: everybody@example.nl"
    row = mail.queue("school_asked", cast.anna, key="one", proposal=proposal)
    db.session.commit()
    assert mail.deliver_waiting() == 1
    [letter] = sink.got
    assert letter["Bcc"] is None
    assert letter["Subject"] == row.subject
    assert row.subject.endswith("Wind Bcc: everybody@example.nl")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("message", PROPOSAL_MAILS)
def test_a_proposals_mail_has_one_link_and_nobodys_contact_details(
    cast: Cast, message: str, language: str
) -> None:
    proposal = _proposal(cast)
    for person in (cast.anna, cast.dirk, cast.carla):
        person.phone = "0612345678"
    cast.carla.language = language
    row = mail.queue(
        message, cast.carla, key="one", path="/proposals/7", proposal=proposal, doing=""
    )
    written = f"{row.subject}\n{row.body}"
    assert [word for word in written.split() if "://" in word] == ["http://localhost/proposals/7"]
    secrets = ("@", "0612345678", "Anna", "Boer", "Dirk", "Jansen", "Smit", "5611", "Lorentz")
    assert [secret for secret in secrets if secret in written] == []
    assert row.subject != ""
    assert "\n\n\n" not in row.body


@pytest.mark.parametrize("message", ACCOUNT_MAILS)
def test_an_accounts_mail_has_one_link(cast: Cast, message: str) -> None:
    facts: dict[str, Any] = ACCOUNT_MAILS[message]
    row = mail.queue(message, cast.anna, key="one", path="/links/abc", **facts)
    assert [w for w in row.body.split() if "://" in w] == ["http://localhost/links/abc"]


@pytest.mark.parametrize("side", [Side.SCHOOL, Side.COMPANY])
@pytest.mark.parametrize("message", PARTNER_MAILS)
def test_a_partnerships_mail_has_one_link_and_names_nobody(
    cast: Cast, message: str, side: Side
) -> None:
    partnership = Partnership(
        school=cast.lorentz,
        company=cast.windwerk,
        starts_on=date(2026, 8, 1),
        ends_on=date(2027, 7, 31),
    )
    facts = {"partnership": partnership, "side": side}
    row = mail.queue(message, cast.carla, key="one", path="/partnerships/1", **facts)
    written = f"{row.subject}\n{row.body}"
    assert [w for w in written.split() if "://" in w] == ["http://localhost/partnerships/1"]
    secrets = ("@", "Anna", "Dirk", "Smit", "5611", "Lorentz")
    assert [secret for secret in secrets if secret in written] == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("message", NEED_MAILS)
def test_a_needs_mail_has_one_link_and_names_nobody(
    cast: Cast, message: str, language: str
) -> None:
    cast.anna.language = language
    news = [News(cast.need, [cast.lecture], 2)]
    rung = Rung(cast.lecture, None, (None, None), 0, "", starts_now=True)
    facts = {"news": news, "need": cast.need, "rungs": [rung]}
    row = mail.queue(message, cast.anna, key="one", path="/needs/1", **facts)
    written = f"{row.subject}\n{row.body}"
    assert [w for w in written.split() if "://" in w] == ["http://localhost/needs/1"]
    secrets = ("@", "Boer", "Dirk", "Smit", "5611", "Lorentz")
    assert [secret for secret in secrets if secret in written] == []
    assert written.count(cast.lecture.title) >= 1
    assert "\n\n\n" not in row.body


def test_every_template_of_the_folder_is_a_mail_that_is_tested() -> None:
    found = {path.name.split(".")[0] for path in (ROOT / "templates/mail").glob("*.body.txt")}
    known = {*PROPOSAL_MAILS, *PARTNER_MAILS, *ACCOUNT_MAILS, *NEED_MAILS, *ELSEWHERE}
    assert found == known


def test_old_mails_lose_their_text_and_address(cast: Cast, sink: Sink) -> None:
    row = _queue(cast)
    mail.deliver_waiting()
    with time_machine.travel(clock.now() + mail.KEPT_FOR + timedelta(days=1), tick=False):
        assert mail.forget_old() == 1
        assert mail.forget_old() == 0
    db.session.expire_all()
    assert (row.subject, row.body, row.to_address) == ("", "", "")
    assert row.state == MailState.SENT
