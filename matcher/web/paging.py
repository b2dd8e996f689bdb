"""Long lists, page by page, and narrowed to one side."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select

from matcher.extensions import db
from matcher.models.moves import Side

LAST_PAGE = 10_000


@dataclass(frozen=True)
class Page:
    """One page of a list: its items, its number, how many pages and items there are."""

    items: list[Any]
    number: int
    pages: int
    total: int

    def url(self, number: int) -> str:
        """The same page of the site at another page number."""
        query = {name: request.args.getlist(name) for name in request.args if name != "page"}
        arguments: dict[str, Any] = {**(request.view_args or {}), **query, "page": number}
        return url_for(request.endpoint or "web.show_home", **arguments)


def page_of(statement: Select[Any], size: int = 20) -> Page:
    """The page that ?page= asks for; a number that makes no sense reads as the nearest one."""
    raw = request.args.get("page", "1")
    asked = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 7 else 1
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    total = db.session.scalar(counted) or 0
    pages = max(1, ceil(total / size))
    number = min(max(1, asked), pages, LAST_PAGE)
    rows = db.session.scalars(statement.limit(size).offset((number - 1) * size))
    return Page(list(rows.unique()), number, pages, total)


def chosen_side() -> Side | None:
    """?side= of a list; only those who stand on both sides have something to choose."""
    asked = request.args.get("side", "")
    return Side(asked) if asked in {Side.SCHOOL, Side.COMPANY} else None
