"""Verbs on the toolbox's resources: add, change, hide, and put beside an offer or a visit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher import clock, policies
from matcher.errors import Invalid, NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person
from matcher.models.guide import Resource, ResourceKind
from matcher.models.journal import write_journal
from matcher.models.offer import Offer
from matcher.models.organisation import Programme
from matcher.models.proposal import Proposal
from matcher.reference.toolbox import resources

MOST_ATTACHED = 12


def add(values: Mapping[str, Any], *, by: Person) -> Resource:
    _may_edit(by)
    resource = Resource(added_by_id=by.id, **values)
    db.session.add(resource)
    db.session.flush()
    write_journal("add", resource, by=by)
    return resource


def change(resource: Resource, values: Mapping[str, Any], *, by: Person) -> None:
    _may_edit(by)
    changes = {}
    for name, value in values.items():
        before = getattr(resource, name)
        if before != value:
            changes[name] = [str(before), str(value)]
            setattr(resource, name, value)
    if changes:
        resource.changed_at = clock.now()
        write_journal("change", resource, by=by, changes=changes)


def hide(resource: Resource, *, by: Person) -> None:
    """Nobody finds it any more; what it stands beside no longer shows it."""
    _may_edit(by)
    resource.hidden_at = resource.hidden_at or clock.now()
    write_journal("hide", resource, by=by)


def show(resource: Resource, *, by: Person) -> None:
    _may_edit(by)
    resource.hidden_at = None
    resource.changed_at = clock.now()
    write_journal("show", resource, by=by)


def attach(resource: Resource, to: Offer | Proposal, *, by: Person) -> None:
    """Beside an offer for every class that reads it, or beside one visit for both sides."""
    _may_attach(to, by)
    if resource.hidden_at is not None:
        raise WrongState(_l("This is no longer in the toolbox."))
    if resource in to.resources:
        return
    if len(to.resources) >= MOST_ATTACHED:
        raise Invalid(_l("Twelve resources are enough here. Take one away first."), field="to")
    to.resources.append(resource)


def detach(resource: Resource, to: Offer | Proposal, *, by: Person) -> None:
    _may_attach(to, by)
    if resource in to.resources:
        to.resources.remove(resource)


def seed() -> int:
    """The resources that come with the service, each once: what was changed or hidden stays so."""
    made = 0
    known = set(db.session.scalars(select(Resource.code).where(Resource.code.is_not(None))))
    for programme in db.session.scalars(select(Programme.code).order_by(Programme.code)):
        for entry in resources(programme):
            if entry.code in known:
                continue
            values = {**vars(entry), "kind": ResourceKind(entry.kind)}
            lists = {name: list(values[name]) for name in ("themes", "levels")}
            db.session.add(Resource(**(values | lists)))
            known.add(entry.code)
            made += 1
    db.session.flush()
    return made


def _may_edit(by: Person) -> None:
    if not policies.may_edit_toolbox(by):
        raise NotAllowed(_l("Only a coordinator can do this."))


def _may_attach(to: Offer | Proposal, by: Person) -> None:
    may = (
        policies.may_edit_offer(by, to)
        if isinstance(to, Offer)
        else policies.may_attach_to_visit(by, to)
    )
    if not may:
        raise NotAllowed(_l("Only those whose offer or visit it is can do this."))
