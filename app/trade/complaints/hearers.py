"""Whom a complaint is told to at each step; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.people.accounts import queries as people
from app.people.accounts.states import Role
from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.trade.complaints.events import (
    ComplaintAnswered,
    ComplaintDecided,
    ComplaintFact,
    ComplaintMade,
    ComplaintOverdue,
    ComplaintPassed,
    ComplaintSettled,
)


def tell_of_complaint(fact: ComplaintMade) -> None:
    """The seller knows that he is to answer."""
    _tell_seller(fact, f"买家投诉了订单 {fact.order_number}，请三天内答复，过期交乡镇处理。")


def tell_of_answer(fact: ComplaintAnswered) -> None:
    """The buyer knows that there is an answer."""
    _tell_buyer(fact, f"卖家答复了您对订单 {fact.order_number} 的投诉，请看满意不满意。")


def tell_of_passing(fact: ComplaintPassed) -> None:
    """Both sides and the township know that the township holds it."""
    why = "卖家三天没有答复" if fact.by_clock else "买家对答复不满意"
    words = f"订单 {fact.order_number} 的投诉交给乡镇了：{why}。"
    if fact.by_clock:
        _tell_buyer(fact, words)
    _tell_seller(fact, words)
    _tell_township(fact, f"{words}请七天内处理。")


def tell_of_delay(fact: ComplaintOverdue) -> None:
    """The county knows that the township is late; so do township and buyer."""
    words = f"订单 {fact.order_number} 的投诉过了期限，县里可以直接办。"
    county = [person.id for person in people.holds_county_wide(Role.COUNTY)]
    messages.tell(county, words, link=f"/desk/complaints/{fact.number}")
    _tell_township(fact, words)
    _tell_buyer(fact, words)


def tell_of_settlement(fact: ComplaintSettled) -> None:
    """The seller knows that the buyer is content."""
    _tell_seller(fact, f"买家说订单 {fact.order_number} 的问题解决了。")


def tell_of_decision(fact: ComplaintDecided) -> None:
    """Both sides know how it was decided."""
    words = f"订单 {fact.order_number} 的投诉有处理结果了。"
    _tell_buyer(fact, words)
    _tell_seller(fact, words)


def _tell_buyer(fact: ComplaintFact, words: str) -> None:
    messages.tell([fact.buyer_id], words, link=f"/orders/{fact.order_number}/complaint")


def _tell_seller(fact: ComplaintFact, words: str) -> None:
    mine = [person.id for person in growers.people_of(fact.seller_id)]
    messages.tell(mine, words, link=f"/grower/complaints/{fact.number}")


def _tell_township(fact: ComplaintFact, words: str) -> None:
    clerks = [person.id for person in people.holds_in(Role.TOWNSHIP, f"township:{fact.township_code}")]
    messages.tell(clerks, words, link=f"/desk/complaints/{fact.number}")
