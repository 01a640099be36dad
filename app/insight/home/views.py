"""The front pages: the county's home, the desk, and where to complain."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.insight.boards import queries as boards
from app.insight.consistency.permissions import CHECKS_READ
from app.insight.pending import queue as pending
from app.insight.radar.permissions import RADAR_READ
from app.kernel import cache, clock
from app.kernel.permissions import Permission, Viewer
from app.office.approvals.permissions import APPROVALS_READ
from app.office.imports.permissions import IMPORTS_USE
from app.office.payouts.permissions import PAYOUTS_READ
from app.people.accounts.permissions import PEOPLE_READ
from app.people.agents.permissions import AGENTS_READ
from app.people.growers.permissions import GROWERS_READ
from app.people.messages.permissions import MESSAGES_READ
from app.people.purse.permissions import PURSE_READ
from app.people.townships import queries as townships
from app.trade.catalog import queries as catalog
from app.trade.catalog.permissions import PACKS_STOP
from app.trade.complaints.permissions import COMPLAINTS_READ
from app.trade.corrections.permissions import CORRECTIONS_READ
from app.trade.fees.permissions import FEES_READ
from app.trade.freight.permissions import FREIGHT_EDIT
from app.trade.intakes.permissions import INTAKES_READ
from app.trade.invoices.permissions import INVOICES_READ
from app.trade.orders.permissions import ORDERS_READ
from app.trade.payments.permissions import PAYMENTS_READ
from app.trade.processing.permissions import MARK_READ, PROCESSING_READ
from app.trade.recalls.permissions import RECALLS_READ
from app.trade.returns.permissions import RETURNS_READ
from app.trade.reviews.permissions import REVIEWS_READ
from app.trade.settlements.permissions import SETTLEMENTS_READ
from app.trade.stock import cards
from app.web.context import MenuItem, item
from app.web.guards import public, signed_in, viewer, visitor
from app.web.ready import ready

home = Blueprint("home", __name__)
desk = Blueprint("desk", __name__, url_prefix="/desk")
about = Blueprint("about", __name__)
_ON_FRONT = 8
_COUNTS_SECONDS = 30


@dataclass(frozen=True, slots=True)
class TownshipLink:
    """A township on the front page, with how many packs it has on sale."""

    code: str
    name: str
    on_river: bool
    packs: int


@home.get("/")
@public
@ready
def index() -> ResponseReturnValue:
    """What is on sale, where it grows, and what the book says today."""
    page = cards.shelf(catalog.Wanted(), size=_ON_FRONT)
    return render_template(
        "home/index.html",
        cards=page.items,
        townships=cache.kept("home.townships", _townships, seconds=_COUNTS_SECONDS),
        figures=cache.kept(f"home.figures.{g.language}.{g.unit}", boards.headline, seconds=_COUNTS_SECONDS),
        season_words=_season(clock.today().month),
    )


def _townships() -> list[TownshipLink]:
    counts = catalog.packs_by_township()
    return [
        TownshipLink(
            one.code,
            one.name,
            one.along_river,
            sum(counts.get(code, 0) for code in townships.lineage(one.code)),
        )
        for one in townships.present()
    ]


def _season(month: int) -> str:
    if month in (9, 10):
        return _("新枣正在下树")
    if month in (11, 12, 1):
        return _("新枣已经晒干装箱")
    if month == 2:
        return _("年货正当时")
    return _("冷库里的好枣还在卖")


@dataclass(frozen=True, slots=True)
class Tile:
    """A way into a part of the desk."""

    label: str
    words: str
    url: str
    count: int | None = None


_TILES: tuple[tuple[Permission, str, str, str], ...] = (
    (GROWERS_READ, "卖家核实", "看申请、核实身份、暂停和恢复", "growers_desk.index"),
    (AGENTS_READ, "代办员", "指定代办员，核对枣农的委托", "agents_desk.index"),
    (PURSE_READ, "收款账号", "核对卖家登记的银行账号", "purse_desk.index"),
    (PACKS_STOP, "本地商品", "看卖家挂的商品，停售违规的", "packs_desk.index"),
    (INTAKES_READ, "收购", "看收购点、牌价、收购单和枣农的异议", "intakes_desk.all_intakes"),
    (PROCESSING_READ, "加工记录", "看分选、烘干、拼配的投料和损耗", "processing_desk.index"),
    (MARK_READ, "地理标志用标", "登记谁能用标，看本地枣够不够", "mark_desk.index"),
    (RADAR_READ, "待卖雷达", "谁的枣卖不完，先帮谁", "radar_desk.index"),
    (ORDERS_READ, "本地订单", "看订单走到哪一步", "orders_desk.all_orders"),
    (RECALLS_READ, "批次和召回", "按批次码查来去，停售、召回有问题的枣", "recalls_desk.index"),
    (RETURNS_READ, "退货退款", "买卖双方说不拢的，看过再定", "returns_desk.all_returns"),
    (PAYMENTS_READ, "货款到账", "核对转账、登记退款", "payments.index"),
    (SETTLEMENTS_READ, "货款结算", "算每个卖家该得的钱，复核后打款", "settlements.index"),
    (PAYOUTS_READ, "付款", "做银行文件，收回盘", "payouts.index"),
    (CORRECTIONS_READ, "货款更正", "账记错了，另记一笔，两个人经手", "corrections.index"),
    (FEES_READ, "平台服务费", "看费率，提出和复核新费率", "fees.index"),
    (APPROVALS_READ, "审批", "看等您审的和您报上去的", "approvals.index"),
    (COMPLAINTS_READ, "投诉处理", "买家不满意的，先到期的先办", "complaints_desk.index"),
    (REVIEWS_READ, "买家评价", "看买家怎么说；违法的折叠，一条不删", "reviews_desk.of_scope"),
    (INVOICES_READ, "发票申请", "看卖家按时答复了没有", "invoices_desk.index"),
    (IMPORTS_USE, "表格导入导出", "农户、商品、价钱和批次，用表格成批办", "imports.index"),
    (CHECKS_READ, "对账检查", "看账和货对不对得上", "checks_desk.index"),
    (MESSAGES_READ, "短信、邮件和待办事项", "看没发出去的短信和邮件、没办成的事", "outbox_desk.index"),
    (FREIGHT_EDIT, "运费表", "按地区改首重续重", "freight.index"),
    (PEOPLE_READ, "人员和角色", "找人、授予和撤销角色", "people_desk.index"),
)


def desk_menu() -> list[MenuItem]:
    """The parts of the desk that are open to whoever asks, for the side of working pages."""
    who = visitor()
    if who is None:
        return []
    waiting = [item(_("等我办的事"), "pending.index")] if pending.concerns(who) else []
    return waiting + [item(_(label), endpoint) for permission, label, _words, endpoint in _TILES if who.may(permission)]


@desk.get("/", endpoint="home")
@signed_in
def front() -> ResponseReturnValue:
    """The parts of the desk that are open to whoever asks."""
    who = viewer()
    tiles = _waiting(who) + [
        Tile(_(label), _(words), url_for(endpoint))
        for permission, label, words, endpoint in _TILES
        if who.may(permission)
    ]
    return render_template("insight/home/desk.html", tiles=tiles)


def _waiting(who: Viewer) -> list[Tile]:
    """What waits for his decision, of every kind, with its counter."""
    if not pending.concerns(who):
        return []
    words = _("申请、改资料、退款，轮到您办的都在这里")
    return [Tile(_("等我办的事"), words, url_for("pending.index"), pending.count(who))]


@about.get("/complaints")
@public
def complaints() -> ResponseReturnValue:
    """Where to turn when something is wrong. Source: 电子商务法 art. 59."""
    return render_template("insight/home/complaints.html", contact=current_app.extensions["liulin.contact"])
