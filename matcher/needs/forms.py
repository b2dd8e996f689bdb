"""The need's form: what the lesson is about, and who comes; the days are in ``forms_when``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from matcher.models.moves import WITHDRAW_REASONS
from matcher.models.need import Need, PlaceKind, Support
from matcher.models.offer import OfferKind
from matcher.reference import SchoolSystem
from matcher.web import forms
from matcher.web.names import KINDS, LANGUAGES, PLACES, REASONS, SUPPORT, language

# How many of a class are of a kind, as a teacher says it; the matcher takes shares of the sum.
HOW_MANY = {"none": 0, "few": 20, "some": 50, "many": 80}
SECONDARY = frozenset(range(1, 7))
HOW_MANY_TOLD = {
    "none": _l("nobody"),
    "few": _l("a few"),
    "some": _l("some"),
    "many": _l("many"),
}


class WhatForm(forms.Form):
    """Step one: what the class works on."""

    title = forms.SingleLine(_l("Title"), filled=True, longest=120)
    subject = forms.Choices(_l("Subject"), validators=[forms.Filled(_l("Choose the subject."))])
    levels = forms.MultiChoices(
        _l("Which levels sit in this class?"),
        validators=[forms.Filled(_l("Choose at least one level."))],
    )
    other_levels = forms.MultiChoices(_l("Offers for other levels that are fine too"))
    years = forms.MultiChoices(_l("Which years?"))
    goal = forms.Prose(_l("What should the pupils take home?"), filled=True, longest=2000)
    hook = forms.Prose(_l("Chapter, and what the class knows already"), longest=2000)

    def values(self) -> dict[str, Any]:
        plain = {name: self[name].data for name in ("title", "subject", "goal", "hook")}
        known = [str(value) for value, *_rest in self.years.iter_choices()]
        years = [int(year) for year in known if year in (self.years.data or [])]
        levels = list(self.levels.data or [])
        others = [code for code in self.other_levels.data or [] if code not in levels]
        return plain | {"levels": levels, "other_levels": others, "years": years}


class WhoForm(forms.Form):
    """Step two: the class, and what kind of visit suits it."""

    group_size = forms.WholeNumber(_l("How many pupils?"), least=1, most=1000, filled=True)
    groups = forms.WholeNumber(_l("How many classes together?"), least=1, most=10)
    lesson_minutes = forms.WholeNumber(
        _l("How many minutes may it take?"), least=10, most=600, filled=True
    )
    kinds = forms.MultiChoices(
        _l("What would suit?"), validators=[forms.Filled(_l("Choose at least one kind of visit."))]
    )
    place = RadioField(_l("Where?"))
    travel_km = forms.WholeNumber(
        _l("How many kilometres may the class travel for a tour?"), least=1, most=500
    )
    languages = forms.MultiChoices(
        _l("In which languages?"), validators=[forms.Filled(_l("Choose at least one language."))]
    )
    visits_wanted = forms.WholeNumber(_l("How many visits do you want?"), least=1, most=10)
    support = forms.MultiChoices(_l("What does this class ask of a guest?"))
    remarks = forms.Prose(_l("Anything a guest should know of this class?"), longest=1000)

    mix: dict[str, str]  # type of the class profile -> none, few, some, many
    mix_error = ""

    def values(self) -> dict[str, Any]:
        return {
            "group_size": self.group_size.data,
            "groups": self.groups.data or 1,
            "lesson_minutes": self.lesson_minutes.data,
            "kinds": list(self.kinds.data or []),
            "place": PlaceKind(self.place.data or PlaceKind.BOTH),
            "travel_km": self.travel_km.data,
            "languages": list(self.languages.data or []),
            "visits_wanted": self.visits_wanted.data or 1,
            "support": list(self.support.data or []),
            "remarks": self.remarks.data,
            "class_profile": {code: n for code, word in self.mix.items() if (n := HOW_MANY[word])},
        }

    def read_mix(self, posted: Mapping[str, str], codes: Iterable[str]) -> bool:
        """How many of each kind; what is not said is nobody."""
        said = {code: posted.get(f"profile-{code}", "none") for code in codes}
        self.mix = {code: word if word in HOW_MANY else "none" for code, word in said.items()}
        if set(said.values()) - set(HOW_MANY):
            self.mix_error = _("Choose from the options.")
        return not self.mix_error


class WithdrawForm(forms.Form):
    """Why a need is taken back; whoever was asked reads it."""

    reasons = forms.MultiChoices(
        _l("Why?"), validators=[forms.Filled(_l("Choose at least one reason."))]
    )
    note = forms.Prose(_l("A word to whoever was asked"), longest=1000)


def what_form(need: Need, system: SchoolSystem) -> WhatForm:
    form = WhatForm(obj=need)
    form.subject.choices = [("", _("Choose…")), *_named(system.subjects)]
    form.levels.choices = form.other_levels.choices = _named(system.levels)
    taught = system.levels_at(need.school.kind)
    years = {year for level in taught for year in level.years} | set(need.years) | SECONDARY
    form.years.choices = [(str(year), str(year)) for year in sorted(years)]
    return form


def who_form(need: Need, system: SchoolSystem) -> WhoForm:
    form = WhoForm(obj=need)
    form.kinds.choices = [(kind.value, KINDS[kind]) for kind in OfferKind]
    form.place.choices = [(place.value, PLACES[place.value]) for place in PlaceKind]
    form.languages.choices = [(code, LANGUAGES[code]) for code in system.languages]
    form.support.choices = [(support.value, SUPPORT[support]) for support in Support]
    if not form.is_submitted():
        form.place.data = need.place.value
    form.mix = {
        kind.code: how_many(need.class_profile.get(kind.code, 0))
        for kind in system.kinds_of_profile
    }
    return form


def withdraw_form() -> WithdrawForm:
    form = WithdrawForm()
    form.reasons.choices = [(reason.value, REASONS[reason]) for reason in WITHDRAW_REASONS]
    return form


def how_many(number: float) -> str:
    """The word nearest to a stored number."""
    return min(HOW_MANY, key=lambda word: abs(HOW_MANY[word] - number))


def _named(entries: Any) -> list[tuple[str, str]]:
    return [(entry.code, entry.name(language())) for entry in entries]
