"""An offer's form begun from a way of taking part: what the address says, as values of fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matcher.models.offer import OfferKind
from matcher.reference import programme
from matcher.reference.system import told
from matcher.reference.taking_part import activity
from matcher.web.names import language

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from matcher.models.organisation import Company

STARTED_BY = ("activity", "subjects", "levels")  # what the address may carry


def start_from(args: MultiDict[str, str], kind: OfferKind, company: Company) -> dict[str, Any]:
    """Values for the form's fields: of an activity's usual offer, and of classes that wait.

    What the address says wrongly counts as not said.
    """
    system = programme(company.region.programme.code)
    known = {
        "subjects": {subject.code for subject in system.subjects},
        "levels": {level.code for level in system.levels},
    }
    start: dict[str, Any] = {}
    chosen = activity(args.get("activity", ""), system.code)
    if chosen is not None and chosen.offer_kind == kind:
        for name, value in chosen.offer.items():
            start[name] = told(value, language()) if isinstance(value, Mapping) else value
        start["levels"] = [code for code in start["levels"] if code in known["levels"]]
    for name, codes in known.items():
        said = [code for code in dict.fromkeys(args.getlist(name)) if code in codes]
        start |= {name: said} if said else {}
    return start
