"""Doors of the toolbox: find, add and change resources, put them beside offers and visits."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher import policies
from matcher.extensions import db
from matcher.guide import materials, toolbox
from matcher.guide.forms_toolbox import (
    KINDS,
    THEMES,
    AttachForm,
    ResourceForm,
    attach_form,
    resource_form,
)
from matcher.models.account import Role
from matcher.models.guide import Resource
from matcher.models.offer import Offer
from matcher.models.proposal import Proposal
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.forms import clean_line
from matcher.web.guards import current_person, holds, load_or_404, public
from matcher.web.names import LANGUAGES, language, system
from matcher.web.paging import page_of

blueprint = Blueprint("toolbox", __name__, url_prefix="/guide/toolbox")
BOTH_SIDES = (Role.TEACHER, Role.COMPANY_CONTACT, Role.PROFESSIONAL, Role.COORDINATOR)
MOST_CHOSEN = 30
Answer = str | Response | tuple[str, int]


# ---- finding ------------------------------------------------------------------------------------
@blueprint.get("")
@public
def list_resources() -> str:
    names = _names()
    filters = toolbox.Filters(
        clean_line(request.args.get("q"))[: toolbox.LONGEST_SEARCH],
        {
            facet: tuple(c for c in request.args.getlist(facet)[:MOST_CHOSEN] if c in names[facet])
            for facet in toolbox.FACETS
        },
    )
    return render_template(
        "guide/list_resources.html",
        page=page_of(toolbox.found(filters)),
        filters=filters,
        counts=toolbox.counts(filters),
        names_of=names,
        may_edit=_may_edit(),
    )


def _names() -> dict[str, dict[str, str]]:
    """What the codes of each facet are called."""
    here, school = language(), system()
    return {
        "kind": {kind.value: str(name) for kind, name in KINDS.items()},
        "theme": {theme.value: str(name) for theme, name in THEMES.items()},
        "level": {level.code: level.name(here) for level in school.levels},
        "language": {code: str(name) for code, name in LANGUAGES.items()},
    }


def _may_edit() -> bool:
    return current_user.is_authenticated and policies.may_edit_toolbox(current_person())


@blueprint.get("/<int:resource_id>")
@public
def show_resource(resource_id: int) -> str:
    return _resource_page(_seen(resource_id))


def _seen(resource_id: int) -> Resource:
    """What is hidden is there for those who can show it again."""
    resource = load_or_404(Resource, resource_id)
    if resource.hidden_at is not None and not _may_edit():
        abort(404)
    return resource


def _resource_page(resource: Resource, form: AttachForm | None = None) -> str:
    if form is None and current_user.is_authenticated:
        form = attach_form(current_person())
    return render_template(
        "guide/show_resource.html",
        resource=resource,
        form=form,
        names_of=_names(),
        may_edit=_may_edit(),
    )


# ---- writing ------------------------------------------------------------------------------------
@blueprint.get("/new")
@holds(Role.COORDINATOR)
def new_resource() -> str:
    return _form_page(resource_form())


@blueprint.post("/new")
@holds(Role.COORDINATOR)
def create_resource() -> Answer:
    form = resource_form()
    if not form.validate_on_submit():
        return _form_page(form), 422
    resource = materials.add(form.values(), by=current_person())
    db.session.commit()
    says(_("Added to the toolbox."))
    return redirect_to("toolbox.show_resource", resource_id=resource.id)


@blueprint.get("/<int:resource_id>/edit")
@holds(Role.COORDINATOR)
def edit_resource(resource_id: int) -> str:
    resource = _seen(resource_id)
    return _form_page(resource_form(resource), resource)


@blueprint.post("/<int:resource_id>/edit")
@holds(Role.COORDINATOR)
def update_resource(resource_id: int) -> Answer:
    resource = _seen(resource_id)
    form = resource_form(resource)
    if not form.validate_on_submit():
        return _form_page(form, resource), 422
    materials.change(resource, form.values(), by=current_person())
    db.session.commit()
    says(_("Saved."))
    return redirect_to("toolbox.show_resource", resource_id=resource.id)


@blueprint.post("/<int:resource_id>/hide")
@holds(Role.COORDINATOR)
def hide_resource(resource_id: int) -> Response:
    materials.hide(_seen(resource_id), by=current_person())
    db.session.commit()
    says(_("Hidden. Only coordinators see it now."))
    return redirect_to("toolbox.show_resource", resource_id=resource_id)


@blueprint.post("/<int:resource_id>/show")
@holds(Role.COORDINATOR)
def show_again(resource_id: int) -> Response:
    materials.show(_seen(resource_id), by=current_person())
    db.session.commit()
    says(_("It is in the toolbox again."))
    return redirect_to("toolbox.show_resource", resource_id=resource_id)


def _form_page(form: ResourceForm, resource: Resource | None = None) -> str:
    return render_template("guide/edit_resource.html", form=form, resource=resource)


# ---- beside an offer or a visit -----------------------------------------------------------------
@blueprint.post("/<int:resource_id>/attach")
@holds(*BOTH_SIDES)
def attach(resource_id: int) -> Answer:
    resource, form = _seen(resource_id), attach_form(current_person())
    if form.validate_on_submit():
        with errors_in(form):
            materials.attach(resource, _target(str(form.to.data)), by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("It stands there now."))
            return _to_target(str(form.to.data))
    return _resource_page(resource, form), 422


@blueprint.post("/<int:resource_id>/detach")
@holds(*BOTH_SIDES)
def detach(resource_id: int) -> Response:
    to = request.form.get("to", "")
    materials.detach(load_or_404(Resource, resource_id), _target(to), by=current_person())
    db.session.commit()
    says(_("Taken away."))
    return _to_target(to)


def _target(text: str) -> Offer | Proposal:
    kind, _dash, key = text.partition("-")
    if not (key.isascii() and key.isdigit() and len(key) < 10) or kind not in ("offer", "visit"):
        abort(404)
    model: type[Offer] | type[Proposal] = Offer if kind == "offer" else Proposal
    return load_or_404(model, int(key))  # type: ignore[type-var]


def _to_target(text: str) -> Response:
    kind, _dash, key = text.partition("-")
    if kind == "visit":
        return redirect_to("visits.show_visit", proposal_id=int(key))
    offer = load_or_404(Offer, int(key))
    if policies.may_edit_offer(current_person(), offer):
        return redirect_to("offers.show_offer", offer_id=offer.id)
    return redirect_to("catalogue.show_offer", offer_id=offer.id)
