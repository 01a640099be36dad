"""Reviews at the seller's, who replies, and at the officials' desk, where the county folds away what breaks the law."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.trade.reviews import queries, service
from app.trade.reviews.forms import FoldForm, ReplyForm
from app.trade.reviews.permissions import REVIEWS_ANSWER, REVIEWS_FOLD, REVIEWS_READ
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("grower_reviews", __name__, url_prefix="/grower/reviews")
official = Blueprint("reviews_desk", __name__, url_prefix="/desk/reviews")


@bp.get("")
@require(REVIEWS_ANSWER)
def index() -> ResponseReturnValue:
    """What buyers said of his goods, the newest first."""
    page = queries.page_of_seller(viewer(), cursor=request.args.get("after"))
    return render_template("trade/reviews/grower_index.html", rows=page.items, page=links(page.next_cursor))


@bp.get("/<number>")
@require(REVIEWS_ANSWER)
def show(number: str) -> ResponseReturnValue:
    """One review, and the form to reply once."""
    return _own_page(number, ReplyForm(formdata=None))


def _own_page(number: str, form: ReplyForm, *, status: int = 200) -> ResponseReturnValue:
    one = queries.said(queries.of_seller(viewer(), number))
    return render_template("trade/reviews/grower_show.html", one=one, form=form), status


@bp.post("/<number>/reply")
@require(REVIEWS_ANSWER)
def reply(number: str) -> ResponseReturnValue:
    """The seller's reply, once however often it is sent."""
    form = ReplyForm()
    if not form.validate_on_submit():
        return _own_page(number, form, status=422)
    asked = once.Request.of(
        actor=viewer().actor,
        key=form.request_key.data or "",
        act="reviews.reply",
        content=[("review", number), *form.content()],
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=number) is None:
                service.reply(number, form.words.data or "", by=viewer())
    except DomainError as error:
        if error.status == 404 or isinstance(error, once.StillRunning):
            raise
        refuse(form, error)
        return _own_page(number, form, status=error.status)
    flash(_("已经回复买家。"), "good")
    return redirect(url_for("grower_reviews.show", number=number), 303)


@official.get("")
@require(REVIEWS_READ)
def of_scope() -> ResponseReturnValue:
    """What buyers said of goods from his townships, the newest first."""
    page = queries.page_in_scope(viewer(), cursor=request.args.get("after"))
    return render_template("trade/reviews/desk_index.html", rows=page.items, page=links(page.next_cursor))


@official.get("/<number>")
@require(REVIEWS_READ)
def one_in_scope(number: str) -> ResponseReturnValue:
    """One review, and for the county the way to fold it away or open it again."""
    return _desk_page(number, FoldForm(formdata=None))


def _desk_page(number: str, form: FoldForm, *, status: int = 200) -> ResponseReturnValue:
    one = queries.said(queries.in_scope(viewer(), number))
    html = render_template("trade/reviews/desk_show.html", one=one, form=form, may_fold=viewer().may(REVIEWS_FOLD))
    return html, status


@official.post("/<number>/folding")
@require(REVIEWS_FOLD)
def fold(number: str) -> ResponseReturnValue:
    """Folded away, or open again, by the button that was pressed, for a reason that everybody reads."""
    form = FoldForm()
    if not form.validate_on_submit():
        return _desk_page(number, form, status=422)
    is_folded = request.form.get("fold") != "no"
    try:
        with transaction():
            service.fold(number, is_folded=is_folded, because=form.because.data or "", by=viewer())
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _desk_page(number, form, status=error.status)
    flash(_("已折叠，原因写在旁边。") if is_folded else _("已重新展开。"), "good")
    return redirect(url_for("reviews_desk.one_in_scope", number=number), 303)
