"""The page behind the code on a box: light enough for any phone, for anybody, and without a script."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.trade.lots import codes
from app.trade.lots import queries as lots
from app.trade.lots.errors import UnknownLot
from app.trade.tracing import labels, queries
from app.web.guards import public
from app.web.security import limiter

bp = Blueprint("lots", __name__, url_prefix="/lots")


@bp.get("/<code>")
@public
@limiter.limit("20 per minute", deduct_when=lambda answer: answer.status_code == 404)
def show(code: str) -> ResponseReturnValue:
    """Where the fruit of a lot grew and what was done to it, and whether it was recalled.

    A code that is not ours, or whose check signs are wrong, is answered by a page that says so, and what to do.
    """
    try:
        lot = lots.by_code(codes.code_of(code))
    except UnknownLot:
        return _light(render_template("trade/tracing/unknown.html"), 404)
    html = render_template(
        "trade/tracing/trace.html", trace=queries.trace_of(lot), code=labels.grouped(codes.signed(lot.code))
    )
    return _light(html, 200)


def _light(html: str, status: int) -> Response:
    """Kept by the phone, but asked for every time: a recall must be seen at once, and costs no second download."""
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-cache" if status == 200 else "no-store"
    response.vary.add("Cookie")
    if status == 200:
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response
