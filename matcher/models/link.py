"""Personal links in mails: for one person, one purpose and one thing, until a day."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock, seals
from matcher.extensions import db
from matcher.models.base import Code, Key, Model, Moment, choice, owned
from matcher.models.moves import Side

if TYPE_CHECKING:
    from matcher.models.account import Person
    from matcher.models.professional import Professional
    from matcher.models.proposal import Proposal

UNTOLD = "…"  # stands in a stored mail where the sent one has the secret part


class PersonalPurpose(StrEnum):
    """What a link is good for, and the first part of its address."""

    ANSWER = "answer"
    STILL_TRUE = "still-true"
    PLEDGE = "this-year"


class PersonalLink(Model):
    """A link that lets its reader do one thing without signing in.

    The secret part is a signature made from this row and the service's key whenever it is needed:
    neither it nor a hash of it is stored, so that who reads the tables or a stored mail cannot act.
    """

    __tablename__ = "personal_link"
    __table_args__ = (UniqueConstraint("purpose", "proposal_id", "holder"),)

    id: Mapped[Key]
    purpose: Mapped[PersonalPurpose] = mapped_column(choice(PersonalPurpose, "purpose"))
    nonce: Mapped[str] = mapped_column(String(16), default=lambda: secrets.token_hex(6))
    holder: Mapped[Code]  # "person:7", or "professional:3" for somebody without an account
    person_id: Mapped[int | None] = owned("person.id", cascade=True)
    professional_id: Mapped[int | None] = owned("professional.id", cascade=True)
    proposal_id: Mapped[int | None] = owned("proposal.id", cascade=True)
    side: Mapped[Side | None] = mapped_column(choice(Side, "side"))
    expires_at: Mapped[Moment]
    created_at: Mapped[Moment] = mapped_column(default=clock.now)

    person: Mapped[Person | None] = relationship()
    professional: Mapped[Professional | None] = relationship()
    proposal: Mapped[Proposal | None] = relationship()

    @property
    def token(self) -> str:
        return seals.seal(self.purpose, f"{self.id}.{self.nonce}")

    @property
    def path(self) -> str:
        return f"/{self.purpose}/{self.token}"

    @property
    def untold_path(self) -> str:
        """The same address without its secret, for what is stored."""
        return f"/{self.purpose}/{UNTOLD}"


def find_link(purpose: PersonalPurpose, token: str) -> PersonalLink | None:
    """The link a token was sealed for; None for any other text."""
    words = seals.break_seal(purpose, token)
    key, _dot, nonce = (words or "").partition(".")
    if not key.isdigit() or len(key) > 9:
        return None
    link = db.session.get(PersonalLink, int(key))
    return link if link is not None and (link.nonce, link.purpose) == (nonce, purpose) else None
