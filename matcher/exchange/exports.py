"""All a coordinator can see of her regions, as tables, and as one file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matcher.exchange import companies, needs, offers, people, schools
from matcher.exchange.happened import happened
from matcher.exchange.imports import LAYOUTS
from matcher.exchange.scope import Scope
from matcher.exchange.writing import Sheet, as_csv, as_workbook
from matcher.extensions import db
from matcher.models.account import Person, Role, RoleGrant
from matcher.models.exchange import ImportKind
from matcher.models.journal import write_journal
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferState
from matcher.models.organisation import Company, Region, School
from matcher.models.professional import Professional

Rows = Iterator[dict[str, Any]]
BATCH = 500


def sheets_of(regions: Sequence[Region], scope: Scope) -> list[Sheet]:
    """A table of each kind that can come in again, and after them what happened.

    Drafts stay with who writes them: nobody else sees those.
    """
    ids = [region.id for region in regions]
    zone = ZoneInfo(scope.system.time_zone)
    return [_sheet(kind, ROWS[kind](ids, zone), scope) for kind in ImportKind] + happened(ids, zone)


def as_file(sheets: Sequence[Sheet], form: str) -> bytes:
    """As one workbook, or as a zip of CSV files."""
    if form == "xlsx":
        return as_workbook(sheets)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, sheet in enumerate(sheets, 1):
            archive.writestr(f"{number:02}-{sheet.title.lower()}.csv", as_csv(sheet))
    return out.getvalue()


def note_leaving(regions: Sequence[Region], form: str, *, by: Person | None) -> None:
    """Write down that the data of these regions left, and with whom."""
    for region in regions:
        write_journal("export", region, by=by, changes={"form": [None, form]})


def _sheet(kind: ImportKind, rows: Iterable[Mapping[str, Any]], scope: Scope) -> Sheet:
    columns = [c for c in LAYOUTS[kind].columns(scope) if c.name != "house_number"]
    found = [[row.get(column.name) for column in columns] for row in rows]
    return Sheet(str(LAYOUTS[kind].title), [str(column.title) for column in columns], found)


def _each(found: Select[Any]) -> Iterator[Any]:
    yield from db.session.scalars(found.execution_options(yield_per=BATCH))


def _schools(ids: Sequence[int], _zone: ZoneInfo) -> Rows:
    found = select(School).where(School.region_id.in_(ids)).options(joinedload(School.region))
    for school in _each(found.order_by(School.register_code)):
        row = {name: getattr(school, name) for name in ("register_code", *schools.KEPT)}
        yield row | {"region": school.region.code}


def _companies(ids: Sequence[int], _zone: ZoneInfo) -> Rows:
    found = select(Company).where(Company.region_id.in_(ids)).order_by(Company.name, Company.id)
    for company in _each(found):
        yield {name: getattr(company, name) for name in (*companies.KEPT, "town")}


def _people(ids: Sequence[int], _zone: ZoneInfo) -> Rows:
    """A row for each role that holds in these regions, and each card without an account."""
    cards = _cards(ids)
    found = (
        select(RoleGrant)
        .outerjoin(RoleGrant.school)
        .outerjoin(RoleGrant.company)
        .where(
            or_(
                School.region_id.in_(ids),
                Company.region_id.in_(ids),
                RoleGrant.region_id.in_(ids),
            )
        )
        .options(
            joinedload(RoleGrant.person),
            joinedload(RoleGrant.school),
            joinedload(RoleGrant.company),
            joinedload(RoleGrant.region),
        )
        .order_by(RoleGrant.id)
    )
    for grant in _each(found):
        person = grant.person
        row = {"email": person.email, "role": grant.role.value, "account": True}
        row |= {name: getattr(person, name) for name in people.ACCOUNT}
        row["school"] = grant.school.register_code if grant.school else ""
        row["company"] = grant.company.name if grant.company else ""
        row["region"] = grant.region.code if grant.region else ""
        card = cards.pop((grant.company_id, person.email), None) if _is_guest(grant) else None
        yield row | (_told_card(card) if card is not None else {})
    for (_company, email), card in cards.items():
        row = {"email": email, "name": card.name, "role": "professional", "account": False}
        yield row | {"company": card.company.name} | _told_card(card)


def _is_guest(grant: RoleGrant) -> bool:
    return grant.role == Role.PROFESSIONAL


def _cards(ids: Sequence[int]) -> dict[tuple[int, str], Professional]:
    found = (
        select(Professional)
        .join(Professional.company)
        .where(Company.region_id.in_(ids))
        .options(joinedload(Professional.company))
        .order_by(Professional.id)
    )
    return {(card.company_id, card.email.lower()): card for card in _each(found)}


def _told_card(card: Professional) -> dict[str, Any]:
    return {name: getattr(card, name) for name in people.CARD}


def _needs(ids: Sequence[int], zone: ZoneInfo) -> Rows:
    found = (
        select(Need)
        .where(Need.region_id.in_(ids), Need.state != NeedState.DRAFT)
        .options(joinedload(Need.school), joinedload(Need.teacher), selectinload(Need.windows))
        .order_by(Need.id)
    )
    return (needs.cells_of(need, zone) for need in _each(found))


def _offers(ids: Sequence[int], zone: ZoneInfo) -> Rows:
    found = (
        select(Offer)
        .where(Offer.region_id.in_(ids), Offer.state != OfferState.DRAFT)
        .options(
            joinedload(Offer.company),
            selectinload(Offer.professionals),
            selectinload(Offer.dates),
        )
        .order_by(Offer.id)
    )
    return (offers.cells_of(offer, zone) for offer in _each(found))


ROWS: dict[ImportKind, Callable[[Sequence[int], ZoneInfo], Rows]] = {
    ImportKind.SCHOOLS: _schools,
    ImportKind.COMPANIES: _companies,
    ImportKind.PEOPLE: _people,
    ImportKind.NEEDS: _needs,
    ImportKind.OFFERS: _offers,
}
