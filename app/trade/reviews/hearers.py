"""Whom a review is told to; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.trade.reviews.events import ReviewAnswered, ReviewFolded, ReviewWritten


def tell_seller_of_review(fact: ReviewWritten) -> None:
    """The seller knows what was said, and that he may reply."""
    mine = [person.id for person in growers.people_of(fact.seller_id)]
    words = f"买家评价了“{fact.title}”：{fact.stars} 星。您可以回复一次。"
    messages.tell(mine, words, link=f"/grower/reviews/{fact.number}")


def tell_buyer_of_reply(fact: ReviewAnswered) -> None:
    """The buyer knows that there is a reply."""
    messages.tell([fact.buyer_id], f"卖家回复了您对“{fact.title}”的评价。", link=f"/orders/{fact.order_number}/reviews")


def tell_buyer_of_folding(fact: ReviewFolded) -> None:
    """The buyer knows that his words are folded away, and why."""
    words = f"您的一条评价被县里折叠了，点开才看得到。原因：{fact.because}"
    messages.tell([fact.buyer_id], words, link=f"/orders/{fact.order_number}/reviews")
