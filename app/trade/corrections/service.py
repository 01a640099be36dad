"""Correcting what is a seller's: one person says by how much and why, another lets it into the books."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.ledger import books
from app.ledger.books.movements import Post
from app.office.approvals import service as approvals
from app.office.approvals.procedures import Procedure, Step
from app.office.approvals.service import Payload, Request, Verdict
from app.office.approvals.states import ApprovalState
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.corrections import accounts
from app.trade.corrections.errors import BadCorrection, UnknownSeller
from app.trade.corrections.models import Correction
from app.trade.corrections.permissions import CORRECTIONS_APPROVE, CORRECTIONS_READ
from app.trade.stock.accounts import PAYABLE, money_place, seller_party

WORDS = "货款更正：{seller} {amount} 元"
PROCEDURE = Procedure("correction", "更正", (Step(CORRECTIONS_APPROVE, "县里复核"),))


@dataclass(frozen=True, slots=True)
class Wanted:
    """To whom (the short name in the address of his page), how much (below nothing: taken from him), and why."""

    seller: str
    amount: Money
    because: str


def propose(wanted: Wanted, *, link: str, by: Viewer) -> Correction:
    """The correction waits for a second person; `link` is its page with `{number}` in it.

    Raises `UnknownSeller`, `BadCorrection`.
    """
    seller = session().scalars(select(Seller).where(Seller.slug == wanted.seller)).one_or_none()
    if seller is None:
        raise UnknownSeller(field="seller")
    if wanted.amount == ZERO:
        raise BadCorrection(field="amount")
    correction = Correction(
        number=ids.public_number("Z"),
        seller_id=seller.id,
        amount=wanted.amount,
        because=wanted.because,
        made_at=clock.now(),
        made_by=by.person_id,
    )
    session().add(correction)
    session().flush()
    request = Request(
        correction.subject,
        f"{seller.name} {wanted.amount}",
        link.format(number=correction.number),
        seller.township_code,
    )
    approvals.ask(PROCEDURE, request, payload=payload(correction), by=by)
    return correction


def payload(correction: Correction) -> Payload:
    """All that is decided."""
    return {"seller": correction.seller_id, "fen": correction.amount.fen, "because": correction.because}


def decide(number: str, verdict: Verdict, *, by: Viewer) -> ApprovalState:
    """A second person books the correction, or refuses it. Raises what `approvals.decide` raises."""
    correction, seller = correction_of(number, by, lock=True)
    state = approvals.decide(
        PROCEDURE, correction.subject, verdict, payload=payload(correction), touching=(seller.id,), by=by
    )
    if state is ApprovalState.APPROVED:
        correction.booked_at = clock.now()
        session().flush()
        _book(correction, seller, by=by)
    return state


def _book(correction: Correction, seller: Seller, *, by: Viewer) -> None:
    own = money_place(PAYABLE, township=seller.township_code, party=seller_party(seller.id))
    county = money_place(accounts.CORRECTED, township=seller.township_code)
    gives = correction.amount > ZERO
    debit, credit = (county, own) if gives else (own, county)
    books.record(
        accounts.CORRECTION_BOOKED,
        [Post(debit, credit, abs(correction.amount.fen))],
        by=by.actor,
        subject=correction.subject,
        key=f"correction.booked:{correction.number}",
    )
    audit.note("corrections.booked", correction.subject, by=by.actor, amount=correction.amount.fen)


def correction_of(number: str, who: Viewer, *, lock: bool = False) -> tuple[Correction, Seller]:
    """A correction of a seller in the reader's townships. Raises `NotFound`."""
    statement = _listed(who).where(Correction.number == number)
    row = session().execute(locked(statement, Correction) if lock else statement).first()
    if row is None:
        raise NotFound()
    return row[0], row[1]


def proposed(who: Viewer) -> list[tuple[Correction, str]]:
    """The corrections of sellers in the reader's townships with the sellers' names, newest first, sixty at most."""
    rows = session().execute(_listed(who).order_by(Correction.id.desc()).limit(60))
    return [(one, seller.name) for one, seller in rows]


def _listed(who: Viewer) -> Select[Correction, Seller]:
    listed = select(Correction, Seller).join(Seller, Seller.id == Correction.seller_id)
    codes = who.townships(CORRECTIONS_READ)
    return listed if codes is None else listed.where(Seller.township_code.in_(townships.lineages(codes)))
