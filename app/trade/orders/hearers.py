"""What buyers and sellers are told of their orders; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.kernel.money import Money
from app.kernel.weight import GRAMS_PER_JIN, decimal_text
from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.people.messages import short
from app.trade.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderShipped, PackedShort


def tell_seller_of_order(fact: OrderPlaced) -> None:
    """Everybody who acts for the seller knows that there is an order."""
    _tell_seller(fact.seller_id, f"有人买枣了，订单 {fact.number}。", fact.number)


def tell_seller_of_payment(fact: OrderPaid) -> None:
    """Everybody who acts for the seller knows that it is paid and waits to be sent."""
    people = _tell_seller(fact.seller_id, f"订单 {fact.number} 的货款到了，请装箱发货。", fact.number)
    messages.text(people, short.order_paid(fact.number))


def tell_seller_of_cancellation(fact: OrderCancelled) -> None:
    """Everybody who acts for the seller knows that the order is off."""
    _tell_seller(fact.seller_id, f"订单 {fact.number} 取消了，货不用发了。", fact.number)


def tell_buyer_of_short_weight(fact: PackedShort) -> None:
    """The buyer knows how much is missing, and that he does not pay for it."""
    jin = decimal_text(fact.grams, GRAMS_PER_JIN)
    then = "自动退给您" if fact.was_paid else "收货时少收"
    words = f"您的订单 {fact.number} 装箱时少了 {jin} 斤，少了的 {Money(fact.fen)} 元{then}。"
    messages.tell([fact.buyer_id], words, link=f"/orders/{fact.number}")


def tell_buyer_of_shipment(fact: OrderShipped) -> None:
    """The buyer knows that his order is on its way."""
    messages.tell([fact.buyer_id], f"您的订单 {fact.number} 发货了，快递单号在订单里。", link=f"/orders/{fact.number}")
    messages.text([fact.buyer_id], short.order_shipped(fact.number))


def _tell_seller(seller_id: int, words: str, number: str) -> list[int]:
    people = [person.id for person in growers.people_of(seller_id)]
    messages.tell(people, words, link=f"/grower/orders/{number}")
    return people
