"""Which role may what: the whole table, in one place. Default deny; the scope of a staff role narrows its rights."""

from __future__ import annotations

from app.insight.consistency import permissions as consistency
from app.insight.radar import permissions as radar
from app.kernel.permissions import Policy
from app.office.approvals import permissions as approvals
from app.office.imports import permissions as imports
from app.office.payouts import permissions as payouts
from app.people.accounts import permissions as accounts
from app.people.accounts.states import Role
from app.people.agents import permissions as agents
from app.people.growers import permissions as growers
from app.people.messages import permissions as messages
from app.people.purse import permissions as purse
from app.trade.catalog import permissions as catalog
from app.trade.complaints import permissions as complaints
from app.trade.corrections import permissions as corrections
from app.trade.fees import permissions as fees
from app.trade.freight import permissions as freight
from app.trade.intakes import permissions as intakes
from app.trade.invoices import permissions as invoices
from app.trade.orders import permissions as orders
from app.trade.payments import permissions as payments
from app.trade.processing import permissions as processing
from app.trade.recalls import permissions as recalls
from app.trade.returns import permissions as returns
from app.trade.reviews import permissions as reviews
from app.trade.settlements import permissions as settlements
from app.trade.stock import permissions as stock

POLICY: Policy = {
    Role.BUYER: frozenset(
        {accounts.ME, orders.ORDERS_BUY, invoices.INVOICES_ASK, complaints.COMPLAINTS_MAKE, reviews.REVIEWS_WRITE}
    ),
    Role.SELLER: frozenset(
        {
            catalog.PACKS_EDIT,
            stock.STOCK_EDIT,
            processing.PROCESSING_MAKE,
            orders.ORDERS_SHIP,
            invoices.INVOICES_ISSUE,
            complaints.COMPLAINTS_ANSWER,
            reviews.REVIEWS_ANSWER,
            settlements.STATEMENTS_OWN,
            imports.IMPORTS_USE,
            intakes.INTAKES_EDIT,
            intakes.INTAKES_OWN,
        }
    ),
    Role.AGENT: frozenset(
        {
            catalog.PACKS_EDIT,
            stock.STOCK_EDIT,
            orders.ORDERS_SHIP,
            complaints.COMPLAINTS_ANSWER,
            reviews.REVIEWS_ANSWER,
        }
    ),
    Role.TOWNSHIP: frozenset(
        {
            agents.AGENTS_READ,
            agents.AGENTS_MANAGE,
            growers.GROWERS_READ,
            imports.IMPORTS_USE,
            growers.GROWERS_VERIFY,
            growers.GROWERS_UNMASK,
            purse.PURSE_READ,
            purse.PURSE_VERIFY,
            purse.PURSE_UNMASK,
            orders.ORDERS_READ,
            complaints.COMPLAINTS_READ,
            complaints.COMPLAINTS_DECIDE,
            catalog.PACKS_STOP,
            reviews.REVIEWS_READ,
            processing.PROCESSING_READ,
            processing.MARK_READ,
            radar.RADAR_READ,
            consistency.CHECKS_READ,
            approvals.APPROVALS_READ,
            settlements.SETTLEMENTS_READ,
            recalls.RECALLS_READ,
            recalls.RECALLS_MAKE,
            recalls.RECALLS_LIFT,
            recalls.RECALLS_UNMASK,
            returns.RETURNS_READ,
            intakes.INTAKES_READ,
            returns.RETURNS_DECIDE,
        }
    ),
    Role.COUNTY: frozenset(
        {
            agents.AGENTS_READ,
            growers.GROWERS_READ,
            imports.IMPORTS_USE,
            purse.PURSE_READ,
            orders.ORDERS_READ,
            payments.PAYMENTS_READ,
            payments.PAYMENTS_CONFIRM,
            invoices.INVOICES_READ,
            complaints.COMPLAINTS_READ,
            complaints.COMPLAINTS_DECIDE,
            freight.FREIGHT_EDIT,
            catalog.PACKS_STOP,
            reviews.REVIEWS_READ,
            reviews.REVIEWS_FOLD,
            processing.PROCESSING_READ,
            processing.MARK_READ,
            processing.MARK_GRANT,
            accounts.PEOPLE_READ,
            accounts.PEOPLE_UNMASK,
            radar.RADAR_READ,
            consistency.CHECKS_READ,
            consistency.CHECKS_RUN,
            messages.MESSAGES_READ,
            approvals.APPROVALS_READ,
            payouts.PAYOUTS_READ,
            payouts.PAYOUTS_EXPORT,
            payouts.PAYOUTS_RETURN,
            settlements.SETTLEMENTS_READ,
            settlements.SETTLEMENTS_MAKE,
            settlements.SETTLEMENTS_APPROVE,
            corrections.CORRECTIONS_READ,
            corrections.CORRECTIONS_MAKE,
            corrections.CORRECTIONS_APPROVE,
            fees.FEES_READ,
            fees.FEES_MAKE,
            fees.FEES_APPROVE,
            recalls.RECALLS_READ,
            recalls.RECALLS_MAKE,
            recalls.RECALLS_LIFT,
            recalls.RECALLS_UNMASK,
            returns.RETURNS_READ,
            intakes.INTAKES_READ,
            returns.RETURNS_DECIDE,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            agents.AGENTS_READ,
            growers.GROWERS_READ,
            purse.PURSE_READ,
            orders.ORDERS_READ,
            payments.PAYMENTS_READ,
            invoices.INVOICES_READ,
            complaints.COMPLAINTS_READ,
            reviews.REVIEWS_READ,
            accounts.PEOPLE_READ,
            payouts.PAYOUTS_READ,
            settlements.SETTLEMENTS_READ,
            corrections.CORRECTIONS_READ,
            fees.FEES_READ,
            radar.RADAR_READ,
            consistency.CHECKS_READ,
            messages.MESSAGES_READ,
            recalls.RECALLS_READ,
            returns.RETURNS_READ,
            processing.PROCESSING_READ,
            processing.MARK_READ,
            intakes.INTAKES_READ,
        }
    ),
    Role.ADMIN: frozenset(
        {
            accounts.PEOPLE_READ,
            accounts.PEOPLE_GRANT,
            messages.MESSAGES_READ,
            messages.MESSAGES_RETRY,
            messages.MESSAGES_CODES,
        }
    ),
}
