"""Pages that are written from the code say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from config import Config
from matcher.models.moves import LIVE, MOVES, ProposalState, Side, as_markdown

ROOT = Path(__file__).resolve().parent.parent.parent


def test_states_page_is_written_from_the_table() -> None:
    assert (ROOT / "docs" / "states.md").read_text("utf-8") == as_markdown()


def test_every_live_state_can_be_left_and_every_state_but_the_first_reached() -> None:
    left = {source for move in MOVES.values() for source in move.sources}
    reached = {move.target for move in MOVES.values()}
    assert left == set(LIVE)
    assert reached == set(ProposalState) - {ProposalState.SUGGESTED}


def test_every_side_has_a_way_to_say_no() -> None:
    for side in (Side.SCHOOL, Side.COMPANY, Side.COORDINATOR):
        names = {m.name for m in MOVES.values() if side in m.sides and m.needs_reasons}
        assert names != set()


def test_every_mail_of_the_table_has_its_templates_and_no_other_move_mail_exists() -> None:
    folder = ROOT / "templates" / "mail"
    named = {mail for move in MOVES.values() for mail in move.mails}
    missing = {
        name
        for name in named
        for part in ("subject", "body")
        if not (folder / f"{name}.{part}.txt").exists()
    }
    assert missing == set()


def test_every_setting_from_the_environment_stands_in_the_readme() -> None:
    source = (ROOT / "config.py").read_text("utf-8")
    names = set(re.findall(r'(?:environ\.get|_flag)\(\s*"([A-Z_]+)"', source))
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {name for name in names if f"`{name}`" not in readme} == set()
    assert Config.LANGUAGES == ("nl", "en")
