"""What a company and its professionals fill in: one form per kind of offer, people, moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Email

from matcher.models.need import PlaceKind
from matcher.models.offer import OfferKind, TourForm
from matcher.offers.kinds import KINDS, fields_of
from matcher.offers.overview import professionals_of
from matcher.offers.stops import as_text, stops_from
from matcher.reference import programme
from matcher.web.forms import Choices, DayField, Form, MultiChoices, Prose, SingleLine, WholeNumber
from matcher.web.names import LANGUAGES, PLACES, language

if TYPE_CHECKING:
    from matcher.models.offer import Offer
    from matcher.models.organisation import Company
    from matcher.models.professional import Professional

Options = list[tuple[str, str]]


class OfferForm(Form):
    """What every offer asks; the kinds below add their own."""

    title = SingleLine(
        _l("Title"), filled=True, longest=120, description=_l("Short and concrete, for teachers.")
    )
    description = Prose(
        _l("What will pupils see, hear and do?"),
        description=_l("Think of the subject, what you bring, and what pupils try themselves."),
    )
    language = Choices(_l("This text is in"))
    subjects = MultiChoices(_l("School subjects it fits"))
    levels = MultiChoices(_l("School levels it suits"))
    angles = MultiChoices(
        _l("Pupils it speaks to most"),
        description=_l("Five ways young people look at technology. Choose none, one or more."),
    )
    max_group = WholeNumber(
        _l("Largest group"),
        least=1,
        most=5000,
        description=_l("Leave empty when any size is fine."),
    )
    minutes = WholeNumber(_l("How many minutes it takes"), least=5, most=2400, filled=True)
    languages = MultiChoices(_l("You can give it in"))
    postcode = SingleLine(
        _l("Postcode"), longest=10, description=_l("Where you travel from, or where the visit is.")
    )

    people: dict[str, Professional]

    def values(self) -> dict[str, Any]:
        """The typed values of the fields of this kind, as the service takes them."""
        found: dict[str, Any] = {
            name: field.data for name, field in self._fields.items() if name != "csrf_token"
        }
        if "professionals" in found:
            chosen = found["professionals"] or []
            found["professionals"] = [self.people[key] for key in chosen if key in self.people]
        if "ask_first" in found:
            found["ask_first"] = found["ask_first"] != "no"
        if "place" in found:
            found["place"] = PlaceKind(found["place"])
        if "stops" in found:
            found["stops"] = stops_from(found["stops"] or "")
        if "tour_form" in found:
            found["tour_form"] = TourForm(found["tour_form"]) if found["tour_form"] else None
        return found


def _place() -> Choices:
    return Choices(_l("Where it takes place"))


def _room() -> Prose:
    return Prose(
        _l("What you need in the room"),
        longest=1000,
        description=_l("For example a screen, tables in groups, a water tap."),
    )


def _people() -> MultiChoices:
    return MultiChoices(_l("Who gives it"))


def _ask_first() -> Choices:
    return Choices(
        _l("When a school says yes"),
        description=_l("Without asking, a teacher can start at once."),
    )


class LectureForm(OfferForm):
    professionals = _people()
    place = _place()
    needs_in_room = _room()


class TourOfferForm(OfferForm):
    tour_form = Choices(_l("The tour is"))
    film_url = SingleLine(
        _l("Address of the film"),
        longest=500,
        description=_l("A page on YouTube or Vimeo, or a film file (mp4, webm) at https://."),
    )
    captions = SingleLine(
        _l("Captions"),
        longest=120,
        description=_l("In which languages can pupils read along? Deaf pupils need this."),
    )
    stops = Prose(
        _l("Stops"),
        description=_l("One a line: 2:30 | The foundry | Why is it so hot? Time, what, question."),
    )
    lesson_sheet = Prose(
        _l("Lesson sheet"),
        description=_l("Questions and tasks before, during and after. A tour needs one."),
    )
    professionals = _people()
    place = _place()
    needs_in_room = _room()
    ask_first = _ask_first()


class ChallengeForm(OfferForm):
    brief = Prose(
        _l("Brief"),
        description=_l("The real question, why it matters to you, and what pupils may use."),
    )
    data_links = Prose(
        _l("Data and sources"),
        longest=2000,
        description=_l("Addresses of what pupils may use, one a line, starting with https://."),
    )
    deliverables = Prose(
        _l("What pupils hand in or show"), description=_l("A model, a poster, a pitch, advice.")
    )
    jury = Prose(
        _l("Jury and closing"), description=_l("Who looks at the results, when, and what follows?")
    )
    opens_on = DayField(_l("Classes can begin from"))
    closes_on = DayField(
        _l("Results can be handed in until"),
        description=_l("After this day the challenge is no longer offered."),
    )
    place = _place()
    needs_in_room = _room()
    ask_first = _ask_first()


class WebinarForm(OfferForm):
    join_url = SingleLine(
        _l("Address to join by"),
        longest=500,
        description=_l("Only classes that are registered see it. You can add it later."),
    )
    professionals = _people()
    ask_first = _ask_first()


FORMS: dict[OfferKind, type[OfferForm]] = {
    OfferKind.LECTURE: LectureForm,
    OfferKind.TOUR: TourOfferForm,
    OfferKind.CHALLENGE: ChallengeForm,
    OfferKind.WEBINAR: WebinarForm,
}


def offer_form(
    kind: OfferKind,
    company: Company,
    offer: Offer | None = None,
    start: Mapping[str, Any] | None = None,
) -> OfferForm:
    """The form of this kind, filled from the offer, or with a sensible start and what ``start``
    says better."""
    people = {
        str(one.id): one for one in professionals_of(company) if one.is_active or _gives(offer, one)
    }
    values = _start(kind, company, offer) | dict(start or {})
    if offer is None and len(people) == 1:
        values["professionals"] = list(people)
    form = FORMS[kind](data=values)
    form.people = people
    options = _options(company, people.values())
    for name, choices in options.items():
        if name in form:
            form[name].choices = choices
    return form


def _gives(offer: Offer | None, professional: Professional) -> bool:
    return offer is not None and professional in offer.professionals


def _start(kind: OfferKind, company: Company, offer: Offer | None) -> dict[str, Any]:
    if offer is None:
        return {
            "minutes": KINDS[kind].minutes,
            "language": language(),
            "languages": [language()],
            "postcode": company.postcode,
            "ask_first": "yes",
            "place": PlaceKind.ONSITE.value,
        }
    start = {name: getattr(offer, name, None) for name in fields_of(kind)}
    start["professionals"] = [str(one.id) for one in offer.professionals]
    start["captions"] = offer.extra.get("captions", "")
    start["stops"] = as_text(offer.stops or [])
    start["ask_first"] = "yes" if offer.ask_first else "no"
    start["place"] = offer.place.value
    start["tour_form"] = offer.tour_form.value if offer.tour_form else ""
    return start


def _options(company: Company, people: Iterable[Professional]) -> dict[str, Options]:
    system, here = programme(company.region.programme.code), language()
    languages = languages_of(system.languages)
    return {
        "subjects": [(subject.code, subject.name(here)) for subject in system.subjects],
        "levels": [(level.code, level.name(here)) for level in system.levels],
        "angles": [(kind.code, kind.name(here)) for kind in system.kinds_of_profile],
        "language": languages,
        "languages": languages,
        "place": [(place.value, str(PLACES[place.value])) for place in PlaceKind],
        "professionals": [(str(one.id), f"{one.name} ({one.profession})") for one in people],
        "tour_form": [
            (TourForm.FILM.value, str(_l("A film that classes watch when they like"))),
            (TourForm.LIVE.value, str(_l("Given live by one of your people"))),
        ],
        "ask_first": [
            ("yes", str(_l("We answer first, then it is agreed"))),
            ("no", str(_l("It is agreed at once; you need not ask us"))),
        ],
    }


def languages_of(codes: Sequence[str]) -> Options:
    """Languages with their names in the reader's language."""
    return [(code, str(LANGUAGES.get(code, code))) for code in codes]


