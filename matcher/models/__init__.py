"""Nouns: one module for each thing the service remembers."""

from matcher.models import (
    account,
    event,
    guide,
    indicator,
    journal,
    link,
    need,
    offer,
    organisation,
    outbox,
    professional,
    proposal,
    run,
    seat,
    synonym,
    visit,
)

__all__ = [
    "account",
    "event",
    "guide",
    "indicator",
    "journal",
    "link",
    "need",
    "offer",
    "organisation",
    "outbox",
    "professional",
    "proposal",
    "run",
    "seat",
    "synonym",
    "visit",
]
