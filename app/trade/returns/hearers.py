"""What buyers and sellers are told of returns; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.kernel.money import Money
from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.trade.returns.events import ReturnMoved
from app.trade.returns.states import ReturnState

_TO_BUYER = {
    ReturnState.DISPUTED: "卖家没有同意，由乡镇干部来定",
    ReturnState.AGREED: "同意退货，请把货寄回，写上快递单号",
    ReturnState.ARRIVED: "退货到了，等验货",
    ReturnState.REJECTED: "乡镇干部决定不退，理由在里面",
    ReturnState.WITHDRAWN: "已经撤回",
}
_TO_SELLER = {
    ReturnState.ASKED: "买家申请退货退款，请三天内答复",
    ReturnState.DISPUTED: "转给乡镇干部来定",
    ReturnState.AGREED: "同意退货，等买家寄回",
    ReturnState.SENT_BACK: "买家已经寄回，收到请登记、验货",
    ReturnState.REJECTED: "乡镇干部决定不退",
    ReturnState.WITHDRAWN: "买家不退了",
}


def tell_buyer(fact: ReturnMoved) -> None:
    """The buyer knows how his wish goes on."""
    words = _done(fact) if fact.state == ReturnState.DONE.value else _TO_BUYER.get(ReturnState(fact.state), "")
    if words:
        link = f"/orders/{fact.order_number}/returns/{fact.number}"
        messages.tell([fact.buyer_id], f"订单 {fact.order_number} 的退货退款：{words}。", link=link)


def tell_seller(fact: ReturnMoved) -> None:
    """Everybody who acts for the seller knows what waits for him, and how it ended."""
    words = _done(fact) if fact.state == ReturnState.DONE.value else _TO_SELLER.get(ReturnState(fact.state), "")
    if words:
        people = [person.id for person in growers.people_of(fact.seller_id)]
        said = f"订单 {fact.order_number} 的退货退款：{words}。"
        messages.tell(people, said, link=f"/grower/returns/{fact.number}")


def _done(fact: ReturnMoved) -> str:
    return f"办完了，安排退 {Money(fact.fen)} 元" if fact.fen else "办完了"
