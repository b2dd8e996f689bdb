"""Offers from a file, by the company's own reference, with the words and rules of the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from matcher.errors import Invalid
from matcher.exchange import cells
from matcher.exchange.columns import Column, Record
from matcher.exchange.names import by_code, by_name, own_number, reference_column
from matcher.exchange.outcome import Line, Verdict, differences
from matcher.exchange.scope import Scope, companies_named, company_of
from matcher.extensions import db
from matcher.models.journal import write_journal
from matcher.models.need import PlaceKind
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.models.organisation import Company
from matcher.models.professional import Professional
from matcher.offers import service, slots
from matcher.offers.kinds import fields_of
from matcher.web.names import KINDS, LANGUAGES, OFFER_STATES, PLACES

KEPT = (
    "title",
    "description",
    "language",
    "languages",
    "subjects",
    "levels",
    "place",
    "minutes",
    "max_group",
    "angles",
    "needs_in_room",
    "ask_first",
    "postcode",
    "tour_form",
    "film_url",
    "lesson_sheet",
    "brief",
    "deliverables",
    "jury",
    "join_url",
)
NEVER_EMPTY = {"language", "place", "minutes", "postcode"}
USUAL_SEATS = 30
FORMS = {"film": "film", "live": "live"}


def columns(scope: Scope) -> tuple[Column, ...]:
    """The columns of a file of offers."""
    system, some = scope.system, cells.some_of
    return (
        reference_column("offer"),
        Column(
            "company",
            _l("Company (name or number)"),
            cells.line(),
            asked=True,
            also=("bedrijf", "company"),
            example="Windwerk BV",
        ),
        Column(
            "kind",
            _l("Kind"),
            cells.one_of(by_code(KINDS)),
            asked=True,
            also=("soort",),
            example="lecture",
        ),
        Column("state", _l("State"), cells.one_of(by_code(OFFER_STATES)), example="published"),
        Column("title", _l("Title"), cells.line(120), asked=True, also=("titel",)),
        Column("description", _l("Description"), cells.prose(), also=("omschrijving",)),
        Column("language", _l("Language of the text"), cells.one_of(by_code(LANGUAGES))),
        Column("languages", _l("In which languages"), some(by_code(LANGUAGES)), example="nl; en"),
        Column("subjects", _l("Subjects"), some(by_name(system.subjects)), also=("vakken",)),
        Column("levels", _l("Levels"), some(by_name(system.levels)), also=("niveaus",)),
        Column("place", _l("Where"), cells.one_of(by_code(PLACES))),
        Column("minutes", _l("How many minutes"), cells.whole(5, 2400), example="50"),
        Column("max_group", _l("Largest group"), cells.whole(1, 5000), example="32"),
        Column("angles", _l("Pupils it speaks to most"), some(by_name(system.kinds_of_profile))),
        Column("needs_in_room", _l("What is needed in the room"), cells.prose(1000)),
        *_own_columns(scope),
    )


def _own_columns(scope: Scope) -> tuple[Column, ...]:
    """What only some kinds have."""
    return (
        Column("ask_first", _l("The company answers first"), cells.yes_no),
        Column("postcode", _l("Postcode"), cells.postcode),
        Column("tour_form", _l("The tour is (film or live)"), cells.one_of(FORMS)),
        Column("film_url", _l("Address of the film"), cells.line(500)),
        Column("captions", _l("Captions"), cells.line(120)),
        Column("lesson_sheet", _l("Lesson sheet"), cells.prose()),
        Column("brief", _l("Brief"), cells.prose()),
        Column("deliverables", _l("What pupils hand in or show"), cells.prose()),
        Column("jury", _l("Jury and closing"), cells.prose()),
        Column("join_url", _l("Address to join by"), cells.line(500)),
        Column(
            "professionals",
            _l("Professionals (mail addresses)"),
            cells.addresses,
            also=("gastdocenten",),
            example="d.jansen@bedrijf.nl",
        ),
        Column(
            "dates",
            _l("Dates of a webinar, with seats"),
            cells.moments(ZoneInfo(scope.system.time_zone)),
            example="2027-03-01 10:00-11:00 x 30",
        ),
    )


def cells_of(offer: Offer, zone: ZoneInfo) -> dict[str, Any]:
    """An offer as the row that would give it."""
    row: dict[str, Any] = {
        "reference": offer.reference or own_number(offer.id),
        "company": offer.company.name,
        "kind": offer.kind.value,
        "state": offer.state.value,
    }
    row |= {name: getattr(offer, name) for name in KEPT}
    row["captions"] = (offer.extra or {}).get("captions", "")
    row["professionals"] = [one.email for one in offer.professionals]
    standing = [slot for slot in offer.dates if slot.withdrawn_at is None]
    spans = [(slot.starts_at, slot.ends_at, slot.seats) for slot in standing]
    return row | {"dates": cells.told_moments(spans, zone)}


class Offers:
    """Brings offers in line with a file."""

    def __init__(self, scope: Scope, found: Sequence[Record]) -> None:
        self.scope, self.zone = scope, ZoneInfo(scope.system.time_zone)
        self.companies = companies_named(filter(None, (r.get("company") for r in found)))

    @staticmethod
    def key(record: Record) -> object:
        reference = str(record.get("reference") or "")
        company = str(record.get("company") or "").lower()
        return reference if own_number(reference) else (company, reference)

    @staticmethod
    def is_told_twice(record: Record, first: Record) -> bool:
        return record.values == first.values

    def take(self, record: Record) -> Line:
        """Add, change or leave one offer."""
        company = company_of(record.values["company"], self.companies)
        self.scope.insist(company.region_id, "company")
        reference = record.values["reference"]
        offer = self._find(reference, company)
        label = f"{reference}: {record.values['title']}"
        is_new = offer is None
        before = cells_of(offer, self.zone) if offer is not None else {}
        wanted = self._wanted(record, company, offer)
        kind = OfferKind(record.values["kind"])
        if offer is None:
            offer = service.create_draft(company, kind, wanted, by=self.scope.acting)
            offer.reference = reference
            db.session.flush()
        elif offer.kind != kind:
            raise Invalid(_("The kind of an offer cannot change. Make a new one."), field="kind")
        elif wanted:
            service.update(offer, wanted, by=self.scope.acting)
        self._write_dates(offer, record)
        self._move(offer, record.get("state", ""), is_new=is_new)
        db.session.flush()
        changes = {} if is_new else differences(before, cells_of(offer, self.zone))
        if is_new or changes:
            write_journal("import", offer, by=self.scope.by, changes=changes)
        verdict = Verdict.NEW if is_new else (Verdict.CHANGED if changes else Verdict.SAME)
        return Line(record.row, label, verdict, changes)

    def _find(self, reference: str, company: Company) -> Offer | None:
        number = own_number(reference)
        if number is None:
            return db.session.scalar(
                select(Offer).where(Offer.company_id == company.id, Offer.reference == reference)
            )
        offer = db.session.get(Offer, number)
        if offer is None or offer.company_id != company.id:
            text = _("There is no offer %(number)s of this company here. Give it a reference.")
            raise Invalid(text % {"number": reference}, field="reference")
        return offer

    def _wanted(self, record: Record, company: Company, offer: Offer | None) -> dict[str, Any]:
        """What this kind of offer knows and what differs, as the form's own verb takes it."""
        known = fields_of(OfferKind(record.values["kind"]))
        names = (*KEPT, "captions")
        wanted = {n: record.values[n] for n in names if record.has(n) and n in known}
        wanted = {n: v for n, v in wanted.items() if v not in (None, "") or n not in NEVER_EMPTY}
        if "place" in wanted:
            wanted["place"] = PlaceKind(wanted["place"])
        if "tour_form" in wanted:
            wanted["tour_form"] = TourForm(wanted["tour_form"]) if wanted["tour_form"] else None
        people = self._professionals(record, company) if "professionals" in known else None
        if offer is None:
            return wanted | ({} if people is None else {"professionals": people})
        stands = {name: getattr(offer, name) for name in wanted if name != "captions"}
        stands["captions"] = (offer.extra or {}).get("captions", "")
        chosen = {name: wanted[name] for name in differences(stands, wanted)}
        if people is not None and {p.id for p in people} != {p.id for p in offer.professionals}:
            chosen["professionals"] = people
        return chosen

    def _professionals(self, record: Record, company: Company) -> list[Professional] | None:
        if not record.has("professionals"):
            return None
        emails = record.values["professionals"]
        rows = db.session.scalars(
            select(Professional)
            .where(Professional.company_id == company.id, Professional.email.in_(emails))
            .order_by(Professional.id)
            .limit(500)
        )
        found = list(rows)
        if missing := sorted(set(emails) - {one.email for one in found}):
            text = _("This company has no professional %(mail)s. Bring the people in first.")
            raise Invalid(text % {"mail": missing[0]}, field="professionals")
        return found

    def _write_dates(self, offer: Offer, record: Record) -> None:
        """Dates are added; one that stands is called off on its own page, where classes hear it."""
        if not record.has("dates") or offer.kind != OfferKind.WEBINAR:
            return
        standing = {(date.starts_at, date.ends_at) for date in offer.dates}
        for start, end, seats in record.values["dates"]:
            if (start, end) in standing:
                continue
            at, until = start.astimezone(self.zone), end.astimezone(self.zone)
            slots.add_date(
                offer,
                at.date(),
                at.time(),
                until.time(),
                seats=seats or USUAL_SEATS,
                by=self.scope.acting,
            )
            db.session.refresh(offer, ["dates"])

    def _move(self, offer: Offer, state: str, *, is_new: bool) -> None:
        wanted = state or (OfferState.PUBLISHED.value if is_new else offer.state.value)
        if wanted == offer.state.value:
            return
        verbs = {
            OfferState.PUBLISHED.value: service.publish,
            OfferState.PAUSED.value: service.pause,
            OfferState.WITHDRAWN.value: service.withdraw,
        }
        if wanted not in verbs:
            text = _("An offer cannot become a draft again. Pause it instead.")
            raise Invalid(text, field="state")
        verbs[wanted](offer, by=self.scope.acting)
