"""What each role comes to do, from first click to what is stored: told in Dutch on a phone without
script, and in English on a desk with it. Refusals too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from matcher import clock
from matcher.extensions import db
from matcher.models.journal import JournalEntry
from matcher.models.link import PersonalLink
from matcher.models.moves import ProposalState, Side
from matcher.models.need import Need, NeedState
from matcher.models.offer import Offer, OfferKind, OfferState, TourForm
from matcher.models.organisation import Region
from matcher.models.professional import Professional, Slot
from matcher.models.proposal import Proposal
from matcher.models.run import Question
from matcher.models.visit import Visit
from matcher.proposals import service
from tests.browser.live import Window, running
from tests.browser.stage import Stage
from tests.cast import in_days, make_cast, make_offer, make_professional, make_slot
from tests.conftest import build_app
from tests.proposals import scenes

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
TELLINGS = [
    pytest.param(("nl", 360, False), id="nl-phone-without-script"),
    pytest.param(("en", 1280, True), id="en-desk-with-script"),
]


@pytest.fixture(params=TELLINGS)
def stage(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, browser: Any
) -> Iterator[Stage]:
    language, width, script = request.param
    app = build_app(sqlite_url, tmp_path)
    with running(app) as live:
        with live.records():
            cast = make_cast()
            later = make_slot(cast.dirk_professional, in_days(30, 12))
            names = ("anna", "bram", "carla", "dirk", "els", "farid", "gea", "hugo")
            people = {name: getattr(cast, name).id for name in names}
            for name in names:
                getattr(cast, name).language = language
            keys = {
                "need": cast.need.id,
                "lecture": cast.lecture.id,
                "slot": cast.slot.id,
                "later": later.id,
                "region": cast.region.id,
                "school": cast.lorentz.id,
                "company": cast.windwerk.id,
                "dirk": cast.dirk_professional.id,
            }
        told = Stage(live, browser, language, width, script, people, keys)
        yield told
        told.close()


# ---- where a journey begins ---------------------------------------------------------------------
class Records:
    """The cast's rows, read afresh inside ``records()``."""

    def __init__(self, stage: Stage) -> None:
        self.need = db.session.get_one(Need, stage.keys["need"])
        self.lecture = db.session.get_one(Offer, stage.keys["lecture"])
        self.slot = db.session.get_one(Slot, stage.keys["slot"])
        self.dirk = db.session.get_one(Professional, stage.keys["dirk"])


def _asked(stage: Stage) -> int:
    """Anna and Dirk have both been asked."""
    with stage.live.records():
        rows = Records(stage)
        proposal = scenes.suggest(rows.need, rows.lecture, rows.slot)
        service.release(proposal, by=None)
        return proposal.id


def _agreed(stage: Stage) -> int:
    key = _asked(stage)
    with stage.live.records():
        proposal = db.session.get_one(Proposal, key)
        service.accept(proposal, side=Side.SCHOOL, by=None)
        service.accept(proposal, side=Side.COMPANY, by=None)
    return key


def _past(stage: Stage) -> int:
    """The visit was last week."""
    key = _agreed(stage)
    with stage.live.records():
        back = clock.now() - timedelta(days=7)
        values = {"starts_at": back, "ends_at": back + timedelta(minutes=50)}
        db.session.execute(update(Proposal).where(Proposal.id == key).values(values))
    return key


def _answer_link(stage: Stage, name: str = "dirk") -> str:
    """Where the mailed link of somebody leads; its secret stands in no stored mail."""
    with stage.live.records():
        mine = PersonalLink.person_id == stage.people[name]
        link = db.session.scalars(select(PersonalLink).where(mine)).one()
        return f"/answer/{link.token}"


def _open_all(window: Window) -> None:
    """Unfold what is folded, as a person would."""
    for _ in range(20):
        folded = window.page.locator("main details:not([open]) > summary:visible")
        if not folded.count():
            return
        folded.first.click()


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# ---- the teacher --------------------------------------------------------------------------------
def _write_need(window: Window) -> None:
    page = window.page
    window.go("/needs/new").send("/needs/new")
    page.locator("#title").fill("Wind en zon in het stroomnet")
    page.locator("#subject").select_option("natuurkunde")
    page.locator("[name=levels][value=havo-bovenbouw]").check()
    page.locator("#goal").fill("Leerlingen rekenen aan vermogen en rendement.")
    page.locator("form.lb-form button").last.click()
    page.locator("#group_size").fill("28")
    page.locator("#lesson_minutes").fill("50")
    page.locator("form.lb-form button").last.click()
    _open_all(window)
    page.locator("#windows-0-day").fill(f"{in_days(30):%Y-%m-%d}")
    page.locator("#windows-0-begins").fill("08:30")
    page.locator("#windows-0-ends").fill("16:00")
    page.locator("form.lb-form button").last.click()


