"""A lot at its seller's and at the officials' desk: its whole line, who has it, labels to print, and recalling it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gateways import qr
from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.weight import GRAMS_PER_KG, decimal_text
from app.trade.catalog import queries as catalog
from app.trade.lots import codes
from app.trade.lots import queries as lots
from app.trade.lots.errors import UnknownLot
from app.trade.lots.models import Lot
from app.trade.recalls import queries as recalls
from app.trade.recalls import service
from app.trade.recalls.permissions import RECALLS_MAKE, RECALLS_READ
from app.trade.recalls.queries import MOST_LISTED, Affected
from app.trade.recalls.states import Level
from app.trade.stock.permissions import STOCK_EDIT
from app.trade.tracing import labels, queries
from app.trade.tracing.forms import FindForm, LabelsForm, RecallForm
from app.trade.tracing.labels import Label, Paper
from app.trade.tracing.queries import Whole
from app.web.fields import refuse
from app.web.guards import require, viewer

grower = Blueprint("grower_traces", __name__, url_prefix="/grower/lots")
official = Blueprint("lots_desk", __name__, url_prefix="/desk/lots")
_A_FEW = 8


def _own(code: str) -> Lot:
    return lots.lot_of(viewer(), code, may=STOCK_EDIT)


@grower.get("/<code>/trace")
@require(STOCK_EDIT)
def show(code: str) -> ResponseReturnValue:
    """A lot of his: where it came from and went, what is left, which of his orders have some, labels and recall."""
    return _own_page(_own(code), RecallForm(formdata=None).offer())


def _own_page(lot: Lot, form: RecallForm, *, status: int = 200) -> ResponseReturnValue:
    whole = queries.whole_of(lot)
    html = render_template(
        "trade/tracing/grower_lot.html",
        whole=whole,
        lot=lot,
        code=labels.grouped(codes.signed(lot.code)),
        address=url_for("lots.show", code=codes.signed(lot.code)),
        orders=_shown(recalls.affected(whole.line, only=viewer().sellers(STOCK_EDIT))),
        labels_form=_labels_form(whole, LabelsForm(formdata=None, pieces=_A_FEW, paper=Paper.SHEET.value)),
        form=None if lot.is_recalled else form,
    )
    return html, status


def _shown(found: Sequence[Affected]) -> Sequence[Affected]:
    return found[:MOST_LISTED]


def _labels_form(whole: Whole, form: LabelsForm) -> LabelsForm:
    return form.offer([(one.pack.slug, one.pack.title) for one in whole.packs])


@grower.get("/of/<slug>")
@require(STOCK_EDIT)
def of_pack(slug: str) -> ResponseReturnValue:
    """The lots from which a pack of his was filled, the newest first."""
    pack = catalog.pack_of(viewer(), slug)
    return render_template("trade/tracing/grower_lots.html", pack=pack, lots=queries.lots_of_pack(pack))


@grower.get("/<code>/labels.pdf")
@require(STOCK_EDIT)
def print_labels(code: str) -> ResponseReturnValue:
    """Labels of a lot of his, or of boxes filled from it, to print."""
    lot = _own(code)
    whole = queries.whole_of(lot)
    form = _labels_form(whole, LabelsForm(request.args))
    if not form.validate():
        return _refused_labels(lot, whole, form)
    label = _label(whole, form.pack.data or "")
    response = make_response(labels.document(label, count=form.pieces.data, paper=Paper(form.paper.data)))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{lot.code}.pdf"'
    return response


def _refused_labels(lot: Lot, whole: Whole, form: LabelsForm) -> ResponseReturnValue:
    html = render_template("trade/tracing/labels.html", lot=lot, labels_form=form)
    return html, 422


def _label(whole: Whole, slug: str) -> Label:
    trace, lot = whole.trace, whole.trace.lot
    signed = codes.signed(lot.code)
    packs = {one.pack.slug: one.pack for one in whole.packs}
    net = packs[slug].net if slug else lot.weight_in
    place = "、".join(dict.fromkeys(f"{one.township}{one.village}" for one in trace.orchards))
    return Label(
        title=packs[slug].title if slug else f"{trace.variety} {_(trace.grade)}",
        lines=[
            (_("净重"), _("%(kg)s 公斤", kg=decimal_text(net.grams, GRAMS_PER_KG))),
            (_("品种"), trace.variety),
            (_("等级"), _(trace.grade)),
            (_("产地"), place),
            (_("采摘"), _("%(year)s年", year=lot.harvest_year)),
            (_("保质到"), lot.best_before.isoformat()),
            (_("卖家"), whole.seller.name),
        ],
        code=_("批次码 %(code)s", code=labels.grouped(signed)),
        address=_address(signed),
        foot=_("扫码看来历"),
    )


def _address(signed: str) -> str:
    site: str = current_app.config["SETTINGS"].public_url
    return f"{site}{url_for('lots.show', code=signed)}"


@grower.get("/<code>/code.svg")
@require(STOCK_EDIT)
def code_svg(code: str) -> ResponseReturnValue:
    """The square code of a lot of his, for the page."""
    return _picture(qr.svg(_address(codes.signed(_own(code).code))).encode(), "image/svg+xml")


@grower.get("/<code>/code.png")
@require(STOCK_EDIT)
def code_png(code: str) -> ResponseReturnValue:
    """The same as a picture to send on or print elsewhere."""
    return _picture(qr.png(_address(codes.signed(_own(code).code))), "image/png")


def _picture(content: bytes, media_type: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = media_type
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@grower.post("/<code>/recall")
@require(STOCK_EDIT)
def recall_own(code: str) -> ResponseReturnValue:
    """The seller stops a lot of his."""
    lot = _own(code)
    form = RecallForm().offer()
    status = _recalled(lot, form, by_seller=True)
    if status:
        return _own_page(_own(code), form, status=status)
    flash(_("已召回。还没发出的订单会取消并退款，买家会收到通知。请把货封存好。"), "good")
    return redirect(url_for("grower_traces.show", code=code), 303)


def _recalled(lot: Lot, form: RecallForm, *, by_seller: bool) -> int:
    """It is recalled, once however often it is sent, and 0; or the form says why not, and the status."""
    if not form.validate_on_submit():
        return 422
    asked = once.Request.of(
        actor=viewer().actor,
        key=form.request_key.data or "",
        act="recalls.make",
        content=[("lot", lot.code), *form.content()],
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=lot.code) is None:
                service.make(
                    lots.by_code(lot.code),
                    level=Level(form.level.data),
                    because=form.because.data or "",
                    by=viewer(),
                    by_seller=by_seller,
                )
    except DomainError as error:
        if isinstance(error, once.StillRunning) or error.status == 404:
            raise
        refuse(form, error)
        return error.status
    return 0


@official.get("")
@require(RECALLS_READ)
def find() -> ResponseReturnValue:
    """A lot by what stands on its label: on to its page."""
    form = FindForm(request.args)
    if request.args and form.validate():
        try:
            code = _written(form.code.data or "")
            recalls.lot_in_scope(viewer(), code, may=RECALLS_READ)
            return redirect(url_for("lots_desk.one_lot", code=code), 303)
        except NotFound:
            form.code.errors = [_("您管的乡镇里没有这个批次，请核对标签上的批次码。")]
    is_wrong = bool(request.args)
    if not is_wrong:
        form = FindForm(formdata=None)
    return render_template("trade/tracing/find.html", form=form), 422 if is_wrong else 200


def _written(text: str) -> str:
    """The code of a label, or the bare code of our own pages."""
    try:
        return codes.code_of(text)
    except UnknownLot:
        return "".join(sign for sign in text.upper() if sign.isalnum())


@official.get("/<code>")
@require(RECALLS_READ)
def one_lot(code: str) -> ResponseReturnValue:
    """A lot in his townships: its line, what is left, and every order that has some."""
    return _desk_page(recalls.lot_in_scope(viewer(), code, may=RECALLS_READ), RecallForm(formdata=None).offer())


def _desk_page(lot: Lot, form: RecallForm, *, status: int = 200) -> ResponseReturnValue:
    whole = queries.whole_of(lot)
    may_recall = viewer().may(RECALLS_MAKE) and not lot.is_recalled
    html = render_template(
        "trade/tracing/desk_lot.html",
        whole=whole,
        lot=lot,
        code=labels.grouped(codes.signed(lot.code)),
        address=url_for("lots.show", code=codes.signed(lot.code)),
        orders=_shown(recalls.affected(whole.line)),
        form=form if may_recall else None,
    )
    return html, status


@official.post("/<code>/recall", endpoint="recall")
@require(RECALLS_MAKE)
def recall_lot(code: str) -> ResponseReturnValue:
    """An official stops a lot."""
    lot = recalls.lot_in_scope(viewer(), code, may=RECALLS_MAKE)
    form = RecallForm().offer()
    status = _recalled(lot, form, by_seller=False)
    if status:
        return _desk_page(recalls.lot_in_scope(viewer(), code, may=RECALLS_MAKE), form, status=status)
    flash(_("已召回，这批枣马上停售。受影响的订单在下面。"), "good")
    return redirect(url_for("lots_desk.one_lot", code=code), 303)
