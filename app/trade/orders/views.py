"""Buying: checkout, the buyer's orders, calling off and receiving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import ids, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.kernel.money import ZERO, Money
from app.people.accounts import queries as people
from app.trade.addresses import queries as addresses
from app.trade.addresses import service as address_book
from app.trade.addresses.errors import BookFull
from app.trade.addresses.queries import Kept, Place
from app.trade.cart import service as cart
from app.trade.cart.cookie import cart_key
from app.trade.cart.service import BasketLine
from app.trade.catalog import queries as catalog
from app.trade.catalog import returns
from app.trade.freight import service as freight
from app.trade.orders import panels, queries, service
from app.trade.orders.errors import EmptyBasket
from app.trade.orders.forms import CancelForm, CheckoutForm, NothingForm
from app.trade.orders.pages import BillLine, item_of, order_page, shown_state
from app.trade.orders.permissions import ORDERS_BUY
from app.trade.orders.queries import ShipTo
from app.trade.orders.service import HoldTimes, Quote, Terms
from app.trade.orders.states import OrderState, PayBy
from app.trade.stock import rush
from app.trade.stock import service as stock
from app.trade.stock.service import Wish
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

checkout = Blueprint("checkout", __name__)
orders = Blueprint("orders", __name__, url_prefix="/orders")
HOME_PROVINCE = "14"


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
    kept = addresses.of_viewer(viewer())
    begin = {"ship_to": kept[0].code, "province": kept[0].place.province_code} if kept else _as_last_time()
    form = CheckoutForm(pay_by=_ways()[0].value, **begin)
    _offer(form, kept)
    return _page(form)


def _offer(form: CheckoutForm, kept: Sequence[Kept]) -> None:
    """Give the form its choices, the addresses of the buyer's book among them."""
    provinces = freight.served_provinces()
    form.fill(provinces=provinces, ways=_ways())
    form.offer([(one.code, _address_words(one, dict(provinces))) for one in kept])


def _address_words(one: Kept, provinces: dict[str, str]) -> str:
    place = one.place
    return " ".join((place.consignee, one.phone_masked, provinces.get(place.province_code, ""), place.street))


def _ways() -> tuple[PayBy, ...]:
    """How buyers can pay here, the usual way first."""
    ways: tuple[PayBy, ...] = current_app.extensions["liulin.ways"]
    return ways


def _hold_words() -> str:
    transfer = _(
        "银行转账给您留货 %(hours)s 小时；货到付款一直留到发货。过时自动取消，不收任何费用。",
        hours=hold_times().bank_transfer // timedelta(hours=1),
    )
    if PayBy.ONLINE not in _ways():
        return transfer
    minutes = hold_times().online // timedelta(minutes=1)
    return _("在线支付给您留货 %(minutes)s 分钟。", minutes=minutes) + transfer


def _as_last_time() -> dict[str, str]:
    """Where his last order went; for a first order his own name and number."""
    last = queries.last_of_buyer(viewer())
    if last is None:
        who = people.person(viewer().person_id)
        return {"consignee": who.name, "phone": people.phone_of(who), "province": HOME_PROVINCE}
    to = queries.ship_to(last)
    return {"consignee": to.consignee, "phone": to.phone, "address": to.address, "province": last.province_code}


def _page(form: CheckoutForm, *, status: int = 200) -> ResponseReturnValue:
    lines = cart.lines_of(cart_key())
    if not lines:
        return redirect(url_for("cart.show"), 303)
    known = {code for code, _name in freight.served_provinces()}
    chosen = form.province.data if form.province.data in known else HOME_PROVINCE
    parts = service.quotes(lines, province_code=chosen)
    total = service.total_of(parts)
    form.seen_total.data = str(total.fen)
    form.seen_basket.data = service.fingerprint(parts)
    _drop_needless(form, parts)
    html = render_template(
        "trade/orders/checkout.html",
        form=form,
        groups=[_bill(part) for part in parts],
        total=total,
        hold_words=_hold_words(),
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
    kept = addresses.of_viewer(viewer())
    _offer(form, kept)
    number = ids.public_number("G")
    goes_on = form.pay_by.data == PayBy.ONLINE.value
    answer = url_for("pay.show", checkout=number) if goes_on else url_for("orders.index", placed=number)
    # A repeat must find its answer although its basket is empty by now.
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="orders.place", content=form.content()
    )
    place = next((one.place for one in kept if one.code == form.chosen), None)
    if place is not None:
        form.use(province=place.province_code)
    if not form.validate_on_submit():
        return _page(form, status=422)
    lines = cart.lines_of(cart_key())
    if _missing_ticks(form, lines):
        return _page(form, status=422)
    try:
        # Whoever comes too late learns it from a plain read: no key, no lock, nothing written.
        stock.keep([Wish(line.pack, line.pieces) for line in lines], until=None)
        earlier = rush.carry_out(lambda: _place_once(asked, form, place, number, answer))
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


def _place_once(asked: once.Request, form: CheckoutForm, chosen: Place | None, number: str, answer: str) -> str | None:
    earlier = once.earlier_answer(asked, answer=answer)
    if earlier is None:
        to = chosen or Place(
            form.consignee.data or "", form.phone.data or "", form.province.data, form.address.data or ""
        )
        if form.saves.data:
            _save(to)
        service.place(number, _terms(form, to), cart_key=cart_key(), by=viewer(), holds=hold_times())
    return earlier


def _save(place: Place) -> None:
    try:
        address_book.keep(place, by=viewer())
    except BookFull as error:
        error.field = "saves"
        raise


def _missing_ticks(form: CheckoutForm, lines: Sequence[BasketLine]) -> bool:
    parts = service.quotes(lines, province_code=None)
    _drop_needless(form, parts)
    missing = [name for name in ("confirms_return_rule", "is_adult") if name in form and not form[name].data]
    for name in missing:
        form[name].errors = [_("请先确认这一项再下单。")]
    return bool(missing)


def _terms(form: CheckoutForm, to: Place) -> Terms:
    seen = form.seen_total.data or ""
    return Terms(
        pay_by=PayBy(form.pay_by.data),
        ship_to=ShipTo(to.consignee, to.phone, to.street),
        province_code=to.province_code,
        total=Money(int(seen)) if seen.isascii() and seen.isdigit() and len(seen) < 15 else ZERO,
        note=form.note.data or "",
        basket=form.seen_basket.data or "",
        confirms_return_rule="confirms_return_rule" in form and bool(form.confirms_return_rule.data),
        is_adult="is_adult" in form and bool(form.is_adult.data),
    )


@orders.get("")
@require(ORDERS_BUY)
def index() -> ResponseReturnValue:
    """The buyer's orders, newest first."""
    page = queries.of_buyer(viewer(), cursor=request.args.get("after"))
    rows = [item_of(row) for row in page.items]
    return render_template("trade/orders/index.html", orders=rows, page=links(page.next_cursor))


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
        panels=panels.FOR_BUYER.of(viewer(), order),
    )
    return html, status


@orders.post("/<number>/cancellation")
@require(ORDERS_BUY)
def cancel(number: str) -> ResponseReturnValue:
    """Call the buyer's own order off."""
    form = CancelForm()
    if not form.validate_on_submit():
        return _order_page(number, form, status=422)
    rush.carry_out(lambda: service.cancel(number, because=form.because.data, by=viewer()))
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
