"""An order that can be sent back."""

from __future__ import annotations

import pytest

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from tests.cast import a_pack, an_order_of, described, more_of
from tests.trade.returns.cast import arrived_order


@pytest.fixture
def box(wang: Viewer) -> Pack:
    """Boxes of 2.5 kg at 68.00, three of one lot and three of another."""
    box = a_pack(wang, pieces=3)
    more_of(box, pieces=3)
    return box


@pytest.fixture
def order(li: Viewer, wang: Viewer, qian: Viewer, box: Pack) -> Order:
    """Four boxes out of both lots, paid by transfer and received."""
    return arrived_order(an_order_of(4, box, buyer=li), buyer=li, seller=wang, official=qian)


@pytest.fixture
def fresh_order(li: Viewer, wang: Viewer, qian: Viewer) -> Order:
    """Three boxes of fresh fruit, received."""
    pack = a_pack(wang, said=described(title="鲜木枣 五斤装", product="xian-muzao"))
    return arrived_order(an_order_of(3, pack, buyer=li), buyer=li, seller=wang, official=qian)
