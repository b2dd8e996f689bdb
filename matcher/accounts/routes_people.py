"""Doors of the administrator: who is here, which roles they hold, who is blocked."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.accounts import roles
from matcher.accounts.forms import GrantForm
from matcher.accounts.routes_door import blueprint
from matcher.extensions import db
from matcher.models.account import Person, Role
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import current_person, holds, load_or_404
from matcher.web.paging import page_of

Answer = str | tuple[str, int] | Response


@blueprint.get("/people")
@holds(Role.ADMINISTRATOR)
def list_people() -> str:
    words = request.args.get("q", "").strip()[:100]
    page = page_of(roles.people(words))
    return render_template("accounts/list_people.html", page=page, words=words)


@blueprint.get("/people/<int:person_id>")
@holds(Role.ADMINISTRATOR)
def show_person(person_id: int) -> str:
    return _page(load_or_404(Person, person_id), GrantForm())


def _page(person: Person, form: GrantForm) -> str:
    return render_template(
        "accounts/show_person.html", person=person, form=form, regions=roles.regions()
    )


@blueprint.post("/people/<int:person_id>/roles")
@holds(Role.ADMINISTRATOR)
def grant_role(person_id: int) -> Answer:
    person = load_or_404(Person, person_id)
    form = GrantForm()
    if form.validate_on_submit():
        with errors_in(form):
            roles.grant(person, Role(form.role.data), form.place.data or "", by=current_person())
        if not form.errors:
            db.session.commit()
            says(_("The role is given."))
            return redirect_to("accounts.show_person", person_id=person.id)
    return _page(person, form), 422


@blueprint.post("/people/roles/<int:grant_id>/revoke")
@holds(Role.ADMINISTRATOR)
def revoke_role(grant_id: int) -> Response:
    person = roles.revoke(grant_id, by=current_person())
    db.session.commit()
    says(_("The role is taken away."))
    return redirect_to("accounts.show_person", person_id=person.id)


@blueprint.post("/people/<int:person_id>/block")
@holds(Role.ADMINISTRATOR)
def block_person(person_id: int) -> Response:
    person = load_or_404(Person, person_id)
    roles.block(person, by=current_person())
    db.session.commit()
    says(_("%(name)s can no longer sign in.", name=person.name))
    return redirect_to("accounts.show_person", person_id=person.id)


@blueprint.post("/people/<int:person_id>/unblock")
@holds(Role.ADMINISTRATOR)
def unblock_person(person_id: int) -> Response:
    person = load_or_404(Person, person_id)
    roles.unblock(person, by=current_person())
    db.session.commit()
    says(_("%(name)s can sign in again.", name=person.name))
    return redirect_to("accounts.show_person", person_id=person.id)
