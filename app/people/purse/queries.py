"""Reading the bank accounts of sellers, always through what the asker may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from app.kernel import paging
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Page
from app.kernel.permissions import Permission, Viewer
from app.people.accounts.models import Consent
from app.people.accounts.sealing import vault
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus
from app.people.purse import numbers
from app.people.purse.models import BankAccount
from app.people.purse.permissions import PURSE_READ
from app.people.purse.states import LIVE, AccountState
from app.people.townships import queries as townships
from app.people.townships.models import Township

NUMBER_FIELD = "purse.account_number"
MOST_EARLIER = 20


@dataclass(frozen=True, slots=True)
class Purse:
    """Where one seller is paid: the account in force, the one that waits, and the one that was refused last."""

    seller: Seller
    in_force: BankAccount | None = None
    waiting: BankAccount | None = None
    refused: BankAccount | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as the desk's list shows it."""

    account: BankAccount
    seller: str
    township: str


def payable_account(seller_id: int, *, lock: bool = False) -> BankAccount | None:
    """The account to which the seller may be paid now: verified, under a consent that stands; else None."""
    statement = _payable().where(BankAccount.seller_id == seller_id)
    return session().scalars(locked(statement, BankAccount) if lock else statement).one_or_none()


def payable_accounts(seller_ids: Sequence[int], *, lock: bool = False) -> list[BankAccount]:
    """The accounts to which these sellers may be paid now, in the order of their ids; not every seller has one."""
    statement = _payable().where(BankAccount.seller_id.in_(sorted(set(seller_ids))))
    return list(session().scalars(locked(statement, BankAccount) if lock else statement))


def _payable() -> Select[BankAccount]:
    return (
        select(BankAccount)
        .join(Consent, Consent.id == BankAccount.consent_id)
        .where(BankAccount.state == AccountState.VERIFIED, Consent.withdrawn_at.is_(None))
        .order_by(BankAccount.id)
    )


def account(account_id: int, *, lock: bool = False) -> BankAccount:
    """The account, whatever its state. Raises `NotFound`."""
    statement = select(BankAccount).where(BankAccount.id == account_id)
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def account_in_scope(account_id: int, viewer: Viewer, permission: Permission) -> BankAccount:
    """The account, if its seller lies where the viewer holds the permission. Raises `NotFound` otherwise."""
    statement = (
        select(BankAccount)
        .join(Seller, Seller.id == BankAccount.seller_id)
        .where(BankAccount.id == account_id, _is_in_scope(viewer, permission))
    )
    found = session().scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def number_of(one: BankAccount) -> str:
    """The number in clear; to show it, a disclosure is needed. Raises `NotFound` when it is gone, `Undecipherable`."""
    if one.number_sealed is None:
        raise NotFound()
    return vault().unseal(one.number_sealed, field=NUMBER_FIELD, row=str(one.id))


def index_of(number: str) -> str:
    """The keyed hash under which a parsed number is known."""
    return vault().blind_index(number, field=NUMBER_FIELD)


def are_there_numbers_in(texts: Iterable[str]) -> bool:
    """Whether any of the texts is an account number that we keep, so that it must not be written down in clear."""
    wanted = {index_of(text) for text in set(texts) if numbers.MAY_BE.fullmatch(text)}
    statement = select(BankAccount.id).where(BankAccount.number_index.in_(wanted)).limit(1)
    return bool(wanted) and session().scalars(statement).first() is not None


def live_of(seller_id: int, *, lock: bool = False) -> Sequence[BankAccount]:
    """The seller's accounts of use: at most one in force and one that waits, the older one first."""
    statement = select(BankAccount).where(BankAccount.seller_id == seller_id, BankAccount.state.in_(LIVE))
    statement = statement.order_by(BankAccount.id)
    return session().scalars(locked(statement) if lock else statement).all()


def live_given_by(person_id: int, *, lock: bool = False) -> Sequence[BankAccount]:
    """The accounts of use that the person has given, for whatever seller."""
    statement = select(BankAccount).where(BankAccount.person_id == person_id, BankAccount.state.in_(LIVE))
    statement = statement.order_by(BankAccount.id)
    return session().scalars(locked(statement) if lock else statement).all()


def history_of(seller_id: int) -> Sequence[BankAccount]:
    """The seller's accounts, the newest first, twenty at most."""
    statement = select(BankAccount).where(BankAccount.seller_id == seller_id).order_by(BankAccount.id.desc())
    return session().scalars(statement.limit(MOST_EARLIER)).all()


def sellers_of(viewer: Viewer) -> list[Seller]:
    """The sellers for whom the viewer may say where to pay, oldest first."""
    return [seller for seller in growers.of_viewer(viewer) if seller.status is not SellerStatus.REFUSED]


def purses_of(sellers: Sequence[Seller]) -> list[Purse]:
    """Where each of the sellers is paid, in their order; a refused account shows only while nothing came after it."""
    ids = [seller.id for seller in sellers]
    newest = select(func.max(BankAccount.id)).where(BankAccount.seller_id.in_(ids)).group_by(BankAccount.seller_id)
    rows = session().scalars(
        select(BankAccount).where(
            BankAccount.seller_id.in_(ids), or_(BankAccount.state.in_(LIVE), BankAccount.id.in_(newest))
        )
    )
    found = {(row.seller_id, row.state): row for row in rows}
    return [
        Purse(
            seller,
            in_force=found.get((seller.id, AccountState.VERIFIED)),
            waiting=found.get((seller.id, AccountState.WAITING)),
            refused=found.get((seller.id, AccountState.REFUSED)),
        )
        for seller in sellers
    ]


def page_in_scope(viewer: Viewer, *, state: AccountState, cursor: str | None) -> Page[Listed]:
    """Accounts of the viewer's townships in that state, longest waiting first. Raises `BadCursor`."""
    statement: Select[BankAccount, str, str] = (
        select(BankAccount, Seller.name, Township.name)
        .join(Seller, Seller.id == BankAccount.seller_id)
        .join(Township, Township.code == Seller.township_code)
        .where(_is_in_scope(viewer, PURSE_READ), BankAccount.state == state)
    )
    keys = (paging.Key(BankAccount.id.expression, lambda row: row[0].id),)
    page = paging.page(session().execute(paging.after(statement, keys, cursor)).all(), keys)
    return Page(items=[Listed(*row) for row in page.items], next_cursor=page.next_cursor)


def count_in_scope(viewer: Viewer) -> dict[AccountState, int]:
    """How many accounts of the viewer's townships are in each state, zeros included."""
    statement = (
        select(BankAccount.state, func.count())
        .join(Seller, Seller.id == BankAccount.seller_id)
        .where(_is_in_scope(viewer, PURSE_READ))
        .group_by(BankAccount.state)
    )
    counted = dict.fromkeys(AccountState, 0)
    for state, number in session().execute(statement):
        counted[state] = number
    return counted


def reaches(viewer: Viewer, permission: Permission, seller: Seller) -> bool:
    """Whether the viewer holds the permission where the seller is."""
    if not viewer.may(permission):
        return False
    codes = viewer.townships(permission)
    return codes is None or seller.township_code in townships.lineages(codes)


def _is_in_scope(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    codes = viewer.townships(permission)
    return true() if codes is None else Seller.township_code.in_(townships.lineages(codes))
