"""Words outside the page: composed into the outbox with the deed, delivered after it."""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import ColumnElement, or_, select, update

from matcher import clock
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.link import PersonalLink
from matcher.models.outbox import MailState, OutboxMail

log = logging.getLogger("lesbrug.mail")

MINUTES_TO_RETRY = (0.5, 1, 2, 5, 10, 30, 60, 60, 120)
LEASE = timedelta(minutes=5)
KEPT_FOR = timedelta(days=30)
PATIENCE_SECONDS = 20
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@]+@[^\s<>,;:\"()\[\]\\@]+")
Send = Callable[[EmailMessage], None]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody without an account: who registers, or is invited."""

    email: str
    language: str
    first_name: ClassVar[str] = ""


class Undeliverable(Exception):
    """The receiving server refused this mail for good."""


# ---- compose ------------------------------------------------------------------------------------
def queue(
    message: str,
    person: Person | Stranger,
    *,
    key: str,
    path: str = "/",
    personal: PersonalLink | None = None,
    wait: timedelta = timedelta(),
    **facts: Any,
) -> OutboxMail:
    """Freeze a mail in the outbox, in the person's language; the same ``key`` is mailed once.

    ``path`` is where its one link leads, or ``personal`` the reader's own link, whose secret is
    filled in when it is sent, ``wait`` from now at the soonest. Raises ValueError for an address
    that is none.
    """
    known = db.session.scalar(select(OutboxMail).where(OutboxMail.dedupe_key == key))
    if known is not None:
        return known
    if not ADDRESS.fullmatch(person.email):
        raise ValueError("a mail needs one plain address")
    link = current_app.config["PUBLIC_URL"] + (personal.untold_path if personal else path)
    subject, body = _render(message, person, link=link, **facts)
    mail = OutboxMail(
        dedupe_key=key,
        message=message,
        person=person if isinstance(person, Person) else None,
        to_address=person.email,
        language=person.language,
        subject=subject,
        body=body,
        message_id=_message_id(key),
        next_try_at=clock.now() + wait,
        link=personal,
    )
    db.session.add(mail)
    return mail


def rehearse(message: str, person: Stranger, **facts: Any) -> None:
    """Take as long as ``queue`` and write to nobody: the clock must not tell who has an account."""
    _render(message, person, link=current_app.config["PUBLIC_URL"], **facts)


def _render(message: str, person: Person | Stranger, **facts: Any) -> tuple[str, str]:
    environment = current_app.jinja_env
    with force_locale(person.language):
        subject = environment.get_template(f"mail/{message}.subject.txt")
        body = environment.get_template(f"mail/{message}.body.txt")
        line = " ".join(subject.render(person=person, **facts).split())
        text = re.sub(r"\n{3,}", "\n\n", body.render(person=person, **facts))
        return line[:200], text.strip() + "\n"


def _message_id(key: str) -> str:
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{host}>"


# ---- deliver ------------------------------------------------------------------------------------
def deliver_waiting(limit: int = 50) -> int:
    """Send what is due; how many went out.

    Each mail is leased in one transaction, sent outside any, and written off in another: no
    database lock waits for the network, and two processes never send the same mail at once.
    """
    due = list(db.session.scalars(_due(limit)))
    db.session.commit()
    if not due:
        return 0
    sent = 0
    try:
        with _transport() as send:
            for key in due:
                sent += _deliver(key, send)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the mail server is away: %s", type(error).__name__)
        _postpone_first(due, error)
    return sent


def _due(limit: int) -> Any:
    return (
        select(OutboxMail.id)
        .where(OutboxMail.next_try_at <= clock.now(), *unsent())
        .order_by(OutboxMail.next_try_at, OutboxMail.id)
        .limit(limit)
    )


def unsent() -> tuple[ColumnElement[bool], ...]:
    """Waiting, and in nobody's hands."""
    unleased = or_(OutboxMail.leased_until.is_(None), OutboxMail.leased_until < clock.now())
    return OutboxMail.state == MailState.WAITING, unleased


