"""What the people of a seller are told when the township decides; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.people.growers import queries as growers
from app.people.growers.events import SellerClosed, SellerRefused, SellerResumed, SellerSuspended, SellerVerified
from app.people.messages import service

Decided = SellerVerified | SellerRefused | SellerSuspended | SellerResumed | SellerClosed

_SENTENCES: dict[type[Decided], str] = {
    SellerVerified: "“{name}”核实通过了，现在就能上架卖枣。",
    SellerRefused: "“{name}”这次没有通过核实，改好了可以再申请。",
    SellerSuspended: "“{name}”暂停销售，已经下的单请照常发货。",
    SellerResumed: "“{name}”恢复销售了。",
    SellerClosed: "“{name}”已停业，已经下的单请照常发货。",
}


def seller_decided(fact: Decided) -> None:
    """Everybody who acts for the seller is told what was decided and why."""
    seller = growers.seller(fact.seller_id)
    why = growers.last_reasons([seller]).get(seller.id, "")
    words = _SENTENCES[type(fact)].format(name=seller.name)
    service.tell([one.id for one in growers.people_of(seller.id)], f"{words}原因：{why}", link="/grower/")
