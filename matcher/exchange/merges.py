"""Verbs on what stands twice: make one of two, take that back, say that they are two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from matcher import clock, mail
from matcher.errors import Invalid, NotAllowed, NotFound, Taken, WrongState
from matcher.exchange import joining
from matcher.exchange.people import is_of_these_regions
from matcher.exchange.scope import Scope
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.exchange import Merge, MergeKind, MergeState
from matcher.models.journal import write_journal
from matcher.models.offer import Offer
from matcher.models.organisation import Company, School
from matcher.models.professional import Load, Professional
from matcher.models.proposal import Proposal
from matcher.proposals import claims
from matcher.proposals.consistency import CLAIMING

UNDONE_WITHIN = timedelta(days=90)
MODELS: dict[MergeKind, Any] = {
    MergeKind.SCHOOL: School,
    MergeKind.COMPANY: Company,
    MergeKind.PERSON: Person,
}
# What the one that stays takes from the other where it has nothing itself.
FILLED: dict[MergeKind, tuple[str, ...]] = {
    MergeKind.SCHOOL: ("kind", "street", "website", "pupils"),
    MergeKind.COMPANY: ("register_code", "about", "sector", "street", "website"),
    MergeKind.PERSON: ("phone",),
}
SHOWN: dict[MergeKind, tuple[str, ...]] = {
    MergeKind.SCHOOL: ("register_code", "name", "kind", "street", "postcode", "town", "website"),
    MergeKind.COMPANY: (
        "name",
        "register_code",
        "establishment",
        "sector",
        "employees",
        "street",
        "postcode",
        "town",
        "website",
    ),
    MergeKind.PERSON: ("name", "email", "phone", "language", "created_at"),
}


def pair(kind: MergeKind, first_id: int, second_id: int, scope: Scope) -> tuple[Any, Any]:
    """The two rows, if both are within reach; NotFound for anybody else's."""
    model = MODELS[kind]
    found = [db.session.get(model, key) for key in (first_id, second_id)]
    if first_id == second_id or any(row is None or not _is_ours(row, scope) for row in found):
        raise NotFound(_("There are no such two here."))
    return found[0], found[1]


def _is_ours(row: Any, scope: Scope) -> bool:
    if isinstance(row, Person):
        return is_of_these_regions(row, scope)
    return scope.may(row.region_id)


def hanging_on(row: Any) -> dict[str, int]:
    """How many rows of each table point to this one."""
    table = row.__table__
    found: Counter[str] = Counter()
    for child, column in joining.pointing_to(table):
        counted = select(func.count()).select_from(child).where(column == row.id)
        found[child.name] += db.session.scalar(counted) or 0
    return {name: number for name, number in sorted(found.items()) if number}


def merge(kind: MergeKind, kept: Any, gone: Any, *, scope: Scope) -> Merge:
    """Make one of two. Taken where they exclude each other; then nothing is done."""
    by = scope.by
    if by is None or (kind == MergeKind.PERSON and by.id == gone.id):
        raise NotAllowed(_("Your own account stays. Keep that one."))
    if kind != MergeKind.PERSON and kept.region_id != gone.region_id:
        raise Invalid(_("They lie in two regions. Put one of them in the right region first."))
    made = Merge(
        kind=kind,
        state=MergeState.MERGED,
        kept_id=kept.id,
        gone_id=gone.id,
        kept_label=label_of(kept),
        gone_label=label_of(gone),
        gone_key=natural_key(kind, gone),
        by_id=by.id,
    )
    told = _strangers(kind, kept, gone)
    made.steps = _joined(kept, gone, _blanks(kind, kept, gone))
    db.session.add(made)
    db.session.flush()
    _recount(kind, made.steps, (made.gone_id, made.kept_id))
    _note("merge", made, [made.gone_label, made.kept_label], by=by)
    for reader in told:
        key = f"accounts_joined:{made.id}:{reader.email}"
        mail.queue("accounts_joined", reader, key=key, path="/sign-in")
    return made


def _joined(kept: Any, gone: Any, blanks: dict[str, Any]) -> list[joining.Step]:
    """All or nothing."""
    table, keys = kept.__table__, (gone.id, kept.id)
    db.session.flush()
    try:
        with db.session.begin_nested():
            steps = joining.join(table, *keys)
            steps += joining.change(table, keys[1], blanks)
    except IntegrityError as error:
        raise Taken(_("Both have something that only one can have. They stay apart.")) from error
    db.session.expire_all()
    return steps


def _note(deed: str, made: Merge, labels: list[str], *, by: Person | None) -> None:
    kept = db.session.get_one(MODELS[made.kind], made.kept_id)
    write_journal(deed, kept, by=by, changes={"merged": labels})


def undo(made: Merge, *, scope: Scope) -> None:
    """Put both back as they were; WrongState with the reason where something changed since."""
    if made.state != MergeState.MERGED:
        raise WrongState(_("This has been undone already."))
    if not made.steps:
        raise WrongState(_("What the other was is forgotten by now. It cannot be undone."))
    kept = db.session.get(MODELS[made.kind], made.kept_id)
    if kept is None:
        raise WrongState(_("The one that stayed is no longer here. It cannot be undone."))
    db.session.flush()
    with db.session.begin_nested():
        joining.take_back(made.steps)
    db.session.expire_all()
    made.state, made.undone_at = MergeState.UNDONE, clock.now()
    db.session.flush()
    _recount(made.kind, made.steps, (made.gone_id, made.kept_id))
    _note("unmerge", made, [made.kept_label, made.gone_label], by=scope.by)


