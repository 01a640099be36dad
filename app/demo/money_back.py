"""The county sends back what buyers are owed in the demo winter."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random

from app.demo import plan
from app.demo.cast import Cast
from app.demo.diary import Diary
from app.kernel import clock
from app.trade.orders import queries as order_queries
from app.trade.payments import refunds
from app.trade.payments.models import RefundState
from app.trade.payments.permissions import PAYMENTS_CONFIRM


class MoneyBack:
    """What an official of the county does at the bank, order by order."""

    def __init__(self, cast: Cast, diary: Diary, *, chance: Random) -> None:
        self.cast = cast
        self.diary = diary
        self.chance = chance
        self._sent = 0

    def tomorrow(self, number: str) -> None:
        """What is due of this order's money by then goes back on the next day."""
        day = clock.today() + timedelta(days=1)
        self.diary.enter(plan.moment(day, self.chance, hours=(9, 17)), partial(self.send, number))

    def send(self, number: str) -> None:
        """What is due of this order's money has gone back."""
        county = self.cast.county
        order = order_queries.order_in_scope(county, number, PAYMENTS_CONFIRM)
        for one in refunds.of_order(order):
            if one.refund.state is RefundState.DUE:
                self._sent += 1
                refunds.send(one.refund.id, reference=f"示例退款{self._sent:08d}", by=county)
