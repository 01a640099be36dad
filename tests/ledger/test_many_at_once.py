"""Several events written at once: the same books as one after another, and refused as a whole."""

from __future__ import annotations

import pytest

from app.kernel.db import transaction
from app.ledger.books import queries, service
from app.ledger.books.errors import AlreadyRecorded, AlreadyReversed, FloorBroken, HoldGone
from app.ledger.books.movements import Act, Balance, Hold, Post, Recorded, Settle, Undo, Void
from tests.ledger.cast import ORDER, UNDO, a_key, answer, bank, findings, fund, post, sold, stock, stocked

pytestmark = pytest.mark.usefixtures("db")


def at_once(*acts: Act | Undo) -> list[Recorded]:
    with transaction():
        return service.record_all(acts, by="person:1")


def an_act(*movements: Post | Hold | Settle | Void, key: str = "") -> Act:
    return Act(ORDER, movements, "order:1", key or a_key())


def two_holds() -> tuple[int, int]:
    stocked(5, "A")
    return tuple(post(Hold(sold(), stock(), pieces, None)).transfers[0] for pieces in (2, 1))  # type: ignore[return-value]


def test_events_have_their_own_transfers_in_the_order_given() -> None:
    two, one = two_holds()

    first, second, third = at_once(
        an_act(Settle(two)), an_act(Void(one)), an_act(Post(bank(), fund(), 7), Hold(bank(), fund(), 3, None))
    )

    assert [len(each.transfers) for each in (first, second, third)] == [1, 1, 2]
    assert answer("SELECT resolves_id FROM ledger_transfers WHERE id = :id", id=first.transfers[0]) == two
    assert answer("SELECT amount FROM ledger_transfers WHERE id = :id", id=third.transfers[1]) == 3
    assert queries.balance(stock()) == Balance(dr=5, cr=2)
    assert queries.balance(bank()) == Balance(dr=7, dr_held=3)
    assert answer("SELECT count(*) FROM ledger_open_holds") == 1
    assert findings() == {}


def test_an_event_of_before_is_mirrored_beside_others() -> None:
    two, one = two_holds()
    (settled,) = at_once(an_act(Settle(two)))

    undone, _ = at_once(Undo(UNDO, settled.event_id, a_key()), an_act(Settle(one)))

    assert queries.balance(stock()) == Balance(dr=7, cr=3)
    assert answer("SELECT reverses_id FROM ledger_events WHERE id = :id", id=undone.event_id) == settled.event_id
    assert findings() == {}


def test_one_that_is_refused_leaves_none_of_them() -> None:
    two, one = two_holds()
    before = answer("SELECT count(*) FROM ledger_events")

    with pytest.raises(FloorBroken):
        at_once(an_act(Settle(two)), an_act(Post(sold(), stock(), 4)))
    with pytest.raises(HoldGone):
        at_once(an_act(Settle(two)), an_act(Void(two)))
    with pytest.raises(AlreadyRecorded):
        at_once(an_act(Settle(two), key="same"), an_act(Settle(one), key="same"))

    assert answer("SELECT count(*) FROM ledger_events") == before
    assert queries.balance(stock()) == Balance(dr=5, cr_held=3)


def test_nothing_is_mirrored_twice() -> None:
    moved = post(Post(bank(), fund(), 7))

    with pytest.raises(AlreadyReversed):
        at_once(Undo(UNDO, moved.event_id, "once"), Undo(UNDO, moved.event_id, "twice"))
    at_once(Undo(UNDO, moved.event_id, a_key()))
    with pytest.raises(AlreadyReversed):
        at_once(Undo(UNDO, moved.event_id, a_key()))

    assert queries.balance(bank()) == Balance(dr=7, cr=7)


def test_nothing_to_write_writes_nothing() -> None:
    assert at_once() == []
