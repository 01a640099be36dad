"""Buying: checkout, the buyer's orders, calling off and receiving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, ids, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.kernel.money import ZERO, Money
from app.kernel.weight import Weight
from app.people.accounts.phones import masked
from app.trade.cart import service as cart
from app.trade.cart.views import cart_key
from app.trade.catalog import queries as catalog
from app.trade.catalog import returns
from app.trade.freight import service as freight
from app.trade.orders import queries, service
from app.trade.orders.errors import EmptyBasket
from app.trade.orders.forms import CancelForm, CheckoutForm, NothingForm
from app.trade.orders.models import Order
from app.trade.orders.permissions import ORDERS_BUY
from app.trade.orders.queries import ShipTo
from app.trade.orders.service import HoldTimes, Quote, Terms
from app.trade.orders.states import OrderState, PayBy
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

checkout = Blueprint("checkout", __name__)
orders = Blueprint("orders", __name__, url_prefix="/orders")
HOME_PROVINCE = "14"


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line as bills show it."""

    slug: str
    title: str
    net: Weight
    pieces: int
    price: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class Bill:
    """What goes to one seller."""

    seller_name: str
    lines: list[BillLine]
    goods: Money
    freight: Money
    total: Money


def hold_times() -> HoldTimes:
    """How long goods are held, as the county has set it."""
    times: HoldTimes = current_app.extensions["liulin.hold_times"]
    return times


@checkout.get("/checkout")
@require(ORDERS_BUY)
def show() -> ResponseReturnValue:
    """What it will cost and where it goes, before anything is promised."""
    form = CheckoutForm(province=HOME_PROVINCE, pay_by=PayBy.BANK_TRANSFER.value)
    form.province.choices = freight.served_provinces()
    return _page(form)


def _page(form: CheckoutForm, *, status: int = 200) -> ResponseReturnValue:
    lines = cart.lines_of(cart_key())
    if not lines:
        return redirect(url_for("cart.show"), 303)
    known = {code for code, _name in freight.served_provinces()}
    chosen = form.province.data if form.province.data in known else HOME_PROVINCE
    parts = service.quotes(lines, province_code=chosen)
    total = service.total_of(parts)
    form.seen_total.data = str(total.fen)
    _drop_needless(form, parts)
    html = render_template(
        "trade/orders/checkout.html",
        form=form,
        groups=[_bill(part) for part in parts],
        total=total,
        hold_words=_(
            "银行转账给您留货 %(hours)s 小时；货到付款一直留到发货。过时自动取消，不收任何费用。",
            hours=hold_times().bank_transfer // timedelta(hours=1),
        ),
    )
    return html, status


def _drop_needless(form: CheckoutForm, parts: list[Quote]) -> None:
    """Take the ticks away that these goods do not ask for."""
    kinds = catalog.product_kinds()
    facts = [kinds[line.pack.product_key] for part in parts for line in part.lines]
    if "confirms_return_rule" in form and not any(returns.needs_confirmation(fact.kind) for fact in facts):
        del form.confirms_return_rule
    if "is_adult" in form and not any(fact.is_alcohol for fact in facts):
        del form.is_adult


def _bill(part: Quote) -> Bill:
    lines = [
        BillLine(line.pack.slug, line.pack.title, line.pack.net, line.pieces, line.pack.price, line.amount)
        for line in part.lines
    ]
    return Bill(part.lines[0].seller.name, lines, part.goods, part.freight, part.total)


@checkout.post("/checkout")
@require(ORDERS_BUY)
def submit() -> ResponseReturnValue:
    """Place the orders, once, at the total that the buyer saw."""
    form = CheckoutForm()
    form.province.choices = freight.served_provinces()
    number = ids.public_number("G")
    answer = url_for("orders.index", placed=number)
    # A repeat must find its answer although its basket is empty by now.
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="orders.place", content=form.content()
    )
    if not form.validate_on_submit():
        return _page(form, status=422)
    missing = _missing_ticks(form)
    if missing:
        return _page(form, status=422)
    try:
        with transaction():
            earlier = once.earlier_answer(asked, answer=answer)
            if earlier is None:
                service.place(number, _terms(form), cart_key=cart_key(), by=viewer(), holds=hold_times())
    except EmptyBasket:
        return redirect(url_for("cart.show"), 303)
    except once.StillRunning:
        raise
    except DomainError as error:
        refuse(form, error)
        return _page(form, status=error.status)
    if earlier is None:
        flash(_("下单成功，货已经给您留好了。"), "good")
    return redirect(earlier or answer, 303)


def _missing_ticks(form: CheckoutForm) -> bool:
    parts = service.quotes(cart.lines_of(cart_key()), province_code=None)
    _drop_needless(form, parts)
    missing = [name for name in ("confirms_return_rule", "is_adult") if name in form and not form[name].data]
    for name in missing:
        form[name].errors = [_("请先确认这一项再下单。")]
    return bool(missing)


def _terms(form: CheckoutForm) -> Terms:
    seen = form.seen_total.data or ""
    return Terms(
        pay_by=PayBy(form.pay_by.data),
        ship_to=ShipTo(form.consignee.data or "", form.phone.data or "", form.address.data or ""),
        province_code=form.province.data,
        total=Money(int(seen)) if seen.isascii() and seen.isdigit() and len(seen) < 15 else ZERO,
        note=form.note.data or "",
    )


