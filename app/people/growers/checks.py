"""Proving that sellers are what their steps made them, and that their people may act for them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import String, cast, func, literal, or_, select

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.people.accounts import queries as accounts
from app.people.accounts.models import RoleGrant
from app.people.accounts.states import Role
from app.people.growers.models import Membership, Seller, SellerChange, StatusChange
from app.people.growers.states import ChangeState


def _status_is_the_last_step() -> Iterator[Finding]:
    last = (
        select(func.max(StatusChange.id)).where(StatusChange.seller_id == Seller.id).correlate(Seller).scalar_subquery()
    )
    wrong = (
        select(Seller.id, Seller.status, StatusChange.new)
        .outerjoin(StatusChange, StatusChange.id == last)
        .where(StatusChange.new.is_distinct_from(Seller.status))
    )
    for seller_id, status, step in session().execute(wrong):
        yield Finding(
            f"seller {seller_id}", f"is {status.value}, its last step says {step.value if step else 'nothing'}"
        )


def _members_hold_the_role() -> Iterator[Finding]:
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == Membership.person_id,
        RoleGrant.role == Role.SELLER,
        RoleGrant.scope == literal("seller:") + cast(Membership.seller_id, String),
        accounts.is_held(),
    )
    lacking = (
        select(Membership.seller_id, Membership.person_id)
        .join(Seller, Seller.id == Membership.seller_id)
        .where(Seller.verified_at.is_not(None), Membership.ended_at.is_(None), ~held.exists())
    )
    for seller_id, person_id in session().execute(lacking):
        yield Finding(f"seller {seller_id}", f"person {person_id} acts for it without the role")


def _only_the_township_changes_what_it_verified() -> Iterator[Finding]:
    last = (
        select(func.max(SellerChange.id))
        .where(SellerChange.state == ChangeState.APPROVED)
        .group_by(SellerChange.seller_id)
    )
    wrong = (
        select(Seller.id)
        .join(SellerChange, SellerChange.seller_id == Seller.id)
        .where(
            SellerChange.id.in_(last),
            or_(
                Seller.name != SellerChange.name,
                Seller.licence_no.is_distinct_from(SellerChange.licence_no),
                Seller.words != SellerChange.words,
                SellerChange.decided_by == SellerChange.proposed_by,
            ),
        )
    )
    for seller_id in session().scalars(wrong):
        yield Finding(f"seller {seller_id}", "is not as the township last agreed that it be")


CHECKS = (
    Check("G1", "卖家的状态就是最后一步办成的状态", _status_is_the_last_step),
    Check("G2", "核实过的卖家，成员都有卖家角色", _members_hold_the_role),
    Check("G3", "卖家改过的店名、证号和介绍，就是乡镇最后同意的样子", _only_the_township_changes_what_it_verified),
)
