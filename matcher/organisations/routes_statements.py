"""Doors of a year's statement: a company's, and what a school's classes met; page and CSV."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, current_app, render_template, request
from flask_babel import gettext as _

from matcher import clock, policies
from matcher.models.account import Role
from matcher.models.organisation import Company, School
from matcher.organisations import statement
from matcher.organisations.statement import Held
from matcher.web.guards import allow, current_person, holds, load_or_404
from matcher.web.names import Names
from matcher.web.tables import csv_download

blueprint = Blueprint("statements", __name__)
COMPANY_SIDE = (Role.COMPANY_CONTACT, Role.COORDINATOR)
SCHOOL_SIDE = (Role.TEACHER, Role.COORDINATOR)
ON_SHEET = 12  # lines of the table that still fit on one printed page


@blueprint.get("/companies/<int:company_id>/statement")
@holds(*COMPANY_SIDE)
def show_company(company_id: int) -> str:
    company = _company(company_id)
    years = statement.years_of(statement.given_by(company))
    year = _chosen(years)
    held = statement.held_visits(year, statement.given_by(company))
    return _page(company, held, years, year)


@blueprint.get("/companies/<int:company_id>/statement.csv")
@holds(*COMPANY_SIDE)
def download_company(company_id: int) -> Response:
    company = _company(company_id)
    year = _chosen(statement.years_of(statement.given_by(company)))
    return _sheet(statement.held_visits(year, statement.given_by(company)), year)


@blueprint.get("/schools/<int:school_id>/statement")
@holds(*SCHOOL_SIDE)
def show_school(school_id: int) -> str:
    school = _school(school_id)
    years = statement.years_of(statement.met_at(school))
    year = _chosen(years)
    return _page(school, statement.held_visits(year, statement.met_at(school)), years, year)


@blueprint.get("/schools/<int:school_id>/statement.csv")
@holds(*SCHOOL_SIDE)
def download_school(school_id: int) -> Response:
    school = _school(school_id)
    year = _chosen(statement.years_of(statement.met_at(school)))
    return _sheet(statement.held_visits(year, statement.met_at(school)), year)


def _company(company_id: int) -> Company:
    company = load_or_404(Company, company_id)
    allow(policies.may_edit_company(current_person(), company))
    return company


def _school(school_id: int) -> School:
    school = load_or_404(School, school_id)
    allow(policies.may_edit_school(current_person(), school))
    return school


def _chosen(years: list[str]) -> str:
    """The school year that ?year= asks for; the newest where there is no such year."""
    asked = request.args.get("year", "")
    return asked if asked in years else years[0]


def _page(place: Company | School, held: list[Held], years: list[str], year: str) -> str:
    minutes = current_app.config["PREPARATION_MINUTES"]
    is_school = isinstance(place, School)
    others = statement.grouped(
        held,
        lambda row: row.company if is_school else f"{row.school}, {row.town}",
        preparation_minutes=minutes,
    )
    return render_template(
        "organisations/show_statement.html",
        place=place,
        is_school=is_school,
        held=list(reversed(held)),
        others=others,
        on_sheet=ON_SHEET,
        sums=statement.sums(held, preparation_minutes=minutes),
        preparation=minutes,
        years=years,
        year=year,
        today=clock.today(),
    )


def _sheet(held: Iterable[Held], year: str) -> Response:
    names, seen = Names(), set[str]()
    preparation = current_app.config["PREPARATION_MINUTES"]
    rows = []
    for row in held:
        first = row.sitting not in seen and row.minutes is not None
        seen.add(row.sitting)
        rows.append(
            (
                row.on.isoformat(),
                names.kind(row.kind),
                row.title,
                row.company,
                row.school,
                row.town,
                names.levels(row.levels),
                row.pupils,
                row.encounters,
                round(((row.minutes or 0) + preparation) / 60, 2) if first else 0,
            )
        )
    head = (
        _("Day"),
        _("Kind"),
        _("Title"),
        _("Company"),
        _("School"),
        _("Town"),
        _("Level"),
        _("Pupils"),
        _("Encounters"),
        _("Hours"),
    )
    return csv_download(f"lesbrug-{year}", head, rows)
