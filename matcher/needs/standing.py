"""What the clock does for open needs: tell of what is new and fits, offer something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock, mail
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.moves import LIVE
from matcher.models.need import Need, NeedAlert, NeedState
from matcher.models.offer import Offer
from matcher.models.outbox import OutboxMail
from matcher.models.proposal import Proposal
from matcher.needs.ladder import rungs
from matcher.needs.queries import is_blank
from matcher.proposals import fits
from matcher.proposals.queries import unmatched_of

MOST_NEEDS = 5000  # looked at in one firing; those that wait longest
MOST_NEW = 20  # new offers told for one need at once
MOST_SHOWN = 5  # of those named in the mail
BLANK_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class News:
    """What is new for one need: the offers a mail names, and how many more there are."""

    need: Need
    offers: Sequence[Offer]
    more: int


# ---- new offers ---------------------------------------------------------------------------------
def tell_of_new_offers() -> int:
    """One mail a day to each teacher with what is new and fits. How many mails.

    An offer is told once for a need; who has had today's mail hears of the rest tomorrow.
    """
    newest = db.session.scalar(select(func.max(Offer.published_at)))
    if newest is None:
        return 0
    wanted = _open().where(Need.alerts, Need.published_at < newest)
    by_teacher: dict[Person, list[Need]] = defaultdict(list)
    for need in db.session.scalars(wanted.limit(MOST_NEEDS)):
        by_teacher[need.teacher].append(need)
    return sum(_tell(teacher, needs) for teacher, needs in by_teacher.items())


def _tell(teacher: Person, needs: Sequence[Need]) -> int:
    key = f"need_alerts:{teacher.id}:{clock.today().isoformat()}"
    told = select(OutboxMail.id).where(OutboxMail.dedupe_key == key)
    if teacher.blocked_at is not None or db.session.scalar(told) is not None:
        return 0
    news = [one for need in needs if (one := _news_for(need)) is not None]
    if not news:
        return 0
    path = f"/offers?fits={news[0].need.id}" if len(news) == 1 else "/needs"
    mail.queue("need_alerts", teacher, key=key, path=path, news=news)
    return 1


def _news_for(need: Need) -> News | None:
    """What was published after the need, fits it on its days, and was neither told nor asked."""
    heard = exists().where(NeedAlert.need_id == need.id, NeedAlert.offer_id == Offer.id)
    asked = exists().where(Proposal.need_id == need.id, Proposal.offer_id == Offer.id)
    found = (
        select(Offer)
        .where(
            Offer.published_at > need.published_at,
            ~heard,
            ~asked,
            fits.passes_on_its_days(need),
        )
        .options(joinedload(Offer.company))
        .order_by(Offer.published_at.desc(), Offer.id)
    )
    offers = db.session.scalars(found.limit(MOST_NEW)).all()
    if not offers:
        return None
    db.session.add_all(NeedAlert(need_id=need.id, offer_id=offer.id) for offer in offers)
    db.session.flush()
    return News(need, offers[:MOST_SHOWN], max(0, len(offers) - MOST_SHOWN))


# ---- the ladder's day ---------------------------------------------------------------------------
def ladder_day(need: Need) -> date | None:
    """From when on a class without anybody is offered something else: the region's days after it
    was published or before its first day, whichever comes first; None before it is published."""
    if need.published_at is None:
        return None
    region = need.region
    waited = clock.local(need.published_at).date() + timedelta(days=region.ladder_after_days)
    if not need.windows:
        return waited
    first = clock.local(min(window.starts_at for window in need.windows)).date()
    return min(waited, first - timedelta(days=region.ladder_before_days))


def is_ladder_open(need: Need) -> bool:
    """Whether that day has come."""
    day = ladder_day(need)
    return day is not None and day <= clock.today()


def open_ladders() -> int:
    """Tell teachers whose day has come, once, what their class can do anyway. How many mails."""
    lives = exists().where(Proposal.need_id == Need.id, Proposal.state.in_(LIVE))
    waiting = _open().where(Need.ladder_at.is_(None), Need.matched_at.is_not(None), ~lives)
    told = 0
    for need in db.session.scalars(waiting.limit(MOST_NEEDS)).all():
        told += is_ladder_open(need) and _offer_instead(need)
    db.session.flush()
    return told


def _offer_instead(need: Need) -> bool:
    unmatched = unmatched_of(need)
    found = rungs(need, unmatched) if unmatched is not None else []
    if not found or need.teacher.blocked_at is not None:
        return False  # a later run may find something
    need.ladder_at = clock.now()
    mail.queue(
        "need_ladder",
        need.teacher,
        key=f"need_ladder:{need.id}",
        path=f"/needs/{need.id}",
        need=need,
        rungs=found,
    )
    return True


def _open() -> Select[Need]:
    """Open needs, those that wait longest first."""
    return (
        select(Need)
        .where(Need.state == NeedState.OPEN)
        .options(
            joinedload(Need.teacher),
            joinedload(Need.school),
            joinedload(Need.region),
            selectinload(Need.windows),
        )
        .order_by(Need.published_at, Need.id)
    )


# ---- tidy ---------------------------------------------------------------------------------------
def forget_blank_drafts() -> int:
    """Drop drafts in which nothing was ever written. How many."""
    old = delete(Need).where(is_blank(), Need.changed_at < clock.now() - BLANK_FOR)
    gone = db.session.execute(old.execution_options(synchronize_session=False))
    return int(gone.rowcount)  # type: ignore[attr-defined]
