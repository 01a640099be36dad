"""The seller's side of orders: what waits, packing, shipping; and his home page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.money import Money
from app.ledger.books import queries as books
from app.people.accounts.phones import masked
from app.people.growers import queries as growers
from app.trade.freight import service as freight
from app.trade.orders import panels, queries, service
from app.trade.orders.errors import WeighedTooFar
from app.trade.orders.forms import PackForm, ShipForm, pack_form
from app.trade.orders.models import Order
from app.trade.orders.pages import bill_lines, item_of, shown_state, steps_of
from app.trade.orders.permissions import ORDERS_READ, ORDERS_SHIP
from app.trade.orders.states import OrderState, PayBy
from app.trade.stock import accounts
from app.web.fields import refuse
from app.web.guards import require, signed_in, viewer
from app.web.pager import links

grower = Blueprint("grower", __name__, url_prefix="/grower")
bp = Blueprint("grower_orders", __name__, url_prefix="/grower/orders")
official = Blueprint("orders_desk", __name__, url_prefix="/desk/orders")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many orders wait for the seller, and what he has earned."""

    to_pack: int
    to_ship: int
    on_road: int
    earned: Money


@grower.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """What a grower can do here, and what waits for him."""
    who = viewer()
    sellers = growers.of_viewer(who)
    if not sellers and who.agent_for:
        return redirect(url_for("agent.home"))
    reasons = growers.last_reasons([seller for seller in sellers if not seller.is_active])
    if not any(seller.verified_at for seller in sellers):
        return render_template("trade/orders/grower_welcome.html", sellers=sellers, reasons=reasons)
    counts = queries.counts_by_state(who)
    waiting = Waiting(
        to_pack=counts.get(OrderState.PAID, 0) + queries.cash_orders_to_pack(who),
        to_ship=counts.get(OrderState.PACKED, 0),
        on_road=counts.get(OrderState.SHIPPED, 0),
        earned=_earned(who.own_seller_ids),
    )
    shown = panels.ON_GROWERS_HOME.of(who, frozenset(one.id for one in sellers))
    return render_template(
        "trade/orders/grower_home.html", sellers=sellers, reasons=reasons, waiting=waiting, panels=shown
    )


def _earned(seller_ids: frozenset[int]) -> Money:
    """What is the sellers' own and has not been paid to them, from the ledger: the goods' price and the freight."""
    parties = [accounts.seller_party(number) for number in sorted(seller_ids)]
    own = (accounts.PAYABLE, accounts.FREIGHT)
    return Money(-sum(books.net_of(role, parties=parties) for role in own))


@bp.get("")
@require(ORDERS_SHIP)
def index() -> ResponseReturnValue:
    """Orders to his shops, newest first; to one of them alone with `?for=`."""
    page = queries.of_seller(viewer(), cursor=request.args.get("after"), slug=request.args.get("for"))
    return render_template(
        "trade/orders/grower_orders.html", orders=[item_of(row) for row in page.items], page=links(page.next_cursor)
    )


@bp.get("/<number>")
@require(ORDERS_SHIP)
def show(number: str) -> ResponseReturnValue:
    """One order to his shop, with the address as long as he needs it."""
    return _page(number, ShipForm())


def _page(number: str, form: ShipForm, *, packing: PackForm | None = None, status: int = 200) -> ResponseReturnValue:
    order = queries.order_to_ship(viewer(), number)
    state = shown_state(order)
    ships_unpaid = order.pay_by is PayBy.CASH_ON_DELIVERY and state is OrderState.PLACED
    html = render_template(
        "trade/orders/grower_order.html",
        order=order,
        state=state,
        pay_by=_(order.pay_by.words),
        lines=bill_lines(order),
        steps=steps_of(order, state),
        to=queries.ship_to(order) if queries.seller_sees_address(order) else None,
        province=dict(freight.served_provinces()).get(order.province_code, ""),
        may_pack=state is OrderState.PAID or ships_unpaid,
        may_ship=state is OrderState.PACKED,
        pack_form=packing or pack_form(order.lines),
        promised={line.id: line.promised for line in order.lines},
        collects=order.due if order.pay_by is PayBy.CASH_ON_DELIVERY else None,
        ship_form=form,
        panels=panels.FOR_SELLER.of(viewer(), order),
    )
    return html, status


@bp.post("/<number>/packing")
@require(ORDERS_SHIP)
def pack(number: str) -> ResponseReturnValue:
    """It is packed, and weighs what was promised where nothing else is written."""
    form = pack_form(queries.order_to_ship(viewer(), number).lines, is_sent=True)
    if not form.validate_on_submit():
        return _page(number, ShipForm(formdata=None), packing=form, status=422)
    try:
        with transaction():
            service.pack(number, weighed=form.weighed(), by=viewer())
    except WeighedTooFar as error:
        refuse(form, error)
        return _page(number, ShipForm(formdata=None), packing=form, status=error.status)
    flash(_("已装箱，写上运单号就能发货。"), "good")
    return redirect(url_for("grower_orders.show", number=number), 303)


@bp.post("/<number>/shipment")
@require(ORDERS_SHIP)
def ship(number: str) -> ResponseReturnValue:
    """It is with the courier."""
    form = ShipForm()
    if not form.validate_on_submit():
        return _page(number, form, status=422)
    with transaction():
        service.ship(number, courier=form.courier.data, tracking=form.tracking.data or "", by=viewer())
    flash(_("已发货，买家能看到运单号。"), "good")
    return redirect(url_for("grower_orders.show", number=number), 303)


@official.get("")
@require(ORDERS_READ)
def all_orders() -> ResponseReturnValue:
    """Orders to sellers in the official's townships; buyers masked."""
    page = queries.in_scope(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/orders/desk_orders.html", orders=[item_of(row) for row in page.items], page=links(page.next_cursor)
    )


@official.get("/<number>")
@require(ORDERS_READ)
def one_order(number: str) -> ResponseReturnValue:
    """One order in his townships; the buyer masked."""
    order = queries.order_in_scope(viewer(), number, ORDERS_READ)
    state = shown_state(order)
    return render_template(
        "trade/orders/desk_order.html",
        order=order,
        state=state,
        pay_by=_(order.pay_by.words),
        seller_name=queries.seller_name(order.seller_id),
        lines=bill_lines(order),
        steps=steps_of(order, state),
        buyer=_masked_buyer(order),
        panels=panels.FOR_OFFICIAL.of(viewer(), order),
    )


def _masked_buyer(order: Order) -> tuple[str, str]:
    to = queries.ship_to(order)
    return (to.consignee[:1] + "*" * max(1, len(to.consignee) - 1), masked(to.phone))
