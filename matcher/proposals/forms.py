"""Answers as forms: a no with reasons, another time, a colleague."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from matcher.models.moves import ANSWER_REASONS, MOVE_REASONS
from matcher.models.professional import Professional
from matcher.proposals.times import Meeting
from matcher.web import forms
from matcher.web.filters import period
from matcher.web.names import REASONS


class ReasonsForm(forms.Form):
    """Why not: several reasons at once, and a word."""

    reasons = forms.MultiChoices(
        _l("Why not?"), validators=[forms.Filled(_l("Choose at least one reason."))]
    )
    note = forms.Prose(_l("A word to the other side"), longest=1000)


class MessageForm(forms.Form):
    """A line to the other side."""

    words = forms.Prose(_l("Message"), filled=True, longest=2000)


class OtherTimeForm(forms.Form):
    """Another free moment that suits both."""

    slot = forms.Choices(_l("Another time"), validators=[forms.Filled(_l("Choose a time."))])
    time_note = forms.Prose(_l("A word to the other side"), longest=1000)


class MoveForm(forms.Form):
    """Why the agreed time cannot be, and which other would."""

    why = forms.MultiChoices(
        _l("Why?"), validators=[forms.Filled(_l("Choose at least one reason."))]
    )
    new_slot = forms.Choices(_l("Another time"), validators=[forms.Filled(_l("Choose a time."))])
    move_note = forms.Prose(_l("A word to the other side"), longest=1000)


def move_form(meetings: Sequence[Meeting]) -> MoveForm:
    form = MoveForm()
    form.why.choices = [(reason.value, REASONS[reason]) for reason in MOVE_REASONS]
    form.new_slot.choices = _times(meetings)
    return form


class PassOnForm(forms.Form):
    """A colleague who is asked instead."""

    colleague = forms.Choices(_l("Colleague"), validators=[forms.Filled(_l("Choose a colleague."))])
    colleague_note = forms.Prose(_l("A word to your colleague"), longest=1000)


def pass_on_form(colleagues: Sequence[Professional]) -> PassOnForm:
    form = PassOnForm()
    form.colleague.choices = [("", _l("Choose…"))] + [
        (str(one.id), f"{one.name}, {one.profession}") for one in colleagues
    ]
    return form


def reasons_form() -> ReasonsForm:
    form = ReasonsForm()
    form.reasons.choices = [(reason.value, REASONS[reason]) for reason in ANSWER_REASONS]
    return form


def other_time_form(meetings: Sequence[Meeting]) -> OtherTimeForm:
    form = OtherTimeForm()
    form.slot.choices = _times(meetings)
    return form


def _times(meetings: Sequence[Meeting]) -> list[tuple[str, object]]:
    told = [(str(one.id), period(one.starts_at, one.ends_at)) for one in meetings]
    return [("", _l("Choose…")), *told]
