"""Doors of the support measures: what there is and was, and a check of a plan against a round."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from matcher.guide.support import Obstacle, Plan, check
from matcher.reference.support import Measure, MeasureState, measure, measures
from matcher.web.forms import Choices, Form, WholeNumber
from matcher.web.guards import public
from matcher.web.names import language, system

blueprint = Blueprint("support", __name__, url_prefix="/guide/support")
STATES = {
    MeasureState.OPEN: (_l("open"), "good"),
    MeasureState.CLOSED: (_l("closed"), "danger"),
    MeasureState.UNKNOWN: (_l("not known"), "warning"),
}
OBSTACLES = {
    Obstacle.NOT_SME: _l("Your company has 250 people or more, so it is no small or medium one."),
    Obstacle.TOO_FEW_SMES: _l("Too few of the participants are small or medium companies."),
    Obstacle.TOO_MANY: _l("There are too many participants."),
    Obstacle.TOO_LONG: _l("The project takes too long."),
    Obstacle.NOT_TECHNICAL: _l("That round was for technical sectors only."),
}


class PlanForm(Form):
    """What somebody has in mind."""

    class Meta(Form.Meta):
        csrf = False  # a question in the address; nothing is kept

    round = Choices(_l("Round"), filled=True)
    employees = WholeNumber(_l("People in your company"), least=1, most=100_000, filled=True)
    participants = WholeNumber(_l("Participants, you included"), least=1, most=100, filled=True)
    smes = WholeNumber(_l("Of which small or medium companies"), least=0, most=100, filled=True)
    months = WholeNumber(_l("Length in months"), least=1, most=120, filled=True)
    costs = WholeNumber(_l("Costs in euros"), least=1, most=10_000_000, filled=True)
    sector = Choices(_l("Your sector is"), filled=True)

    def validate_smes(self, field: Any) -> None:
        if field.data and self.participants.data and field.data > self.participants.data:
            raise ValidationError(str(_l("These cannot be more than there are participants.")))

    def plan(self) -> Plan:
        numbers = ("employees", "participants", "smes", "months", "costs")
        values = {name: self[name].data for name in numbers}
        return Plan(**values, is_technical=self.sector.data == "technical")


def _form(found: Measure, *, asked: bool) -> PlanForm:
    form = PlanForm(formdata=request.args if asked else None)
    form.round.choices = [(one.code, one.name(language())) for one in reversed(found.rounds)]
    form.sector.choices = [("technical", _l("technical")), ("other", _l("another one"))]
    return form


@blueprint.get("")
@public
def list_measures() -> str:
    found = measures(system().code)
    return render_template("guide/list_measures.html", measures=found, states=STATES)


@blueprint.get("/<code>")
@public
def show_measure(code: str) -> str | tuple[str, int]:
    """With a plan in the address: also what a round would have made of it."""
    found = measure(code, system().code) or abort(404)
    asked = bool(found.rounds) and "round" in request.args
    form = _form(found, asked=asked)
    if not asked or not form.validate():
        return _page(found, form), 422 if asked else 200
    chosen = next(one for one in found.rounds if one.code == form.round.data)
    outcome = check(found, chosen, form.plan())
    return _page(found, form, chosen=chosen, outcome=outcome)


def _page(found: Measure, form: PlanForm, **more: Any) -> str:
    return render_template(
        "guide/show_measure.html",
        measure=found,
        form=form,
        states=STATES,
        told=OBSTACLES,
        **({"chosen": None, "outcome": None} | more),
    )
