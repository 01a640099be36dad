"""For how little a pack was really sold lately: a question to the orders, which the catalogue does not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from app.kernel.money import Money

COMPARED_OVER = timedelta(days=7)
"""Source: 明码标价和禁止价格欺诈规定: a price compared with is not above the lowest deal of the last seven days."""

LowestDeal = Callable[[int, datetime, datetime], Money | None]


def _nothing_known(pack_id: int, since: datetime, before: datetime) -> Money | None:
    return None


_ask: list[LowestDeal] = [_nothing_known]


def use(ask: LowestDeal) -> None:
    """From here on deals are asked of `ask(pack_id, since, before)`. The assembly says it once."""
    _ask[0] = ask


def lowest(pack_id: int, *, before: datetime) -> Money | None:
    """The lowest price of one piece in a deal of the seven days before; None where there was no deal."""
    return _ask[0](pack_id, before - COMPARED_OVER, before)
