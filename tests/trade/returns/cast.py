"""Returns asked, sent, arrived and looked at, as the doors do it."""

from __future__ import annotations

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.returns import queries, service
from app.trade.returns.models import Return
from app.trade.returns.service import Seen, Wanted
from app.trade.returns.states import Why
from tests.cast import answer, fresh, pay, receive, ship


def arrived_order(order: Order, *, buyer: Viewer, seller: Viewer, official: Viewer, grams: int | None = None) -> Order:
    """Paid by transfer, packed (with that weight), shipped and received."""
    pay(order, by=official)
    weighed = {} if grams is None else {fresh(order).lines[0].id: Weight(grams)}
    with transaction():
        orders.pack(order.number, weighed=weighed, by=seller)
    ship(order, by=seller)
    receive(order, by=buyer)
    return order


def ask(
    order: Order, *pieces: int, by: Viewer, why: Why = Why.NO_REASON, amount: int | None = None, note: str = ""
) -> Return:
    """So many pieces of the order's lines, one after another; or an amount."""
    counts = {line.id: count for line, count in zip(fresh(order).lines, pieces, strict=False) if count}
    wanted = Wanted(why, counts, None if amount is None else Money(amount), note)
    with transaction():
        return service.ask(order.number, wanted, by=by)


def agree(found: Return, *, by: Viewer) -> Return:
    with transaction():
        return service.agree(queries.of_seller(by, found.number), by=by)


def come_back(found: Return, *, buyer: Viewer, seller: Viewer) -> Return:
    """Agreed, sent, and arrived."""
    agree(found, by=seller)
    with transaction():
        service.send_back(found, courier="中国邮政", tracking="YZ9", by=buyer)
    with transaction():
        return service.arrive(queries.of_seller(seller, found.number), by=seller)


def look(found: Return, *seen: Seen, by: Viewer, words: str = "") -> Return:
    """What was seen of its lines, one after another."""
    lines = again(found).lines
    with transaction():
        what = dict(zip((line.id for line in lines), seen, strict=True))
        return service.inspect(found, what, words=words, by=by)


def again(found: Return) -> Return:
    """As it is now, with its lines."""
    session().rollback()
    session().expire_all()
    with transaction():
        return queries.hold(session().get_one(Return, found.id))[0]


def in_books(role: str) -> int:
    """What lies in all accounts of a role."""
    return answer("SELECT coalesce(sum(dr - cr), 0) FROM ledger_accounts WHERE role = :role", role=role)
