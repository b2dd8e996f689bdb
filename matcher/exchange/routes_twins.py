"""Doors of what stands twice: the list, two side by side, made one, taken back."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import NotFound as Missing
from werkzeug.wrappers import Response

from matcher.exchange import duplicates, merges
from matcher.exchange.scope import Scope
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.exchange import MergeKind
from matcher.web.answers import redirect_to, says
from matcher.web.guards import current_person, holds
from matcher.web.names import system

blueprint = Blueprint("twins", __name__, url_prefix="/exchange/twins")
KINDS = {
    MergeKind.SCHOOL: _l("Schools"),
    MergeKind.COMPANY: _l("Companies"),
    MergeKind.PERSON: _l("People"),
}
FIELDS = {
    "register_code": _l("Number"),
    "establishment": _l("Number of the establishment (KvK)"),
    "name": _l("Name"),
    "kind": _l("Kind of school"),
    "sector": _l("Sector"),
    "employees": _l("How many people work there"),
    "street": _l("Street"),
    "postcode": _l("Postcode"),
    "town": _l("Town"),
    "website": _l("Website"),
    "email": _l("Mail address"),
    "phone": _l("Telephone"),
    "language": _l("Language of mails"),
    "created_at": _l("Here since"),
}
HANGING = {
    "need": _l("requests"),
    "offer": _l("offers"),
    "professional": _l("professionals"),
    "role_grant": _l("roles"),
    "partnership": _l("partnerships"),
    "lesson_period": _l("bell times"),
}


def _scope() -> Scope:
    return Scope(current_person(), system())


def _asked() -> tuple[MergeKind, int, int]:
    """The two of the address or the form; 404 for what is none."""
    kind = request.values.get("kind", "")
    keys = [request.values.get(name, "") for name in ("first", "second")]
    if kind not in set(MergeKind) or any(
        not (key.isascii() and key.isdigit() and len(key) < 10) for key in keys
    ):
        raise Missing
    return MergeKind(kind), int(keys[0]), int(keys[1])


@blueprint.get("")
@holds(Role.COORDINATOR)
def list_twins() -> str:
    scope = _scope()
    return render_template(
        "exchange/list_twins.html",
        kinds=KINDS,
        found={kind: duplicates.twins(kind, scope) for kind in KINDS},
        label_of=merges.label_of,
        latest=merges.latest(scope),
    )


@blueprint.get("/pair")
@holds(Role.COORDINATOR)
def show_twins() -> str:
    kind, *keys = _asked()
    both = merges.pair(kind, keys[0], keys[1], _scope())
    return render_template(
        "exchange/show_twins.html",
        kind=kind,
        both=both,
        label_of=merges.label_of,
        fields=[(name, FIELDS[name]) for name in merges.SHOWN[kind]],
        hanging=[merges.hanging_on(one) for one in both],
        counted=HANGING,
    )


@blueprint.post("/merge")
@holds(Role.COORDINATOR)
def merge() -> Response:
    kind, *keys = _asked()
    scope = _scope()
    first, second = merges.pair(kind, keys[0], keys[1], scope)
    keep = request.form.get("keep", "")
    if keep not in {str(first.id), str(second.id)}:
        says(_("Choose which of the two stays."), "warning")
        return redirect_to("twins.show_twins", kind=kind.value, first=keys[0], second=keys[1])
    kept, gone = (first, second) if keep == str(first.id) else (second, first)
    merges.merge(kind, kept, gone, scope=scope)
    db.session.commit()
    says(_("They are one now. You can undo it below, as long as nothing has changed."))
    return redirect_to("twins.list_twins")


@blueprint.post("/apart")
@holds(Role.COORDINATOR)
def keep_apart() -> Response:
    kind, *keys = _asked()
    first, second = merges.pair(kind, keys[0], keys[1], _scope())
    merges.keep_apart(kind, first, second, by=current_person())
    db.session.commit()
    says(_("They are two; they will not be shown again."))
    return redirect_to("twins.list_twins")


@blueprint.post("/<int:merge_id>/undo")
@holds(Role.COORDINATOR)
def undo_merge(merge_id: int) -> Response:
    scope = _scope()
    made = merges.of_mine(merge_id, scope)
    merges.undo(made, scope=scope)
    db.session.commit()
    says(_("Undone: both stand here again as they were."))
    return redirect_to("twins.list_twins")
