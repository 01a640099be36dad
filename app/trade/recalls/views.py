"""The public list of recalls: what, why and of which lot; nobody's name but a business's."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.trade.lots import codes
from app.trade.recalls import queries
from app.trade.recalls.models import Recall
from app.web.guards import public
from app.web.pager import links


@dataclass(frozen=True, slots=True)
class Shown:
    """A recall as anybody sees it; the seller is named where it is a business."""

    recall: Recall
    code: str
    business: str


bp = Blueprint("recalls", __name__, url_prefix="/recalls")


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """All recalls, the newest first. Source: 食品安全法 art. 63."""
    page = queries.public_page(cursor=request.args.get("after"))
    return render_template(
        "trade/recalls/index.html",
        rows=[Shown(one.recall, codes.signed(one.lot.code), one.business) for one in page.items],
        page=links(page.next_cursor),
    )
