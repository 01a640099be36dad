"""What Stripe tells us: kept before it is answered, carried out once, however often and in whatever order it comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.gateways.stripe import Event, StripeRefused, StripeUnsure
from app.kernel import clock
from app.kernel.db import locked, session, transaction
from app.kernel.logs import get_logger
from app.ledger.books.accounts import insert_on
from app.trade.payments import gateway, online, problems
from app.trade.payments.models import PayPage, ProblemKind, StripeNotice

UNKNOWN_AFTER = timedelta(minutes=5)
_LONGEST_PAUSE = 60
_LOOKS_BACK = timedelta(days=3)
_OF_A_PAYMENT = frozenset({"payment_intent", "charge", "refund"})
log = get_logger("payments")


def keep(event: Event) -> bool:
    """The notice is on record; False when it was already. In the caller's transaction."""
    moment = clock.now()
    statement = (
        insert_on(StripeNotice)
        .values(
            event=event.id,
            kind=event.kind,
            object_kind=event.object_kind,
            object_id=event.object_id,
            intent=event.intent,
            received_at=moment,
            run_after=moment,
            tries=0,
        )
        .on_conflict_do_nothing(index_elements=["event"])
        .returning(StripeNotice.id)
    )
    return session().execute(statement).first() is not None


def carry_out_due(*, limit: int = 100) -> int:
    """Each notice that waits has its effect; how many had. For the worker, outside any transaction.

    One that Stripe gives no answer about, or whose page is not known yet, waits and comes again.
    """
    due = (
        select(StripeNotice.id)
        .where(StripeNotice.done_at.is_(None), StripeNotice.run_after <= clock.now())
        .order_by(StripeNotice.run_after, StripeNotice.id)
        .limit(limit)
    )
    return sum(_carry_out(number) for number in session().scalars(due).all())


def _carry_out(number: int) -> bool:
    notice = session().get_one(StripeNotice, number)
    is_answered = is_done = False
    try:
        is_done = _look(notice.object_kind, notice.object_id, notice.intent)
        is_answered = True
    except (StripeUnsure, StripeRefused) as error:
        log.warning("notice put off", notice=number, error=type(error).__name__)
    with transaction():
        found = session().scalars(locked(select(StripeNotice).where(StripeNotice.id == number))).one()
        moment = clock.now()
        if is_done or _is_given_up(found, moment, is_answered=is_answered):
            found.done_at = found.done_at or moment
            return True
        found.tries += 1
        found.run_after = moment + timedelta(seconds=min(2**found.tries, _LONGEST_PAUSE))
        return False


def _look(kind: str, object_id: str, intent: str) -> bool:
    """Apply what the thing is now. False when it is about a page that we do not know, or not yet."""
    if kind == "checkout.session":
        return online.apply(gateway.stripe().session(object_id))
    if kind == "dispute":
        _show_dispute(object_id, intent)
    if kind not in _OF_A_PAYMENT or not intent:
        return True
    page = gateway.stripe().session_of(intent)
    if page is not None and not online.apply(page):
        return False
    if kind in ("charge", "refund"):
        online.apply_refunds(intent, gateway.stripe().refunds_of(intent))
    return page is not None


def _show_dispute(dispute: str, intent: str) -> None:
    """The bank holds money back until somebody answers, which no rule of ours can."""
    with transaction():
        page = session().scalars(select(PayPage).where(PayPage.intent == intent)).first()
        checkout, amount = (page.checkout, page.amount) if page is not None else ("", None)
        problems.note(ProblemKind.DISPUTE, dispute, checkout=checkout, amount=amount, details=intent)


def _is_given_up(notice: StripeNotice, moment: datetime, *, is_answered: bool) -> bool:
    """Whether it has been about something unknown, or without an answer, for so long that a person must look."""
    if notice.received_at + (UNKNOWN_AFTER if is_answered else _LOOKS_BACK) > moment:
        return False
    intent = notice.intent or notice.object_id
    if session().scalars(select(PayPage.id).where(PayPage.intent == intent)).first() is None:
        problems.note(
            ProblemKind.UNKNOWN_PAGE, intent, checkout="", amount=None, details=f"{notice.kind} {notice.event}"
        )
    return True


def reconcile(*, since: datetime | None = None) -> int:
    """Everything that Stripe did and no notice told us is booked; how many notices had been missing.

    Looks three days back unless told otherwise. Outside any transaction. Raises `StripeUnsure`, `StripeRefused`.
    """
    events = list(gateway.stripe().events(since=since or clock.now() - _LOOKS_BACK))
    missing = 0
    for event in reversed(events):
        with transaction():
            missing += keep(event)
    while carry_out_due():
        pass
    online.look_again()
    online.end_due()
    online.send_back_due()
    online.book_fees_due()
    return missing
