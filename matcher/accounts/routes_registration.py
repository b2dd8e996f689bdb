"""Doors for who is new: register as a teacher or a company, accept an invitation."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from matcher import policies
from matcher.accounts import links, registration, service
from matcher.accounts.forms import CompanyForm, InvitationForm, TeacherForm, WelcomeForm
from matcher.accounts.registration import NewCompany
from matcher.accounts.routes_door import blueprint, come_in, count_mail
from matcher.accounts.schools import schools_like
from matcher.extensions import db
from matcher.models.account import LinkPurpose, MailLink, Role
from matcher.models.organisation import Company, School
from matcher.web.answers import errors_in, redirect_to, says
from matcher.web.guards import allow, current_person, holds, load_or_404, public, signed_in
from matcher.web.names import language

Answer = str | tuple[str, int] | Response


# ---- register -----------------------------------------------------------------------------------
@blueprint.get("/register")
@public
def new_registration() -> str:
    return render_template("accounts/new_registration.html")


@blueprint.get("/register/teacher")
@public
def new_teacher() -> str:
    """First find the school (?q=), then (?school=) who you are."""
    words = request.args.get("q", "").strip()[:100]
    form = TeacherForm(formdata=None, school_id=request.args.get("school", ""))
    return _teacher_page(form, words)


def _teacher_page(form: TeacherForm, words: str = "") -> str:
    number = form.school()
    school = db.session.get(School, number) if number else None
    found = schools_like(words) if words else []
    return render_template(
        "accounts/new_teacher.html", form=form, school=school, words=words, schools=found
    )


@blueprint.post("/register/teacher")
@public
def create_teacher() -> Answer:
    form = TeacherForm()
    if form.validate_on_submit():
        count_mail(str(form.email.data))
        with errors_in(form):
            registration.register_teacher(
                str(form.email.data),
                name=str(form.name.data),
                school_id=form.school(),
                language=language(),
            )
        if not form.errors:
            db.session.commit()
            return redirect_to("accounts.show_sent")
    return _teacher_page(form), 422


@blueprint.get("/register/company")
@public
def new_company() -> str:
    return render_template("accounts/new_company.html", form=CompanyForm())


@blueprint.post("/register/company")
@public
def create_company() -> Answer:
    form = CompanyForm()
    if form.validate_on_submit():
        count_mail(str(form.email.data))
        with errors_in(form):
            registration.register_company(
                str(form.email.data),
                name=str(form.name.data),
                company=_new_company(form),
                language=language(),
            )
        if not form.errors:
            db.session.commit()
            return redirect_to("accounts.show_sent")
    return render_template("accounts/new_company.html", form=form), 422


def _new_company(form: CompanyForm) -> NewCompany:
    return NewCompany(
        name=str(form.company_name.data),
        postcode=str(form.postcode.data),
        employees=int(form.employees.data or 1),
        sector=str(form.sector.data or ""),
        register_code=str(form.register_code.data or ""),
    )


# ---- the mailed link ----------------------------------------------------------------------------
@blueprint.get("/verify/<token>")
@public
def show_verification(token: str) -> str:
    return _welcome_page(links.find(token, LinkPurpose.VERIFY))


@blueprint.post("/verify/<token>")
@public
def verify(token: str) -> Answer:
    return _welcomed(token, LinkPurpose.VERIFY)


@blueprint.get("/invitation/<token>")
@public
def show_invitation(token: str) -> Answer:
    link = links.find(token, LinkPurpose.INVITE)
    if service.find_person(link.email) is None:
        return _welcome_page(link)
    mine = current_user.is_authenticated and current_user.person.email == link.email
    company = registration.company_of(link)
    return render_template(
        "accounts/show_invitation.html", token=token, company=company, link=link, mine=mine
    )


@blueprint.post("/invitation/<token>")
@public
def accept_invitation(token: str) -> Answer:
    return _welcomed(token, LinkPurpose.INVITE)


@blueprint.post("/invitation/<token>/join")
@signed_in
def join(token: str) -> Response:
    company = registration.join(token, by=current_person())
    db.session.commit()
    says(_("You belong to %(company)s now.", company=company.name))
    return redirect_to("web.show_home")


def _welcome_page(link: MailLink, form: WelcomeForm | None = None) -> str:
    details = link.details
    form = form or WelcomeForm(formdata=None, name=details.get("name", ""))
    school = db.session.get(School, details["school_id"]) if "school_id" in details else None
    if "company_id" in details:
        company = registration.company_of(link).name
    else:
        company = details.get("company", {}).get("name", "")
    return render_template(
        "accounts/show_welcome.html",
        form=form,
        email=link.email,
        role=details["role"],
        school=school,
        company=company,
    )


def _welcomed(token: str, purpose: LinkPurpose) -> Answer:
    form = WelcomeForm()
    if form.validate_on_submit():
        with errors_in(form):
            person = registration.welcome(
                token,
                purpose,
                name=str(form.name.data),
                password=str(form.password.data or ""),
            )
        if not form.errors:
            answer = come_in(person)
            with force_locale(person.language):  # theirs from now on, not the visitor's browser's
                says(_("Welcome, %(name)s! You are signed in.", name=person.first_name))
            return answer
    return _welcome_page(links.find(token, purpose), form), 422


# ---- invite -------------------------------------------------------------------------------------
@blueprint.get("/companies/<int:company_id>/invite")
@holds(Role.COMPANY_CONTACT, Role.COORDINATOR)
def new_invitation(company_id: int) -> str:
    company = load_or_404(Company, company_id)
    allow(policies.may_edit_company(current_person(), company))
    form = InvitationForm(formdata=None, email=request.args.get("email", ""))
    return render_template("accounts/new_invitation.html", form=form, company=company)


@blueprint.post("/companies/<int:company_id>/invite")
@holds(Role.COMPANY_CONTACT, Role.COORDINATOR)
def create_invitation(company_id: int) -> Answer:
    company = load_or_404(Company, company_id)
    allow(policies.may_edit_company(current_person(), company))
    form = InvitationForm()
    if not form.validate_on_submit():
        return render_template("accounts/new_invitation.html", form=form, company=company), 422
    email = str(form.email.data)
    count_mail(email)
    role = Role(form.role.data)
    registration.invite(email, company, role=role, language=language(), by=current_person())
    db.session.commit()
    says(_("The invitation is on its way to %(email)s.", email=email))
    return redirect_to("accounts.new_invitation", company_id=company.id)
