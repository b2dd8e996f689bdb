"""The demo's statements of co-financing: the year before last is signed, last year waits."""

from __future__ import annotations

from matcher import clock
from matcher.extensions import db
from matcher.figures import co_financing
from matcher.models.account import Person
from matcher.models.organisation import Region

RATE_CENTS, PREPARATION_MINUTES = 6000, 60


def sign_earlier_year(region: Region, coordinator: Person) -> None:
    """Flushed, not committed."""
    first = int(clock.school_year()[:4]) - 2
    year = f"{first}-{(first + 1) % 100:02d}"
    co_financing.sign(
        region,
        year,
        rate_cents=RATE_CENTS,
        preparation_minutes=PREPARATION_MINUTES,
        by=coordinator,
    )
    db.session.flush()