def _lease(key: int) -> OutboxMail | None:
    claim = update(OutboxMail).where(OutboxMail.id == key, *unsent())
    values = {"leased_until": clock.now() + LEASE, "attempts": OutboxMail.attempts + 1}
    claimed = db.session.execute(
        claim.values(values).execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return db.session.get(OutboxMail, key, populate_existing=True) if claimed else None


def _deliver(key: int, send: Send) -> bool:
    mail = _lease(key)
    if mail is None:
        return False
    letter = _letter(mail)
    db.session.commit()
    try:
        send(letter)
    except Undeliverable as refusal:
        _fail(mail, refusal)
    except (OSError, smtplib.SMTPException) as error:
        _retry(mail, error)
    else:
        mail.state, mail.sent_at, mail.leased_until = MailState.SENT, clock.now(), None
    db.session.commit()
    return mail.state == MailState.SENT


def _retry(mail: OutboxMail, error: Exception) -> None:
    """Wait a little longer each time, and give up in the end."""
    if mail.attempts > len(MINUTES_TO_RETRY):
        _fail(mail, error)
        return
    wait = timedelta(minutes=MINUTES_TO_RETRY[mail.attempts - 1])
    mail.next_try_at, mail.leased_until = clock.now() + wait, None
    mail.error = _told(error)


def _fail(mail: OutboxMail, error: Exception) -> None:
    mail.state, mail.leased_until, mail.error = MailState.FAILED, None, _told(error)
    log.warning("mail %s (%s) cannot be delivered", mail.id, mail.message)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _postpone_first(due: list[int], error: Exception) -> None:
    """No connection: the oldest mail pays for the try, the others keep theirs."""
    mail = _lease(due[0])
    if mail is not None:
        _retry(mail, error)
        db.session.commit()


# ---- letters and the ways they go ---------------------------------------------------------------
def _letter(mail: OutboxMail) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = current_app.config["MAIL_FROM"]
    letter["To"] = mail.to_address
    letter["Subject"] = mail.subject
    letter["Date"] = format_datetime(mail.created_at)
    letter["Message-ID"] = mail.message_id
    letter["Content-Language"] = mail.language
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(mail.text)
    return letter


@contextmanager
def _transport() -> Iterator[Send]:
    """One connection for the whole batch, or a folder where no server is set."""
    address = current_app.config["SMTP_URL"]
    if not address:
        yield _into(Path(current_app.config["MAIL_FOLDER"]))
        return
    with _connection(address) as server:
        yield lambda letter: _by_server(server, letter)


def _connection(address: str) -> smtplib.SMTP:
    """smtp://user:password@host:587 or smtps://…; a password travels only encrypted."""
    url = urlsplit(address)
    host, secure = url.hostname or "localhost", url.scheme == "smtps"
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if secure:
        server = smtplib.SMTP_SSL(host, url.port or 465, timeout=PATIENCE_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=PATIENCE_SECONDS)
    server.ehlo()
    if not secure and server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
        secure = True
    if url.username:
        if not secure and host not in {"localhost", "127.0.0.1", "::1"}:
            raise smtplib.SMTPNotSupportedError("no password over an open line")
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def _by_server(server: smtplib.SMTP, letter: EmailMessage) -> None:
    """Raises Undeliverable when the server says no to this reader or this text for good."""
    try:
        server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, reason = next(iter(refusal.recipients.values()))
        if code >= 500:
            raise Undeliverable(f"{code} {reason!r}") from refusal
        raise
    except smtplib.SMTPDataError as refusal:
        if refusal.smtp_code >= 500:
            raise Undeliverable(f"{refusal.smtp_code} {refusal.smtp_error!r}") from refusal
        raise


def _into(folder: Path) -> Send:
    """Files named by Message-ID: sending one twice leaves one file."""

    def write(letter: EmailMessage) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^0-9a-zA-Z.@-]", "", letter["Message-ID"])
        unfinished = folder / f".{name}.part"
        unfinished.write_bytes(letter.as_bytes())
        unfinished.replace(folder / f"{name}.eml")

    return write


# ---- tidy ---------------------------------------------------------------------------------------
def forget_old() -> int:
    """Empty the texts of mails older than thirty days; that they were sent stays known."""
    old = update(OutboxMail).where(
        OutboxMail.created_at < clock.now() - KEPT_FOR,
        OutboxMail.state != MailState.WAITING,
        OutboxMail.body != "",
    )
    emptied = db.session.execute(old.values(body="", subject="", to_address=""))
    return int(emptied.rowcount)  # type: ignore[attr-defined]
