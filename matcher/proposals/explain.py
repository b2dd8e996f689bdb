"""A proposal's reasons in plain sentences, from the stored parts of its score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from matcher.models.proposal import Proposal
from matcher.web.names import Names, language

LABELS = {
    "text": _l("Topic"),
    "subject": _l("Subject"),
    "level": _l("Level"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "distance": _l("Distance"),
    "time": _l("Time"),
    "profile": _l("Class mix"),
    "freshness": _l("Up to date"),
    "novelty": _l("New to visits"),
    "partner": _l("Know each other"),
}
MOST_SENTENCES = 5
STRONG, GOOD = 0.75, 0.45
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """One part as a page shows it; ``points`` of all parts add up to the score."""

    part: str
    label: str
    value: float
    weight: float
    points: float
    sentence: str
    is_weak: bool


@dataclass(frozen=True)
class Explanation:
    """Everything a page says about why: all parts, the best sentences, the one weak point."""

    parts: list[Told]
    sentences: list[str]
    weak: Told | None
    score: float


def explain(proposal: Proposal) -> Explanation:
    """From the stored reasons alone."""
    return explained(proposal.reasons, proposal.weak_point, proposal.score)


def explained(reasons: Sequence[Mapping[str, Any]], weak_point: str, score: float) -> Explanation:
    """The same for an alternate's stored reasons."""
    parts = [_told(reason, weak_point) for reason in reasons if reason["weight"] > 0]
    strong = sorted(parts, key=lambda told: (-told.points, told.part))
    sentences = [t.sentence for t in strong if t.value >= GOOD and not t.is_weak and t.sentence]
    weak = next((told for told in parts if told.is_weak), None)
    return Explanation(parts, sentences[:MOST_SENTENCES], weak, score)


def _told(reason: Mapping[str, Any], weak_point: str) -> Told:
    part, value = reason["part"], float(reason["value"])
    weight = float(reason["weight"])
    return Told(
        part=part,
        label=str(LABELS.get(part, part)),
        value=value,
        weight=weight,
        points=value * weight,
        sentence=_sentence(part, value, reason.get("facts") or {}, is_weak=part == weak_point),
        is_weak=part == weak_point,
    )


def _sentence(part: str, value: float, facts: Facts, *, is_weak: bool) -> str:
    """A part that is the weak point is told as what it lacks."""
    if is_weak and part == "text":
        concepts = facts.get(language()) or facts.get("nl") or []
        if concepts:
            return _("The topics meet only in part: %(concepts)s.", concepts=", ".join(concepts))
        return _("The texts share little; read them before you decide.")
    return SENTENCES[part](value, facts) if part in SENTENCES else ""


def _text(value: float, facts: Facts) -> str:
    concepts = facts.get(language()) or facts.get("nl") or []
    if concepts:
        return _("Both are about %(concepts)s.", concepts=", ".join(concepts))
    if value >= GOOD:
        return _("The texts resemble each other in words, without a shared concept we know.")
    return _("The texts share little; read them before you decide.")


def _subject(value: float, facts: Facts) -> str:
    wanted = ", ".join(map(Names().subject, facts.get("wanted", [])))
    given = ", ".join(map(Names().subject, facts.get("given", [])))
    if value >= STRONG:
        return _("It is offered for %(subject)s.", subject=wanted)
    if not given:
        return _("The offer names no subject.")
    if value >= GOOD:
        return _("It is offered for %(given)s, close to %(wanted)s.", given=given, wanted=wanted)
    return _("It is offered for %(given)s, not for %(wanted)s.", given=given, wanted=wanted)


def _level(value: float, facts: Facts) -> str:
    wanted = ", ".join(map(Names().level, facts.get("wanted", [])))
    given = ", ".join(map(Names().level, facts.get("given", [])))
    if not given:
        return _("The offer names no level.")
    if value >= 1:
        return _("It is made for %(level)s.", level=wanted)
    return _("It is made for %(given)s; this class is %(wanted)s.", given=given, wanted=wanted)


def _kind(_value: float, facts: Facts) -> str:
    return _("It is a %(kind)s, which the class asked for.", kind=Names().kind(facts["kind"]))


def _language(value: float, facts: Facts) -> str:
    given = ", ".join(map(Names().language, facts.get("given", [])))
    if value >= 1:
        return _("It is given in the language of the request.")
    return _("It is given in %(given)s, which the class accepts.", given=given)


def _distance(_value: float, facts: Facts) -> str:
    km = int(facts.get("km", 0))
    if facts.get("online"):
        return (
            _("It can be done online, so %(km)s km does not matter.", km=km)
            if km > 0
            else _("It can be done from the classroom.")
        )
    return ngettext("It is %(num)d km away.", "It is %(num)d km away.", km)


def _time(_value: float, facts: Facts) -> str:
    if facts.get("on_demand"):
        return _("The class can do it whenever it suits.")
    margin = int(facts.get("margin", 0))
    return ngettext(
        "The time suits both, with %(num)d minute to spare.",
        "The time suits both, with %(num)d minutes to spare.",
        margin,
    )


def _profile(value: float, facts: Facts) -> str:
    if not facts.get("angles") or not facts.get("mix"):
        return _("One side has not said which pupils it speaks to.")
    named = ", ".join(map(Names().profile, facts["angles"]))
    if value >= GOOD:
        return _("It speaks to pupils like these: %(named)s.", named=named)
    return _("It speaks to other pupils than most of this class: %(named)s.", named=named)


def _freshness(_value: float, facts: Facts) -> str:
    days = int(facts.get("days", 0))
    return ngettext(
        "The company confirmed the offer %(num)d day ago.",
        "The company confirmed the offer %(num)d days ago.",
        days,
    )


def _novelty(_value: float, facts: Facts) -> str:
    visits = int(facts.get("visits", 0))
    if not visits:
        return _("The school had no visit in the last year, so it comes first.")
    return ngettext(
        "The school had %(num)d visit in the last year.",
        "The school had %(num)d visits in the last year.",
        visits,
    )


def _partner(_value: float, facts: Facts) -> str:
    if facts.get("known"):
        return _("School and company know each other.")
    return _("School and company would meet for the first time.")


SENTENCES: dict[str, Callable[[float, Facts], str]] = {
    "text": _text,
    "subject": _subject,
    "level": _level,
    "kind": _kind,
    "language": _language,
    "distance": _distance,
    "time": _time,
    "profile": _profile,
    "freshness": _freshness,
    "novelty": _novelty,
    "partner": _partner,
}
