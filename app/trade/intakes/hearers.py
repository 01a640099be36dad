"""What growers and buyers are told of a delivery; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.kernel.money import Money
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.people.messages.short import MOST
from app.trade.intakes.events import IntakeAccepted, IntakeAnswered, IntakeObjected, IntakeRefused


def tell_grower_of_intake(fact: IntakeAccepted) -> None:
    """Everybody who acts for the grower knows what was weighed and what it comes to, also by text."""
    people = _people(fact.grower_id)
    jin = decimal_text(fact.grams, GRAMS_PER_JIN)
    words = (
        f"您交的枣收下了：{jin} 斤，{Money(fact.fen)} 元，单号 {fact.number}。重量、等级、价钱不对，七天内可以提异议。"
    )
    messages.tell(people, words, link=f"/grower/deliveries/{fact.number}")
    messages.text(people, text_of(fact.number, weight=Weight(fact.grams), amount=Money(fact.fen)))


def text_of(number: str, *, weight: Weight, amount: Money) -> str:
    """The text to a grower whose fruit was taken in; where it would be too long, without the last sentence."""
    jin = decimal_text(weight.grams, GRAMS_PER_JIN)
    words = f"您交的枣收下了：{jin}斤，{amount}元，单号{number}。"
    more = "不对的七天内可提异议。"
    return words + more if messages.signs(words + more) <= MOST else words


def tell_grower_of_refusal(fact: IntakeRefused) -> None:
    """Everybody who acts for the grower knows that it was not taken, and where the reason is."""
    words = f"您交的枣这次没有收，单号 {fact.number}，原因在单子上。不服，七天内可以提异议。"
    messages.tell(_people(fact.grower_id), words, link=f"/grower/deliveries/{fact.number}")


def tell_buyer_of_objection(fact: IntakeObjected) -> None:
    """Everybody who acts for the buyer knows that an answer is due."""
    words = f"枣农对收购单 {fact.number} 有异议，请看过后答复。乡镇也看得到。"
    messages.tell(_people(fact.seller_id), words, link=f"/grower/intakes/{fact.number}")


def tell_grower_of_answer(fact: IntakeAnswered) -> None:
    """Everybody who acts for the grower knows that the buyer has answered."""
    words = f"您对收购单 {fact.number} 的异议有答复了。"
    messages.tell(_people(fact.grower_id), words, link=f"/grower/deliveries/{fact.number}")


def _people(seller_id: int) -> list[int]:
    return [person.id for person in growers.people_of(seller_id)] if seller_id else []
