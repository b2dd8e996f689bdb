"""What makes a company say yes: how far a need has come, and the next thing that would help."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from matcher import clock
from matcher.models.need import Need
from matcher.needs.rhythm import LEAD

ENOUGH_GOAL, ENOUGH_HOOK = 60, 30  # letters
ENOUGH_TIMES = 3


@dataclass(frozen=True, slots=True)
class Tip:
    """One thing that would make the request better, the step where it is written, and if it is."""

    text: object
    step: str
    done: bool


@dataclass(frozen=True, slots=True)
class Meter:
    """All tips, those still open first in the order of the form."""

    tips: tuple[Tip, ...]

    @property
    def done(self) -> int:
        return sum(tip.done for tip in self.tips)

    @property
    def open(self) -> tuple[Tip, ...]:
        return tuple(tip for tip in self.tips if not tip.done)

    @property
    def share(self) -> float:
        return self.done / len(self.tips)


def meter_of(need: Need) -> Meter:
    """Goal, chapter and what the class knows, choice of times, notice, kinds, the class."""
    days = days_of_notice(need)
    return Meter(
        (
            Tip(
                _l("Tell the goal in a sentence or two: what should pupils know or want after it?"),
                "what",
                len(need.goal) >= ENOUGH_GOAL,
            ),
            Tip(
                _l("Tell which chapter it is and what the class knows already."),
                "what",
                len(need.hook) >= ENOUGH_HOOK,
            ),
            Tip(_l("Welcome more than one kind of visit."), "who", len(need.kinds) >= 2),
            Tip(
                _l("Tell who sits in the class: what they like, what they need."),
                "who",
                bool(need.class_profile or need.support or need.remarks),
            ),
            Tip(
                _l("Give at least three lessons or days to choose from."),
                "when",
                len(need.windows) >= ENOUGH_TIMES,
            ),
            Tip(
                _l("Start at least three weeks from now; companies need that time."),
                "when",
                days is not None and days >= LEAD.days,
            ),
        )
    )


def days_of_notice(need: Need) -> int | None:
    """How many days lie before the first day to come; None where there is none."""
    ahead = [w.starts_at for w in need.windows if w.ends_at > clock.now()]
    return (clock.local(min(ahead)).date() - clock.today()).days if ahead else None
