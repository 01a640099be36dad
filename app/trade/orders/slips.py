"""What a slip says of an order that an agent packed or sent: what was in it, for how much, and nothing of the buyer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit.models import AuditRow
from app.kernel.db import session
from app.people.agents.records import Kind
from app.trade.orders.models import Order
from app.web.filters import money, weight


def _order(row: AuditRow) -> list[tuple[str, str]]:
    number = row.thing.removeprefix("order:")
    order = (
        session().scalars(select(Order).where(Order.number == number).options(selectinload(Order.lines))).one_or_none()
    )
    if order is None:
        return []
    lines = [("商品", f"{line.title} {weight(line.net)} × {line.pieces}") for line in order.lines]
    return [("订单号", order.number), *lines, ("合计（含运费）", money(order.total))]


def _shipped(row: AuditRow) -> list[tuple[str, str]]:
    number = row.thing.removeprefix("order:")
    order = session().scalars(select(Order).where(Order.number == number)).one_or_none()
    return [*_order(row), ("快递", f"{order.courier} {order.tracking}")] if order else []


def _number(row: AuditRow) -> list[tuple[str, str]]:
    return [("编号", row.thing.partition(":")[2])]


KINDS = {
    "orders.packed": Kind("装箱", _order),
    "orders.shipped": Kind("发货", _shipped),
    "complaints.answered": Kind("答复了买家的投诉", _number),
    "complaints.said": Kind("在投诉里补充了话", _number),
    "returns.agreed": Kind("同意了退货退款", _number),
    "returns.refused": Kind("没有同意退货退款", _number),
    "returns.arrived": Kind("登记退货到了", _number),
    "returns.inspected": Kind("验了退回来的货", _number),
}
