"""What each part of a score says to its reader: the teacher, the company, or the coordinator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from matcher.models.moves import Side
from matcher.web.names import Names, language

STRONG, GOOD = 0.75, 0.45
FULL = 0.97
FEW_DAYS, FAR_DAYS = 21, 100
NEAR_BAND = 25  # km
MOST_NAMES = 3
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Reader:
    """Who reads. Before the school's name may be told, a company hears only the distance band."""

    side: Side
    knows_school: bool = True
    band: int = 0  # km


@dataclass(frozen=True)
class Said:
    """A sentence; ``is_reason`` when it speaks for saying yes, and is not only a fact."""

    text: str
    is_reason: bool


def say(part: str, value: float, facts: Facts, reader: Reader) -> Said:
    """The sentence of one part; empty for a part nobody knows."""
    return SENTENCES[part](value, facts, reader) if part in SENTENCES else Said("", False)


def say_lack(part: str, value: float, facts: Facts, reader: Reader) -> str:
    """The sentence of the weak point: what is missing, where the other sentence would praise."""
    if value >= FULL:
        return _("None that stands out.")
    if part == "text":
        topics = ", ".join(facts.get(language()) or facts.get("nl") or [])
        if topics:
            return _("The topics meet only in part: %(topics)s.", topics=topics)
        return _("The texts share little; read them before you decide.")
    if part == "novelty" and not facts.get("visits"):
        return _("The company has been given visits already; others come first.")
    if part == "kind":
        return _(
            "It is a %(kind)s; a person in class counts more.", kind=Names().kind(facts["kind"])
        )
    return say(part, value, facts, reader).text


def _to(reader: Reader, *, school: str, company: str, desk: str) -> str:
    return {Side.SCHOOL: school, Side.COMPANY: company}.get(reader.side, desk)


def _named(codes: Sequence[str], name: Callable[[str], str]) -> str:
    names = [name(code) for code in codes]
    return ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")


def _text(value: float, facts: Facts, reader: Reader) -> Said:
    topics = ", ".join(facts.get(language()) or facts.get("nl") or [])
    if topics and value >= GOOD:
        told = _to(
            reader,
            school=_("Your lesson and this offer are both about %(topics)s.", topics=topics),
            company=_("The class works on %(topics)s, as you do.", topics=topics),
            desk=_("Request and offer are both about %(topics)s.", topics=topics),
        )
        return Said(told, True)
    if topics:
        return Said(_("The topics meet only in part: %(topics)s.", topics=topics), False)
    if value >= GOOD:
        return Said(_("Request and offer use the same words for their topic."), True)
    return Said(_("The texts share little; read them before you decide."), False)


def _subject(value: float, facts: Facts, reader: Reader) -> Said:
    wanted = _named(facts.get("wanted", []), Names().subject)
    given = _named(facts.get("given", []), Names().subject)
    if value >= FULL:
        told = _to(
            reader,
            school=_("It is made for your subject, %(subject)s.", subject=wanted),
            company=_("The lesson is %(subject)s, a subject your offer is for.", subject=wanted),
            desk=_("It is offered for %(subject)s.", subject=wanted),
        )
        return Said(told, True)
    if not given:
        return Said(_("The offer names no subject."), False)
    if value > 0:
        near = _("It is offered for %(given)s, close to %(wanted)s.", given=given, wanted=wanted)
        return Said(near, value >= GOOD)
    return Said(
        _("It is offered for %(given)s, not for %(wanted)s.", given=given, wanted=wanted), False
    )


def _level(value: float, facts: Facts, reader: Reader) -> Said:
    wanted, given = facts.get("wanted", []), facts.get("given", [])
    if not given:
        return Said(_("The offer names no level."), False)
    if value >= 1:
        level = _named([code for code in wanted if code in given] or wanted, Names().level)
        told = _to(
            reader,
            school=_("It is made for %(level)s, as you asked.", level=level),
            company=_("The class asks for %(level)s, a level your offer is for.", level=level),
            desk=_("It is made for %(level)s, as the class asks.", level=level),
        )
        return Said(told, True)
    here, there = _named(wanted, Names().level), _named(given, Names().level)
    return Said(
        _("It is made for %(given)s; the class asks for %(wanted)s.", given=there, wanted=here),
        False,
    )


def _kind(_value: float, facts: Facts, reader: Reader) -> Said:
    kind = Names().kind(facts["kind"])
    told = _to(
        reader,
        school=_("It is a %(kind)s, as you asked.", kind=kind),
        company=_("The class would like a %(kind)s.", kind=kind),
        desk=_("It is a %(kind)s, which the class asked for.", kind=kind),
    )
    return Said(told, True)


def _language(value: float, facts: Facts, reader: Reader) -> Said:
    given = _named(facts.get("given", []), Names().language)
    if value >= 1:
        wanted = Names().language(facts.get("wanted", ""))
        return Said(_("It can be given in %(language)s.", language=wanted), True)
    told = _to(
        reader,
        school=_("It is given in %(given)s, which your class accepts.", given=given),
        company=_("You give it in %(given)s; the class accepts that.", given=given),
        desk=_("It is given in %(given)s, which the class accepts.", given=given),
    )
    return Said(told, False)


