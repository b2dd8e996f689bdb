"""A teacher finds her school by a few letters, before she has an account."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select

from matcher.extensions import db
from matcher.models.organisation import School


def schools_like(words: str, limit: int = 10) -> list[School]:
    """Open schools whose name, town or postcode hold all the words; best beginnings first."""
    sought = _plain(words).split()[:6]
    if sum(map(len, sought)) < 2:
        return []
    found = select(School).where(School.is_open)
    for word in sought:
        found = found.where(School.search.contains(word, autoescape=True))
    begins = School.search.startswith(sought[0], autoescape=True)
    order = (begins.desc(), School.name, School.town, School.id)
    return list(db.session.scalars(found.order_by(*order).limit(limit)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())
