"""Whose it is not: every address that names a record, asked and posted to by everybody else.

Generated from the URL map: a new address is walked without being written down here, unless it names
a record of a new kind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from werkzeug.routing import Rule

from matcher import clock
from matcher.accounts import sessions
from matcher.exchange.outcome import Report
from matcher.extensions import db
from matcher.models.account import Person, RoleGrant, SignInSession
from matcher.models.exchange import ImportKind, ImportUpload, Merge, MergeKind, MergeState
from matcher.models.guide import Resource, ResourceKind
from matcher.models.journal import JournalEntry
from matcher.models.moderation import ReportReason, TextReport
from matcher.models.moves import Side
from matcher.models.offer import OfferKind
from matcher.models.organisation import Partnership, PlannedActivity
from matcher.models.professional import Slot
from matcher.models.run import MatchRun, Question, QuestionKind, Release, RunState
from matcher.models.seat import WaitingPlace
from matcher.models.synonym import Synonym
from matcher.proposals import messages, seats, service
from tests.cast import (
    Cast,
    add,
    in_days,
    make_need,
    make_offer,
    make_person,
    make_school,
)
from tests.proposals import scenes

# Open to people beyond the two sides on purpose, with who is let in beside them.
MEANT_FOR_MORE: dict[str, set[str]] = {
    "catalogue.show_offer": {"nobody", "school", "company", "far_company", "region"},
    "catalogue.begin": {"school"},  # for a class of their own
    "catalogue.invite": {"school", "region"},  # each for a request of their own
    "toolbox.show_resource": {"nobody", "school", "company", "far_company", "region"},
    "toolbox.attach": {"school", "company", "far_company", "region"},  # beside their own
    "toolbox.edit_resource": {"region"},  # one toolbox for all coordinators
    "toolbox.update_resource": {"region"},
    "toolbox.hide_resource": {"region"},
    "toolbox.show_again": {"region"},
}
STRANGERS = ("nobody", "school", "company", "far_company", "region")
REFUSED = {401, 403, 404}


@pytest.fixture
def whose(cast: Cast) -> dict[str, int]:
    """One record of each kind, all of Anna's school, Windwerk and their region."""
    proposal = scenes.confirm(cast, cast.need, cast.lecture, cast.slot)
    run = MatchRun(
        region_id=cast.region.id,
        state=RunState.DONE,
        finished_at=clock.now(),
        settings={},
        statistics={},
    )
    db.session.add(run)
    partnership = Partnership(
        school=cast.lorentz, company=cast.windwerk, starts_on=clock.today(), plan="Samen."
    )
    activity = PlannedActivity(kind="lecture", title="Gastles", month="2027-02")
    partnership.activities.append(activity)
    db.session.add(partnership)
    place = _place_in_line(cast)
    question = Question(
        kind=QuestionKind.SWAP_PRICE,
        region_id=cast.region.id,
        need_id=cast.need.id,
        asked_by_id=cast.gea.id,
        details={"offer": cast.lecture.id},
        answer={},
    )
    what_if = Question(
        kind=QuestionKind.WHAT_IF,
        region_id=cast.region.id,
        asked_by_id=cast.gea.id,
        details={},
        answer={},
    )
    db.session.add_all([question, what_if])
    synonym = Synonym(
        region_id=cast.region.id,
        concept="windenergie",
        language="nl",
        label="wiekenwonder",
        by_id=cast.gea.id,
    )
    db.session.add(synonym)
    release = add(Release(region_id=cast.region.id, proposals=[proposal.id]))
    entry = JournalEntry(deed="settings", record_type="Region", record_id=cast.region.id)
    entry.changes = {"answer_days": [3, 7]}
    add(entry)
    upload = ImportUpload(
        by_id=cast.gea.id,
        kind=ImportKind.SCHOOLS,
        filename="scholen.csv",
        content=b"",
        digest="",
        report=Report().as_record(),
    )
    db.session.add(upload)
    words = messages.say(proposal, "Tot dan", side=Side.SCHOOL, by=cast.anna)
    messages.report(words, "", by=cast.dirk)
    merge = add(
        Merge(
            kind=MergeKind.SCHOOL,
            state=MergeState.MERGED,
            kept_id=cast.lorentz.id,
            gone_id=0,
            kept_label="Lorentz College",
            gone_label="Lorentz",
            steps=[],
            by_id=cast.gea.id,
        )
    )
    text_report = add(
        TextReport(
            region_id=cast.region.id,
            offer_id=cast.lecture.id,
            by_id=cast.anna.id,
            reason=ReportReason.WRONG,
        )
    )
    sessions.start(cast.anna, browser="hers")
    resource = add(Resource(title="Gids", kind=ResourceKind.TOOL, language="nl", source="ons"))
    db.session.commit()
    return {
        "resource_id": resource.id,
        "report_id": text_report.id,
        "upload_id": upload.id,
        "merge_id": merge.id,
        "need_id": cast.need.id,
        "offer_id": cast.lecture.id,
        "professional_id": cast.dirk_professional.id,
        "slot_id": cast.slot.id,
        "date_id": place.slot_id,
        "place_id": place.id,
        "proposal_id": proposal.id,
        "message_id": words.id,
        "run_id": run.id,
        "partnership_id": partnership.id,
        "activity_id": activity.id,
        "question_id": question.id,
        "what_if.question_id": what_if.id,
        "synonym_id": synonym.id,
        "release_id": release.id,
        "entry_id": entry.id,
        "region_id": cast.region.id,
        "company_id": cast.windwerk.id,
        "school_id": cast.lorentz.id,
        "person_id": cast.anna.id,
        "grant_id": db.session.scalars(select(RoleGrant.id).order_by(RoleGrant.id)).first() or 0,
        "session_id": db.session.scalars(select(SignInSession.id)).one(),
    }


