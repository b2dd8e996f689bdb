"""The visit's page as forms: preparing, talking, cancelling, looking back."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from matcher import clock
from matcher.models.moves import DeclineReason, Side
from matcher.models.visit import Feedback, Visit
from matcher.visits.closing import QUESTIONS, Word
from matcher.web import forms
from matcher.web.names import REASONS

REASONS_AFTER = {
    reason.value: REASONS[reason]
    for reason in (
        DeclineReason.ILLNESS,
        DeclineReason.DATE,
        DeclineReason.KNOWN,
        DeclineReason.OTHER,
    )
}
OF_VISIT = {"room", "arrival", "video_url", "material", "pupils_questions", "conduct_wished"}
MARKS = [SelectChoice(str(mark), str(mark)) for mark in range(1, 6)]


class PrepareForm(forms.Form):
    """What both sides must know beforehand; each finds only the fields that are theirs."""

    room = forms.SingleLine(_l("Room"))
    arrival = forms.Prose(_l("Where to report, parking, when"), longest=1000)
    video_url = forms.SingleLine(_l("Video link"), longest=500)
    material = forms.Prose(_l("Material and equipment"), longest=1000)
    pupils_questions = forms.Prose(_l("Questions of the pupils"), longest=2000)
    conduct_wished = BooleanField(_l("We ask for a certificate of conduct (VOG)"))
    conduct_on = forms.DayField(_l("Issue date of your certificate of conduct (VOG)"))

    def validate_video_url(self, field: Any) -> None:
        if field.data and not field.data.startswith("https://"):
            raise ValidationError(_("Start with https://"))

    def validate_conduct_on(self, field: Any) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("This day is still to come."))

    def values(self) -> dict[str, Any]:
        """Of the visit; the guest's own date is not among them."""
        return {name: field.data for name, field in self._fields.items() if name in OF_VISIT}


class ClosingForm(forms.Form):
    """Did it take place? If so, how many there were; if not, why."""

    held = RadioField(
        _l("Did it take place?"),
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
        validators=[forms.Filled(_l("Choose yes or no."))],
    )
    attended = forms.WholeNumber(_l("How many pupils were there?"), most=2000)
    hands_before = forms.WholeNumber(_l("Hands raised before the visit"), most=2000)
    hands_after = forms.WholeNumber(_l("Hands raised after the visit"), most=2000)
    reasons = forms.MultiChoices(_l("If not: why?"))
    note = forms.Prose(_l("A word about it"), longest=1000)

    def word(self) -> Word:
        return Word(
            held=self.held.data == "yes",
            attended=self.attended.data,
            hands_before=self.hands_before.data,
            hands_after=self.hands_after.data,
            reasons=list(self.reasons.data or []),
            note=self.note.data or "",
        )


class ResultsForm(forms.Form):
    """What a class made for a challenge."""

    words = forms.Prose(_l("What did the class make?"), longest=5000)
    links = forms.Prose(_l("Addresses"), longest=5000)


class VerdictForm(forms.Form):
    """The jury's answer."""

    verdict = forms.Prose(_l("Your answer to the class"), filled=True, longest=5000)


def closing_form(*, blank: bool = False) -> ClosingForm:
    form = ClosingForm(formdata=None) if blank else ClosingForm()
    form.reasons.choices = list(REASONS_AFTER.items())
    return form


class FeedbackForm(forms.Form):
    """Marks from 1 to 5, and whether you would again."""

    organisation = RadioField(QUESTIONS["organisation"], choices=MARKS, validators=[forms.Filled()])
    level_fit = RadioField(QUESTIONS["level_fit"], choices=MARKS, validators=[forms.Filled()])
    content_fit = RadioField(QUESTIONS["content_fit"], choices=MARKS, validators=[forms.Filled()])
    interaction = RadioField(QUESTIONS["interaction"], choices=MARKS, validators=[forms.Filled()])
    again = BooleanField(_l("I would do this again"))
    remark = forms.Prose(_l("What should the other side know?"), longest=2000)

    def marks(self) -> dict[str, int]:
        return {name: int(self[name].data) for name in QUESTIONS}


def feedback_form(given: Feedback | None) -> FeedbackForm:
    """Blank, or with what this side has said before."""
    if given is None:
        return FeedbackForm(formdata=None)
    marks = {name: str(mark) for name, mark in given.marks.items()}
    return FeedbackForm(formdata=None, data=marks | {"again": given.again, "remark": given.words})


def prepare_form(visit: Visit, side: Side) -> PrepareForm:
    """A teacher writes down the pupils' questions, a company its guest's certificate."""
    guest = visit.proposal.professional
    form = PrepareForm(obj=visit, conduct_on=guest.conduct_on if guest else None)
    if side == Side.COMPANY:
        del form.pupils_questions, form.conduct_wished
    if side == Side.SCHOOL or guest is None:
        del form.conduct_on
    return form
