"""The register of growing households, as lines that add up to how many there are on a day."""

from __future__ import annotations

from sqlalchemy import case, literal, or_, select

from app.kernel.db import AnySelect
from app.people.growers.models import Seller, StatusChange
from app.people.growers.states import SellerKind, SellerStatus

GROWER_KINDS = {"verified": "核实登记", "closed": "停业注销"}
GROWER_WORDS = "到这一天为止，经乡镇核实登记、没有停业的枣农户。暂停销售的仍然算；合作社和加工企业不算。这里不列姓名。"


def verified() -> AnySelect:
    """Lines (id, township, at, kind, amount): 1 when a household was verified, -1 when it gave up selling."""
    is_closed = StatusChange.new == SellerStatus.CLOSED
    is_verified = (StatusChange.new == SellerStatus.ACTIVE) & (StatusChange.old == SellerStatus.APPLIED)
    return (
        select(
            StatusChange.id.label("id"),
            Seller.township_code.label("township"),
            StatusChange.at.label("at"),
            case((is_closed, literal("closed")), else_=literal("verified")).label("kind"),
            case((is_closed, -1), else_=1).label("amount"),
        )
        .join(Seller, Seller.id == StatusChange.seller_id)
        .where(Seller.kind == SellerKind.HOUSEHOLD, or_(is_closed, is_verified))
    )
