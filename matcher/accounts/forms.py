"""Forms of the front desk: sign in, register, choose a password, change one's own data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

from matcher.accounts.passwords import LONGEST
from matcher.models.account import Role
from matcher.models.organisation import School
from matcher.web.filters import LANGUAGE_NAMES
from matcher.web.forms import Choices, Form, SingleLine, WholeNumber, clean_line
from matcher.web.names import ROLES

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")


class MailAddress(SingleLine):
    """A mail address, kept in lower case."""

    def __init__(self, label: object, **kw: Any) -> None:
        kw["render_kw"] = {"type": "email", "autocomplete": "email", "spellcheck": "false"}
        super().__init__(label, filled=True, longest=254, **kw)
        self.filters = [clean_line, str.lower]

    def pre_validate(self, form: Any) -> None:
        if self.data and not _ADDRESS.fullmatch(self.data):
            raise ValidationError(str(_l("Enter a mail address, such as name@school.nl.")))


class Name(SingleLine):
    """What a person or a company is called. It stands in mails, so it must lead nowhere."""

    def __init__(self, label: object, *, autocomplete: str = "name", **kw: Any) -> None:
        kw["render_kw"] = {"autocomplete": autocomplete}
        super().__init__(label, filled=True, **kw)

    def pre_validate(self, form: Any) -> None:
        if self.data and re.search(r"://|@|www\.", self.data, flags=re.IGNORECASE):
            raise ValidationError(str(_l("Enter a name, not an address.")))


class Password(PasswordField):
    """A password: not trimmed, not cleaned; only its length is bounded."""

    def __init__(self, label: object, *, asked: bool = True, new: bool = False, **kw: Any) -> None:
        long = Length(max=LONGEST, message=_l("Use at most 128 characters."))
        first = [InputRequired(_l("Fill this in."))] if asked else []
        kw["validators"] = [*first, long]
        kw["render_kw"] = {"autocomplete": "new-password" if new else "current-password"}
        super().__init__(label, **kw)


class SignInForm(Form):
    """With a password."""

    email = MailAddress(_l("Mail address"))
    password = Password(_l("Password"))
    next = HiddenField()


class MailForm(Form):
    """Only an address, to mail a link to."""

    email = MailAddress(_l("Mail address"))
    next = HiddenField()


class TeacherForm(Form):
    """A teacher registers; the school was found in the step before."""

    school_id = HiddenField(_l("School"))
    name = Name(_l("Your name"))
    email = MailAddress(_l("Mail address at your school"))

    def school(self) -> int | None:
        text = str(self.school_id.data or "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


class SchoolStaffForm(Form):
    """Who came from a school's own sign-in says the rest."""

    school_id = Choices(_l("Location of your school"), filled=True)
    name = Name(_l("Your name"))
    email = MailAddress(_l("Mail address at your school"))

    def offer(self, schools: Sequence[School]) -> None:
        """The locations to choose from."""
        self.school_id.choices = [(str(s.id), f"{s.name}, {s.town}") for s in schools]
        if len(schools) == 1:
            self.school_id.data = self.school_id.data or str(schools[0].id)


class CompanyForm(Form):
    """A company and its first contact register."""

    company_name = Name(_l("Name of the company"), autocomplete="organization")
    register_code = SingleLine(_l("Number in the trade register"), longest=12)
    sector = SingleLine(_l("What the company does"))
    employees = WholeNumber(_l("How many people work there"), least=1, most=500_000, filled=True)
    postcode = SingleLine(
        _l("Postcode"), filled=True, longest=10, render_kw={"autocomplete": "postal-code"}
    )
    name = Name(_l("Your name"))
    email = MailAddress(_l("Mail address at your company"))

    def validate_register_code(self, field: Any) -> None:
        if field.data and not re.fullmatch(r"[0-9]{8}", field.data):
            raise ValidationError(str(_l("The number has eight digits.")))


class WelcomeForm(Form):
    """The last step of registering or of being invited."""

    name = Name(_l("Your name"))
    password = Password(_l("Password"), asked=False, new=True)


class NewPasswordForm(Form):
    """A new password by a mailed link."""

    password = Password(_l("New password"), new=True)


class ChangePasswordForm(Form):
    """A new password from one's own account; ``current`` is asked of who has one."""

    current = Password(_l("Present password"), asked=False)
    new = Password(_l("New password"), new=True)


class ProfileForm(Form):
    """What is known of a person."""

    name = Name(_l("Name"))
    phone = SingleLine(
        _l("Telephone"), longest=40, render_kw={"autocomplete": "tel", "type": "tel"}
    )
    language = Choices(
        _l("Language of pages and mail"), choices=list(LANGUAGE_NAMES.items()), filled=True
    )

    def validate_phone(self, field: Any) -> None:
        if field.data and not re.fullmatch(r"[+0-9 ().-]{6,40}", field.data):
            raise ValidationError(str(_l("Enter a telephone number, in digits.")))


class CodeForm(Form):
    """The code of the second step."""

    code = SingleLine(
        _l("Code"),
        filled=True,
        longest=20,
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )
    next = HiddenField()


class InvitationForm(Form):
    """A company's contact asks a colleague to join."""

    email = MailAddress(_l("Mail address of your colleague"))
    role = Choices(
        _l("What your colleague does"),
        filled=True,
        choices=[
            (Role.PROFESSIONAL.value, _l("gives guest lectures or tours")),
            (Role.COMPANY_CONTACT.value, _l("manages the company's offers, as you do")),
        ],
    )


class GrantForm(Form):
    """The administrator gives a role."""

    role = Choices(_l("Role"), choices=list(ROLES.items()), filled=True)
    place = SingleLine(_l("Of which school, company or region"))
