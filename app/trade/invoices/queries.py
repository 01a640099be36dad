"""Reading invoices, always through the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, case, func, select, type_coerce

from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.money import ZERO, Money
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Permission, Viewer
from app.people.accounts.sealing import vault
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.invoices import receipts
from app.trade.invoices.models import Invoice, Reversal
from app.trade.invoices.permissions import INVOICES_ISSUE, INVOICES_READ
from app.trade.invoices.receipts import Paid
from app.trade.invoices.states import InvoiceState
from app.trade.orders.models import Order

_WAITS = case((Invoice.state == InvoiceState.ASKED, 0), (Invoice.state == InvoiceState.ISSUED, 1), else_=2)
_BY_CLOCK = (
    Key(_WAITS, lambda row: {InvoiceState.ASKED: 0, InvoiceState.ISSUED: 1}.get(row[0].state, 2)),
    Key(Invoice.id, lambda row: row[0].id),
)
"""Those that wait first, the longest waiting on top, which is also the order of their clocks."""


@dataclass(frozen=True, slots=True)
class Title:
    """To whom an invoice is made out, in clear; for its buyer and its seller."""

    name: str = field(repr=False)
    tax_no: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """An invoice with its order and seller, and what the books say by now."""

    invoice: Invoice
    order: Order
    seller_name: str
    now: Paid
    reversed: Money

    @property
    def to_reverse(self) -> Money:
        """How much of an issued invoice must be taken back, because its money has gone back since."""
        if self.invoice.amount is None:
            return ZERO
        return max(ZERO, self.invoice.amount - self.reversed - self.now.left)


def title_of(one: Invoice) -> Title | None:
    """The title in clear, while it is kept. Raises `Undecipherable`."""
    if one.title_sealed is None:
        return None
    safe = vault()
    sealed = one.tax_no_sealed
    tax_no = "" if sealed is None else safe.unseal(sealed, field="invoices.tax_no", row=one.number)
    return Title(safe.unseal(one.title_sealed, field="invoices.title", row=one.number), tax_no)


def newest_of(order: Order) -> Invoice | None:
    """The newest request for an order that the asker was allowed to see."""
    statement = select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id.desc()).limit(1)
    return session().scalars(statement).first()


def count_of(order: Order) -> int:
    """How often an invoice was asked for an order."""
    return session().scalar(select(func.count()).where(Invoice.order_id == order.id)) or 0


def of_seller(who: Viewer, number: str, *, lock: bool = False) -> Invoice:
    """An invoice of an order to a seller for whom he issues them. Raises `NotFound`."""
    statement = select(Invoice).where(Invoice.number == number, Invoice.seller_id.in_(who.sellers(INVOICES_ISSUE)))
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def listed(one: Invoice) -> Listed:
    """The invoice with what belongs to it."""
    rows = session().execute(_with_order().where(Invoice.id == one.id)).all()
    return _listed([tuple(row) for row in rows])[0]


def page_of_seller(who: Viewer, *, cursor: str | None) -> Page[Listed]:
    """Requests to his sellers, those that wait first. Raises `BadCursor`."""
    return _page(_with_order().where(Invoice.seller_id.in_(who.sellers(INVOICES_ISSUE))), cursor)


def page_in_scope(who: Viewer, *, cursor: str | None) -> Page[Listed]:
    """Requests in the official's reach, those that wait first. Raises `BadCursor`."""
    return _page(in_scope(_with_order(), who, INVOICES_READ), cursor)


def waiting_for(who: Viewer) -> int:
    """How many requests wait for his sellers."""
    statement = select(func.count()).where(
        Invoice.seller_id.in_(who.sellers(INVOICES_ISSUE)), Invoice.state == InvoiceState.ASKED
    )
    return session().scalar(statement) or 0


def in_scope(statement: AnySelect, who: Viewer, permission: Permission) -> AnySelect:
    """The invoices of the townships in which he holds the permission."""
    codes = who.townships(permission)
    return statement if codes is None else statement.where(Invoice.township_code.in_(townships.lineages(codes)))


def _with_order() -> AnySelect:
    return (
        select(Invoice, Order, Seller.name)
        .join(Order, Order.id == Invoice.order_id)
        .join(Seller, Seller.id == Invoice.seller_id)
    )


def _page(statement: AnySelect, cursor: str | None) -> Page[Listed]:
    found = page(session().execute(after(statement, _BY_CLOCK, cursor)).all(), _BY_CLOCK)
    return Page(_listed([tuple(row) for row in found.items]), found.next_cursor)


def _listed(rows: Sequence[tuple[Invoice, Order, str]]) -> list[Listed]:
    now = receipts.paid_of([order for _invoice, order, _name in rows])
    back = reversed_of([invoice.id for invoice, _order, _name in rows])
    return [Listed(invoice, order, name, now[order.id], back.get(invoice.id, ZERO)) for invoice, order, name in rows]


def reversed_of(invoice_ids: Sequence[int]) -> dict[int, Money]:
    """Invoice id → how much of it was taken back by red invoices; one query."""
    sums = (
        select(Reversal.invoice_id, func.sum(type_coerce(Reversal.amount, BigInteger)))
        .where(Reversal.invoice_id.in_(invoice_ids))
        .group_by(Reversal.invoice_id)
    )
    return {number: Money(int(fen)) for number, fen in session().execute(sums)}


def reversals_of(one: Invoice) -> Sequence[Reversal]:
    """The red invoices of an invoice, oldest first."""
    return session().scalars(select(Reversal).where(Reversal.invoice_id == one.id).order_by(Reversal.id)).all()
