"""The standing cast, a second official of the county, and growers who have an account."""

from __future__ import annotations

import pytest

from app.kernel.db import Database
from app.kernel.permissions import COUNTY, Viewer
from app.people.accounts.states import Role
from tests.cast import a_viewer, county, gao, gift_box, hu, li, qian, sun, wang, zhao, zhou
from tests.people.purse.purses import give, verify

__all__ = ["county", "gao", "gift_box", "hu", "li", "qian", "sun", "wang", "zhao", "zhou"]


@pytest.fixture
def tian(county: Database) -> Viewer:
    """Another official of the county."""
    return a_viewer("田县办", (Role.COUNTY, COUNTY))


@pytest.fixture
def paid_wang(wang: Viewer, zhao: Viewer) -> Viewer:
    """Wang, whose account the township has verified."""
    (seller,) = wang.seller_ids
    verify(give(seller, wang), zhao)
    return wang