@dataclass(frozen=True, slots=True)
class OrderItem:
    """An order in a list."""

    number: str
    placed_at: datetime
    seller_name: str
    state: OrderState
    total: Money
    title: str


@orders.get("")
@require(ORDERS_BUY)
def index() -> ResponseReturnValue:
    """The buyer's orders, newest first."""
    page = queries.of_buyer(viewer(), cursor=request.args.get("after"))
    rows = [
        OrderItem(
            row.order.number, row.order.placed_at, row.seller_name, shown_state(row.order), row.order.total, row.title
        )
        for row in page.items
    ]
    return render_template("trade/orders/index.html", orders=rows, page=links(page.next_cursor))


def shown_state(order: Order) -> OrderState:
    """The state by time: a hold that is over shows as expired before a job has said so."""
    return OrderState.EXPIRED if order.is_expired(clock.now()) else order.state


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order's way."""

    label: str
    at: datetime | None
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Bank:
    """Where to transfer the money, and what to write with it."""

    holder: str
    bank: str
    account: str
    reference: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order as its buyer sees it."""

    number: str
    placed_at: datetime
    state: OrderState
    lines: list[BillLine]
    goods: Money
    freight: Money
    total: Money
    consignee: str
    phone_masked: str
    address: str
    province: str
    courier: str
    tracking: str
    pay_by: str
    hold_until: datetime | None
    bank: Bank | None
    cancelled_because: str
    steps: list[Step]
    seller_name: str


@orders.get("/<number>", endpoint="show")
@require(ORDERS_BUY)
def show_order(number: str) -> ResponseReturnValue:
    """One of the buyer's orders."""
    return _order_page(number, CancelForm())


def _order_page(number: str, form: CancelForm, *, status: int = 200) -> ResponseReturnValue:
    order = queries.order_of(viewer(), number)
    state = shown_state(order)
    html = render_template(
        "trade/orders/show.html",
        order=order_page(order, state),
        may_cancel=state in (OrderState.PLACED, OrderState.PAID, OrderState.PACKED),
        may_receive=state is OrderState.SHIPPED,
        cancel_form=form,
        receive_form=NothingForm(),
    )
    return html, status


def order_page(order: Order, state: OrderState) -> OrderPage:
    """What the buyer's page shows of an order."""
    to = queries.ship_to(order)
    owes = order.pay_by is PayBy.BANK_TRANSFER and state is OrderState.PLACED
    return OrderPage(
        number=order.number,
        placed_at=order.placed_at,
        state=state,
        lines=bill_lines(order),
        goods=order.goods,
        freight=order.freight,
        total=order.total,
        consignee=to.consignee,
        phone_masked=masked(to.phone),
        address=to.address,
        province=dict(freight.served_provinces()).get(order.province_code, ""),
        courier=order.courier,
        tracking=order.tracking,
        pay_by=_(order.pay_by.words),
        hold_until=order.hold_until,
        bank=_bank(order) if owes else None,
        cancelled_because=_(order.cancelled_because) if order.cancelled_because else "",
        steps=steps_of(order, state),
        seller_name=queries.seller_name(order.seller_id),
    )


def _bank(order: Order) -> Bank:
    holder, bank, account = current_app.extensions["liulin.bank"]
    return Bank(holder, bank, account, order.number)


def bill_lines(order: Order) -> list[BillLine]:
    """The lines as they were priced; a pack that is gone from the shelf keeps its words."""
    slugs = catalog.slugs([line.pack_id for line in order.lines])
    return [
        BillLine(slugs[line.pack_id], line.title, line.net, line.pieces, line.price, line.amount)
        for line in order.lines
    ]


def steps_of(order: Order, state: OrderState) -> list[Step]:
    """How far the order has come, for the progress bar; none once it was called off."""
    if state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return []
    moments: list[tuple[str, datetime | None]] = [(_("下单"), order.placed_at)]
    if order.pay_by is not PayBy.CASH_ON_DELIVERY:
        moments.append((_("付款"), order.paid_at))
    moments += [(_("装箱"), order.packed_at), (_("发货"), order.shipped_at), (_("收货"), order.received_at)]
    last = max(place for place, (_label, at) in enumerate(moments) if at is not None)
    return [Step(label, at, at is not None, place == last) for place, (label, at) in enumerate(moments)]


@orders.post("/<number>/cancellation")
@require(ORDERS_BUY)
def cancel(number: str) -> ResponseReturnValue:
    """Call the buyer's own order off."""
    form = CancelForm()
    if not form.validate_on_submit():
        return _order_page(number, form, status=422)
    with transaction():
        service.cancel(number, because=form.because.data, by=viewer())
    flash(_("订单已取消。已付的货款会原路退回。"), "good")
    return redirect(url_for("orders.show", number=number), 303)


@orders.post("/<number>/receipt")
@require(ORDERS_BUY)
def receive(number: str) -> ResponseReturnValue:
    """The buyer has his order."""
    with transaction():
        service.receive(number, by=viewer())
    flash(_("已确认收货，货款记到卖家账上。谢谢您买柳林红枣。"), "good")
    return redirect(url_for("orders.show", number=number), 303)
