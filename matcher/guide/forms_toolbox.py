"""A resource as a coordinator writes it, and where somebody puts it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from matcher.guide import toolbox
from matcher.models.account import Person
from matcher.models.guide import Resource, ResourceKind, Theme
from matcher.web.forms import Choices, Form, MultiChoices, Prose, SingleLine
from matcher.web.names import LANGUAGES, language, system

KINDS = {
    ResourceKind.TOOL: _l("tool"),
    ResourceKind.HANDBOOK: _l("handbook"),
    ResourceKind.SCAN: _l("self-test"),
    ResourceKind.VIDEO: _l("film"),
    ResourceKind.WHITE_PAPER: _l("white paper"),
    ResourceKind.INFOGRAPHIC: _l("infographic"),
    ResourceKind.REPORT: _l("report"),
    ResourceKind.IMPACT_STUDY: _l("study of effects"),
    ResourceKind.NETWORK_MAP: _l("map of a network"),
}
THEMES = {
    Theme.VISITS: _l("Organising a visit"),
    Theme.PROFILE: _l("Who sits in the class"),
    Theme.GIRLS: _l("Girls and technology"),
    Theme.CHOOSING: _l("Choosing a direction"),
    Theme.TEACHERS: _l("Learning as a teacher"),
    Theme.PARTNERSHIP: _l("Working together for years"),
    Theme.FIGURES: _l("Figures"),
}


def _is_address(_form: Any, field: Any) -> None:
    if field.data and not field.data.startswith("https://"):
        raise ValidationError(str(_l("Give an address that starts with https://.")))


class ResourceForm(Form):
    """Everything that stands on a resource's page."""

    title = SingleLine(_l("Title"), filled=True, longest=200)
    kind = Choices(_l("What it is"), filled=True)
    about = Prose(
        _l("What somebody finds in it"),
        filled=True,
        longest=2000,
        description=_l("Two or three sentences. They are also what requests are compared with."),
    )
    language = Choices(_l("It is in"), filled=True)
    themes = MultiChoices(_l("What it is good for"))
    levels = MultiChoices(
        _l("Levels"), description=_l("Choose none when it goes with every level.")
    )
    url = SingleLine(
        _l("Address"),
        longest=500,
        validators=[_is_address],
        description=_l("Where somebody finds it, from https:// on."),
    )
    source = SingleLine(_l("Maker or source"), filled=True, longest=200)
    licence = SingleLine(
        _l("Licence"),
        longest=200,
        description=_l("For example CC BY 4.0. Leave empty when the maker does not say."),
    )

    def values(self) -> dict[str, Any]:
        found = {name: field.data for name, field in self._fields.items() if name != "csrf_token"}
        return found | {"kind": ResourceKind(found["kind"])}


def resource_form(resource: Resource | None = None) -> ResourceForm:
    here, school = language(), system()
    form = ResourceForm(obj=resource)
    form.kind.choices = [(kind.value, str(name)) for kind, name in KINDS.items()]
    form.themes.choices = [(theme.value, str(name)) for theme, name in THEMES.items()]
    form.levels.choices = [(level.code, level.name(here)) for level in school.levels]
    form.language.choices = [(code, str(LANGUAGES.get(code, code))) for code in school.languages]
    return form


class AttachForm(Form):
    """Beside which offer or visit."""

    to = Choices(_l("Put it beside"), filled=True)


def attach_form(person: Person) -> AttachForm:
    form = AttachForm()
    offers = [(f"offer-{one.id}", one.title) for one in toolbox.own_offers(person)]
    visits = [
        (f"visit-{one.id}", str(_l("Visit: %(title)s", title=one.offer.title)))
        for one in toolbox.own_visits(person)
    ]
    form.to.choices = [*visits, *offers]
    return form
