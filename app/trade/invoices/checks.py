"""Proving that invoices say what the books said when they were issued, and that titles are sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import func, select

from app.kernel.checks import Check, Finding
from app.kernel.crypto import Undecipherable
from app.kernel.db import session
from app.ledger.books.models import Account, Event, Transfer
from app.trade.invoices import queries
from app.trade.invoices.models import Invoice
from app.trade.invoices.states import LIVE, InvoiceState
from app.trade.orders.models import Order
from app.trade.payments.models import Payment, Refund, RefundReason
from app.trade.stock import accounts

_SURPLUS = (RefundReason.PAID_TWICE, RefundReason.TOO_LATE)


def _amounts() -> Iterator[Finding]:
    """B2: an issued invoice is over what the ledger had taken for its order less what it had given back."""
    issued = session().execute(
        select(Invoice, Order).join(Order, Order.id == Invoice.order_id).where(Invoice.state == InvoiceState.ISSUED)
    )
    came, went, surplus = _came(), _went(), _surplus()
    for invoice, order in issued:
        paid = came.get(order.subject, 0) - surplus.get(order.id, 0)
        back = sum(fen for event, fen in went[order.subject] if event <= (invoice.upto_event or 0))
        said = (invoice.paid.fen if invoice.paid else 0, invoice.gone_back.fen if invoice.gone_back else 0)
        if (paid, back) != said:
            yield Finding(
                f"invoice {invoice.number}", f"{said[0]} fen paid and {said[1]} back, the books: {paid} and {back}"
            )
    for number, taken_back in queries.reversed_of(session().scalars(select(Invoice.id)).all()).items():
        invoice = session().get_one(Invoice, number)
        if invoice.amount is None or taken_back > invoice.amount:
            yield Finding(f"invoice {invoice.number}", f"{taken_back.fen} fen taken back, more than was issued")


def _came() -> dict[str, int]:
    """Order's subject → fen that the ledger took for it, at our till or the courier's."""
    by_till = (
        select(Account.subject, func.sum(Transfer.amount))
        .join(Transfer, Transfer.credit_id == Account.id)
        .join(Event, Event.id == Transfer.event_id)
        .where(Account.role == accounts.PREPAID.name, Event.kind == accounts.PAYMENT_CONFIRMED.name)
        .group_by(Account.subject)
    )
    at_door = (
        select(Event.subject, func.sum(Transfer.amount))
        .join(Transfer, Transfer.event_id == Event.id)
        .join(Account, Account.id == Transfer.debit_id)
        .where(Account.role == accounts.DUE_FROM_COURIER.name, Event.kind == accounts.ORDER_RECEIVED.name)
        .group_by(Event.subject)
    )
    return {subject: int(fen) for query in (by_till, at_door) for subject, fen in session().execute(query)}


def _went() -> dict[str, list[tuple[int, int]]]:
    """Order's subject → (event, fen that went back; below zero when they came back again), surplus left out."""
    left_out = {str(number) for number in session().scalars(select(Refund.id).where(Refund.reason.in_(_SURPLUS)))}
    kinds = (accounts.PAYMENT_REFUNDED.name, accounts.REFUND_CAME_BACK.name)
    rows = session().execute(
        select(Event.subject, Event.id, Event.kind, Event.idem_key, func.sum(Transfer.amount))
        .join(Transfer, Transfer.event_id == Event.id)
        .where(Event.kind.in_(kinds))
        .group_by(Event.subject, Event.id, Event.kind, Event.idem_key)
    )
    went: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for subject, event, kind, key, fen in rows:
        if key.split(":")[1] not in left_out:
            went[subject].append((event, int(fen) if kind == accounts.PAYMENT_REFUNDED.name else -int(fen)))
    return went


def _surplus() -> dict[int, int]:
    """Order id → fen of payments that no order needed."""
    rows = session().execute(
        select(Payment.order_id, Payment.amount)
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.reason.in_(_SURPLUS))
    )
    found: dict[int, int] = defaultdict(int)
    for order, amount in rows:
        found[order] += amount.fen
    return found


def _titles() -> Iterator[Finding]:
    """B3: a title is kept, sealed, while its request lives, and is gone afterwards."""
    for invoice in session().scalars(select(Invoice).execution_options(yield_per=1000)):
        try:
            is_kept = queries.title_of(invoice) is not None
        except Undecipherable:
            yield Finding(f"invoice {invoice.number}", "its title does not open")
            continue
        if is_kept != (invoice.state in LIVE):
            yield Finding(f"invoice {invoice.number}", f"is {invoice.state.value}, its title kept: {is_kept}")


CHECKS = (
    Check("B2", "发票金额等于开票时账上收到的减去退掉的", _amounts),
    Check("B3", "发票抬头都加密保存，撤回或不开的不留", _titles),
)
