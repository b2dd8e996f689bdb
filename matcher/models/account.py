"""People: who they are, what they may hold, how they are signed in."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matcher import clock
from matcher.models.base import (
    Code,
    Key,
    Line,
    Model,
    Moment,
    Record,
    StrList,
    choice,
    owned,
)

if TYPE_CHECKING:
    from matcher.models.organisation import Company, Region, School


class Role(StrEnum):
    TEACHER = "teacher"
    COMPANY_CONTACT = "company_contact"
    PROFESSIONAL = "professional"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


COMPANY_ROLES = frozenset({Role.COMPANY_CONTACT, Role.PROFESSIONAL})


class LinkPurpose(StrEnum):
    SIGN_IN = "sign_in"
    RESET = "reset"
    VERIFY = "verify"
    INVITE = "invite"


class Person(Model):
    """Somebody with an account. The address is kept in lower case."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[Line]
    phone: Mapped[str | None] = mapped_column(String(40))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="nl")
    email_verified_at: Mapped[Moment | None]
    blocked_at: Mapped[Moment | None]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[Moment | None]
    calendar_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    seen_at: Mapped[Moment | None]  # when they last came in
    erased_at: Mapped[Moment | None]  # from then on a person without a name

    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="RoleGrant.id"
    )

    second_factor: Mapped[SecondFactor | None] = relationship(
        back_populates="person", cascade="all, delete-orphan"
    )

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else ""

    @property
    def has_second_factor(self) -> bool:
        return self.second_factor is not None and self.second_factor.confirmed_at is not None

    def has_role(self, role: Role) -> bool:
        return any(grant.role == role for grant in self.grants)

    @property
    def school_ids(self) -> frozenset[int]:
        return frozenset(g.school_id for g in self.grants if g.school_id is not None)

    @property
    def company_ids(self) -> frozenset[int]:
        return frozenset(g.company_id for g in self.grants if g.company_id is not None)

    @property
    def region_ids(self) -> frozenset[int]:
        return frozenset(g.region_id for g in self.grants if g.region_id is not None)


class RoleGrant(Model):
    """One role of one person, at the school, company or region it holds for."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("(role = 'teacher') = (school_id IS NOT NULL)", name="teacher_has_school"),
        CheckConstraint(
            "(role IN ('company_contact', 'professional')) = (company_id IS NOT NULL)",
            name="company_role_has_company",
        ),
        CheckConstraint(
            "(role = 'coordinator') = (region_id IS NOT NULL)", name="coordinator_has_region"
        ),
        Index(
            "uq_role_grant_once",
            "person_id",
            "role",
            "school_id",
            "company_id",
            "region_id",
            unique=True,
        ),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = owned("person.id", cascade=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    school_id: Mapped[int | None] = owned("school.id")
    company_id: Mapped[int | None] = owned("company.id")
    region_id: Mapped[int | None] = owned("region.id")
    granted_at: Mapped[Moment] = mapped_column(default=clock.now)

    person: Mapped[Person] = relationship(back_populates="grants")
    school: Mapped[School | None] = relationship()
    company: Mapped[Company | None] = relationship()
    region: Mapped[Region | None] = relationship()


class SignInSession(Model):
    """A signed-in browser. The cookie carries only the key; ending the row ends the session."""

    __tablename__ = "sign_in_session"

    id: Mapped[Key]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = owned("person.id", cascade=True)
    created_at: Mapped[Moment] = mapped_column(default=clock.now)
    seen_at: Mapped[Moment] = mapped_column(default=clock.now)
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    proved_at: Mapped[Moment | None]  # when the second factor was given, by who has one
    browser: Mapped[Line] = mapped_column(default="")

    person: Mapped[Person] = relationship()


class SecondFactor(Model):
    """A code from a person's own device (TOTP), asked after the password or the mailed link."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[str] = mapped_column(String(300))  # the secret, under the service's key
    confirmed_at: Mapped[Moment | None]  # None: shown, not yet proved
    last_step: Mapped[int] = mapped_column(default=0)  # of the code used last: none works twice
    recovery: Mapped[StrList]  # hashes of codes on paper, each good once

    person: Mapped[Person] = relationship(back_populates="second_factor")


class ForeignIdentity(Model):
    """How a school's own sign-in service names a person."""

    __tablename__ = "foreign_identity"

    issuer: Mapped[Line] = mapped_column(primary_key=True)
    subject: Mapped[Line] = mapped_column(primary_key=True)
    person_id: Mapped[int] = owned("person.id", cascade=True)
    seen_at: Mapped[Moment] = mapped_column(default=clock.now)

    person: Mapped[Person] = relationship()


class MailLink(Model):
    """A single-use link sent by mail; only its hash is kept.

    Who registers or is invited becomes a person only by using it: until then ``details`` says
    what will be made.
    """

    __tablename__ = "mail_link"
    __table_args__ = (
        CheckConstraint(
            "purpose IN ('verify', 'invite') OR person_id IS NOT NULL", name="person_known"
        ),
        Index("ix_mail_link_email_purpose", "email", "purpose"),
    )

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(choice(LinkPurpose, "purpose"))
    person_id: Mapped[int | None] = owned("person.id", cascade=True)
    email: Mapped[str] = mapped_column(String(254))
    details: Mapped[Record]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]

    person: Mapped[Person | None] = relationship()


class SignInAttempt(Model):
    """Failed tries, counted in the database so that every web worker sees them."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_subject_at", "subject", "at"),)

    id: Mapped[Key]
    subject: Mapped[Code] = mapped_column(String(80))
    at: Mapped[Moment] = mapped_column(default=clock.now)
