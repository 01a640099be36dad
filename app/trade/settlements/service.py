"""Acts on settlements: begin, put before a second person, let go or drop; the worker does the long part between.

A settlement goes making → made → asked → approved → closed. While it is made, and again while it is closed, the worker
takes some hundred statements at a time, so that a run over many thousands can be stopped and goes on where it was.
"""

from __future__ import annotations

import hashlib
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.office.approvals import service as approvals
from app.office.approvals.procedures import Procedure, Step
from app.office.approvals.service import Payload, Request, Verdict
from app.office.approvals.states import ApprovalState
from app.trade.fees import service as fees
from app.trade.settlements import closing, making, queries
from app.trade.settlements.errors import DaySettled, DayToCome, NothingToSettle, OneAtATime
from app.trade.settlements.models import Settlement, Statement, StatementEntry
from app.trade.settlements.permissions import SETTLEMENTS_APPROVE
from app.trade.settlements.states import SettlementState

WORDS = "货款结算：到 {day}，应打 {pays} 元"
PROCEDURE = Procedure("settlement", "货款结算", (Step(SETTLEMENTS_APPROVE, "县里复核"),))


def begin(*, through: date, by: Viewer) -> Settlement:
    """A settlement up to and with that day is under way; the worker makes its statements.

    Raises `OneAtATime`, `DayToCome`, and `DaySettled` for a day before the end of the last one.
    """
    if queries.live() is not None:
        raise OneAtATime()
    last = queries.last_closed()
    if through > clock.today():
        raise DayToCome(today=clock.today(), field="through")
    if last is not None and through < last.through:
        raise DaySettled(last=last.through, field="through")
    settlement = Settlement(
        number=ids.public_number("J"),
        starts_on=None if last is None else last.through,
        through=through,
        fee_rate=fees.rate_on(through),
        made_at=clock.now(),
        made_by=by.person_id,
    )
    try:
        with session().begin_nested():
            session().add(settlement)
    except IntegrityError as error:
        raise OneAtATime() from error
    audit.note("settlements.begun", settlement.subject, by=by.actor, through=through.isoformat())
    return settlement


def go_on(*, by: str) -> bool:
    """The next part of what is under way; False when nothing waits for the worker."""
    settlement = queries.live(lock=True)
    if settlement is None:
        return False
    if settlement.state is SettlementState.MAKING:
        making.go_on(settlement, by=by)
        return True
    if settlement.state is SettlementState.APPROVED:
        closing.go_on(settlement, by=by)
        return True
    return False


def submit(number: str, *, link: str, by: Viewer) -> Settlement:
    """Whoever made it has looked at it, and it waits for a second person. Raises `IllegalMove`, `NothingToSettle`."""
    settlement = queries.settlement(number, lock=True)
    if settlement.state is SettlementState.MADE and settlement.count == 0:
        raise NothingToSettle()
    settlement.become(SettlementState.ASKED, at=clock.now())
    words = WORDS.format(day=settlement.through, pays=settlement.pays)
    approvals.ask(PROCEDURE, Request(settlement.subject, words, link), payload=payload(settlement), by=by)
    return settlement


def payload(settlement: Settlement) -> Payload:
    """All that is decided: how many statements, their sums, and a digest of each of them."""
    rows = session().execute(
        select(Statement.number, Statement.seller_id, Statement.closing, Statement.in_flight, Statement.awaited)
        .where(Statement.settlement_id == settlement.id)
        .order_by(Statement.id)
    )
    digest, count, whole = hashlib.sha256(), 0, 0
    for number, seller, amount, in_flight, awaited in rows:
        digest.update(f"{number} {seller} {amount.fen} {in_flight.fen} {awaited.fen}\n".encode())
        count, whole = count + 1, whole + amount.fen
    return {
        "number": settlement.number,
        "through": settlement.through.isoformat(),
        "fee_rate": settlement.fee_rate,
        "statements": count,
        "closing": whole,
        "pays": settlement.pays.fen,
        "digest": digest.hexdigest(),
    }


def decide(number: str, verdict: Verdict, *, by: Viewer) -> ApprovalState:
    """A second person lets the settlement go into the books, or refuses it. Raises what `approvals.decide` raises."""
    settlement = queries.settlement(number, lock=True)
    own = queries.sellers_among(settlement.id, by.seller_ids) if by.seller_ids else set()
    state = approvals.decide(PROCEDURE, settlement.subject, verdict, payload=payload(settlement), touching=own, by=by)
    if state is ApprovalState.APPROVED:
        settlement.become(SettlementState.APPROVED, at=clock.now())
    elif state is ApprovalState.REFUSED:
        _drop(settlement)
    return state


def drop(number: str, *, by: Viewer) -> Settlement:
    """It was not right: its statements count for nothing, and what stood in them is free for the next.

    Raises `IllegalMove` once it was approved.
    """
    settlement = queries.settlement(number, lock=True)
    if settlement.state is SettlementState.ASKED:
        approvals.withdraw(PROCEDURE, settlement.subject, by=by)
    _drop(settlement)
    audit.note("settlements.dropped", settlement.subject, by=by.actor)
    return settlement


def _drop(settlement: Settlement) -> None:
    settlement.become(SettlementState.DROPPED, at=clock.now())
    own = select(Statement.id).where(Statement.settlement_id == settlement.id)
    session().execute(delete(StatementEntry).where(StatementEntry.statement_id.in_(own)))
    session().flush()
