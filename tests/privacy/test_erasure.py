"""Who leaves is in no table any more; figures stay, and the others are told."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import func, select

from matcher.accounts import service as accounts
from matcher.errors import NotAllowed, WrongState
from matcher.extensions import db
from matcher.models.account import Person, SignInSession
from matcher.models.journal import JournalEntry, write_journal
from matcher.models.moves import ProposalState
from matcher.models.need import Need, NeedState
from matcher.models.offer import OfferState
from matcher.models.outbox import OutboxMail
from matcher.models.proposal import Proposal
from matcher.models.visit import Feedback, Visit
from matcher.privacy import copies, erasure, ledger
from matcher.privacy.registry import HOLDINGS
from matcher.proposals import consistency
from tests.cast import Cast, make_person, make_professional
from tests.privacy import scenes
from tests.proposals.scenes import confirm


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_nothing_of_theirs_is_left_in_any_table(any_cast: Cast) -> None:
    anna = scenes.busy_year(any_cast)
    scenes.open_work(any_cast)
    write_journal("change", any_cast.need, by=anna, changes={"goal": ["", "kanarieJournaal"]})
    words = scenes.mark(anna)
    assert {name.split(".")[0] for name in words} >= {
        h.table for h in HOLDINGS if h.columns and h.table not in {"personal_link"}
    }
    before = scenes.everything()
    assert all(word in before for word in words.values())

    erasure.erase(anna, by=anna)
    db.session.commit()

    after = scenes.everything()
    assert [name for name, word in words.items() if word in after] == []
    assert [w for w in ("kanarieJournaal", "kanarieAgenda", "kanarieHost") if w in after] == []


def test_figures_stay_and_the_records_agree(any_cast: Cast) -> None:
    anna = scenes.busy_year(any_cast)
    db.session.commit()
    before = _count(Visit), _count(Proposal), _count(Feedback), _count(Need)
    erasure.erase(anna, by=anna)
    db.session.commit()
    assert (_count(Visit), _count(Proposal), _count(Feedback), _count(Need)) == before
    assert db.session.scalars(select(Feedback)).one().marks == {"content": 5}
    assert {rule: found for rule, found in consistency.check().items() if found} == {}


def test_the_other_side_is_told_and_open_work_ends(any_cast: Cast) -> None:
    visit = confirm(any_cast, any_cast.need, any_cast.lecture, any_cast.slot)
    scenes.open_work(any_cast)
    waiting = db.session.scalars(select(Proposal).where(Proposal.id != visit.id)).one()
    erasure.erase(any_cast.anna, by=any_cast.anna)
    db.session.commit()
    assert (visit.state, waiting.state) == (ProposalState.CANCELLED, ProposalState.WITHDRAWN)
    assert set(db.session.scalars(select(Need.state))) == {NeedState.WITHDRAWN}
    told = select(OutboxMail.message).where(OutboxMail.person_id == any_cast.dirk.id)
    assert "company_cancelled" in set(db.session.scalars(told))


def test_the_last_contact_leaves_no_offer_unanswered(any_cast: Cast) -> None:
    erasure.erase(any_cast.carla, by=any_cast.carla)
    assert any_cast.lecture.state == OfferState.PAUSED


def test_with_another_contact_the_offers_stay(cast: Cast) -> None:
    make_person("Olga Prins", contact=cast.windwerk)
    erasure.erase(cast.carla, by=cast.carla)
    assert cast.lecture.state == OfferState.PUBLISHED


def test_nobody_comes_in_as_somebody_erased(app: Flask, cast: Cast, sign_in) -> None:
    browser = sign_in(app.test_client(), cast.anna)
    address = cast.anna.email
    erasure.erase(cast.anna, by=cast.anna)
    db.session.commit()
    assert browser.get("/account").status_code == 302
    assert accounts.find_person(address) is None
    assert _count(SignInSession) == 0


def test_only_oneself_and_an_administrator_may(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        erasure.erase(cast.anna, by=cast.gea)
    chief = make_person("Ids Chef", administrator=True)
    with pytest.raises(WrongState):
        erasure.erase(chief, by=chief)
    make_person("Jo Chef", administrator=True)
    erasure.erase(cast.anna, by=chief)
    with pytest.raises(WrongState):
        erasure.erase(cast.anna, by=chief)
    deed = db.session.scalars(select(JournalEntry).where(JournalEntry.deed == "erase")).one()
    assert (deed.by_id, deed.record_id) == (chief.id, cast.anna.id)


# ---- the copy -----------------------------------------------------------------------------------
def test_the_copy_holds_all_of_mine_and_nothing_of_others(any_cast: Cast) -> None:
    anna = scenes.busy_year(any_cast)
    others = scenes.mark(any_cast.dirk, "vreemde")
    mine = scenes.mark(anna)
    told = json.dumps(copies.rows_of(anna))
    assert [name for name, word in mine.items() if word not in told] == []
    assert len(others) > 5
    assert [name for name, word in others.items() if word in told] == []
    secrets = ("password_hash", "key_hash", "token_hash", "sealed", "recovery", "nonce")
    assert [name for name in secrets if name in told] == []


def test_the_copy_comes_as_tables_too(app: Flask, cast: Cast, sign_in) -> None:
    cast.need.goal = "=1+1"
    db.session.commit()
    answer = sign_in(app.test_client(), cast.anna).post("/account/copy")
    file = zipfile.ZipFile(io.BytesIO(answer.data))
    whole = json.loads(file.read("everything.json"))
    assert whole["need"][0]["goal"] == "=1+1"
    rows = list(csv.DictReader(io.StringIO(file.read("need.csv").decode("utf-8-sig"))))
    assert [row["goal"] for row in rows] == ["'=1+1"]


# ---- the doors ----------------------------------------------------------------------------------
def test_leaving_wants_the_address_typed(app: Flask, cast: Cast, sign_in) -> None:
    browser = sign_in(app.test_client(), cast.anna)
    refused = browser.post("/account/leave", data={"email": "bram@example.nl"})
    assert refused.status_code == 422
    assert 'value="bram@example.nl"' in refused.text
    assert cast.anna.erased_at is None
    assert browser.post("/account/leave", data={"email": "Anna@Example.nl"}).status_code == 303
    db.session.expire_all()
    assert cast.anna.erased_at is not None
    assert ledger.noted() == [cast.anna.id]


def test_a_company_erases_whom_it_named(app: Flask, cast: Cast, sign_in) -> None:
    guest = make_professional(cast.windwerk, "Gast Zonder")
    db.session.commit()
    path = f"/company/professionals/{guest.id}/forget"
    assert sign_in(app.test_client(), cast.farid).post(path).status_code == 404
    assert sign_in(app.test_client(), cast.carla).post(path).status_code == 303
    db.session.expire_all()
    assert (guest.name, guest.is_active) == (erasure.NOBODY, False)
    with_account = f"/company/professionals/{cast.dirk_professional.id}/forget"
    assert sign_in(app.test_client(), cast.carla).post(with_account).status_code == 409


def test_an_older_copy_brings_nobody_back(cast: Cast) -> None:
    """What ``restore`` does after it: the ledger lies beside the database."""
    address = cast.anna.email
    erasure.erase(cast.anna, by=cast.anna)
    db.session.commit()
    assert ledger.note() == 1
    assert ledger.note() == 0
    cast.anna.erased_at, cast.anna.name, cast.anna.email = None, "Anna de Boer", address
    db.session.commit()
    assert erasure.erase_noted() == 1
    assert db.session.get(Person, cast.anna.id).name == erasure.NOBODY  # type: ignore[union-attr]
    assert erasure.erase_noted() == 0


def test_the_page_tells_what_the_code_does(client: FlaskClient, cast: Cast) -> None:
    from matcher.privacy.retention import RULES

    text = client.get("/privacy", headers={"Accept-Language": "en"}).text
    assert [rule for rule in RULES if str(escape(rule.what)) not in text] == []
