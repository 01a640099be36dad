"""Proving that address books are sealed and have one address to begin with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from app.kernel.checks import Check, Finding
from app.kernel.crypto import Undecipherable
from app.kernel.db import session
from app.trade.addresses import queries
from app.trade.addresses.models import Address
from app.trade.addresses.service import MOST


def _books() -> Iterator[Finding]:
    """B1: each address opens; who keeps some has one default among at most twenty."""
    kept: Counter[int] = Counter()
    defaults: Counter[int] = Counter()
    for row in session().scalars(select(Address).execution_options(yield_per=1000)):
        kept[row.person_id] += 1
        defaults[row.person_id] += row.is_default
        try:
            queries.opened(row)
        except Undecipherable:
            yield Finding(f"address {row.code}", "does not open")
    for person, count in sorted(kept.items()):
        if defaults[person] != 1 or count > MOST:
            yield Finding(f"person {person}", f"keeps {count} addresses, {defaults[person]} of them the default")


CHECKS = (Check("B1", "地址簿都加密保存、能打开，每人一个常用地址、最多二十个", _books),)
