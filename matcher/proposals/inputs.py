"""Rows into the matcher's words: one region's problem, read in a constant number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matcher import clock
from matcher.extensions import db
from matcher.matching.types import Demand, Person, Pin, Place, Supply, Text, Window
from matcher.matching.words import STOP
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferKind
from matcher.models.organisation import Partnership, PartnershipState, Region
from matcher.models.proposal import PairRule, Proposal, RuleKind
from matcher.models.synonym import Synonym
from matcher.models.visit import Feedback, Visit
from matcher.proposals import inputs_supply as supply_side
from matcher.proposals import queries
from matcher.proposals.inputs_supply import Fixed

_YEAR = timedelta(days=365)
_KINDS = frozenset(kind.value for kind in OfferKind)

Previous = tuple[str, str, str | None]  # demand, supply, slot
Label = tuple[str, str, str]  # concept, language, how the region calls it


@dataclass(frozen=True, slots=True)
class Problem:
    """All that one run reads; ``standing`` are the suggestions it would replace."""

    region_id: int
    read_at: datetime
    demands: tuple[Demand, ...]
    supplies: tuple[Supply, ...]
    people: tuple[Person, ...]
    pins: tuple[Pin, ...] = ()
    standing: tuple[Previous, ...] = ()
    synonyms: tuple[Label, ...] = ()
    settings: dict[str, object] = field(default_factory=dict)


def read_problem(region: Region, *, need_ids: Collection[int] | None = None) -> Problem:
    """A region's open needs and the offers within their reach.

    What a whole run suggests replaces the region's own suggestions; those of other regions count as
    given away. With ``need_ids`` only those needs are read, and only their suggestions replaced.
    """
    read_at = clock.now()
    needs = _open_needs(region, need_ids)
    fixed = supply_side.read_fixed(region, need_ids)
    demands = tuple(_demands(region, needs, fixed))
    if not demands:
        return Problem(region.id, read_at, (), (), (), settings=dict(region.settings))
    supplies, people = supply_side.read_supplies(region, needs, fixed)
    return Problem(
        region_id=region.id,
        read_at=read_at,
        demands=demands,
        supplies=supplies,
        people=people,
        pins=_pins(needs, {d.key for d in demands}, {s.key for s in supplies}),
        standing=_suggested(region) if need_ids is None else (),
        synonyms=_synonyms(region),
        settings=dict(region.settings),
    )


def _open_needs(region: Region, need_ids: Collection[int] | None) -> list[Need]:
    found = (
        select(Need)
        .options(joinedload(Need.school), selectinload(Need.windows))
        .where(Need.region_id == region.id, Need.state == NeedState.OPEN)
        .order_by(Need.id)
    )
    if need_ids is not None:
        found = found.where(Need.id.in_(sorted(need_ids)))
    return list(db.session.scalars(found))


def _demands(region: Region, needs: list[Need], fixed: list[Fixed]) -> list[Demand]:
    covered = _covered(region, fixed)
    visits = _visits_last_year(region)
    partners = _partners(region)
    made = []
    for need in needs:
        wanted = need.visits_wanted - covered[need.id]
        windows = tuple(Window(a, b) for a, b in queries.open_windows(need, need.school))
        if wanted > 0 and (windows or not need.windows):
            made.append(
                _demand(
                    need,
                    region.code,
                    windows,
                    visits_wanted=wanted,
                    visits_last_year=visits[need.school_id],
                    partners=frozenset(partners[need.school_id]),
                )
            )
    return made


def _demand(need: Need, region: str, windows: tuple[Window, ...], **counted: object) -> Demand:
    school = need.school
    today = clock.today()
    published = need.published_at.date() if need.published_at else today
    return Demand(
        key=str(need.id),
        text=Text(need.title, f"{need.goal}\n{need.hook}".strip(), need.language),
        subjects=(need.subject,),
        levels=tuple(need.accepted_levels),
        group_size=need.group_size or 1,
        kinds=frozenset(need.kinds) or _KINDS,
        place=need.place.value,
        languages=frozenset(need.languages) or frozenset({need.language}),
        minutes=need.lesson_minutes or school.lesson_minutes,
        school=str(school.id),
        region=region,
        location=Place(school.latitude, school.longitude, school.town),
        windows=windows,
        class_profile=_shares(need.class_profile),
        waiting_days=max(0, (today - published).days),
        open_on=today,
        travel_km=None if need.travel_km is None else float(need.travel_km),
        holiday_region=school.holiday_region,
        **counted,  # type: ignore[arg-type]
    )


def _shares(profile: dict[str, int]) -> dict[str, float]:
    """How many of each kind as shares of the class; empty where nothing was said."""
    whole = sum(profile.values())
    return {kind: many / whole for kind, many in sorted(profile.items())} if whole else {}


def _covered(region: Region, fixed: list[Fixed]) -> Counter[int]:
    """How many visits of each need are asked, agreed or held already."""
    counted = Counter(row.need_id for row in fixed)
    held = (
        select(Proposal.need_id, func.count())
        .where(Proposal.region_id == region.id, Proposal.state == ProposalState.DELIVERED)
        .group_by(Proposal.need_id)
    )
    for need_id, number in db.session.execute(held):
        counted[need_id] += number
    return counted


def _visits_last_year(region: Region) -> Counter[int]:
    """How often each school was visited in the past year, and will be."""
    since = clock.now() - _YEAR
    rows = (
        select(Need.school_id, func.count())
        .join(Proposal, Proposal.need_id == Need.id)
        .where(
            Need.region_id == region.id,
            Proposal.state.in_([ProposalState.CONFIRMED, ProposalState.DELIVERED]),
            Proposal.confirmed_at >= since,
        )
        .group_by(Need.school_id)
    )
    return Counter({row[0]: row[1] for row in db.session.execute(rows)})


def _partners(region: Region) -> dict[int, set[str]]:
    """The companies each school has a year plan with, or a past visit it would have again."""
    signed = select(Partnership.school_id, Partnership.company_id).where(
        Partnership.state == PartnershipState.ACTIVE,
        Partnership.starts_on <= clock.today(),
        or_(Partnership.ends_on.is_(None), Partnership.ends_on >= clock.today()),
    )
    found: dict[int, set[str]] = defaultdict(set)
    for rows in (signed, _good_visits(region)):
        for school_id, company_id in db.session.execute(rows):
            found[school_id].add(str(company_id))
    return found


def _good_visits(region: Region) -> Select[int, int]:
    return (
        select(Need.school_id, Offer.company_id)
        .join(Proposal, Proposal.need_id == Need.id)
        .join(Offer, Offer.id == Proposal.offer_id)
        .join(Visit, Visit.proposal_id == Proposal.id)
        .join(Feedback, Feedback.visit_id == Visit.id)
        .where(
            Need.region_id == region.id,
            Proposal.state == ProposalState.DELIVERED,
            Feedback.side == Side.SCHOOL,
            Feedback.again.is_(True),
        )
        .distinct()
    )


def _pins(needs: list[Need], demands: set[str], supplies: set[str]) -> tuple[Pin, ...]:
    """The coordinator's rules; and no pair to which somebody has already said no."""
    ids = [need.id for need in needs]
    forbidden = dict.fromkeys(queries.tried_pairs(ids), True)
    for start in range(0, len(ids), queries.MANY_IDS):
        part = ids[start : start + queries.MANY_IDS]
        for rule in db.session.scalars(select(PairRule).where(PairRule.need_id.in_(part))):
            forbidden[rule.need_id, rule.offer_id] = rule.kind == RuleKind.FORBID
    return tuple(
        Pin(str(need), str(offer), forbid=forbid)
        for (need, offer), forbid in sorted(forbidden.items())
        if str(need) in demands and str(offer) in supplies
    )


def _suggested(region: Region) -> tuple[Previous, ...]:
    rows = (
        select(Proposal.need_id, Proposal.offer_id, Proposal.slot_id)
        .where(
            Proposal.region_id == region.id,
            Proposal.state == ProposalState.SUGGESTED,
        )
        .order_by(Proposal.need_id, Proposal.offer_id, Proposal.id)
    )
    return tuple(
        (str(need), str(offer), None if slot is None else str(slot))
        for need, offer, slot in db.session.execute(rows)
    )


def _synonyms(region: Region) -> tuple[Label, ...]:
    """How the region calls things beside the thesaurus, in order."""
    own = select(Synonym.concept, Synonym.language, Synonym.label).where(
        Synonym.region_id == region.id
    )
    return tuple(sorted((a, b, c) for a, b, c in db.session.execute(own)))


def says_nothing(label: str) -> bool:
    """One word that stands in every text, which the matcher leaves out: "school", "and"."""
    return label.casefold() in STOP
