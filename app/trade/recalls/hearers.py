"""What follows a recall, each in its own transaction: people are told, orders called off. `wiring.py` binds them."""

from __future__ import annotations

from app.kernel.events import emit
from app.people.accounts import queries as people
from app.people.accounts.states import Role
from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.people.messages import short
from app.trade.lots import queries as lots
from app.trade.orders import queries as orders
from app.trade.orders import service as orders_service
from app.trade.orders.states import OrderState
from app.trade.recalls import queries
from app.trade.recalls.events import OrderRecalled, RecallEnded, RecallMade
from app.trade.recalls.models import Recall

SYSTEM = "system"
"""Who calls an order off whose goods were recalled."""

_NOT_SENT = (OrderState.PLACED, OrderState.PAID, OrderState.PACKED)
_SENT = (OrderState.SHIPPED, OrderState.RECEIVED, OrderState.CLOSED)


def find_orders(fact: RecallMade) -> None:
    """Every order that has something of the recalled lots is taken up by itself, once."""
    for one in queries.affected([lot.id for lot in queries.lots_of(fact.recall_id)]):
        emit(OrderRecalled(recall_id=fact.recall_id, order_id=one.order_id))


def take_up_order(fact: OrderRecalled) -> None:
    """An order that is not sent is called off and its money goes back; whose order was sent is told what to do."""
    recall = queries.recall(fact.recall_id)
    if not recall.is_in_force:
        return
    order = orders.locked_order(fact.order_id)
    code = lots.lots([recall.lot_id])[recall.lot_id].code
    if order.state in _NOT_SENT:
        because = f"批次 {code} 被召回：{recall.because}"
        orders_service.called_off(order, because=because, by=SYSTEM)
        words = f"您的订单 {order.number} 取消了：里面的枣被召回（{recall.because}）。付过的钱会退给您。"
        messages.tell([order.buyer_id], words, link=f"/orders/{order.number}")
        messages.text([order.buyer_id], short.order_called_off(order.number))
    elif order.state in _SENT:
        words = (
            f"您的订单 {order.number} 里的枣被召回（{recall.because}），请不要吃。"
            "没收到的请拒收，收到的请申请退货，运费由卖家出。"
        )
        messages.tell([order.buyer_id], words, link=f"/orders/{order.number}")
        messages.text([order.buyer_id], short.order_recalled(order.number))


def tell_of_recall(fact: RecallMade) -> None:
    """The seller, the township and the county know that a lot is stopped."""
    recall = queries.recall(fact.recall_id)
    code = lots.lots([recall.lot_id])[recall.lot_id].code
    words = f"批次 {code} 被召回（{recall.because}），这批枣已停售，请封存好，别再卖、别再吃。"
    messages.tell([one.id for one in growers.people_of(recall.seller_id)], words, link=f"/grower/lots/{code}/trace")
    messages.text([one.id for one in growers.people_of(recall.seller_id)], short.lot_recalled(code))
    said = f"批次 {code} 被召回（{recall.because}），受影响的订单在里面。"
    messages.tell(_officials(recall), said, link=f"/desk/recalls/{recall.number}")


def tell_of_end(fact: RecallEnded) -> None:
    """The seller, the township and the county know that the recall is over."""
    recall = queries.recall(fact.recall_id)
    code = lots.lots([recall.lot_id])[recall.lot_id].code
    words = f"批次 {code} 的召回{recall.state.words}：{recall.ended_because}"
    messages.tell([one.id for one in growers.people_of(recall.seller_id)], words, link=f"/grower/lots/{code}/trace")
    messages.tell(_officials(recall), words, link=f"/desk/recalls/{recall.number}")


def _officials(recall: Recall) -> list[int]:
    township = people.holds_in(Role.TOWNSHIP, f"township:{recall.township_code}")
    return [one.id for one in [*township, *people.holds_county_wide(Role.COUNTY)]]