def keep_apart(kind: MergeKind, first: Any, second: Any, *, by: Person) -> None:
    """They are two: not shown again."""
    db.session.add(
        Merge(
            kind=kind,
            state=MergeState.APART,
            kept_id=min(first.id, second.id),
            gone_id=max(first.id, second.id),
            kept_label=label_of(first),
            gone_label=label_of(second),
            steps=[],
            by_id=by.id,
        )
    )


def of_mine(merge_id: int, scope: Scope) -> Merge:
    """A merge within reach."""
    made = db.session.get(Merge, merge_id)
    kept = db.session.get(MODELS[made.kind], made.kept_id) if made is not None else None
    if made is None or kept is None or not _is_ours(kept, scope):
        raise NotFound(_("There is nothing of that kind here."))
    return made


def latest(scope: Scope) -> Sequence[Merge]:
    """What was merged last and could still be undone; of these regions, at most 20."""
    found = (
        select(Merge)
        .where(Merge.state == MergeState.MERGED, Merge.at > clock.now() - UNDONE_WITHIN)
        .order_by(Merge.id.desc())
    )
    rows = db.session.scalars(found.limit(200)).all()
    kept = {kind: _by_id(kind, [r.kept_id for r in rows if r.kind == kind]) for kind in MergeKind}
    ours = [r for r in rows if (one := kept[r.kind].get(r.kept_id)) and _is_ours(one, scope)]
    return ours[:20]


def _by_id(kind: MergeKind, ids: Sequence[int]) -> dict[int, Any]:
    model = MODELS[kind]
    rows = db.session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id).limit(200))
    return {row.id: row for row in rows}


def label_of(row: Any) -> str:
    if isinstance(row, Person):
        return f"{row.name} ({row.email})"[:200]
    return f"{row.name}, {row.town}"[:200]


def natural_key(kind: MergeKind, row: Any) -> str:
    """By which a file names it."""
    if kind == MergeKind.PERSON:
        return str(row.email)
    if kind == MergeKind.SCHOOL:
        return str(row.register_code)
    return f"{row.register_code}{row.establishment}" if row.register_code else row.name.lower()


def joined_keys(kind: MergeKind) -> dict[str, str]:
    """What files may still name though it went into something else, and into what."""
    found = select(Merge.gone_key, Merge.kept_label).where(
        Merge.kind == kind, Merge.state == MergeState.MERGED
    )
    return {str(key): str(label) for key, label in db.session.execute(found.order_by(Merge.id))}


def _blanks(kind: MergeKind, kept: Any, gone: Any) -> dict[str, Any]:
    found = {
        name: getattr(gone, name)
        for name in FILLED[kind]
        if getattr(kept, name) in (None, "") and getattr(gone, name) not in (None, "")
    }
    if "register_code" in found:
        found["establishment"] = gone.establishment
    return found


def _strangers(kind: MergeKind, kept: Any, gone: Any) -> list[mail.Stranger]:
    """Whose account changes hears it at both addresses."""
    if kind != MergeKind.PERSON:
        return []
    return [mail.Stranger(person.email, kept.language) for person in (kept, gone)]


def forget_old() -> int:
    """What was joined long ago can no longer be undone; nothing is kept for it. How many."""
    old = select(Merge).where(Merge.at < clock.now() - UNDONE_WITHIN, Merge.steps != [])
    rows = db.session.scalars(old.order_by(Merge.id).limit(500)).all()
    for made in rows:
        made.steps = []
    return len(rows)


# ---- limits counted anew ------------------------------------------------------------------------
def _recount(kind: MergeKind, steps: Sequence[Mapping[str, Any]], keys: tuple[int, int]) -> None:
    """What month, term and company limits count, from the agreed visits themselves."""
    if kind != MergeKind.COMPANY:
        return
    theirs = select(Professional.id).where(Professional.company_id.in_(keys))
    cards = list(db.session.scalars(theirs.order_by(Professional.id)))
    cards += [step["row"]["id"] for step in steps if step.get("gone") == "professional"]
    holders = {f"company:{key}" for key in keys} | {f"professional:{key}" for key in cards}
    found = (
        select(Proposal)
        .join(Proposal.offer)
        .where(
            Proposal.state.in_(CLAIMING),
            Proposal.starts_at.is_not(None),
            ~Proposal.shares_slot,
            or_(Offer.company_id.in_(keys), Proposal.professional_id.in_(cards)),
        )
        .order_by(Proposal.id)
    )
    counted: Counter[tuple[str, str]] = Counter()
    for proposal in db.session.scalars(found):
        counted.update(claims.periods(proposal, ZoneInfo(proposal.region.programme.time_zone)))
    db.session.execute(delete(Load).where(Load.holder.in_(holders)))
    rows = [
        {"holder": holder, "period": period, "taken": taken}
        for (holder, period), taken in sorted(counted.items())
        if holder in holders
    ]
    if rows:
        db.session.execute(insert(Load), rows)
