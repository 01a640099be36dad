"""What the county keeps of a sale: a rate that one person proposes, another approves, and that starts in the future."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.office.approvals import service as approvals
from app.office.approvals.procedures import Procedure, Step
from app.office.approvals.service import Payload, Request, Verdict
from app.office.approvals.states import ApprovalState
from app.trade.fees.errors import BadRate
from app.trade.fees.models import FeeRate
from app.trade.fees.permissions import FEES_APPROVE

MOST = 1_000
WORDS = "平台服务费率：{rate}，从 {day} 起"
PROCEDURE = Procedure("fee_rate", "服务费率", (Step(FEES_APPROVE, "县里复核"),))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rate in ten-thousandths, the day from which it counts, and why."""

    rate: int
    valid_from: date
    because: str


def propose(wanted: Proposal, *, link: str, by: Viewer) -> FeeRate:
    """The rate waits for a second person; `link` is its page with `{number}` in it.

    Raises `BadRate` above a tenth or for a day before tomorrow: nobody learns of a fee after the sale.
    """
    if not 0 <= wanted.rate <= MOST or wanted.valid_from <= clock.today():
        raise BadRate(field="rate" if not 0 <= wanted.rate <= MOST else "valid_from")
    rate = FeeRate(
        number=ids.public_number("L"),
        rate=wanted.rate,
        valid_from=wanted.valid_from,
        because=wanted.because,
        made_at=clock.now(),
        made_by=by.person_id,
    )
    session().add(rate)
    session().flush()
    words = WORDS.format(rate=percent(wanted.rate), day=wanted.valid_from)
    request = Request(rate.subject, words, link.format(number=rate.number))
    approvals.ask(PROCEDURE, request, payload=payload(rate), by=by)
    return rate


def percent(rate: int) -> str:
    """Ten-thousandths as people read them: 2.5%."""
    return f"{rate // 100}.{rate % 100:02d}".rstrip("0").rstrip(".") + "%"


def payload(rate: FeeRate) -> Payload:
    """All that is decided."""
    return {"rate": rate.rate, "valid_from": rate.valid_from.isoformat(), "because": rate.because}


def decide(number: str, verdict: Verdict, *, by: Viewer) -> ApprovalState:
    """A second person lets the rate count, or refuses it. Raises what `approvals.decide` raises."""
    rate = rate_of(number, lock=True)
    state = approvals.decide(PROCEDURE, rate.subject, verdict, payload=payload(rate), touching=(), by=by)
    if state is ApprovalState.APPROVED:
        rate.approved_at = clock.now()
        audit.note("fees.approved", rate.subject, by=by.actor, rate=rate.rate)
    return state


def rate_on(day: date) -> int:
    """What the county keeps on that day, in ten-thousandths; nothing until a rate was approved."""
    statement = (
        select(FeeRate.rate)
        .where(FeeRate.approved_at.is_not(None), FeeRate.valid_from <= day)
        .order_by(FeeRate.valid_from.desc(), FeeRate.id.desc())
        .limit(1)
    )
    return session().scalars(statement).first() or 0


def rate_of(number: str, *, lock: bool = False) -> FeeRate:
    """A rate by its number. Raises `NotFound`."""
    statement = select(FeeRate).where(FeeRate.number == number)
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def proposed() -> Sequence[FeeRate]:
    """The rates that were ever proposed, the newest first, sixty at most."""
    return session().scalars(select(FeeRate).order_by(FeeRate.id.desc()).limit(60)).all()


def tomorrow() -> date:
    """The first day from which a rate proposed now may count."""
    return clock.today() + timedelta(days=1)
