"""Doors of the co-financing statement: read, set the rate, sign, print, take along as a file."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from matcher.extensions import db
from matcher.figures import co_financing
from matcher.figures.asked import Asked, asked
from matcher.figures.co_financing import Sheet
from matcher.figures.forms import RateForm
from matcher.models.account import Role
from matcher.models.co_financing import CoFinancing
from matcher.models.organisation import Region
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds
from matcher.web.tables import csv_download

blueprint = Blueprint("co_financing", __name__, url_prefix="/figures/co-financing")


@blueprint.get("")
@holds(Role.COORDINATOR)
def show_statement() -> str:
    """One region's statement; of several, which ones have been signed."""
    found = asked()
    if found.region is None:
        return render_template(
            "figures/list_statements.html",
            asked=found,
            statements=co_financing.statements_of(found.regions, found.scope.year),
            is_over=co_financing.is_over(found.scope.year),
        )
    return _page(found, found.region, _rate_form(found.region, found.scope.year))


@blueprint.post("/rate")
@holds(Role.COORDINATOR)
def set_rate() -> str | Answer | tuple[str, int]:
    found, region = _one_region()
    form = _rate_form(region, found.scope.year)
    if form.validate_on_submit():
        with errors_in(form):
            cents = form.cents()
            co_financing.set_rate(region, found.scope.year, cents, by=current_person())
            db.session.commit()
        if not form.errors:
            says(_("Saved. The amounts follow."))
            return redirect_to("co_financing.show_statement", **found.args)
    return _page(found, region, form), 422


@blueprint.post("/sign")
@holds(Role.COORDINATOR)
def sign() -> Answer:
    found, region = _one_region()
    co_financing.sign(
        region,
        found.scope.year,
        rate_cents=_usual_rate(),
        preparation_minutes=_preparation(),
        by=current_person(),
    )
    db.session.commit()
    says(_("Signed. From now on this statement stays as it is."))
    return redirect_to("co_financing.show_statement", **found.args)


@blueprint.get("/statement.csv")
@holds(Role.COORDINATOR)
def download() -> Response:
    found, region = _one_region()
    statement = co_financing.statement_of(region, found.scope.year)
    sheet = _sheet(region, found.scope.year, statement)
    header = [
        _("Company"),
        _("Visits"),
        _("Hours of visits"),
        _("Hours of preparation"),
        _("Hours together"),
        _("Euros an hour"),
        _("Euros"),
        _("Signed on"),
        _("Signed by"),
    ]
    signed_by = statement.signed_by if statement else None
    signed = (
        statement.signed_at.date().isoformat() if statement and statement.signed_at else "",
        signed_by.name if signed_by else "",
    )
    rows = [
        (
            line.company,
            line.visits,
            round(line.visit_hours, 2),
            round(line.preparation_hours, 2),
            round(line.hours, 2),
            sheet.rate_cents / 100,
            line.cents / 100,
            *signed,
        )
        for line in sheet.lines
    ]
    name = f"co-financing-{region.code.lower()}-{found.scope.year}"
    return csv_download(name, header, rows)


def _one_region() -> tuple[Asked, Region]:
    """A statement is of one region; what names another one's, or none, is not there."""
    found = asked()
    named = request.args.get("region", "")
    allow(found.region is not None)
    assert found.region is not None
    allow(named in {"", found.region.code})
    return found, found.region


def _usual_rate() -> int:
    return int(current_app.config["HOUR_RATE_CENTS"])


def _preparation() -> int:
    return int(current_app.config["PREPARATION_MINUTES"])


def _sheet(region: Region, year: str, statement: CoFinancing | None) -> Sheet:
    if statement is not None and statement.is_signed:
        return co_financing.frozen_sheet(statement)
    return _sheet_today(region, year, statement)


def _sheet_today(region: Region, year: str, statement: CoFinancing | None) -> Sheet:
    rate = statement.rate_cents if statement else _usual_rate()
    minutes = statement.preparation_minutes if statement else None
    return co_financing.sheet_of(
        region,
        year,
        rate_cents=rate,
        preparation_minutes=_preparation() if minutes is None else minutes,
    )


def _rate_form(region: Region, year: str) -> RateForm:
    statement = co_financing.statement_of(region, year)
    cents = statement.rate_cents if statement else _usual_rate()
    return RateForm(data={"rate": format_decimal(cents / 100, "0.00")})


def _page(found: Asked, region: Region, form: RateForm) -> str:
    year = found.scope.year
    statement = co_financing.statement_of(region, year)
    today = _sheet_today(region, year, statement)
    return render_template(
        "figures/show_statement.html",
        asked=found,
        region=region,
        statement=statement,
        sheet=_sheet(region, year, statement),
        today=today,
        form=form,
        still_open=co_financing.still_open(region, year),
        is_over=co_financing.is_over(year),
    )
