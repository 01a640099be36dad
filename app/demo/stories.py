"""What still happens to some orders of the demo winter after they have arrived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Final

from app.demo import plan
from app.demo.cast import MENGMEN, Cast
from app.demo.complaining import Complaining
from app.demo.diary import Diary
from app.demo.invoicing import Invoicing
from app.demo.money_back import MoneyBack
from app.demo.plan import Fate
from app.demo.purchase import Purchase
from app.demo.reviewing import Reviewing
from app.demo.sending_back import SendingBack
from app.kernel import clock
from app.people.growers.states import SellerKind
from app.trade.orders import queries as order_queries
from app.trade.orders.models import Order
from app.trade.returns import service as returns

_LAST_BEGINNING: Final = plan.LAST_DAY - timedelta(days=21)
"""What begins later might not be over, and its order not closed, on the last night."""


class Story(StrEnum):
    """What the buyer does with it."""

    CHANGES_MIND = "changes mind"
    KEEPS_IT = "keeps it"
    SPOILT = "spoilt"
    PART_BACK = "part back"
    HALF_BACK = "half back"
    CONTENT = "content"
    DECIDED = "decided"
    LEFT_ALONE = "left alone"
    ANSWERED = "answered"
    INVOICED = "invoiced"
    NOT_INVOICED = "not invoiced"


_OF_A_THOUSAND: Final = {
    Story.CHANGES_MIND: 4,
    Story.KEEPS_IT: 1,
    Story.SPOILT: 3,
    Story.PART_BACK: 2,
    Story.HALF_BACK: 1,
    Story.CONTENT: 3,
    Story.DECIDED: 1,
    Story.LEFT_ALONE: 1,
    Story.ANSWERED: 1,
    Story.INVOICED: 5,
    Story.NOT_INVOICED: 2,
}


class Stories:
    """Every so many orders that arrive begin the next story that fits them; each story is told at least once."""

    def __init__(self, checkouts: int, cast: Cast, diary: Diary, money_back: MoneyBack, *, chance: Random) -> None:
        self._waiting = _stories(checkouts, chance)
        self._every = max(1, checkouts // 35)
        self._arrived = 0
        self.sending_back = SendingBack(cast, diary, money_back, chance=chance)
        self.complaining = Complaining(cast, diary, chance=chance)
        self.invoicing = Invoicing(diary, chance=chance)
        self.reviewing = Reviewing(diary)

    def arrived(self, one: Purchase) -> None:
        """The buyer has just received it."""
        self.reviewing.arrived(one)
        if one.fate is Fate.IN_DISPUTE:
            self.sending_back.leave_in_dispute(one)
            return
        self._arrived += 1
        if self._arrived % self._every or clock.today() > _LAST_BEGINNING:
            return
        order = order_queries.order_of(one.buyer.viewer, one.number)
        story = next((story for story in self._waiting if _fits(story, one, order)), None)
        if story is not None:
            self._waiting.remove(story)
            self._begin(story)(one)

    def paid(self, one: Purchase) -> None:
        """Its money has come."""
        if one.fate is Fate.WANTS_INVOICE:
            self.invoicing.wait(one)

    def _begin(self, story: Story) -> Callable[[Purchase], None]:
        return {
            Story.CHANGES_MIND: self.sending_back.change_mind,
            Story.KEEPS_IT: self.sending_back.keep_after_all,
            Story.SPOILT: self.sending_back.find_spoilt,
            Story.PART_BACK: self.sending_back.get_part_back,
            Story.HALF_BACK: self.sending_back.go_to_the_township,
            Story.CONTENT: self.complaining.be_content,
            Story.DECIDED: self.complaining.go_to_the_township,
            Story.LEFT_ALONE: self.complaining.be_left_alone,
            Story.ANSWERED: self.complaining.wait_for_the_buyer,
            Story.INVOICED: self.invoicing.be_issued,
            Story.NOT_INVOICED: self.invoicing.be_declined,
        }[story]


def _stories(checkouts: int, chance: Random) -> list[Story]:
    every = [story for story, share in _OF_A_THOUSAND.items() for _ in range(max(1, checkouts * share // 1000))]
    chance.shuffle(every)
    return every


def _fits(story: Story, one: Purchase, order: Order) -> bool:
    match story:
        case Story.CHANGES_MIND | Story.KEEPS_IT:
            return order.paid_at is not None and any(returns.may_be_sold_again(line) for line in order.lines)
        case Story.SPOILT | Story.PART_BACK | Story.HALF_BACK:
            return order.paid_at is not None
        case Story.ANSWERED:
            return clock.today() >= plan.YEAR_GOODS[0]
        case Story.LEFT_ALONE:
            return clock.today() >= plan.YEAR_GOODS[0] and one.township == MENGMEN
        case Story.INVOICED | Story.NOT_INVOICED:
            is_household = one.shop.seller.kind is SellerKind.HOUSEHOLD
            return is_household is (story is Story.NOT_INVOICED)
        case _:
            return True
