"""Acts on invoices: the buyer asks, the seller makes one out or says why not; the platform itself issues none.

Source of what growers may do: 电子商务法 art. 10 and 增值税法 art. 24: their own produce is exempt from VAT.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.events import emit
from app.kernel.permissions import Viewer
from app.people.accounts import wording
from app.people.accounts.sealing import vault
from app.trade.invoices import queries, receipts, taxno
from app.trade.invoices.errors import (
    AlreadyAsked,
    AskedTooOften,
    BadDocument,
    BadIssueDay,
    BadTitle,
    NothingLeft,
    NothingToReverse,
    NotPaid,
)
from app.trade.invoices.events import InvoiceAsked, InvoiceDeclined, InvoiceIssued, InvoiceWithdrawn
from app.trade.invoices.models import Invoice, Reversal
from app.trade.invoices.states import LIVE, InvoiceState, Reason, TitleKind
from app.trade.orders import queries as orders
from app.trade.orders.events import OrderCancelled
from app.trade.orders.models import Order

ANSWERED_WITHIN = timedelta(days=7)
"""The platform's own promise of when a seller answers; no law sets it."""
MOST_ASKED = 5
SYSTEM = "system"
_DOCUMENT = re.compile(r"[0-9A-Z]{6,30}")


@dataclass(frozen=True, slots=True)
class Asked:
    """To whom it shall be made out; firms with their unified social credit code."""

    kind: TitleKind
    title: str = field(repr=False)
    tax_no: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A paper or electronic invoice as its issuer numbered and dated it."""

    number: str
    issued_on: date


def ask(order_number: str, asked: Asked, *, by: Viewer) -> Invoice:
    """The seller is asked for an invoice of the buyer's own paid order; one request of an order lives at a time.

    Raises `NotFound`, `NotPaid`, `AlreadyAsked`, `AskedTooOften`, `NothingLeft`, `BadTitle`, `BadTaxNumber`.
    """
    order = orders.order_of(by, order_number, lock=True)
    if not receipts.is_paid(order):
        raise NotPaid()
    newest = queries.newest_of(order)
    if newest is not None and newest.state in LIVE:
        raise AlreadyAsked()
    if queries.count_of(order) >= MOST_ASKED:
        raise AskedTooOften(most=MOST_ASKED)
    if not receipts.paid_of([order])[order.id].left:
        raise NothingLeft()
    invoice = _request(order, asked)
    session().add(invoice)
    session().flush()
    audit.note("invoices.asked", order.subject, by=by.actor, invoice=invoice.number, kind=asked.kind.value)
    emit(InvoiceAsked(invoice.number, order.number, order.seller_id, order.buyer_id))
    return invoice


def _request(order: Order, asked: Asked) -> Invoice:
    title = wording.plain(asked.title)
    if not 2 <= len(title) <= 60:
        raise BadTitle(field="title")
    tax_no = taxno.parse(asked.tax_no) if asked.kind is TitleKind.FIRM else ""
    number, safe = ids.public_number("F"), vault()
    return Invoice(
        number=number,
        order_id=order.id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        township_code=order.township_code,
        kind=asked.kind,
        title_sealed=safe.seal(title, field="invoices.title", row=number),
        tax_no_sealed=safe.seal(tax_no, field="invoices.tax_no", row=number) if tax_no else None,
        asked_at=clock.now(),
        answer_until=clock.now() + ANSWERED_WITHIN,
    )


def withdraw(order_number: str, *, by: Viewer) -> Invoice:
    """The buyer wants it no more; title and tax number are gone. Raises `NotFound`, `IllegalMove` once it is issued."""
    order = orders.order_of(by, order_number, lock=True)
    newest = queries.newest_of(order)
    if newest is None:
        raise NotFound()
    _end(newest.number, InvoiceState.WITHDRAWN, order, by=by.actor)
    emit(InvoiceWithdrawn(newest.number, order.number, order.seller_id, order.buyer_id))
    return newest


def called_off(fact: OrderCancelled) -> None:
    """An order was called off: an invoice that was asked for is needed no more."""
    order = session().scalars(select(Order).where(Order.number == fact.number)).one()
    newest = queries.newest_of(order)
    if newest is not None and newest.state is InvoiceState.ASKED:
        _end(newest.number, InvoiceState.WITHDRAWN, order, by=SYSTEM)
        emit(InvoiceWithdrawn(newest.number, order.number, order.seller_id, order.buyer_id))


def _end(number: str, state: InvoiceState, order: Order, *, by: str) -> Invoice:
    invoice = session().scalars(locked(select(Invoice).where(Invoice.number == number))).one()
    invoice.end(state, by=by, at=clock.now())
    session().flush()
    audit.note(f"invoices.{state.value}", order.subject, by=by, invoice=number)
    return invoice


def issue(number: str, document: Document, *, words: str = "", by: Viewer) -> Invoice:
    """The seller has made it out over what was paid less what has gone back, as the books have it at this moment.

    Raises `NotFound`, `BadDocument`, `BadIssueDay`, `NotPaid`, `NothingLeft`, `IllegalMove`.
    """
    order = _order_of(queries.of_seller(by, number))
    # Payments before invoices, as refunds lock them, so that no refund slips in between reading and writing.
    paid, newest = receipts.paid_now(order)
    invoice = queries.of_seller(by, number, lock=True)
    checked = _checked(document, order)
    if not receipts.is_paid(order):
        raise NotPaid()
    if not paid.left:
        raise NothingLeft()
    invoice.document, invoice.issued_on, invoice.words = checked.number, checked.issued_on, wording.plain(words)
    invoice.paid, invoice.gone_back, invoice.amount = paid.paid, paid.gone_back, paid.left
    invoice.upto_event = newest
    invoice.end(InvoiceState.ISSUED, by=by.actor, at=clock.now())
    session().flush()
    audit.note("invoices.issued", order.subject, by=by.actor, invoice=number, amount=paid.left.fen)
    emit(InvoiceIssued(number, order.number, order.seller_id, order.buyer_id))
    return invoice


def decline(number: str, *, because: Reason, words: str = "", by: Viewer) -> Invoice:
    """The seller makes out none and says why; title and tax number are gone. Raises `NotFound`, `IllegalMove`."""
    invoice = queries.of_seller(by, number, lock=True)
    order = _order_of(invoice)
    invoice.declined_because, invoice.words = because, wording.plain(words)
    invoice.end(InvoiceState.DECLINED, by=by.actor, at=clock.now())
    session().flush()
    audit.note("invoices.declined", order.subject, by=by.actor, invoice=number, because=because.value)
    emit(InvoiceDeclined(number, order.number, order.seller_id, order.buyer_id))
    return invoice


def reverse(number: str, document: Document, *, by: Viewer) -> Reversal:
    """The seller has made out a red invoice over what went back since: the rest says again what the books say.

    Raises `NotFound`, `NothingToReverse`, `BadDocument`, `BadIssueDay`.
    """
    order = _order_of(queries.of_seller(by, number))
    receipts.paid_now(order)
    invoice = queries.of_seller(by, number, lock=True)
    due = queries.listed(invoice).to_reverse
    if not due:
        raise NothingToReverse()
    checked = _checked(document, order)
    row = Reversal(
        invoice_id=invoice.id,
        amount=due,
        document=checked.number,
        issued_on=checked.issued_on,
        at=clock.now(),
        by=by.actor,
    )
    session().add(row)
    session().flush()
    audit.note("invoices.reversed", order.subject, by=by.actor, invoice=number, amount=due.fen)
    return row


def _order_of(invoice: Invoice) -> Order:
    return session().get_one(Order, invoice.order_id)


def _checked(document: Document, order: Order) -> Document:
    number = wording.plain(document.number).upper().replace(" ", "")
    if _DOCUMENT.fullmatch(number) is None:
        raise BadDocument(field="document")
    begin = order.paid_at or order.received_at
    if begin is None or not clock.day_of(begin) <= document.issued_on <= clock.today():
        raise BadIssueDay(field="issued_on")
    return Document(number, document.issued_on)