def _newest_need() -> Need:
    return db.session.scalars(select(Need).order_by(Need.id.desc()).limit(1)).one()


def test_teacher_posts_a_need(stage: Stage) -> None:
    window = stage.window("bram")
    _write_need(window)
    window.page.wait_for_url("**/check")
    window.send("/publish")
    with stage.live.records():
        need = _newest_need()
        assert (need.state, need.group_size) == (NeedState.OPEN, 28)
        assert window.path() == f"/needs/{need.id}"


def test_teacher_comes_back_to_a_draft(stage: Stage) -> None:
    window = stage.window("bram")
    window.go("/needs/new").send("/needs/new")
    window.page.locator("#title").fill("Half af")
    window.page.locator("#subject").select_option("wiskunde")
    window.page.locator("#goal").fill("Later meer.")
    window.page.locator("[name=levels][value=havo-onderbouw]").check()
    window.page.locator("form.lb-form button").last.click()
    again = stage.window("bram").go("/needs")
    again.page.get_by_role("link", name="Half af").first.click()
    again.page.wait_for_load_state()
    with stage.live.records():
        need = _newest_need()
        assert (need.title, need.subject, need.state) == ("Half af", "wiskunde", NeedState.DRAFT)
    assert "Half af" in again.text()


def test_teacher_who_forgets_something_is_told_beside_the_field_and_loses_nothing(
    stage: Stage,
) -> None:
    window = stage.window("bram")
    window.go("/needs/new").send("/needs/new")
    window.page.locator("#goal").fill("Wat ze meenemen")
    window.page.locator("form.lb-form button").last.click()
    window.page.wait_for_load_state()
    assert window.page.locator("#title-error").count() == 1
    assert window.page.locator("#subject-error").count() == 1
    assert window.page.locator("#goal").input_value() == "Wat ze meenemen"


def test_teacher_uses_a_need_again(stage: Stage) -> None:
    window = stage.window("anna").go(f"/needs/{stage.keys['need']}")
    window.send("/reuse")
    with stage.live.records():
        need = _newest_need()
        assert (need.id != stage.keys["need"], need.state) == (True, NeedState.DRAFT)
        assert need.title == db.session.get_one(Need, stage.keys["need"]).title


