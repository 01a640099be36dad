"""What runs when, without anybody asking. The worker carries it out; each job can run twice without harm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.audit import service as audit
from app.insight.consistency import service as consistency
from app.kernel import clock, once
from app.ledger.books import seals
from app.office.imports import service as imports
from app.office.imports import working as imports_at_work
from app.people.accounts import attempts
from app.people.messages import sending
from app.people.messages.states import Way
from app.people.phone_codes import service as phone_codes
from app.trade.complaints import service as complaints
from app.trade.orders import service as orders
from app.trade.payments import gateway, notices, online
from app.trade.returns import service as returns
from app.trade.returns.queries import orders_with_open_ones as open_returns
from app.trade.settlements import service as settlements
from app.trade.stock import blocking

WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often: in a transaction of its own, or, when it asks the world outside, in several."""

    name: str
    every: timedelta
    run: Callable[[], object]
    asks_outside: bool = False


def _seal_yesterday() -> None:
    seals.seal(clock.today() - timedelta(days=1))


def _online(act: Callable[[], object]) -> Callable[[], object]:
    return lambda: act() if gateway.is_open() else None


TIMETABLE: tuple[Job, ...] = (
    Job("audit.link", timedelta(seconds=20), audit.link),
    Job("ledger.feed_daily", timedelta(seconds=2), seals.feed_daily),
    Job("stock.free_expired", timedelta(seconds=20), lambda: blocking.free_expired(by=WORKER)),
    Job("orders.expire", timedelta(seconds=20), lambda: orders.expire_due(by=WORKER)),
    Job("orders.receive", timedelta(minutes=10), lambda: orders.receive_due(by=WORKER)),
    Job("complaints.pass", timedelta(minutes=5), lambda: complaints.pass_due(by=WORKER)),
    Job("orders.close", timedelta(minutes=10), lambda: orders.close_due(by=WORKER, besides=open_returns())),
    Job("returns.unanswered", timedelta(minutes=10), lambda: returns.put_before_officials_due(by=WORKER)),
    Job("returns.lapse", timedelta(minutes=10), lambda: returns.lapse_due(by=WORKER)),
    Job("returns.refund", timedelta(minutes=10), lambda: returns.refund_due(by=WORKER)),
    Job("stripe.notices", timedelta(seconds=1), _online(notices.carry_out_due), asks_outside=True),
    Job("stripe.end", timedelta(seconds=10), _online(online.end_due), asks_outside=True),
    Job("stripe.send_back", timedelta(seconds=10), _online(online.send_back_due), asks_outside=True),
    Job("stripe.fees", timedelta(seconds=30), _online(online.book_fees_due), asks_outside=True),
    Job("stripe.reconcile", timedelta(minutes=10), _online(notices.reconcile), asks_outside=True),
    Job("texts.send", timedelta(seconds=2), lambda: sending.send_due(Way.TEXT), asks_outside=True),
    Job("mails.send", timedelta(seconds=2), lambda: sending.send_due(Way.MAIL), asks_outside=True),
    Job("settlements.go_on", timedelta(seconds=1), lambda: settlements.go_on(by=WORKER)),
    Job("imports.go_on", timedelta(seconds=1), imports_at_work.go_on, asks_outside=True),
    Job("imports.forget", timedelta(hours=1), imports.forget_old),
    Job("ledger.seal", timedelta(minutes=15), _seal_yesterday),
    Job("checks.run", timedelta(seconds=2), lambda: consistency.carry_out_due(by=WORKER), asks_outside=True),
    Job("checks.forget", timedelta(hours=1), consistency.forget_old),
    Job("once.forget", timedelta(hours=1), once.forget_old_keys),
    Job("phone_codes.forget", timedelta(hours=1), phone_codes.forget_old),
    Job("attempts.forget", timedelta(hours=1), attempts.forget_old),
)
