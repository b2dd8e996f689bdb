"""Addresses of films: which we show, and how; nothing is ever fetched from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from matcher.web.safety import LONGEST_LINK, is_public_name

YOUTUBE = {"youtube.com", "www.youtube.com", "m.youtube.com", "www.youtube-nocookie.com"}
VIMEO = {"vimeo.com", "www.vimeo.com", "player.vimeo.com"}
FILM_HOSTS = {"youtube": "YouTube", "vimeo": "Vimeo"}  # as people call them
YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
VIMEO_PATH = re.compile(r"/(?:video/)?(?P<id>\d{4,12})(?:/(?P<hash>[0-9a-f]{8,12}))?/?")
FILE_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg"}


@dataclass(frozen=True, slots=True)
class Film:
    """A film we may show: in a frame of its host, or as a file in the page."""

    host: str
    address: str  # of the frame or of the file, built by us from the parsed parts
    media_type: str = ""  # of a file; empty for a frame

    @property
    def is_file(self) -> bool:
        return bool(self.media_type)


def find_film(address: str) -> Film | None:
    """The film behind an address people paste; None when its host is not on the list."""
    if len(address) > LONGEST_LINK or re.search(r"[\s\x00-\x1f\\]", address):
        return None
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or parts.username is not None or port not in {None, 443}:
        return None
    if host in YOUTUBE or host == "youtu.be":
        return _youtube(parts, host)
    if host in VIMEO:
        return _vimeo(parts)
    return _file(parts, host)


def _youtube(parts: SplitResult, host: str) -> Film | None:
    steps = [step for step in parts.path.split("/") if step]
    if host == "youtu.be":
        found = steps[0] if len(steps) == 1 else ""
    elif steps == ["watch"]:
        found = (parse_qs(parts.query).get("v") or [""])[0]
    elif len(steps) == 2 and steps[0] in {"embed", "shorts", "live"}:
        found = steps[1]
    else:
        found = ""
    if not YOUTUBE_ID.fullmatch(found):
        return None
    return Film("youtube", f"https://www.youtube-nocookie.com/embed/{found}")


def _vimeo(parts: SplitResult) -> Film | None:
    match = VIMEO_PATH.fullmatch(parts.path)
    if match is None:
        return None
    # An unlisted film shows only with its hash, which Vimeo writes in either of two ways.
    secret = match["hash"] or (parse_qs(parts.query).get("h") or [""])[0]
    if not re.fullmatch(r"[0-9a-f]{8,12}", secret):
        secret = ""
    tail = f"&h={secret}" if secret else ""
    return Film("vimeo", f"https://player.vimeo.com/video/{match['id']}?dnt=1{tail}")


def _file(parts: SplitResult, host: str) -> Film | None:
    ending = parts.path[parts.path.rfind(".") :].lower() if "." in parts.path else ""
    if ending not in FILE_TYPES or not is_public_name(host):
        return None
    query = f"?{parts.query}" if parts.query else ""
    return Film(host, f"https://{host}{parts.path}{query}", FILE_TYPES[ending])
