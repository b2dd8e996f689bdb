"""Doors of the guide for companies: three steps, the result, and what was answered."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from matcher.accounts import throttle
from matcher.accounts.routes_door import address
from matcher.accounts.throttle import Counted
from matcher.extensions import db
from matcher.guide import answers as told
from matcher.guide import forms, service
from matcher.guide.tree import Answers, advise
from matcher.models.account import Role
from matcher.models.guide import GuideResult
from matcher.models.organisation import Company
from matcher.reference.taking_part import Activity, GuideTable, activity, guide_table
from matcher.web.answers import redirect_to, says
from matcher.web.guards import current_person, holds, load_or_404, public
from matcher.web.names import language, system
from matcher.web.paging import page_of

blueprint = Blueprint("guide", __name__, url_prefix="/guide")
Answer = str | Response | tuple[str, int]
SUGGESTED = 2  # of the actions that fit: ticked beforehand


def _table() -> GuideTable:
    return guide_table(system().code)


def _activity(code: str) -> Activity:
    return activity(code, system().code) or abort(404)


@blueprint.get("")
@public
def show_guide() -> str:
    return render_template("guide/show_guide.html")


# ---- the three steps ----------------------------------------------------------------------------
@blueprint.get("/company")
@public
def choose_commitment() -> str:
    form = forms.CommitmentForm(formdata=request.args)
    forms.told_choices(form, _table())
    return render_template("guide/choose_commitment.html", form=form)


@blueprint.get("/company/issues")
@public
def choose_issues() -> Answer:
    first = _commitment()
    if not isinstance(first, forms.CommitmentForm):
        return first
    form = forms.IssuesForm(formdata=request.args)
    forms.told_choices(form, _table())
    return render_template("guide/choose_issues.html", form=form)


@blueprint.get("/company/actions")
@public
def choose_actions() -> Answer:
    first = _commitment()
    if not isinstance(first, forms.CommitmentForm):
        return first
    form = forms.IssuesForm(formdata=request.args)
    forms.told_choices(form, _table())
    if not form.validate():
        return render_template("guide/choose_issues.html", form=form), 422
    return _actions_page(_actions_form(form.answers(), suggest=True), form.answers())


@blueprint.post("/company/results")
@public
def create_result() -> Answer:
    """Keep the answers; the result has an address that can be passed on."""
    issues = forms.IssuesForm(formdata=request.form)
    forms.told_choices(issues, _table())
    if not issues.validate():
        return render_template("guide/choose_issues.html", form=issues), 422
    answers = issues.answers()
    form = _actions_form(answers)
    if not form.validate():
        return _actions_page(form, answers), 422
    visitor = throttle.knock(Counted.GUIDES, address())
    db.session.commit()
    throttle.refuse_many(visitor)
    result = service.keep(
        answers,
        form.actions.data or [],
        form.subjects.data or [],
        by=current_person() if current_user.is_authenticated else None,
    )
    db.session.commit()
    return redirect_to("guide.show_result", key=result.key)


def _commitment() -> forms.CommitmentForm | Answer:
    """The first step's answers out of the address; else that step again, with what is wrong."""
    if not request.args:
        return redirect(url_for("guide.choose_commitment"))
    form = forms.CommitmentForm(formdata=request.args)
    forms.told_choices(form, _table())
    if form.validate():
        return form
    return render_template("guide/choose_commitment.html", form=form), 422


def _actions_form(answers: Answers, *, suggest: bool = False) -> forms.ActionsForm:
    form = forms.ActionsForm(formdata=request.args if suggest else request.form)
    advice = advise(answers, _table())
    forms.told_choices(form, _table())
    forms.told_actions(form, advice)
    if suggest and "actions" not in request.args:
        form.actions.data = [fit.action.activity for fit in advice.fits[:SUGGESTED]]
    return form


def _actions_page(form: forms.ActionsForm, answers: Answers) -> str:
    return render_template(
        "guide/choose_actions.html",
        form=form,
        advice=advise(answers, _table()),
        activity=_activity,
        names_of=_names_of(),
    )


def _names_of() -> dict[str, dict[str, str]]:
    """What each answer is called, by question."""
    here = language()
    return {
        name: {one.code: one.name(here) for one in getattr(_table(), name)}
        for name in ("hours", "means", "horizon", "issues")
    }


# ---- the result ---------------------------------------------------------------------------------
@blueprint.get("/company/results/<key>")
@public
def show_result(key: str) -> str:
    result = _result(key)
    said = told.answers_of(result, _table())
    return render_template(
        "guide/show_result.html",
        result=result,
        said=said,
        advice=_advice(said),
        activity=_activity,
        names_of=_names_of(),
        subjects=result.answers.get("subjects", []),
        own=_own_companies(result),
    )


def _advice(said: dict[str, list[str]]) -> object:
    """Of a table that has changed since, only where it still has the answers."""
    if not all(said[name] for name in ("hours", "means", "horizon", "issues")):
        return None
    hours, means, horizon = (said[name][0] for name in ("hours", "means", "horizon"))
    return advise(Answers(hours, means, horizon, tuple(said["issues"])), _table())


def _own_companies(result: GuideResult) -> list[Company]:
    """Whose it may become: those of the reader, while it is nobody's."""
    if result.company_id is not None or not current_user.is_authenticated:
        return []
    mine = service.companies_of(current_person())
    found = select(Company).where(Company.id.in_(mine)).order_by(Company.name, Company.id)
    return list(db.session.scalars(found.limit(20)))


@blueprint.post("/company/results/<key>/claim")
@holds(Role.COMPANY_CONTACT)
def claim_result(key: str) -> Response:
    result = _result(key)
    company = load_or_404(Company, request.form.get("company", 0, type=int))
    service.claim(result, company, by=current_person())
    db.session.commit()
    says(
        _(
            "Kept with %(company)s. Your coordinator sees what you would like to do.",
            company=company.name,
        )
    )
    return redirect_to("guide.show_result", key=key)


def _result(key: str) -> GuideResult:
    found = db.session.scalars(select(GuideResult).where(GuideResult.key == key)).first()
    return found or abort(404)


@blueprint.get("/answers")
@holds(Role.COORDINATOR)
def list_answers() -> str:
    page = page_of(told.of_companies(current_person()))
    return render_template(
        "guide/list_answers.html",
        counts=told.counts_of(current_person()),
        page=page,
        table=_table(),
        activity=_activity,
        names_of=_names_of(),
        said={row.id: told.answers_of(row, _table()) for row in page.items},
    )
