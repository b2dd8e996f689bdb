"""Verbs on a guide's result: keep what was answered, and say whose it is."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from matcher import policies
from matcher.errors import NotAllowed, WrongState
from matcher.extensions import db
from matcher.guide.tree import Answers
from matcher.models.account import Person, Role
from matcher.models.guide import GuideResult
from matcher.models.organisation import Company


def keep(
    answers: Answers, actions: Sequence[str], subjects: Sequence[str], *, by: Person | None
) -> GuideResult:
    """A result with an address of its own; of the answering contact's company, if there is one."""
    contact_of = companies_of(by) if by is not None else []
    result = GuideResult(
        key=secrets.token_urlsafe(12),
        company_id=contact_of[0] if len(contact_of) == 1 else None,
        answers={
            "hours": answers.hours,
            "means": answers.means,
            "horizon": answers.horizon,
            "issues": list(answers.issues),
            "actions": list(actions),
            "subjects": list(subjects),
        },
    )
    db.session.add(result)
    db.session.flush()
    return result


def claim(result: GuideResult, company: Company, *, by: Person) -> None:
    """Answered before signing in: a contact says of which company it is."""
    if not policies.is_contact_of(by, company.id):
        raise NotAllowed(_l("Only a contact of this company can do this."))
    if result.company_id not in (None, company.id):
        raise WrongState(_l("Another company has this result already."))
    result.company_id = company.id


def companies_of(person: Person) -> list[int]:
    """The companies for which somebody may speak."""
    grants = [g for g in person.grants if g.role == Role.COMPANY_CONTACT]
    return sorted({g.company_id for g in grants if g.company_id is not None})
