"""The three steps of the guide as forms; each later one carries the answers of those before."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, ValidationError

from matcher.guide.tree import Advice, Answers
from matcher.reference.taking_part import GuideTable, activity
from matcher.web.forms import Filled, Form, MultiChoices
from matcher.web.names import language, system


def _one_of(_form: Any, field: Any) -> None:
    if field.data not in {value for value, _label in field.choices}:
        raise ValidationError(str(_l("Choose one of the options.")))


def _radio(label: object) -> RadioField:
    return RadioField(label, validators=[_one_of], validate_choice=False)  # type: ignore[arg-type]


class CommitmentForm(Form):
    """Step one: how much time and means."""

    class Meta(Form.Meta):
        csrf = False  # steps are addresses; what writes is guarded for the whole site

    hours = _radio(_l("How much time does your company have for schools?"))
    means = _radio(_l("What can you put in besides?"))
    horizon = _radio(_l("For how long?"))


class IssuesForm(CommitmentForm):
    """Step two: what it should be good for."""

    issues = MultiChoices(
        _l("Which issues do you want to work on?"),
        validators=[Filled(_l("Choose at least one issue."))],
    )

    def answers(self) -> Answers:
        chosen = set(self.issues.data or [])
        issues = tuple(value for value, _label in self.issues.choices if value in chosen)
        return Answers(self.hours.data, self.means.data, self.horizon.data, issues)


class ActionsForm(IssuesForm):
    """Step three: what is done, and in which subjects."""

    actions = MultiChoices(
        _l("What do you want to do?"), validators=[Filled(_l("Choose at least one action."))]
    )
    subjects = MultiChoices(
        _l("With which school subjects does your work go?"),
        validators=[Filled(_l("Choose at least one subject."))],
    )


def told_choices(form: CommitmentForm, table: GuideTable) -> None:
    """Name the answers of the first two steps in the reader's language."""
    for name in ("hours", "means", "horizon", "issues"):
        if name in form:
            named = [(one.code, one.name(language())) for one in getattr(table, name)]
            form[name].choices = named


def told_actions(form: ActionsForm, advice: Advice) -> None:
    here, school = language(), system()
    form.actions.choices = [
        (one.code, one.name(here))
        for fit in advice.fits
        if (one := activity(fit.action.activity, school.code)) is not None
    ]
    form.subjects.choices = [(one.code, one.name(here)) for one in school.subjects]
