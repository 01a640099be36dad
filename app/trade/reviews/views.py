"""What everybody reads of a pack's reviews, and where a buyer writes his."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.trade.catalog import queries as catalog
from app.trade.orders import queries as orders
from app.trade.reviews import queries, service
from app.trade.reviews.forms import WriteForm
from app.trade.reviews.permissions import REVIEWS_WRITE
from app.web.fields import refuse
from app.web.guards import public, require, viewer
from app.web.pager import links

bp = Blueprint("reviews", __name__)


@bp.get("/packs/<slug>/reviews")
@public
def of_pack(slug: str) -> ResponseReturnValue:
    """All that buyers said of a pack, the newest first. Raises `NotFound`."""
    pack = catalog.detail(slug).pack
    page = queries.page_of_pack(pack.id, cursor=request.args.get("after"))
    return render_template(
        "trade/reviews/of_pack.html",
        pack=pack,
        summary=queries.summary(pack.id),
        rows=page.items,
        page=links(page.next_cursor),
    )


@bp.get("/orders/<number>/reviews")
@require(REVIEWS_WRITE)
def show(number: str) -> ResponseReturnValue:
    """What he said of an order's goods, and a form for each line of which he said nothing yet."""
    return _page(number)


def _page(number: str, *, status: int = 200, given: WriteForm | None = None) -> ResponseReturnValue:
    order = orders.order_of(viewer(), number)
    written = queries.of_lines([line.id for line in order.lines])
    lines = []
    for line in order.lines:
        is_given = given is not None and given.line.data == str(line.id)
        form = given if is_given else WriteForm(formdata=None, line=str(line.id))
        lines.append((line, written.get(line.id), form))
    html = render_template(
        "trade/reviews/write.html",
        order=order,
        lines=lines,
        may_review=service.may_review(order),
        days=service.WITHIN.days,
    )
    return html, status


@bp.post("/orders/<number>/reviews")
@require(REVIEWS_WRITE)
def write(number: str) -> ResponseReturnValue:
    """His word on one line, once however often it is sent."""
    form = WriteForm()
    if not form.validate_on_submit():
        return _page(number, status=422, given=form)
    here = url_for("reviews.show", number=number)
    asked = once.Request.of(
        actor=viewer().actor,
        key=form.request_key.data or "",
        act="reviews.write",
        content=[("order", number), *form.content()],
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=here) is None:
                line = form.line.data or ""
                service.write(
                    number,
                    int(line) if line.isascii() and line.isdigit() and len(line) < 15 else 0,
                    stars=int(form.stars.data),
                    words=form.words.data or "",
                    by=viewer(),
                )
    except DomainError as error:
        if error.status == 404 or isinstance(error, once.StillRunning):
            raise
        refuse(form, error)
        return _page(number, status=error.status, given=form)
    flash(_("谢谢，评价已经发出。"), "good")
    return redirect(here, 303)
