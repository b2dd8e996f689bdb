"""The form that takes a file."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from matcher.web import forms


class UploadForm(forms.Form):
    """One file, CSV or XLSX."""

    file = FileField(_l("File (CSV or XLSX)"))

    def validate_file(self, field: Any) -> None:
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(str(_l("Choose a file.")))

    def content(self) -> bytes:
        return bytes(self.file.data.read())

    def filename(self) -> str:
        return str(self.file.data.filename)
