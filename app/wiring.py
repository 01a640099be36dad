"""Who hears which fact, which figures there are, and which checks `flask check` runs."""

from __future__ import annotations

from app.audit import checks as audit
from app.insight.boards.figures import FIGURES
from app.kernel import events
from app.kernel import outbox_checks as outbox
from app.kernel.checks import Check
from app.ledger import figures
from app.ledger.books import checks as books
from app.ledger.figures import checks as figure_checks
from app.trade.catalog import checks as catalog
from app.trade.orders import checks as orders
from app.trade.orders.events import OrderCancelled
from app.trade.payments import checks as payments
from app.trade.payments import service as payments_service
from app.trade.stock import accounts as trade_accounts
from app.trade.stock import checks as stock

CHECKS: tuple[Check, ...] = (
    *books.CHECKS,
    *figure_checks.CHECKS,
    *stock.CHECKS,
    *orders.CHECKS,
    *payments.CHECKS,
    *catalog.CHECKS,
    *audit.CHECKS,
    *outbox.CHECKS,
)


def bind() -> None:
    """Say once for this process who hears what; saying it again changes nothing."""
    events.hear_now(OrderCancelled, payments_service.refund_due)
    figures.register(*FIGURES)
    figures.name_kinds(trade_accounts.KINDS)
