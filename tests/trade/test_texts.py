"""What must be known without opening the page comes as a text: money to the seller, parcel and refund to the buyer."""

from sqlalchemy import select

from app.kernel import events
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.people.growers import service as growers
from app.people.messages.models import OutgoingText
from app.trade.catalog.models import Pack
from app.trade.payments import refunds
from tests.cast import an_order_of, cancel, pack, pay, ship, shop_of


def texts_of(who: Viewer) -> list[str]:
    """What his phone will say, once the worker has been by."""
    session().rollback()
    with transaction():
        events.drain()
    statement = select(OutgoingText.words).where(OutgoingText.person_id == who.person_id).order_by(OutgoingText.id)
    return list(session().scalars(statement))


def test_the_seller_is_told_to_pack_and_the_buyer_that_it_is_on_its_way(
    li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    before = len(texts_of(wang))
    order = an_order_of(1, gift_box, buyer=li)
    assert texts_of(wang)[before:] == []
    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)

    assert texts_of(wang)[before:] == [f"订单{order.number}的货款到了，请装箱发货。"]
    assert texts_of(li) == [f"您的订单{order.number}发货了，快递单号登录后在订单里看。"]


def test_the_buyer_is_told_of_money_that_goes_back(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    payment = pay(order, by=qian)
    amount: Money = payment.amount
    cancel(order, by=li)
    (refund,) = refunds.of_order(order)
    with transaction():
        refunds.send(refund.refund.id, reference="R1", by=qian)

    assert texts_of(li) == [f"订单{order.number}有{amount}元退给您了，按付款时的路退回，几天内到账。"]


def test_the_grower_is_told_what_his_township_decided(wang: Viewer, zhao: Viewer) -> None:
    with transaction():
        growers.suspend(shop_of(wang).id, by=zhao, because="抽检不合格")

    assert texts_of(wang) == [
        "“王家枣园”核实通过了，现在就能上架卖枣。",
        "“王家枣园”暂停销售，已经下的单请照常发货。原因登录后看。",
    ]