def _place_in_line(cast: Cast) -> WaitingPlace:
    """At a webinar's date where a class has been; another of Anna's waits."""
    webinar = make_offer(cast.windwerk, OfferKind.WEBINAR, max_group=None, ask_first=False)
    date = add(Slot(offer_id=webinar.id, starts_at=in_days(40, 9), ends_at=in_days(40, 10)))
    seat = service.invite(make_need(cast.anna, cast.lorentz), webinar, date, by=cast.anna)
    place = seats.wait(make_need(cast.anna, cast.lorentz), date, by=cast.anna)
    seat.move("deliver", side=Side.SCHOOL, by=cast.anna)
    return place


def _people(cast: Cast) -> dict[str, Person | None]:
    other = make_school("Ander College", cast.region)
    somebody = make_person("Olga Ander", teacher=other)
    db.session.commit()
    return {
        "nobody": None,
        "school": somebody,
        "company": cast.els,
        "far_company": cast.farid,
        "region": cast.hugo,
    }


def _rules(app: Flask) -> list[Rule]:
    """Addresses that name a record by number; secrets in addresses have tests of their own."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if any(name.endswith("_id") for name in rule.arguments) and "token" not in rule.arguments
    ]


def _address(app: Flask, rule: Rule, whose: dict[str, int]) -> str:
    unknown = {name for name in rule.arguments if name.endswith("_id")} - set(whose)
    assert unknown == set(), f"{rule.endpoint}: say in `whose` what {unknown} names"
    others = {"name": "waiting", "kind": "lecture", "step": "what", "concept": "windenergie"}
    room = rule.endpoint.partition(".")[0]
    values = {
        name: whose.get(f"{room}.{name}", whose.get(name, others.get(name, "x")))
        for name in rule.arguments
    }
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def _digest() -> str:
    """All that is stored, but for who has come in when."""
    told = hashlib.sha256()
    link = db.session.connection()
    for table in sorted(inspect(link).get_table_names()):
        if table not in {"sign_in_session", "heartbeat"}:
            for row in link.exec_driver_sql(f'SELECT * FROM "{table}" ORDER BY 1, 2'):
                told.update(repr((table, *row)).encode())
    db.session.rollback()
    return told.hexdigest()


@pytest.mark.parametrize("stranger", STRANGERS)
def test_nobody_else_sees_or_changes_it(
    app: Flask,
    cast: Cast,
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    whose: dict[str, int],
    stranger: str,
) -> None:
    person = _people(cast)[stranger]
    if person is not None:
        sign_in(client, person)
    before = _digest()
    opened = {}
    for rule in _rules(app):
        if stranger in MEANT_FOR_MORE.get(rule.endpoint, set()):
            continue
        address = _address(app, rule, whose)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = client.open(address, method=method, data={} if method == "POST" else None)
            if stranger == "nobody" and answer.status_code == 302:
                assert answer.location.startswith("/sign-in"), rule.endpoint
                continue
            if answer.status_code not in REFUSED:
                opened[f"{method} {rule.endpoint}"] = answer.status_code
    assert opened == {}
    assert _digest() == before


def test_control_every_page_opens_for_somebody_whose_it_is(
    app: Flask,
    cast: Cast,
    sign_in: Callable[..., FlaskClient],
    whose: dict[str, int],
) -> None:
    boss = make_person("Ada Beheer", administrator=True)
    db.session.commit()
    insiders = [
        sign_in(app.test_client(), p) for p in (cast.anna, cast.dirk, cast.carla, cast.gea, boss)
    ]
    closed = []
    for rule in _rules(app):
        if "GET" in (rule.methods or set()):
            address = _address(app, rule, whose)
            found = {client.get(address).status_code for client in insiders}
            if not found & {200, 302, 303}:
                closed.append((rule.endpoint, found))
    assert closed == []


def test_every_address_that_changes_something_wants_the_forms_token(
    app: Flask, cast: Cast, sign_in: Callable[..., FlaskClient], whose: dict[str, int]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = sign_in(app.test_client(), cast.gea)
    before = _digest()
    accepted = {}
    writing = {"POST", "PUT", "PATCH", "DELETE"}
    found = [
        (rule, m) for rule in app.url_map.iter_rules() for m in writing & (rule.methods or set())
    ]
    for rule, method in found:
        known = {"token": "x" * 43, "kind": "lecture", "name": "x", "step": "what"} | whose
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(
                rule.endpoint,
                {name: known.get(name, "x") for name in rule.arguments},
                method=method,
            )
        status = client.open(address, method=method, data={}).status_code
        if status != 400:
            accepted[rule.endpoint] = status
    assert len(found) > 60
    assert accepted == {}
    assert _digest() == before
