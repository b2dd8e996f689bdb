"""Expected refusals.

DomainError
├── NotAllowed            the person may not do this
├── NotFound              there is no such thing, or not for this person
├── Invalid               a value breaks a rule; ``field`` names the form field
├── WrongState            the thing has moved on: this step is no longer possible
├── Taken                 somebody else was first: a slot, a seat, a load limit, an address
└── TooMany               too many tries in a short time
"""

from __future__ import annotations


class DomainError(Exception):
    """A refusal a person can read; ``message`` may be a lazy translation."""

    def __init__(self, message: object, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The person may not do this."""


class NotFound(DomainError):
    """There is no such thing, or not for this person."""


class Invalid(DomainError):
    """A value breaks a rule; ``field`` names the form field it belongs to."""


class WrongState(DomainError):
    """The thing has moved on: this step is no longer possible."""


class Taken(DomainError):
    """Somebody else was first."""


class TooMany(DomainError):
    """Too many tries in a short time; waiting helps."""
