"""Proving that only who received goods has judged them, and that sellers have judged nobody's but answered."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.people.growers.models import Membership
from app.trade.orders.models import Order, OrderLine
from app.trade.reviews.models import Reply, Review


def _belong_to_received_goods() -> Iterator[Finding]:
    """Each review is of a line of a received order, by its buyer, about its pack and seller."""
    statement = (
        select(Review)
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            or_(
                Order.received_at.is_(None),
                Order.received_at > Review.at,
                Order.buyer_id != Review.buyer_id,
                Order.seller_id != Review.seller_id,
                OrderLine.pack_id != Review.pack_id,
            )
        )
    )
    for review in session().scalars(statement):
        yield Finding(f"review {review.number}", "is of goods that its writer has not received")
    own = (
        select(Review)
        .join(Membership, (Membership.seller_id == Review.seller_id) & (Membership.person_id == Review.buyer_id))
        .where(Membership.since <= Review.at, or_(Membership.ended_at.is_(None), Membership.ended_at > Review.at))
    )
    for review in session().scalars(own):
        yield Finding(f"review {review.number}", "is by one of the seller's own people")
    early = select(Reply).join(Review, Review.id == Reply.review_id).where(Reply.at < Review.at)
    for reply in session().scalars(early):
        yield Finding(f"reply {reply.id}", "came before the review")


CHECKS = (Check("B6", "评价都是收到货的买家写的", _belong_to_received_goods),)
