"""The ledger's accounts for fruit, packs and the money of a sale, and the kinds of events that move them."""

from __future__ import annotations

from app.ledger.books.models import CommodityKind, Floor, Unit
from app.ledger.books.movements import CNY, Goods, Kind, Place, Role

SUPPLIED = Role("supplied")
LOOSE = Role("loose", Floor.DEBIT)
PACKED_GRAMS = Role("packed_grams", Floor.DEBIT)
ON_ROAD = Role("on_road", Floor.DEBIT)
SOLD_GRAMS = Role("sold_grams")
LOSS_GRAMS = Role("loss_grams")
RETURNED_GRAMS = Role("returned_grams", Floor.DEBIT)
USED_GRAMS = Role("used_grams")
MADE_GRAMS = Role("made_grams")
BLOCKED_GRAMS = Role("blocked_grams", Floor.DEBIT)
"""Fruit of a recalled lot, which lies in store and may not leave it to a buyer."""

PACKED = Role("packed")
STOCK = Role("stock", Floor.DEBIT)
SOLD = Role("sold")
LOSS = Role("loss")
RETURNED = Role("returned", Floor.DEBIT)
BLOCKED = Role("blocked", Floor.DEBIT)
"""Pieces from a recalled lot."""

MONEY_IN = Role("money_in")
PREPAID = Role("prepaid", Floor.CREDIT)
PAYABLE = Role("payable")
FREIGHT = Role("freight")
GATEWAY_FEE = Role("gateway_fee")
FX_POSITION = Role("fx_position")
"""What was given for another currency, and, counted in that one, what was got for it."""
DUE_FROM_COURIER = Role("due_from_courier")

LOT_RECEIVED = Kind("lot.received", "入库")
LOT_PACKED = Kind("lot.packed", "装箱")
LOT_RECALLED = Kind("lot.recalled", "召回封存")
RECALL_LIFTED = Kind("lot.recall_lifted", "解除召回")
RECALL_DISPOSED = Kind("lot.disposed", "召回后销毁")
STOCK_WITHDRAWN = Kind("stock.withdrawn", "取回或损耗")
ORDER_PLACED = Kind("order.placed", "下单预留")
HOLDS_EXPIRED = Kind("holds.expired", "预留到期")
ORDER_CANCELLED = Kind("order.cancelled", "取消订单")
ORDER_SHIPPED = Kind("order.shipped", "发货")
ORDER_RECEIVED = Kind("order.received", "收货成交")
RETURN_ARRIVED = Kind("return.arrived", "退货到了")
RETURN_INSPECTED = Kind("return.inspected", "退货验过")
PAYMENT_CONFIRMED = Kind("payment.confirmed", "货款到账")
COURIER_PAID = Kind("courier.paid", "快递交来代收款")
PAYMENT_REFUNDED = Kind("payment.refunded", "退款")
REFUND_CAME_BACK = Kind("refund.came_back", "退款被退回")
PAYMENT_FEE = Kind("payment.fee", "支付手续费")
PAYMENT_CONVERTED = Kind("payment.converted", "结算换汇和手续费")

KINDS = (
    LOT_RECEIVED,
    LOT_PACKED,
    LOT_RECALLED,
    RECALL_LIFTED,
    RECALL_DISPOSED,
    STOCK_WITHDRAWN,
    ORDER_PLACED,
    HOLDS_EXPIRED,
    ORDER_CANCELLED,
    ORDER_SHIPPED,
    ORDER_RECEIVED,
    RETURN_ARRIVED,
    RETURN_INSPECTED,
    PAYMENT_CONFIRMED,
    COURIER_PAID,
    PAYMENT_REFUNDED,
    REFUND_CAME_BACK,
    PAYMENT_FEE,
    PAYMENT_CONVERTED,
)


def fruit(variety: str, grade: str) -> Goods:
    """Loose or packed fruit of one variety and grade, in grams."""
    return Goods(f"fruit:{variety}/{grade}", CommodityKind.GOODS, Unit.GRAM)


def pieces(pack_id: int) -> Goods:
    """Boxes or bags of one pack."""
    return Goods(f"pack:{pack_id}", CommodityKind.GOODS, Unit.PIECE)


def seller_party(seller_id: int) -> str:
    """How the ledger names a seller."""
    return f"seller:{seller_id}"


def stock_place(*, pack_id: int, seller_id: int, township: str, lot_id: int) -> Place:
    """Pieces of a pack from one lot, in the seller's store, for the shop."""
    return Place(pieces(pack_id), STOCK, seller_party(seller_id), township, subject=f"lot:{lot_id}@store#shop")


def money_of(currency: str) -> Goods:
    """Money of a currency, by its three letters (ISO 4217), in its smallest unit."""
    return Goods(currency.upper(), CommodityKind.MONEY, Unit.FEN)


def money_place(role: Role, *, township: str, party: str = "", subject: str = "", goods: Goods = CNY) -> Place:
    """An account of money, of yuan unless told otherwise."""
    return Place(goods, role, party, township, subject=subject)
