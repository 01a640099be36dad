"""A co-op with a point and posted prices."""

from __future__ import annotations

import pytest

from app.kernel.db import Database
from app.kernel.permissions import Viewer
from app.trade.intakes.models import Intake, PurchasePoint
from tests.trade.intakes.cast import a_buyer, a_point, delivered, graded, posted


@pytest.fixture
def he(county: Database) -> Viewer:
    """Buys for a verified co-op of Sanjiao."""
    return a_buyer()


@pytest.fixture
def bare_point(he: Viewer) -> PurchasePoint:
    """A purchase point that has posted nothing."""
    return a_point(he)


@pytest.fixture
def point(he: Viewer, bare_point: PurchasePoint) -> PurchasePoint:
    """A purchase point with prices."""
    posted(bare_point, by=he)
    return bare_point


@pytest.fixture
def weighed(point: PurchasePoint, he: Viewer, wang: Viewer) -> Intake:
    """A ton of Wang's fruit on the scale."""
    return delivered(point, wang, by=he)


@pytest.fixture
def priced(weighed: Intake, he: Viewer) -> Intake:
    """600 kg of the first grade at 3.50, 250 kg ungraded at 2.00, 50 kg of dirt, 100 kg returned."""
    return graded(weighed, by=he)
