"""The menu: where each role goes, and where a person starts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from matcher.models.account import Person, Role

T, C, P, K, A = (
    Role.TEACHER,
    Role.COMPANY_CONTACT,
    Role.PROFESSIONAL,
    Role.COORDINATOR,
    Role.ADMINISTRATOR,
)
MENU = (
    ("needs.list_needs", _l("My requests"), {T}),
    ("offers.list_offers", _l("Our offers"), {C}),
    ("professionals.list_professionals", _l("Professionals"), {C}),
    ("professionals.show_own", _l("My availability"), {P}),
    ("proposals.list_proposals", _l("Proposals"), {T, C, P}),
    ("visits.list_visits", _l("Visits"), {T, C, P}),
    ("partnerships.list_partnerships", _l("Partnerships"), {T, C}),
    ("schools.show_own", _l("My school"), {T}),
    ("coordination.show_board", _l("Board"), {K, A}),
    ("coordination.list_runs", _l("Match runs"), {K, A}),
    ("coordination.show_programme", _l("All regions"), {A}),
    ("demand.show_demand", _l("Who is waiting"), {C, P, K, A}),
    ("exchange.show_exchange", _l("Data in and out"), {K, A}),
    ("impact.show_impact", _l("Figures"), {K, A}),
    ("accounts.list_people", _l("People"), {A}),
    ("catalogue.list_offers", _l("All offers"), {T, C, P, K, A}),
    ("guide.show_guide", _l("Ideas and tools"), {T, C, P, K, A}),
)
# Rooms whose pages all lie under one entry.
WITHIN = {
    "guide": "guide.show_guide",
    "activities": "guide.show_guide",
    "toolbox": "guide.show_guide",
    "profile": "guide.show_guide",
    "support": "guide.show_guide",
    "figures": "impact.show_impact",
    "impact": "impact.show_impact",
    "co_financing": "impact.show_impact",
    "demand": "demand.show_demand",
}
FOR_VISITORS = {"catalogue.list_offers", "guide.show_guide", "demand.show_demand"}
STARTS = (
    (K, "coordination.show_board"),
    (A, "coordination.show_board"),
    (T, "needs.list_needs"),
    (C, "offers.list_offers"),
    (P, "proposals.list_proposals"),
)


@dataclass(frozen=True)
class Item:
    """One entry of the menu."""

    url: str
    label: str
    active: bool
    count: int | None = None


def nav_items() -> list[Item]:
    """The entries for whoever looks; a visitor sees the offers and the ideas."""
    roles = (
        {grant.role for grant in current_user.person.grants}
        if current_user.is_authenticated
        else set()
    )
    return [
        Item(url_for(endpoint), str(label), _is_here(endpoint))
        for endpoint, label, wanted in MENU
        if (roles & wanted or (not roles and endpoint in FOR_VISITORS))
        and endpoint in current_app.view_functions
    ]


def _is_here(endpoint: str) -> bool:
    return request.endpoint == endpoint or endpoint == WITHIN.get(request.blueprint or "")


def start_of(person: Person) -> str:
    """The endpoint a person starts from."""
    for role, endpoint in STARTS:
        if person.has_role(role) and endpoint in current_app.view_functions:
            return endpoint
    return "accounts.show_account"
