"""The text space for tests of the matcher, kept in the cache folder so that it is fitted once."""

from __future__ import annotations

import pytest

from matcher.matching.text import default_space
from tests.conftest import CACHE


@pytest.fixture(scope="session", autouse=True)
def _kept_space() -> None:
    default_space(CACHE)
