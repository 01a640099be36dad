"""The standing cast, and a county in which every check has something to look at."""

from __future__ import annotations

import pytest

from app.kernel.db import Database
from app.kernel.permissions import Viewer
from tests.cast import county, li, qian, sun, wang, zhao, zhou
from tests.insight.consistency.world import World, lived, sealed_december

__all__ = ["county", "li", "qian", "sun", "wang", "zhao", "zhou"]


@pytest.fixture
def december(county: Database) -> None:
    """Last year's books are sealed before anybody in the county does anything."""
    sealed_december()


@pytest.fixture
def world(december: None, li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer) -> World:
    """A county whose book is right."""
    return lived(buyer=li, grower=wang, clerk=zhao, official=qian)
