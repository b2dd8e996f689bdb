"""A word of the region's own as a form."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from matcher.coordination.synonyms import LONGEST
from matcher.reference.concepts import LANGUAGES
from matcher.web import forms
from matcher.web.names import LANGUAGES as NAMES


class SynonymForm(forms.Form):
    """A word, and the language it is of; ``sure`` is asked for where it means other things too."""

    label = forms.SingleLine(_l("Another word for it"), filled=True, longest=LONGEST)
    language = forms.Choices(
        _l("Language"), filled=True, choices=[(code, NAMES[code]) for code in LANGUAGES]
    )
    sure = BooleanField(_l("Add it all the same"))


def synonym_form() -> SynonymForm:
    """In the reader's language until another is chosen."""
    form = SynonymForm()
    if not form.is_submitted():
        form.language.data = str(get_locale())[:2]
    return form