class ProfessionalForm(Form):
    """Somebody of the company who gives lectures or tours."""

    name = SingleLine(_l("Name"), filled=True, longest=120)
    email = SingleLine(
        _l("E-mail address"),
        filled=True,
        longest=254,
        validators=[Email(message=_l("Enter an e-mail address, such as name@company.nl."))],
        description=_l("Proposals are sent here. Schools see it only when a visit is agreed."),
    )
    profession = SingleLine(
        _l("Profession"), filled=True, longest=120, description=_l("As pupils would call it.")
    )
    about = Prose(_l("About this person"), longest=1500)
    languages = MultiChoices(_l("Speaks with a class in"))
    postcode = SingleLine(_l("Travels from postcode"), longest=10)
    radius_km = WholeNumber(_l("Travels at most (km)"), least=0, most=500, filled=True)
    month_cap = WholeNumber(_l("Most visits a month"), least=0, most=31, filled=True)
    term_cap = WholeNumber(_l("Most visits in half a school year"), least=0, most=100, filled=True)

    def values(self) -> dict[str, Any]:
        found = {name: field.data for name, field in self._fields.items() if name != "csrf_token"}
        return {name: value for name, value in found.items() if name != "postcode" or value}


def professional_form(
    company: Company, professional: Professional | None = None
) -> ProfessionalForm:
    """Filled from the professional, or with a start that asks little of somebody new."""
    if professional is None:
        start: dict[str, Any] = {
            "languages": [language()],
            "postcode": company.postcode,
            "radius_km": 40,
            "month_cap": 2,
            "term_cap": 4,
        }
        form = ProfessionalForm(data=start)
    else:
        form = ProfessionalForm(obj=professional)
    form.languages.choices = languages_of(programme(company.region.programme.code).languages)
    return form
