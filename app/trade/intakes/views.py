"""What anybody sees of purchase points, and what a grower sees of the fruit that he brought."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.trade.intakes import objections, pages, queries
from app.trade.intakes.forms import ObjectionForm
from app.trade.intakes.permissions import INTAKES_OWN
from app.web.fields import refuse
from app.web.guards import public, require, viewer
from app.web.pager import links

bp = Blueprint("purchase_points", __name__, url_prefix="/purchase-points")
deliveries = Blueprint("deliveries", __name__, url_prefix="/grower/deliveries")


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """Where fruit is bought today, and for how much."""
    return render_template("trade/intakes/points.html", points=pages.with_boards(queries.open_points()))


@bp.get("/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """One point: today's prices, and all that were ever posted."""
    point = queries.point(slug)
    (one,) = pages.with_boards([queries.named(point)])
    found = queries.history(point.id, cursor=request.args.get("after"))
    return render_template(
        "trade/intakes/point_public.html",
        one=one,
        history=pages.boards(found.items),
        page=links(found.next_cursor),
    )


@bp.get("/<slug>/board")
@public
def board(slug: str) -> ResponseReturnValue:
    """Today's prices on one sheet, to be printed and put up."""
    (one,) = pages.with_boards([queries.named(queries.point(slug))])
    return render_template("trade/intakes/board.html", one=one, printed_at=clock.now())


@deliveries.get("")
@require(INTAKES_OWN)
def mine() -> ResponseReturnValue:
    """What he brought to purchase points, newest first."""
    found = queries.page_of_grower(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/intakes/deliveries.html", rows=found.items, tone=pages.tone, page=links(found.next_cursor)
    )


@deliveries.get("/<number>")
@require(INTAKES_OWN)
def one_delivery(number: str) -> ResponseReturnValue:
    """One delivery of his, and a way to object."""
    return _page(number, ObjectionForm(formdata=None))


def _page(number: str, form: ObjectionForm, *, status: int = 200) -> ResponseReturnValue:
    one = pages.intake_page(queries.intake_of_grower(viewer(), number))
    return render_template("trade/intakes/delivery.html", one=one, form=form, percent=pages.percent), status


@deliveries.post("/<number>/objections")
@require(INTAKES_OWN)
def object_to(number: str) -> ResponseReturnValue:
    """The grower does not agree."""
    form = ObjectionForm()
    if not form.validate_on_submit():
        return _page(number, form, status=422)
    asked = once.Request.of(
        actor=viewer().actor,
        key=form.request_key.data or "",
        act="intakes.object",
        content=[("of", number), *form.content()],
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=number) is None:
                objections.make(number, words=form.words.data or "", by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _page(number, form, status=error.status)
    flash(_("异议记下了，收购点要答复，乡镇也看得到。"), "good")
    return redirect(url_for("deliveries.one_delivery", number=number), 303)


@deliveries.get("/<number>/slip")
@require(INTAKES_OWN)
def slip(number: str) -> ResponseReturnValue:
    """His copy, to print."""
    intake = queries.intake_of_grower(viewer(), number)
    return pages.slip_page(intake, back=url_for("deliveries.one_delivery", number=number))
