"""Outside text into typed values: the form all forms start from, and its fields."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

LONGEST_LINE = 200
LONGEST_PROSE = 5000
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LINE_BREAKS = re.compile(r"[\r\n\t\u2028\u2029]+")


def clean(text: str | None) -> str:
    """Without control characters and lone surrogates, trimmed: what both databases take."""
    kept = _CONTROLS.sub("", text or "").encode("utf-8", "ignore").decode("utf-8")
    return unicodedata.normalize("NFC", kept).strip()


def clean_line(text: str | None) -> str:
    return _LINE_BREAKS.sub(" ", clean(text))


class Form(FlaskForm):
    """Every form: messages in the reader's language, nothing lost on an error."""

    class Meta(FlaskForm.Meta):
        locales = ("nl", "en")

        def get_translations(self, form: Any) -> Any:
            return Translations()


class Translations:
    """WTForms' own messages come from our catalogue, like all others."""

    def gettext(self, message: str) -> str:
        from flask_babel import gettext

        return gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        from flask_babel import ngettext

        return ngettext(singular, plural, n)


def required() -> InputRequired:
    return InputRequired(_l("Fill this in."))


class Filled:
    """Asks for more than spaces; keeps what was typed."""

    field_flags = {"required": True}

    def __init__(self, message: object | None = None) -> None:
        self.message = message or _l("Fill this in.")

    def __call__(self, _form: Any, field: Field) -> None:
        if not field.data:
            raise ValidationError(str(self.message))


class SingleLine(StringField):
    """One line of text, cleaned; at most 200 characters unless said otherwise."""

    def __init__(
        self, label: object, *, filled: bool = False, longest: int = LONGEST_LINE, **kw: Any
    ) -> None:
        checks = [Length(max=longest, message=_l("Use at most %(max)d characters."))]
        kw["validators"] = [*([Filled()] if filled else []), *checks, *kw.get("validators", [])]
        kw["filters"] = [clean_line]
        super().__init__(label, **kw)  # type: ignore[arg-type]


class Prose(TextAreaField):
    """Several lines of plain text, cleaned."""

    def __init__(
        self, label: object, *, filled: bool = False, longest: int = LONGEST_PROSE, **kw: Any
    ) -> None:
        checks = [Length(max=longest, message=_l("Use at most %(max)d characters."))]
        kw["validators"] = [*([Filled()] if filled else []), *checks, *kw.get("validators", [])]
        kw["filters"] = [clean]
        super().__init__(label, **kw)  # type: ignore[arg-type]


class WholeNumber(IntegerField):
    """A whole number within bounds; what is no number is kept and told."""

    def __init__(
        self,
        label: object,
        *,
        least: int = 0,
        most: int = 1_000_000,
        filled: bool = False,
        **kw: Any,
    ) -> None:
        first = required() if filled else Optional()
        message = _l("Enter a number from %(min)s to %(max)s.")
        bounds = NumberRange(min=least, max=most, message=message)
        kw["validators"] = [first, bounds, *kw.get("validators", [])]
        super().__init__(label, **kw)  # type: ignore[arg-type]

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation  # one sentence is enough

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean_line(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise ValueError(str(_l("Enter a whole number, in digits.")))
        self.data = int(text)


def _declared(kw: dict[str, Any]) -> dict[str, Any]:
    """(value, label) pairs as WTForms wants them declared."""
    if kw.get("choices"):
        kw["choices"] = [SelectChoice(value, label) for value, label in kw["choices"]]
    return kw


class Choices(SelectField):
    """One of several; an unknown value is told, not a crash. ``filled``: one must be chosen."""

    def __init__(self, label: object, *, filled: bool = False, **kw: Any) -> None:
        if filled:
            kw["validators"] = [required(), *kw.get("validators", [])]
        super().__init__(label, **_declared(kw))

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data not in {str(value) for value, *_ in self.iter_choices()}:
            raise ValidationError(str(_l("Choose one of the options.")))


class MultiChoices(SelectMultipleField):
    """Any of several, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: object, **kw: Any) -> None:
        super().__init__(label, **_declared(kw))

    def pre_validate(self, form: Any) -> None:
        known = {str(value) for value, *_ in self.iter_choices()}
        if any(value not in known for value in self.data or []):
            raise ValidationError(str(_l("Choose from the options.")))


class DayField(DateField):
    """A day, typed or picked; both 2027-03-01 and 1-3-2027 are understood."""

    def __init__(self, label: object, *, filled: bool = False, **kw: Any) -> None:
        kw["validators"] = [required() if filled else Optional(), *kw.get("validators", [])]
        super().__init__(label, format=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"], **kw)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(str(_l("Enter a day, such as 1-3-2027."))) from None
        if isinstance(self.data, date) and not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(str(_l("Enter a day, such as 1-3-2027.")))


class ClockField(TimeField):
    """A wall-clock time: 13:30 or 13.30."""

    def __init__(self, label: object, *, filled: bool = False, **kw: Any) -> None:
        kw["validators"] = [required() if filled else Optional(), *kw.get("validators", [])]
        super().__init__(label, format=["%H:%M", "%H.%M", "%H:%M:%S"], **kw)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(str(_l("Enter a time, such as 13:30."))) from None
        if self.data is not None and not isinstance(self.data, time):
            self.data = None
