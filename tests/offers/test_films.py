"""Which film addresses we show, and what becomes of them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from matcher.extensions import db
from matcher.models.offer import OfferKind, TourForm
from matcher.offers.films import find_film
from matcher.web.safety import is_web_address
from tests.cast import Cast, make_offer

TUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("address", "shown", "media_type"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", TUBE, ""),
        ("https://youtube.com/watch?list=PL1&v=dQw4w9WgXcQ&t=5", TUBE, ""),
        ("https://m.youtube.com/watch?v=dQw4w9WgXcQ", TUBE, ""),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", TUBE, ""),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", TUBE, ""),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", TUBE, ""),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1", ""),
        (
            "https://vimeo.com/76979871/abcdef0123",
            "https://player.vimeo.com/video/76979871?dnt=1&h=abcdef0123",
            "",
        ),
        (
            "https://player.vimeo.com/video/76979871?h=abcdef0123&x=1",
            "https://player.vimeo.com/video/76979871?dnt=1&h=abcdef0123",
            "",
        ),
        ("https://films.example.nl/a/tour.mp4", "https://films.example.nl/a/tour.mp4", "video/mp4"),
        (
            "https://Films.Example.NL:443/tour.WEBM?v=2#t=1",
            "https://films.example.nl/tour.WEBM?v=2",
            "video/webm",
        ),
    ],
)
def test_find_film_rebuilds_the_address(address: str, shown: str, media_type: str) -> None:
    film = find_film(address)
    assert film is not None
    assert (film.address, film.media_type, film.is_file) == (shown, media_type, bool(media_type))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ%22%3E",
        "https://www.youtube.com/",
        "https://www.youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
        "https://evil.example/watch?v=dQw4w9WgXcQ",
        "https://youtube.com@evil.example/watch?v=dQw4w9WgXcQ",
        "https://user:word@www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com:8443/watch?v=dQw4w9WgXcQ",
        "https://vimeo.com/channels/staffpicks",
        "https://vimeo.com/76979871/../../evil",
        "javascript:alert(1)//https://youtu.be/dQw4w9WgXcQ",
        "data:video/mp4;base64,AAAA",
        "https://films.example.nl/tour.html",
        "https://films.example.nl/tour",
        "https://192.168.1.4/tour.mp4",
        "https://[::1]/tour.mp4",
        "https://[broken/tour.mp4",
        "https://localhost/tour.mp4",
        "https://intranet/tour.mp4",
        "https://server.local/tour.mp4",
        "https://films.example.nl:99999/tour.mp4",
        "https://films.example.nl/tour.mp4\nX: y",
        "https://films.example.nl\\@evil.example/tour.mp4",
        "https://films.example.nl/" + "a" * 500 + ".mp4",
    ],
)
def test_find_film_refuses(address: str) -> None:
    assert find_film(address) is None


@pytest.mark.parametrize(
    ("address", "is_fine"),
    [
        ("https://meet.example.nl/abc", True),
        ("http://meet.example.nl/abc", False),
        ("https://localhost/abc", False),
        ("https://a@meet.example.nl/", False),
        ("javascript:alert(1)", False),
        ("https://[", False),
    ],
)
def test_is_web_address_wants_a_public_https_host(address: str, is_fine: bool) -> None:
    assert is_web_address(address) is is_fine


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://youtu.be/dQw4w9WgXcQ", "youtube-nocookie.com"),
        ("https://vimeo.com/76979871", "player.vimeo.com"),
    ],
)
def test_nothing_is_loaded_from_a_films_host_before_the_reader_chooses(
    cast: Cast, client: FlaskClient, address: str, host: str
) -> None:
    film = {"tour_form": TourForm.FILM, "film_url": address, "lesson_sheet": "Kijk en vraag."}
    offer = make_offer(cast.windwerk, OfferKind.TOUR, **film)
    db.session.commit()
    before = client.get(f"/offers/{offer.id}").text
    assert host not in before
    assert f'href="/offers/{offer.id}?film=1"' in before
    after = client.get(f"/offers/{offer.id}?film=1").text
    assert re.findall(r'<iframe[^>]* src="https://([^/]+)/', after) == [
        "www.youtube-nocookie.com" if "youtube" in host else host
    ]
