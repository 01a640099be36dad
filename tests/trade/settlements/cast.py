"""Settling, told in short sentences."""

from __future__ import annotations

from datetime import date

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.ledger.books import queries as books
from app.office.approvals import service as approvals
from app.office.approvals.service import Verdict
from app.office.approvals.states import ApprovalState
from app.office.payouts import queries as payouts
from app.office.payouts.models import Payout
from app.trade.catalog.models import Pack
from app.trade.corrections import service as corrections
from app.trade.corrections.service import Wanted
from app.trade.orders.models import Order
from app.trade.payments import refunds
from app.trade.payments.models import Refund, RefundReason
from app.trade.settlements import queries, service
from app.trade.settlements.models import Settlement, Statement
from app.trade.stock.accounts import FREIGHT, PAYABLE, seller_party
from tests.cast import an_order_of, pack, pay, receive, ship, today


def reread() -> None:
    session().rollback()
    session().expire_all()


def sold(pieces: int, what: Pack, *, buyer: Viewer, seller: Viewer, official: Viewer) -> Order:
    """Ordered, paid, packed, shipped, received."""
    order = an_order_of(pieces, what, buyer=buyer)
    pay(order, by=official)
    pack(order, by=seller)
    ship(order, by=seller)
    receive(order, by=buyer)
    return order


def refunded(order: Order, yuan: str, *, by: Viewer) -> Refund:
    """Part of a received order's money has gone back."""
    with transaction():
        refund = refunds.ask(order.number, amount=Money.parse(yuan), reason=RefundReason.QUALITY, note="", by=by)
    with transaction():
        return refunds.send(refund.id, reference=f"R{refund.id}", by=by)


def work() -> None:
    """The worker comes by until nothing is left."""
    while True:
        with transaction():
            if not service.go_on(by="worker"):
                break
    reread()


def made(*, by: Viewer, through: date | None = None) -> Settlement:
    """A settlement whose statements are there."""
    day = through or today()
    with transaction():
        settlement = service.begin(through=day, by=by)
    work()
    return again(settlement)


def again(settlement: Settlement) -> Settlement:
    reread()
    return session().get_one(Settlement, settlement.id)


def submit(settlement: Settlement, *, by: Viewer) -> None:
    with transaction():
        service.submit(settlement.number, link=f"/desk/settlements/{settlement.number}", by=by)


def seen(settlement: Settlement) -> str:
    return approvals.fingerprint(service.payload(again(settlement)))


def decide(settlement: Settlement, *, by: Viewer, agrees: bool = True, because: str = "") -> ApprovalState:
    over = seen(settlement)
    with transaction():
        return service.decide(settlement.number, Verdict(agrees, over, because), by=by)


def settled(*, by: Viewer, second: Viewer, through: date | None = None) -> Settlement:
    """Made by one, let go by the other, and closed."""
    settlement = made(by=by, through=through)
    submit(settlement, by=by)
    decide(settlement, by=second)
    work()
    return again(settlement)


def statement_of(settlement: Settlement, grower: Viewer) -> Statement:
    reread()
    (seller,) = grower.seller_ids
    return session().query(Statement).filter_by(settlement_id=settlement.id, seller_id=seller).one()


def payout_of(statement: Statement) -> Payout | None:
    reread()
    return payouts.of_subjects([statement.subject]).get(statement.subject)


def own(grower: Viewer) -> Money:
    """What the books say is the grower's, what is on its way to him included."""
    reread()
    parties = [seller_party(number) for number in grower.seller_ids]
    return Money(-books.net_of(PAYABLE, parties=parties) - books.net_of(FREIGHT, parties=parties))


def corrected(slug: str, yuan: str, *, by: Viewer, second: Viewer, because: str = "称错了") -> None:
    sign = -1 if yuan.startswith("-") else 1
    amount = Money.parse(yuan.removeprefix("-")) * sign
    with transaction():
        one = corrections.propose(Wanted(slug, amount, because), link="/desk/corrections/{number}", by=by)
        number, over = one.number, approvals.fingerprint(corrections.payload(one))
    with transaction():
        corrections.decide(number, Verdict(True, over), by=second)


__all__ = ["queries"]
