"""Doors of the class-profile course: five types of pupils, and a self-test for a school team."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, ValidationError

from matcher.guide import selftest
from matcher.reference import programme
from matcher.reference.system import ProfileType
from matcher.web.forms import Form
from matcher.web.guards import public
from matcher.web.names import Names, system

blueprint = Blueprint("profile", __name__, url_prefix="/guide/class-profile")
HOW_OFTEN = (("0", _l("seldom")), ("1", _l("sometimes")), ("2", _l("often")), ("3", _l("always")))
Answer = str | Response | tuple[str, int]


def _types() -> tuple[ProfileType, ...]:
    """The programme's own; one that has none reads of the Dutch ones."""
    return system().kinds_of_profile or programme("nl").kinds_of_profile


class SelfTestForm(Form):
    """How often each statement holds; its fields are the statements of the types."""

    class Meta(Form.Meta):
        csrf = False  # the answers stand in the address and nowhere else


def _chosen(_form: Any, field: Any) -> None:
    if field.data not in {value for value, _label in HOW_OFTEN}:
        raise ValidationError(str(_l("Choose one of the options.")))


def _form() -> SelfTestForm:
    names, fields = Names(), {}
    for kind in _types():
        for number, statement in enumerate(kind.statements, 1):
            fields[selftest.question(kind, number)] = RadioField(
                names.told(statement), validators=[_chosen], validate_choice=False
            )
    made: SelfTestForm = type("SelfTest", (SelfTestForm,), fields)(formdata=request.args)
    for name in fields:
        made[name].choices = [(value, str(label)) for value, label in HOW_OFTEN]
    return made


@blueprint.get("")
@public
def show_course() -> str:
    return render_template("guide/show_course.html", types=_types())


@blueprint.get("/test")
@public
def take_test() -> str:
    return render_template("guide/take_test.html", form=_form())


@blueprint.get("/test/result")
@public
def show_reach() -> Answer:
    """What the answers in the address say; nothing is kept."""
    if not request.args:
        return redirect(url_for("profile.take_test"))
    form = _form()
    if not form.validate():
        return render_template("guide/take_test.html", form=form), 422
    answers = {name: int(form[name].data) for name in selftest.questions(_types())}
    return render_template(
        "guide/show_reach.html",
        rows=selftest.reach(_types(), answers),
        answers={name: str(value) for name, value in answers.items()},
    )
