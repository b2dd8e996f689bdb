"""Doors of a region's settings: the form, what was changed before, and putting it back."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.coordination import forms, service, settings
from matcher.coordination.regions import own_region
from matcher.coordination.telling import told_settings
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.journal import JournalEntry
from matcher.models.organisation import Region
from matcher.proposals import schedule
from matcher.web.answers import redirect_to, says
from matcher.web.guards import current_person, holds, load_or_404

SHOWN_CHANGES = 10
Answer = str | Response | tuple[str, int]
blueprint = Blueprint("settings", __name__, url_prefix="/coordination/regions/<int:region_id>")


@blueprint.get("/settings")
@holds(Role.COORDINATOR)
def edit_settings(region_id: int) -> str:
    region = own_region(region_id)
    return _settings_page(region, forms.settings_form(region))


@blueprint.post("/settings")
@holds(Role.COORDINATOR)
def update_settings(region_id: int) -> Answer:
    region = own_region(region_id)
    form = forms.settings_form(region)
    are_weights_right = form.read_weights(request.form)
    if form.validate_on_submit() and are_weights_right:
        service.update_settings(region, form.values(), by=current_person())
        db.session.commit()
        says(_("Saved. It counts from the next run on."))
        return redirect_to("settings.edit_settings", region_id=region.id)
    return _settings_page(region, form), 422


@blueprint.post("/settings/<int:entry_id>/put-back")
@holds(Role.COORDINATOR)
def put_back(region_id: int, entry_id: int) -> Response:
    """Give what this entry changed its earlier values."""
    region = own_region(region_id)
    entry = load_or_404(JournalEntry, entry_id)
    if service.put_back(region, entry, by=current_person()):
        says(_("Put back. It counts from the next run on."))
    else:
        says(_("These values stand already."), "info")
    db.session.commit()
    return redirect_to("settings.edit_settings", region_id=region.id)


def _settings_page(region: Region, form: forms.SettingsForm) -> str:
    history = db.session.scalars(settings.history_of(region).limit(SHOWN_CHANGES)).all()
    return render_template(
        "coordination/edit_settings.html",
        region=region,
        form=form,
        weights=forms.weight_rows(form),
        history=[(entry, told_settings(entry)) for entry in history],
        next_run=schedule.next_run(region),
    )
