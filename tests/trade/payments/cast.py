"""Buyers at Stripe: what they and the worker do, by names that tests read like sentences."""

from __future__ import annotations

from dataclasses import asdict

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from app.trade.payments import gateway, notices, online
from app.trade.payments.models import Payment, PaymentProblem, PayPage, Refund
from app.trade.payments.online import Addresses
from tests.cast import an_order_of, answer
from tests.fakes.stripe_server import StripeServer
from tests.fakes.stripe_webhooks import StripeEvent

KEY = "sk_test_of_the_county"
SECRET = "whsec_of_the_county"
ADDRESSES = Addresses(back="https://county.example/pay/x?from=stripe", away="https://county.example/pay/x")


def online_order(pieces: int, pack: Pack, *, buyer: Viewer) -> Order:
    return an_order_of(pieces, pack, buyer=buyer, pay_by=PayBy.ONLINE)


def begin(buyer: Viewer, checkout: str) -> PayPage:
    with transaction():
        return online.begin(buyer, checkout)


def go_to_stripe(buyer: Viewer, checkout: str) -> PayPage:
    """The buyer's page, open at Stripe."""
    page = begin(buyer, checkout)
    online.address_of(page, ADDRESSES)
    return page_of(page)


def page_of(page: PayPage) -> PayPage:
    """The page as it is in the database now."""
    reread()
    return session().get_one(PayPage, page.id)


def session_of(page: PayPage) -> str:
    """The name under which Stripe has it."""
    found = page_of(page).session
    assert found is not None
    return found


def tell(event: StripeEvent) -> bool:
    """Stripe's notice reaches us; whether it was new."""
    with transaction():
        return notices.keep(gateway.stripe().read(event.payload, event.header(SECRET)))


def hear(server: StripeServer) -> None:
    """All that Stripe said so far reaches us and is carried out."""
    for event in server.events:
        tell(event)
    work()


def work() -> None:
    """The worker comes by."""
    while notices.carry_out_due():
        pass
    online.end_due()
    online.send_back_due()
    online.book_fees_due()
    reread()


def reread() -> None:
    session().rollback()
    session().expire_all()


def payments_of(order: Order) -> list[Payment]:
    reread()
    return session().query(Payment).filter_by(order_id=order.id).order_by(Payment.id).all()


def refunds_of(order: Order) -> list[Refund]:
    reread()
    rows = session().query(Refund).join(Payment, Payment.id == Refund.payment_id)
    return rows.filter(Payment.order_id == order.id).order_by(Refund.id).all()


def problems() -> list[PaymentProblem]:
    reread()
    return session().query(PaymentProblem).order_by(PaymentProblem.id).all()


def at_stripe(currency: str = "CNY") -> int:
    """What our books say lies at Stripe, in fen, or in the smallest unit of another currency."""
    return standing("money_in", currency)


def standing(role: str, currency: str, township: str = "") -> int:
    """Debits less credits of Stripe's accounts of a role in a currency, in one township or all."""
    return answer(
        "SELECT sum(a.dr - a.cr) FROM ledger_accounts a JOIN ledger_commodities c ON c.id = a.commodity_id"
        " WHERE a.role = :role AND a.party = 'stripe' AND c.code = :currency AND :township IN ('', a.township)",
        role=role,
        currency=currency,
        township=township,
    )


def stripes_book(server: StripeServer) -> Money:
    """What Stripe's own book says lies there."""
    sums = [asdict(one) for one in server.book().values()]
    return Money(sum(one["captured"] - one["refunded"] - one["fees"] for one in sums))
