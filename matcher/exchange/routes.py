"""Doors of files: bring data in, after a look at what it would change."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound as Missing
from werkzeug.wrappers import Response as Answered

from matcher import clock
from matcher.exchange import exports, imports, layouts
from matcher.exchange.forms import UploadForm
from matcher.exchange.outcome import Report, Verdict
from matcher.exchange.scope import Scope
from matcher.extensions import db
from matcher.models.account import Role
from matcher.models.exchange import ImportKind
from matcher.web.answers import redirect_to, says
from matcher.web.guards import current_person, holds
from matcher.web.names import system

blueprint = Blueprint("exchange", __name__, url_prefix="/exchange")
Answer = str | Answered | tuple[str, int]
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _scope() -> Scope:
    return Scope(current_person(), system())


def _kind(name: str) -> ImportKind:
    if name not in set(ImportKind):
        raise Missing
    return ImportKind(name)


def download(content: bytes, name: str, mimetype: str) -> Response:
    """A file to keep; nothing of it stays in a shared cache."""
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("")
@holds(Role.COORDINATOR)
def show_exchange() -> str:
    return render_template("exchange/show_exchange.html", layouts=imports.LAYOUTS)


@blueprint.post("/export/<form>")
@holds(Role.COORDINATOR)
def export_data(form: str) -> Response:
    """All of her regions in one file; that it left is written down."""
    if form not in {"zip", "xlsx"}:
        raise Missing
    by = current_person()
    regions = _scope().regions()
    content = exports.as_file(exports.sheets_of(regions, _scope()), form)
    exports.note_leaving(regions, form, by=by)
    db.session.commit()
    return download(content, f"lesbrug-{clock.today():%Y-%m-%d}.{form}", TYPES[form])


@blueprint.get("/import/<kind>")
@holds(Role.COORDINATOR)
def new_import(kind: str) -> str:
    return _import_page(_kind(kind), UploadForm())


@blueprint.post("/import/<kind>")
@holds(Role.COORDINATOR)
def create_import(kind: str) -> Answer:
    """Look at the file; where all is right, keep it and show what it would change."""
    what, form = _kind(kind), UploadForm()
    if not form.validate_on_submit():
        return _import_page(what, form), 422
    content = form.content()
    report = imports.look(what, content, _scope())
    if report.problems:
        return _import_page(what, form, report), 422
    upload = imports.keep(what, form.filename(), content, report, by=current_person())
    db.session.commit()
    return redirect_to("exchange.show_upload", upload_id=upload.id)


def _import_page(kind: ImportKind, form: UploadForm, report: Report | None = None) -> str:
    return render_template(
        "exchange/new_import.html",
        kind=kind,
        title=imports.LAYOUTS[kind].title,
        form=form,
        columns=layouts.described(kind, _scope()),
        report=report.as_record() if report is not None else None,
    )


@blueprint.get("/templates/<kind>.<form>")
@holds(Role.COORDINATOR)
def show_template(kind: str, form: str) -> Response:
    what = _kind(kind)
    if form not in {"csv", "xlsx"}:
        raise Missing
    return download(layouts.template(what, form, _scope()), f"{what.value}.{form}", TYPES[form])


@blueprint.get("/uploads/<int:upload_id>")
@holds(Role.COORDINATOR)
def show_upload(upload_id: int) -> str:
    upload = imports.kept(upload_id, by=current_person())
    columns = {c["name"]: c["title"] for c in layouts.described(upload.kind, _scope())}
    return render_template(
        "exchange/show_upload.html",
        upload=upload,
        report=upload.report,
        columns=columns,
        title=imports.LAYOUTS[upload.kind].title,
    )


@blueprint.post("/uploads/<int:upload_id>/confirm")
@holds(Role.COORDINATOR)
def confirm_import(upload_id: int) -> Answer:
    """Do what was shown; where that has changed meanwhile, show it anew."""
    upload = imports.kept(upload_id, by=current_person())
    kind = upload.kind
    report, is_done = imports.confirm(upload, _scope())
    db.session.commit()
    if is_done:
        says(_told(report))
        return redirect_to("exchange.show_exchange")
    if report.problems:
        return _import_page(kind, UploadForm(), report), 422
    says(_("Something changed here meanwhile. Look at it again."), "warning")
    return redirect_to("exchange.show_upload", upload_id=upload_id)


def _told(report: Report) -> str:
    new, changed = report.count(Verdict.NEW), report.count(Verdict.CHANGED)
    added = ngettext("%(num)d row is new", "%(num)d rows are new", new)
    mended = ngettext("%(num)d was changed", "%(num)d were changed", changed)
    return _("Done: %(added)s, %(mended)s. The file is forgotten.", added=added, mended=mended)


@blueprint.post("/uploads/<int:upload_id>/forget")
@holds(Role.COORDINATOR)
def forget_upload(upload_id: int) -> Answer:
    upload = imports.kept(upload_id, by=current_person())
    imports.forget(upload)
    db.session.commit()
    says(_("The file is forgotten. Nothing was changed."), "info")
    return redirect_to("exchange.show_exchange")