def test_teacher_withdraws_with_a_reason_and_the_company_hears_it(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window("anna").go(f"/needs/{stage.keys['need']}/withdraw")
    window.page.locator("form.lb-form button").click()
    window.page.wait_for_load_state()
    assert window.page.locator("#reasons-error").count() == 1
    window.page.locator("[name=reasons]").first.check()
    window.page.locator("form.lb-form button").click()
    window.page.wait_for_load_state()
    assert stage.state(key) == "withdrawn"
    assert stage.mailed("other_withdrawn", "dirk") != ""


def test_teacher_searches_opens_an_offer_and_finds_the_list_as_it_was(stage: Stage) -> None:
    with stage.live.records():
        company = Records(stage).lecture.company
        make_offer(company, title="Robots die koken", description="Grijpers in de keuken.")
    window = stage.window("anna").go("/offers")
    _open_all(window)
    window.page.locator("#q").fill("koken")
    window.page.locator('form[role="search"] button[type=submit]').click()
    window.page.wait_for_url("**q=koken**")
    titles = window.page.locator("main .lb-cards h2, main .lb-cards h3").all_inner_texts()
    assert titles == ["Robots die koken"]
    window.page.get_by_role("link", name="Robots die koken").first.click()
    window.page.wait_for_load_state()
    window.page.locator(".utrecht-breadcrumb-nav a, nav.lb-crumbs a").last.click()
    window.page.wait_for_load_state()
    assert "q=koken" in window.page.url


def test_teacher_asks_for_one_offer_herself(stage: Stage) -> None:
    window = stage.window("anna")
    window.go(f"/offers/{stage.keys['lecture']}?need={stage.keys['need']}")
    window.page.locator("#slot").select_option(str(stage.keys["slot"]))
    window.send("/invite")
    assert stage.states() == ["school_yes"]
    assert stage.mailed("company_invited", "dirk") != ""


def test_teacher_asks_for_a_time_that_has_gone_meanwhile(stage: Stage) -> None:
    window = stage.window("anna")
    window.go(f"/offers/{stage.keys['lecture']}?need={stage.keys['need']}")
    window.page.locator("#slot").select_option(str(stage.keys["slot"]))
    with stage.live.records():
        rows = Records(stage)
        other = scenes.suggest(
            scenes.make_need(rows.need.teacher, rows.need.school), rows.lecture, rows.slot
        )
        service.release(other, by=None)
        service.accept(other, side=Side.SCHOOL, by=None)
        service.accept(other, side=Side.COMPANY, by=None)
    window.send("/invite")
    assert stage.states() == ["confirmed"]


def test_teacher_says_yes_after_the_company_and_sees_who_comes(stage: Stage) -> None:
    key = _asked(stage)
    with stage.live.records():
        service.accept(db.session.get_one(Proposal, key), side=Side.COMPANY, by=None)
    window = stage.window("anna").go(f"/proposals/{key}")
    assert "dirk@example.nl" not in window.page.content()
    window.send("/accept")
    assert stage.state(key) == "confirmed"
    assert "dirk@example.nl" in window.text()


def test_teacher_says_no_with_two_reasons(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window("anna").go(f"/proposals/{key}")
    window.page.locator("[name=reasons][value=date]").check()
    window.page.locator("[name=reasons][value=level]").check()
    window.send("/decline", note="Volgend jaar graag")
    with stage.live.records():
        move = db.session.get_one(Proposal, key).moves[-1]
        assert (move.target, sorted(move.reasons)) == (ProposalState.DECLINED, ["date", "level"])


def test_teacher_says_no_without_a_reason_and_is_asked_for_one(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window("anna").go(f"/proposals/{key}")
    window.send("/decline", note="Zonder reden")
    assert window.page.locator("#reasons-error").count() == 1
    assert window.page.locator("[name=note]").first.input_value() == "Zonder reden"
    assert stage.state(key) == "asked"


def test_teacher_offers_another_time(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window("anna").go(f"/proposals/{key}")
    window.page.locator('form[action*="other-time"] select').select_option(str(stage.keys["later"]))
    window.send("/other-time")
    with stage.live.records():
        proposal = db.session.get_one(Proposal, key)
        assert (proposal.slot_id, proposal.state) == (
            stage.keys["later"],
            ProposalState.SCHOOL_YES,
        )


def test_teacher_starts_a_film_without_asking(stage: Stage) -> None:
    with stage.live.records():
        film = make_offer(
            Records(stage).lecture.company,
            OfferKind.TOUR,
            title="Door de fabriek",
            tour_form=TourForm.FILM,
            film_url="https://example.org/film.mp4",
            lesson_sheet="Kijkvragen",
            place="online",
            ask_first=False,
        )
        key = film.id
    window = stage.window("anna").go(f"/offers/{key}?need={stage.keys['need']}")
    window.send("/invite")
    assert stage.states() == ["confirmed"]


# ---- the visit ----------------------------------------------------------------------------------
def test_both_prepare_the_visit_on_one_page(stage: Stage) -> None:
    key = _agreed(stage)
    teacher = stage.window("anna").go(f"/visits/{key}")
    _open_all(teacher)
    teacher.send("/prepare", room="Lokaal 12")
    guest = stage.window("dirk").go(f"/visits/{key}")
    assert "Lokaal 12" in guest.text()
    guest.page.locator('form[action$="/tick"] button').first.click()
    guest.page.wait_for_load_state()
    with stage.live.records():
        visit = db.session.scalars(select(Visit)).one()
        assert (visit.room, len(visit.checklist)) == ("Lokaal 12", 1)


def test_calendar_file_opens_to_both_sides_only(stage: Stage) -> None:
    key = _agreed(stage)
    path = f"{stage.live.base}/visits/{key}/calendar.ics"
    found = {
        name: stage.window(name).context.request.get(path).status
        for name in ("anna", "dirk", "bram", "els", "hugo")
    }
    assert found == {"anna": 200, "dirk": 200, "bram": 404, "els": 404, "hugo": 404}


def test_a_cancelled_visit_frees_its_time_and_tells_the_other_side(stage: Stage) -> None:
    key = _agreed(stage)
    window = stage.window("dirk").go(f"/visits/{key}")
    _open_all(window)
    window.page.locator('form[action$="/cancel"] [name=reasons]').first.check()
    window.send("/cancel")
    assert stage.state(key) == "cancelled"
    with stage.live.records():
        assert db.session.get_one(Slot, stage.keys["slot"]).taken == 0
    assert stage.mailed("school_cancelled", "anna") != ""


def test_a_visit_to_come_cannot_be_closed(stage: Stage) -> None:
    key = _agreed(stage)
    window = stage.window("anna").go(f"/visits/{key}")
    assert window.page.locator('form[action$="/close"]').count() == 0


# ---- answering from the mail --------------------------------------------------------------------
def test_yes_from_the_mail_without_an_account(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window().go(_answer_link(stage))
    assert stage.state(key) == "asked"  # looking is no answer
    window.send("/yes")
    assert stage.state(key) == "company_yes"
    assert window.page.locator("h1").count() == 1


def test_no_from_the_mail_with_reasons(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window().go(_answer_link(stage))
    window.page.locator("[name=reasons][value=distance]").check()
    window.page.locator("[name=reasons][value=full]").check()
    window.send("/no")
    with stage.live.records():
        move = db.session.get_one(Proposal, key).moves[-1]
        assert (move.target, sorted(move.reasons)) == (ProposalState.DECLINED, ["distance", "full"])


def test_another_time_from_the_mail(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window().go(_answer_link(stage))
    window.page.locator('form[action*="other-time"] select').select_option(str(stage.keys["later"]))
    window.send("/other-time")
    with stage.live.records():
        assert db.session.get_one(Proposal, key).slot_id == stage.keys["later"]


def test_passed_on_to_a_colleague_from_the_mail(stage: Stage) -> None:
    with stage.live.records():
        lecture = Records(stage).lecture
        colleague = make_professional(lecture.company, "Karin Bakker")
        lecture.professionals.append(colleague)
        make_slot(
            colleague, lecture_start := db.session.get_one(Slot, stage.keys["slot"]).starts_at
        )
        number = colleague.id
        assert lecture_start is not None
    key = _asked(stage)
    path = _answer_link(stage)
    window = stage.window().go(path)
    window.page.locator('form[action*="colleague"] select').select_option(str(number))
    window.send("/colleague")
    with stage.live.records():
        proposal = db.session.get_one(Proposal, key)
        assert (proposal.professional_id, proposal.state) == (number, ProposalState.ASKED)
    late = stage.window().go(path)
    assert late.page.locator('form[action$="/yes"]').count() == 0


def test_the_same_link_twice_says_what_was_answered(stage: Stage) -> None:
    key = _asked(stage)
    path = _answer_link(stage)
    stage.window().go(path).send("/yes")
    again = stage.window().go(path)
    assert again.page.locator('form[action$="/yes"]').count() == 0
    assert stage.state(key) == "company_yes"


def test_a_late_answer_from_the_mail_changes_nothing(stage: Stage) -> None:
    key = _asked(stage)
    path = _answer_link(stage)
    window = stage.window().go(path)
    with stage.live.records():
        late = clock.now() - timedelta(hours=1)
        db.session.execute(update(Proposal).where(Proposal.id == key).values(answer_by=late))
        service.expire_due()
    window.send("/yes")
    assert stage.state(key) == "expired"
    assert window.page.locator("h1").count() == 1


def test_a_broken_link_opens_nothing(stage: Stage) -> None:
    _asked(stage)
    path = _answer_link(stage)
    answer = stage.window().page.goto(f"{stage.live.base}{path[:-4]}xxxx")
    assert answer is not None
    assert answer.status == 404


def test_time_gone_meanwhile_is_said_and_another_offered(stage: Stage) -> None:
    key = _asked(stage)
    with stage.live.records():
        service.accept(db.session.get_one(Proposal, key), side=Side.SCHOOL, by=None)
    path = _answer_link(stage)
    window = stage.window().go(path)
    with stage.live.records():
        rows = Records(stage)
        other = scenes.suggest(
            scenes.make_need(rows.need.teacher, rows.need.school), rows.lecture, rows.slot
        )
        service.release(other, by=None)
        service.accept(other, side=Side.SCHOOL, by=None)
        service.accept(other, side=Side.COMPANY, by=None)
    if window.page.locator('form[action$="/yes"]').count():
        window.send("/yes")
    with stage.live.records():
        confirmed = select(Proposal.id).where(Proposal.state == ProposalState.CONFIRMED)
        (winner,) = db.session.scalars(confirmed).all()
        assert winner != key
        assert db.session.get_one(Slot, stage.keys["slot"]).taken == 1


def test_the_load_limit_stops_a_yes(stage: Stage) -> None:
    key = _asked(stage)
    with stage.live.records():
        service.accept(db.session.get_one(Proposal, key), side=Side.SCHOOL, by=None)
        Records(stage).dirk.month_cap = 0
    window = stage.window().go(_answer_link(stage))
    if window.page.locator('form[action$="/yes"]').count():
        window.send("/yes")
    assert stage.state(key) == "school_yes"


# ---- the professional and the company -----------------------------------------------------------
def _add_moment(stage: Stage, begins: str, ends: str) -> tuple[Window, int]:
    """Dirk adds a moment on his page; the window, and how many moments there are more."""
    path = f"/company/professionals/{stage.keys['dirk']}/slots"
    window = stage.window("dirk").go(path)
    form = window.page.locator(f'form[action="{path}"]')
    form.locator("input[type=date]").fill(f"{in_days(40):%Y-%m-%d}")
    form.locator("input[type=time]").first.fill(begins)
    form.locator("input[type=time]").last.fill(ends)
    with stage.live.records():
        before = _count(Slot)
    form.locator("button").click()
    window.page.wait_for_load_state()
    with stage.live.records():
        return window, _count(Slot) - before


def test_professional_adds_a_moment(stage: Stage) -> None:
    window, more = _add_moment(stage, "15:30", "16:30")
    assert (window.page.locator(".lb-errors").count(), more) == (0, 1)


def test_professional_adds_a_moment_that_ends_before_it_starts(stage: Stage) -> None:
    window, more = _add_moment(stage, "11:00", "10:00")
    assert (window.page.locator(".lb-errors").count(), more) == (1, 0)
    assert window.page.locator("input[type=time]").first.input_value() == "11:00"


def test_professional_says_yes_and_the_teacher_is_told(stage: Stage) -> None:
    key = _asked(stage)
    stage.window("dirk").go(f"/proposals/{key}").send("/accept")
    assert stage.state(key) == "company_yes"
    assert stage.mailed("school_other_yes", "anna") != ""


def test_company_makes_and_publishes_a_lecture(stage: Stage) -> None:
    window = stage.window("carla").go("/company/offers/new/lecture")
    page = window.page
    page.locator("#title").fill("Meten aan wind")
    page.locator("#description").fill("Hoe we de opbrengst van een molen voorspellen.")
    for name in ("subjects", "levels", "languages", "professionals"):
        page.locator(f"[name={name}]").first.check()
    page.locator("form.lb-form button").last.click()
    page.wait_for_load_state()
    window.send("/publish")
    with stage.live.records():
        offer = db.session.scalars(select(Offer).order_by(Offer.id.desc()).limit(1)).one()
        assert (offer.title, offer.state) == ("Meten aan wind", OfferState.PUBLISHED)


def test_a_tour_without_its_lesson_sheet_is_not_published(stage: Stage) -> None:
    with stage.live.records():
        tour = make_offer(
            Records(stage).lecture.company,
            OfferKind.TOUR,
            title="Nog niet af",
            state=OfferState.DRAFT,
            published_at=None,
            tour_form=TourForm.FILM,
        )
        key = tour.id
    window = stage.window("carla").go(f"/company/offers/{key}")
    if window.page.locator('form[action$="/publish"]').count():
        window.send("/publish")
    with stage.live.records():
        assert db.session.get_one(Offer, key).state == OfferState.DRAFT


def test_company_pauses_an_offer_and_teachers_see_it_no_more(stage: Stage) -> None:
    window = stage.window("carla").go(f"/company/offers/{stage.keys['lecture']}")
    window.send("/pause")
    with stage.live.records():
        assert db.session.get_one(Offer, stage.keys["lecture"]).state == OfferState.PAUSED
    answer = stage.window("anna").page.goto(f"{stage.live.base}/offers/{stage.keys['lecture']}")
    assert answer is not None
    assert answer.status == 404


def test_company_says_still_true_with_one_click(stage: Stage) -> None:
    with stage.live.records():
        Records(stage).lecture.confirmed_at = clock.now() - timedelta(days=300)
    window = stage.window("carla").go(f"/company/offers/{stage.keys['lecture']}")
    window.send("/still-true")
    with stage.live.records():
        confirmed = Records(stage).lecture.confirmed_at
        assert confirmed is not None
        assert clock.now() - confirmed < timedelta(minutes=5)


@pytest.mark.parametrize("name", ["bram", "els", "farid", "hugo"])
def test_the_wrong_person_finds_nothing(stage: Stage, name: str) -> None:
    key = _asked(stage)
    window = stage.window(name)
    paths = (f"/proposals/{key}", f"/needs/{stage.keys['need']}", f"/visits/{key}")
    statuses = []
    for path in paths:
        answer = window.page.goto(f"{stage.live.base}{path}")
        statuses.append(answer.status if answer else 0)
    assert set(statuses) <= {403, 404}


# ---- the coordinator ----------------------------------------------------------------------------
def _suggested(stage: Stage) -> int:
    with stage.live.records():
        rows = Records(stage)
        return scenes.suggest(rows.need, rows.lecture, rows.slot).id


def test_coordinator_releases_and_both_sides_are_asked(stage: Stage) -> None:
    key = _suggested(stage)
    window = stage.window("gea").go(f"/coordination/regions/{stage.keys['region']}/review")
    button = window.page.locator(f'form[action$="/release"]:has(input[value="{key}"]) button')
    button.last.click()
    window.page.wait_for_load_state()
    assert stage.state(key) == "asked"
    assert stage.mailed("school_asked", "anna") != ""
    assert stage.mailed("company_asked", "dirk") != ""


def test_coordinator_drops_a_suggestion_with_a_reason(stage: Stage) -> None:
    key = _suggested(stage)
    window = stage.window("gea").go(f"/coordination/regions/{stage.keys['region']}/review")
    _open_all(window)
    form = window.page.locator(f'form[action$="/{key}/drop"]')
    form.locator("[name=reason]").fill("Dubbel met vorige week")
    form.locator("button").click()
    window.page.wait_for_load_state()
    assert stage.state(key) == "declined"


def test_coordinator_answers_for_somebody_who_phones(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window("gea").go(f"/proposals/{key}")
    window.page.locator('form[action$="/accept"]:has(input[value="company"]) button').first.click()
    window.page.wait_for_load_state()
    assert stage.state(key) == "company_yes"
    with stage.live.records():
        move = db.session.get_one(Proposal, key).moves[-1]
        assert (move.side, move.by_id) == (Side.COORDINATOR, stage.people["gea"])


def test_coordinator_asks_for_a_run(stage: Stage) -> None:
    window = stage.window("gea").go("/coordination/runs")
    window.send("/runs")
    with stage.live.records():
        assert [q.kind.value for q in db.session.scalars(select(Question))] == ["run"]


def test_coordinator_changes_the_regions_settings_and_it_is_written_down(stage: Stage) -> None:
    path = f"/coordination/regions/{stage.keys['region']}/settings"
    window = stage.window("gea").go(path)
    _open_all(window)
    window.page.locator("[name=answer_days]").fill("5")
    window.page.locator(f'form[action="{path}"] button, form.lb-form button').last.click()
    window.page.wait_for_load_state()
    with stage.live.records():
        assert db.session.get_one(Region, stage.keys["region"]).answer_days == 5
        deeds = db.session.scalars(
            select(JournalEntry.by_id).where(JournalEntry.record_type == "Region")
        ).all()
        assert set(deeds) == {stage.people["gea"]}


# ---- everybody ----------------------------------------------------------------------------------
def test_a_wrong_password_tells_nothing_and_keeps_the_address(stage: Stage) -> None:
    window = stage.window().go("/sign-in")
    window.page.locator("#email").fill("anna@example.nl")
    window.page.locator("#password").fill("not this one")
    window.page.locator('form[action$="/sign-in"] button').click()
    window.page.wait_for_load_state()
    assert window.page.locator("#email").input_value() == "anna@example.nl"
    assert window.page.locator("#password-error").count() == 1


def test_the_language_is_changed_with_one_click_and_stays(stage: Stage) -> None:
    other = {"nl": "en", "en": "nl"}[stage.language]
    window = stage.window("anna").go("/needs")
    window.send("/language")
    assert window.page.locator("html").get_attribute("lang") == other
    assert window.go("/visits").page.locator("html").get_attribute("lang") == other


def test_keyboard_alone_says_yes(stage: Stage) -> None:
    key = _asked(stage)
    window = stage.window("dirk").go(f"/proposals/{key}")
    page = window.page
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#main"  # straight to the content
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator('form[action$="/accept"] button:focus').count():
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert stage.state(key) == "company_yes"


STORIES: list[Callable[..., None]] = [
    value for name, value in globals().items() if name.startswith("test_") and callable(value)
]


def test_there_are_at_least_forty_journeys() -> None:
    assert len(STORIES) >= 40
