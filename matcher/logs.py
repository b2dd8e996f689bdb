"""How the service writes its log: plain lines, or one JSON object a line for machines."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from flask import Flask, g, has_request_context

PLAIN = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request_id"}


class AsJson(logging.Formatter):
    """One object a line: when, how grave, who speaks, which request, what, and its facts."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        told |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def _name_the_request(record: logging.LogRecord) -> bool:
    record.request_id = g.get("request_id", "-") if has_request_context() else "-"
    return True


def configure(app: Flask) -> logging.Handler | None:
    """Give our own loggers one handler as the settings say; none where LOG_FORMAT is off.

    Raises ValueError for a format or level that does not exist.
    """
    chosen, level = app.config["LOG_FORMAT"], app.config["LOG_LEVEL"].upper()
    if chosen == "off":
        return None
    if chosen not in {"plain", "json"}:
        raise ValueError(f"LOG_FORMAT is plain, json or off, not {chosen}")
    handler = logging.StreamHandler()
    handler.setFormatter(AsJson() if chosen == "json" else logging.Formatter(PLAIN))
    handler.addFilter(_name_the_request)
    ours = logging.getLogger("lesbrug")
    ours.handlers = [handler]
    ours.setLevel(level)
    ours.propagate = False
    return handler