def _distance(value: float, facts: Facts, reader: Reader) -> Said:
    if facts.get("on_demand"):
        return Said(_("The class can do it in its own classroom."), True)
    if facts.get("online"):
        return Said(_("It can be done online, so nobody has to travel."), True)
    if not reader.knows_school:
        near = _("The school is within %(km)s km of you.", km=reader.band)
        return Said(near, reader.band <= NEAR_BAND)
    km = max(1, int(facts.get("km", 0)))
    if facts.get("kind") == "tour":
        told = _to(
            reader,
            school=_("Your class travels %(km)s km.", km=km),
            company=_("The class comes from %(km)s km away.", km=km),
            desk=_("The class travels %(km)s km.", km=km),
        )
    else:
        told = _to(
            reader,
            school=_("The guest comes from %(km)s km away.", km=km),
            company=_("The school is %(km)s km from you.", km=km),
            desk=_("The guest travels %(km)s km.", km=km),
        )
    return Said(told, value >= GOOD)


def _time(value: float, facts: Facts, reader: Reader) -> Said:
    if facts.get("on_demand"):
        told = _to(
            reader,
            school=_("Your class can do it whenever it suits."),
            company=_("The class does it when it suits; it costs you no day."),
            desk=_("The class can do it whenever it suits."),
        )
        return Said(told, True)
    days, margin = facts.get("days"), int(facts.get("margin", 0))
    if days is not None and days < FEW_DAYS:
        few = ngettext(
            "There is %(num)d day to prepare.", "There are %(num)d days to prepare.", int(days)
        )
        return Said(few, value >= STRONG)
    if days is not None and days > FAR_DAYS:
        return Said(_("It is more than three months ahead."), value >= STRONG)
    if margin == 0:
        return Said(_("The time suits both, to the minute."), value >= GOOD)
    told = ngettext(
        "The time suits both, with %(num)d minute to spare.",
        "The time suits both, with %(num)d minutes to spare.",
        margin,
    )
    return Said(told, value >= GOOD)


def _profile(value: float, facts: Facts, reader: Reader) -> Said:
    mix, angles = facts.get("mix") or {}, facts.get("angles") or []
    if not mix:
        told = _to(
            reader,
            school=_("You did not describe the mix of your class."),
            company=_("The school did not describe the mix of the class."),
            desk=_("The mix of the class is not described."),
        )
        return Said(told, False)
    if not angles:
        return Said(_("The offer does not say which pupils it speaks to."), False)
    ordered = sorted(angles, key=lambda angle: (-mix.get(angle, 0), angle))
    named = _named(ordered, Names().profile)
    if value >= GOOD:
        told = _to(
            reader,
            school=_("It speaks to pupils as in your class: %(types)s.", types=named),
            company=_("The class has many of the pupils you speak to: %(types)s.", types=named),
            desk=_("It speaks to pupils as in this class: %(types)s.", types=named),
        )
        return Said(told, True)
    return Said(
        _("It speaks to other pupils than most of this class: %(types)s.", types=named), False
    )


def _freshness(value: float, facts: Facts, reader: Reader) -> Said:
    days = int(facts.get("days", 0))
    if facts.get("maybe"):
        if reader.side == Side.COMPANY:
            return Said(_("You said maybe for this year, so those who said yes went first."), True)
        return Said(_("The guest said maybe for this year; those who said yes went first."), True)
    if reader.side == Side.COMPANY:
        told = ngettext(
            "You confirmed this offer %(num)d day ago.",
            "You confirmed this offer %(num)d days ago.",
            days,
        )
    else:
        told = ngettext(
            "The company confirmed this offer %(num)d day ago.",
            "The company confirmed this offer %(num)d days ago.",
            days,
        )
    return Said(told, value >= STRONG)


def _novelty(_value: float, facts: Facts, reader: Reader) -> Said:
    visits = int(facts.get("visits", 0))
    if visits:
        told = ngettext(
            "The school had %(num)d visit in the last year.",
            "The school had %(num)d visits in the last year.",
            visits,
        )
        return Said(told, False)
    told = _to(
        reader,
        school=_("Your school had no visit in the last year, so it goes first."),
        company=_("The school had no visit in the last year."),
        desk=_("The school had no visit in the last year, so it goes first."),
    )
    return Said(told, True)


def _partner(_value: float, facts: Facts, reader: Reader) -> Said:
    if not facts.get("known"):
        return Said(_("School and company would meet for the first time."), False)
    told = _to(
        reader,
        school=_("Your school and this company know each other."),
        company=_("You and this school know each other."),
        desk=_("School and company know each other."),
    )
    return Said(told, True)


SENTENCES: dict[str, Callable[[float, Facts, Reader], Said]] = {
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
