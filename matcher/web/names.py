"""Codes told in the reader's language: subjects, levels, kinds, states, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import current_app
from flask_babel import get_locale, ngettext
from flask_babel import lazy_gettext as _l

from matcher.models.moves import DeclineReason, ProposalState
from matcher.models.need import Need, NeedState, Support
from matcher.models.offer import OfferKind, OfferState
from matcher.reference import SchoolSystem, programme
from matcher.reference.system import told

KINDS = {
    OfferKind.LECTURE: _l("guest lecture"),
    OfferKind.TOUR: _l("company tour"),
    OfferKind.CHALLENGE: _l("challenge"),
    OfferKind.WEBINAR: _l("webinar"),
}
PLACES = {
    "onsite": _l("on site"),
    "online": _l("online"),
    "both": _l("on site or online"),
}
LANGUAGES = {
    "nl": _l("Dutch"),
    "en": _l("English"),
    "de": _l("German"),
    "da": _l("Danish"),
    "eu": _l("Basque"),
    "es": _l("Spanish"),
}
ROLES = {
    "teacher": _l("teacher"),
    "company_contact": _l("company contact"),
    "professional": _l("professional"),
    "coordinator": _l("coordinator"),
    "administrator": _l("administrator"),
}
PROPOSAL_STATES = {
    ProposalState.SUGGESTED: _l("suggested"),
    ProposalState.ASKED: _l("waiting for answers"),
    ProposalState.SCHOOL_YES: _l("school said yes"),
    ProposalState.COMPANY_YES: _l("company said yes"),
    ProposalState.CONFIRMED: _l("confirmed"),
    ProposalState.DELIVERED: _l("held"),
    ProposalState.NOT_HELD: _l("not held"),
    ProposalState.CANCELLED: _l("cancelled"),
    ProposalState.DECLINED: _l("declined"),
    ProposalState.EXPIRED: _l("not answered in time"),
    ProposalState.WITHDRAWN: _l("withdrawn"),
    ProposalState.SUPERSEDED: _l("replaced by a newer one"),
}
NEED_STATES = {
    NeedState.DRAFT: _l("draft"),
    NeedState.OPEN: _l("open"),
    NeedState.FILLED: _l("arranged"),
    NeedState.WITHDRAWN: _l("withdrawn"),
    NeedState.CLOSED: _l("past"),
}
OFFER_STATES = {
    OfferState.DRAFT: _l("draft"),
    OfferState.REVIEW: _l("is being read"),
    OfferState.PUBLISHED: _l("published"),
    OfferState.PAUSED: _l("paused"),
    OfferState.WITHDRAWN: _l("withdrawn"),
}
REASONS = {
    DeclineReason.DATE: _l("The day or time does not suit"),
    DeclineReason.DISTANCE: _l("It is too far"),
    DeclineReason.LEVEL: _l("The level does not fit"),
    DeclineReason.TOPIC: _l("The topic does not fit"),
    DeclineReason.GROUP: _l("The group is too large or too small"),
    DeclineReason.FULL: _l("Enough visits already"),
    DeclineReason.KIND: _l("Another kind of visit is wanted"),
    DeclineReason.KNOWN: _l("Already arranged elsewhere"),
    DeclineReason.ILLNESS: _l("Illness or somebody dropping out"),
    DeclineReason.PLAN: _l("The lesson plan has changed"),
    DeclineReason.SLOW: _l("It took too long"),
    DeclineReason.OTHER: _l("Something else"),
}
SUPPORT = {
    Support.SHORT_PARTS: _l("Short parts of at most 15 minutes"),
    Support.PLAIN_WORDS: _l("Plain words, little to read"),
    Support.DOING: _l("Doing rather than listening"),
    Support.FIXED_PLAN: _l("A fixed plan, told beforehand"),
    Support.QUIET: _l("Little noise, few stimuli"),
    Support.SMALL_GROUPS: _l("Working in small groups"),
    Support.STEP_FREE: _l("A way in without steps"),
    Support.CAPTIONS: _l("Captions or an interpreter (hard of hearing)"),
    Support.LARGE_PRINT: _l("Large print (poor sight)"),
}


def language() -> str:
    """The language the page is written in."""
    locale = get_locale()
    return locale.language if locale else "nl"


def system() -> SchoolSystem:
    return programme(current_app.config["PROGRAMME"])


class Names:
    """``names`` in templates: names.subject("natuurkunde") and so on; unknown codes show as is."""

    def subject(self, code: str) -> str:
        found = {s.code: s for s in system().subjects}.get(code)
        return found.name(language()) if found else code

    def level(self, code: str) -> str:
        found = {level.code: level for level in system().levels}.get(code)
        return found.name(language()) if found else code

    def levels(self, codes: Sequence[str]) -> str:
        """The levels that sit in one class."""
        return ", ".join(map(self.level, codes))

    def years(self, numbers: Sequence[int]) -> str:
        """year 4; years 1, 2"""
        told = ", ".join(map(str, sorted(numbers)))
        return ngettext("year %(years)s", "years %(years)s", len(numbers), years=told)

    def class_of(self, need: Need) -> str:
        """A need's class in one line: levels, years, how many together."""
        parts = [self.levels(need.levels)] if need.levels else []
        if need.years:
            parts.append(self.years(need.years))
        if need.group_size:
            size = need.group_size
            parts.append(ngettext("%(num)d pupil", "%(num)d pupils", size))
        if need.groups > 1:
            parts.append(ngettext("%(num)d class", "%(num)d classes together", need.groups))
        return ", ".join(parts)

    def support(self, code: str) -> str:
        return str(SUPPORT[Support(code)]) if code in set(Support) else code

    def profile(self, code: str) -> str:
        found = {kind.code: kind for kind in system().kinds_of_profile}.get(code)
        return found.name(language()) if found else code

    def mix(self, profile: Mapping[str, float]) -> str:
        """Who sits in a class, the most first."""
        most_first = sorted(profile, key=lambda code: (-profile[code], code))
        return ", ".join(self.profile(code) for code in most_first if profile[code])

    def kind(self, code: str) -> str:
        return str(KINDS.get(OfferKind(code), code)) if code in set(OfferKind) else code

    def place(self, code: str) -> str:
        return str(PLACES.get(str(code), code))

    def told(self, texts: Mapping[str, str]) -> str:
        """A text of the reference data, in the reader's language."""
        return told(texts, language())

    def language(self, code: str) -> str:
        return str(LANGUAGES.get(code, code))

    def role(self, code: str) -> str:
        return str(ROLES.get(str(code), code))

    def reason(self, code: str) -> str:
        return str(REASONS[DeclineReason(code)]) if code in set(DeclineReason) else code

    def state(self, state: object) -> str:
        """Of a proposal, a need or an offer."""
        for table in (PROPOSAL_STATES, NEED_STATES, OFFER_STATES):
            if type(state) is type(next(iter(table))):
                return str(table[state])  # type: ignore[index]
        return str(state)
