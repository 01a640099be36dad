"""What buyers are told of their money; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.kernel.money import Money
from app.people.messages import service as messages
from app.people.messages import short
from app.trade.payments.events import RefundSent


def tell_buyer_of_refund(fact: RefundSent) -> None:
    """The buyer knows that money is on its way back, and how much."""
    amount = Money(fact.fen)
    words = f"订单 {fact.number} 有 {amount} 元退给您了，一般几天内到账。"
    messages.tell([fact.buyer_id], words, link=f"/orders/{fact.number}")
    messages.text([fact.buyer_id], short.refund_sent(fact.number, amount))
