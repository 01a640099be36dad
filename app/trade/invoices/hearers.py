"""What buyers and sellers are told of invoices; `wiring.py` binds these to the facts."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.db import session
from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.trade.invoices import queries
from app.trade.invoices.events import InvoiceAsked, InvoiceDeclined, InvoiceIssued, InvoiceWithdrawn
from app.trade.invoices.models import Invoice
from app.trade.orders.events import OrderCancelled
from app.trade.orders.models import Order
from app.trade.payments.events import RefundSent


def tell_seller_of_request(fact: InvoiceAsked) -> None:
    """Everybody who acts for the seller knows that a buyer wants an invoice."""
    _tell_seller(fact.seller_id, f"订单 {fact.order_number} 的买家要发票，请七天内答复。", fact.number)


def tell_seller_of_withdrawal(fact: InvoiceWithdrawn) -> None:
    """Everybody who acts for the seller knows that it is wanted no more."""
    _tell_seller(fact.seller_id, f"订单 {fact.order_number} 不用开发票了。", fact.number)


def tell_buyer_of_invoice(fact: InvoiceIssued) -> None:
    """The buyer knows that it was made out."""
    messages.tell(
        [fact.buyer_id],
        f"订单 {fact.order_number} 的发票开好了，号码在订单里。",
        link=f"/orders/{fact.order_number}/invoice",
    )


def tell_buyer_of_refusal(fact: InvoiceDeclined) -> None:
    """The buyer knows why there is none."""
    row = session().scalars(select(Invoice).where(Invoice.number == fact.number)).one()
    why = row.declined_because.words if row.declined_because else ""
    words = f"订单 {fact.order_number} 的发票没有开：{why}。"
    messages.tell([fact.buyer_id], words, link=f"/orders/{fact.order_number}/invoice")


def tell_seller_to_reverse(fact: RefundSent | OrderCancelled) -> None:
    """Everybody who acts for the seller knows that an issued invoice says more than stays paid."""
    found = session().execute(
        select(Invoice).join(Order, Order.id == Invoice.order_id).where(Order.number == fact.number)
    )
    for (invoice,) in found:
        one = queries.listed(invoice)
        if one.to_reverse:
            words = f"订单 {fact.number} 退了款，已开的发票要红冲 {one.to_reverse} 元。"
            _tell_seller(invoice.seller_id, words, invoice.number)


def _tell_seller(seller_id: int, words: str, number: str) -> None:
    people = [person.id for person in growers.people_of(seller_id)]
    messages.tell(people, words, link=f"/grower/invoices/{number}")
