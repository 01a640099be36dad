"""Which role may what: the whole table, in one place. Default deny; the scope of a staff role narrows its rights."""

from __future__ import annotations

from app.insight.consistency import permissions as consistency
from app.kernel.permissions import Policy
from app.office.approvals import permissions as approvals
from app.office.payouts import permissions as payouts
from app.people.accounts import permissions as accounts
from app.people.accounts.states import Role
from app.people.growers import permissions as growers
from app.people.messages import permissions as messages
from app.people.purse import permissions as purse
from app.trade.catalog import permissions as catalog
from app.trade.complaints import permissions as complaints
from app.trade.corrections import permissions as corrections
from app.trade.fees import permissions as fees
from app.trade.freight import permissions as freight
from app.trade.invoices import permissions as invoices
from app.trade.orders import permissions as orders
from app.trade.payments import permissions as payments
from app.trade.returns import permissions as returns
from app.trade.settlements import permissions as settlements
from app.trade.stock import permissions as stock

POLICY: Policy = {
    Role.BUYER: frozenset({accounts.ME, orders.ORDERS_BUY, invoices.INVOICES_ASK, complaints.COMPLAINTS_MAKE}),
    Role.SELLER: frozenset(
        {
            catalog.PACKS_EDIT,
            stock.STOCK_EDIT,
            orders.ORDERS_SHIP,
            invoices.INVOICES_ISSUE,
            complaints.COMPLAINTS_ANSWER,
            settlements.STATEMENTS_OWN,
        }
    ),
    Role.TOWNSHIP: frozenset(
        {
            growers.GROWERS_READ,
            growers.GROWERS_VERIFY,
            growers.GROWERS_UNMASK,
            purse.PURSE_READ,
            purse.PURSE_VERIFY,
            purse.PURSE_UNMASK,
            orders.ORDERS_READ,
            complaints.COMPLAINTS_READ,
            complaints.COMPLAINTS_DECIDE,
            catalog.PACKS_STOP,
            consistency.CHECKS_READ,
            approvals.APPROVALS_READ,
            settlements.SETTLEMENTS_READ,
            returns.RETURNS_READ,
            returns.RETURNS_DECIDE,
        }
    ),
    Role.COUNTY: frozenset(
        {
            growers.GROWERS_READ,
            purse.PURSE_READ,
            orders.ORDERS_READ,
            payments.PAYMENTS_READ,
            payments.PAYMENTS_CONFIRM,
            invoices.INVOICES_READ,
            complaints.COMPLAINTS_READ,
            complaints.COMPLAINTS_DECIDE,
            freight.FREIGHT_EDIT,
            catalog.PACKS_STOP,
            accounts.PEOPLE_READ,
            accounts.PEOPLE_UNMASK,
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
            returns.RETURNS_READ,
            returns.RETURNS_DECIDE,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            growers.GROWERS_READ,
            purse.PURSE_READ,
            orders.ORDERS_READ,
            payments.PAYMENTS_READ,
            invoices.INVOICES_READ,
            complaints.COMPLAINTS_READ,
            accounts.PEOPLE_READ,
            payouts.PAYOUTS_READ,
            settlements.SETTLEMENTS_READ,
            corrections.CORRECTIONS_READ,
            fees.FEES_READ,
            consistency.CHECKS_READ,
            messages.MESSAGES_READ,
            returns.RETURNS_READ,
        }
    ),
    Role.ADMIN: frozenset(
        {accounts.PEOPLE_READ, accounts.PEOPLE_GRANT, messages.MESSAGES_READ, messages.MESSAGES_RETRY}
    ),
}
