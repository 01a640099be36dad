"""The basket."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.kernel.money import Money
from app.kernel.weight import Weight
from app.trade.cart import cookie
from app.trade.cart import service as cart
from app.trade.cart.forms import LineForm
from app.trade.cart.service import BasketLine
from app.trade.catalog.models import PackPhoto
from app.trade.stock import queries as stock
from app.trade.stock.forms import PiecesForm
from app.trade.stock.pages import pack_page
from app.web.fields import refuse
from app.web.guards import public

bp = Blueprint("cart", __name__, url_prefix="/cart")


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the basket as its page shows it."""

    slug: str
    title: str
    net: Weight
    price: Money
    pieces: int
    amount: Money
    photo: PackPhoto | None
    problem: str | None
    form: LineForm


@dataclass(frozen=True, slots=True)
class Group:
    """What comes from one seller."""

    seller_name: str
    seller_slug: str
    lines: list[LineRow]
    goods: Money


@bp.get("")
@public
def show() -> ResponseReturnValue:
    """What is in the basket, by seller."""
    return _page({})


def _page(refused: dict[str, LineForm], *, status: int = 200) -> ResponseReturnValue:
    lines = cart.pictured_lines_of(cookie.cart_key())
    free = stock.available([line.pack.id for line in lines])
    groups = []
    for _seller, part in itertools.groupby(lines, key=lambda line: line.seller.id):
        group = list(part)
        rows = [_row(line, free[line.pack.id], refused.get(line.pack.slug)) for line in group]
        seller = group[0].seller
        groups.append(Group(seller.name, seller.slug, rows, cart.goods_of(group)))
    html = render_template("trade/cart/show.html", groups=groups, goods=cart.goods_of(lines))
    return html, status


def _row(line: BasketLine, free: int, form: LineForm | None) -> LineRow:
    pack = line.pack
    photo = pack.photos[0] if pack.photos else None
    shown = form or LineForm(formdata=None, prefix=f"{pack.slug}-", pieces=line.pieces)
    return LineRow(
        pack.slug, pack.title, pack.net, pack.price, line.pieces, line.amount, photo, _problem(line, free), shown
    )


def _problem(line: BasketLine, free: int) -> str | None:
    if not line.is_on_sale:
        return _("已经下架，请拿掉。")
    if free <= 0:
        return _("卖完了，请拿掉或等卖家补货。")
    if free < line.pieces:
        return _("只剩 %(left)s 件，请改少一些。", left=free)
    return None


@bp.post("/<slug>")
@public
def add(slug: str) -> ResponseReturnValue:
    """Put pieces of a pack into the basket."""
    form = PiecesForm()
    if not form.validate_on_submit():
        return pack_page(slug, form, status=422)
    key = cookie.cart_key() or cookie.new_key()
    try:
        with transaction():
            cart.add(key, slug, pieces=form.pieces.data)
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return pack_page(slug, form, status=error.status)
    cookie.keep(key)
    flash(_("已放进购物篮"), "good")
    return redirect(url_for("cart.show"), 303)


@bp.post("/<slug>/change")
@public
def change(slug: str) -> ResponseReturnValue:
    """The line has this many pieces."""
    form = LineForm(prefix=f"{slug}-")
    if not form.validate_on_submit():
        return _page({slug: form}, status=422)
    with transaction():
        cart.change(cookie.cart_key(), slug, pieces=form.pieces.data)
    return redirect(url_for("cart.show"), 303)


@bp.post("/<slug>/remove")
@public
def remove(slug: str) -> ResponseReturnValue:
    """The pack is out of the basket."""
    with transaction():
        cart.remove(cookie.cart_key(), slug)
    return redirect(url_for("cart.show"), 303)
