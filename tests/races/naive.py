"""What everybody writes first: the books without their guards. These must fail, or the race tests prove nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sqlalchemy import text

from app.kernel.db import session, transaction
from app.ledger.books import accounts, queries
from app.ledger.books.errors import FloorBroken
from app.ledger.books.movements import Place

MOMENT_SECONDS = 0.002


def check_then_take(place: Place, amount: int) -> None:
    """Look whether there is enough, then write back what was worked out from the look."""
    before = queries.balance(place)
    account = accounts.find([place])[place].account_id
    session().rollback()
    if before.free < amount:
        raise FloorBroken()
    time.sleep(MOMENT_SECONDS)
    with transaction() as current:
        current.execute(
            text("UPDATE ledger_accounts SET cr_held = :held WHERE id = :id"),
            {"held": before.cr_held + amount, "id": account},
        )


def take_in_the_order_of_the_cart(cart: Sequence[Place], *, between: Callable[[], object]) -> None:
    """The right conditional UPDATE for each line, but in the buyer's order instead of one for everybody."""
    found = accounts.find(cart)
    session().rollback()
    with transaction() as current:
        for place in cart:
            current.execute(
                text("UPDATE ledger_accounts SET cr_held = cr_held + 1 WHERE id = :id AND dr - cr - cr_held >= 1"),
                {"id": found[place].account_id},
            )
            between()
