"""Who hears which fact, which figures there are, and which checks `flask check` runs."""

from __future__ import annotations

from app.audit import checks as audit
from app.insight.boards import panels as board_panels
from app.insight.boards.figures import FIGURES
from app.insight.consistency import registry as consistency
from app.insight.pending import queue as pending
from app.insight.pending import sources
from app.insight.radar import panel as radar_panel
from app.kernel import events
from app.kernel import outbox_checks as outbox
from app.kernel.checks import Check
from app.ledger import figures
from app.ledger.books import checks as books
from app.ledger.figures import checks as figure_checks
from app.office.approvals import checks as approvals
from app.office.approvals import procedures
from app.office.imports import kinds as imports
from app.office.imports.growers import GROWERS
from app.office.payouts import accounts as payout_accounts
from app.office.payouts import checks as payouts
from app.office.payouts.events import PayoutFailed, PayoutPaid, PayoutReturned, PayoutWithheld
from app.people.accounts import checks as accounts
from app.people.agents import checks as agents
from app.people.agents import records as agent_records
from app.people.agents.events import (
    ActAnswered,
    ActObjected,
    AgentEnded,
    AgentNamed,
    MandateAsked,
    MandateEnded,
    MandateGiven,
    MandateOnPaper,
    MandateRefused,
)
from app.people.growers import checks as growers
from app.people.growers import panels
from app.people.growers.events import (
    SellerChangeApproved,
    SellerChangeRefused,
    SellerClosed,
    SellerRefused,
    SellerResumed,
    SellerSuspended,
    SellerVerified,
)
from app.people.messages import carried
from app.people.messages import checks as message_checks
from app.people.messages import mandates as mandate_hearers
from app.people.messages.hearers import account_changed, change_decided, seller_decided
from app.people.messages.states import Carries
from app.people.phone_codes import checks as phone_codes
from app.people.phone_codes import hearers as phone_code_hearers
from app.people.phone_codes.events import CodeAsked
from app.people.purse import checks as purse
from app.people.purse import panel as purse_panel
from app.people.purse.events import AccountGiven, AccountRefused, AccountVerified, AccountWithdrawn
from app.trade.addresses import checks as addresses
from app.trade.catalog import checks as catalog
from app.trade.catalog import deals
from app.trade.catalog import hearers as pack_hearers
from app.trade.catalog.events import PackReleased, PackStopped
from app.trade.catalog.imports import PACKS, PRICES
from app.trade.complaints import checks as complaints
from app.trade.complaints import hearers as complaint_hearers
from app.trade.complaints import panel as complaint_panel
from app.trade.complaints.events import (
    ComplaintAnswered,
    ComplaintDecided,
    ComplaintMade,
    ComplaintOverdue,
    ComplaintPassed,
    ComplaintSettled,
)
from app.trade.corrections import accounts as correction_accounts
from app.trade.corrections import service as corrections
from app.trade.fees import service as fees
from app.trade.intakes import accounts as intake_accounts
from app.trade.intakes import checks as intakes
from app.trade.intakes import hearers as intake_hearers
from app.trade.intakes.events import IntakeAccepted, IntakeAnswered, IntakeObjected, IntakeRefused
from app.trade.invoices import checks as invoices
from app.trade.invoices import hearers as invoice_hearers
from app.trade.invoices import panel as invoice_panel
from app.trade.invoices import service as invoices_service
from app.trade.invoices.events import InvoiceAsked, InvoiceDeclined, InvoiceIssued, InvoiceWithdrawn
from app.trade.lots import certificates
from app.trade.orders import checks as orders
from app.trade.orders import hearers as order_hearers
from app.trade.orders import panels as order_panels
from app.trade.orders import queries as order_queries
from app.trade.orders import slips as order_slips
from app.trade.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderReceived, OrderShipped, PackedShort
from app.trade.payments import checks as payments
from app.trade.payments import hearers as payment_hearers
from app.trade.payments import panel as payment_panel
from app.trade.payments import service as payments_service
from app.trade.payments.events import RefundSent
from app.trade.processing import accounts as processing_accounts
from app.trade.processing import checks as processing
from app.trade.recalls import checks as recalls
from app.trade.recalls import hearers as recall_hearers
from app.trade.recalls import panel as recall_panel
from app.trade.recalls.events import OrderRecalled, RecallEnded, RecallMade
from app.trade.returns import checks as returns
from app.trade.returns import hearers as return_hearers
from app.trade.returns import panel as return_panel
from app.trade.returns.events import ReturnMoved
from app.trade.reviews import checks as reviews
from app.trade.reviews import hearers as review_hearers
from app.trade.reviews import panel as review_panel
from app.trade.reviews.events import ReviewAnswered, ReviewFolded, ReviewWritten
from app.trade.settlements import accounts as settlement_accounts
from app.trade.settlements import checks as settlements
from app.trade.settlements import hearers as settlement_hearers
from app.trade.settlements import service as settlements_service
from app.trade.settlements.events import StatementClosed
from app.trade.stock import accounts as trade_accounts
from app.trade.stock import checks as stock
from app.trade.stock import panels as pack_panels
from app.trade.stock import slips as stock_slips
from app.trade.stock.imports import LOTS

CHECKS: tuple[Check, ...] = (
    *books.CHECKS,
    *figure_checks.CHECKS,
    *stock.CHECKS,
    *processing.CHECKS,
    *certificates.CHECKS,
    *intakes.CHECKS,
    *orders.CHECKS,
    *payments.CHECKS,
    *returns.CHECKS,
    *recalls.CHECKS,
    *catalog.CHECKS,
    *addresses.CHECKS,
    *invoices.CHECKS,
    *complaints.CHECKS,
    *reviews.CHECKS,
    *payouts.CHECKS,
    *accounts.CHECKS,
    *message_checks.CHECKS,
    *phone_codes.CHECKS,
    *growers.CHECKS,
    *purse.CHECKS,
    *agents.CHECKS,
    *approvals.CHECKS,
    *settlements.CHECKS,
    *audit.CHECKS,
    *outbox.CHECKS,
)


def bind() -> None:
    """Say once for this process who hears what; saying it again changes nothing."""
    events.hear_now(OrderCancelled, payments_service.refund_due)
    events.hear_now(PackedShort, payments_service.short_weight)
    events.hear_now(OrderReceived, payments_service.collected)
    events.hear_now(SellerVerified, seller_decided)
    events.hear_now(SellerRefused, seller_decided)
    events.hear_now(SellerSuspended, seller_decided)
    events.hear_now(SellerResumed, seller_decided)
    events.hear_now(SellerClosed, seller_decided)
    events.hear_now(SellerChangeApproved, change_decided)
    events.hear_now(SellerChangeRefused, change_decided)
    events.hear_afterwards(SellerChangeApproved, "catalog.find_under_new_name", pack_hearers.find_under_new_name)
    carried.register(Carries.SIGN_IN_CODE, phone_code_hearers.MAKER)
    events.hear_afterwards(CodeAsked, "phone_codes.text_code", phone_code_hearers.text_code)
    events.hear_now(AccountGiven, account_changed)
    events.hear_now(AccountVerified, account_changed)
    events.hear_now(AccountRefused, account_changed)
    events.hear_now(AccountWithdrawn, account_changed)
    events.hear_now(PackStopped, pack_hearers.tell_seller_of_stop)
    events.hear_now(PackReleased, pack_hearers.tell_seller_of_release)
    events.hear_afterwards(OrderPlaced, "orders.tell_seller_of_order", order_hearers.tell_seller_of_order)
    events.hear_afterwards(OrderPaid, "orders.tell_seller_of_payment", order_hearers.tell_seller_of_payment)
    events.hear_afterwards(OrderShipped, "orders.tell_buyer_of_shipment", order_hearers.tell_buyer_of_shipment)
    events.hear_afterwards(PackedShort, "orders.tell_buyer_of_short_weight", order_hearers.tell_buyer_of_short_weight)
    events.hear_afterwards(
        OrderCancelled, "orders.tell_seller_of_cancellation", order_hearers.tell_seller_of_cancellation
    )
    panels.ON_SELLER.add(purse_panel.of_seller)
    board_panels.ON_COUNTY.add(radar_panel.on_county)
    order_panels.ON_GROWERS_HOME.add(radar_panel.for_grower)
    events.hear_afterwards(RefundSent, "payments.tell_buyer_of_refund", payment_hearers.tell_buyer_of_refund)
    events.hear_afterwards(ReturnMoved, "returns.tell_buyer", return_hearers.tell_buyer)
    events.hear_afterwards(ReturnMoved, "returns.tell_seller", return_hearers.tell_seller)
    for panel in (payment_panel.for_buyer, return_panel.for_buyer):
        order_panels.FOR_BUYER.add(panel)
    order_panels.FOR_SELLER.add(return_panel.for_seller)
    for panel in (payment_panel.for_official, return_panel.for_official):
        order_panels.FOR_OFFICIAL.add(panel)
    _bind_invoices()
    _bind_complaints()
    _bind_agents()
    _bind_reviews()
    _bind_intakes()
    _bind_recalls()
    figures.register(*FIGURES)
    events.hear_afterwards(
        StatementClosed, "settlements.tell_seller_of_statement", settlement_hearers.tell_seller_of_statement
    )
    events.hear_afterwards(PayoutPaid, "settlements.tell_seller_of_paid", settlement_hearers.tell_seller_of_payment)
    events.hear_afterwards(PayoutFailed, "settlements.tell_seller_of_failed", settlement_hearers.tell_seller_of_failure)
    events.hear_afterwards(
        PayoutReturned, "settlements.tell_seller_of_returned", settlement_hearers.tell_seller_of_failure
    )
    events.hear_afterwards(
        PayoutWithheld, "settlements.tell_seller_of_withheld", settlement_hearers.tell_seller_of_failure
    )
    procedures.register(settlements_service.PROCEDURE, corrections.PROCEDURE, fees.PROCEDURE)
    figures.name_kinds(trade_accounts.KINDS)
    figures.name_kinds(processing_accounts.KINDS)
    figures.name_kinds(settlement_accounts.KINDS)
    figures.name_kinds(correction_accounts.KINDS)
    figures.name_kinds(payout_accounts.KINDS)
    imports.register(GROWERS, PACKS, PRICES, LOTS)
    consistency.use(CHECKS)
    for source in sources.SOURCES:
        pending.add(source)


def _bind_intakes() -> None:
    events.hear_afterwards(IntakeAccepted, "intakes.tell_grower_of_intake", intake_hearers.tell_grower_of_intake)
    events.hear_afterwards(IntakeRefused, "intakes.tell_grower_of_refusal", intake_hearers.tell_grower_of_refusal)
    events.hear_afterwards(IntakeObjected, "intakes.tell_buyer_of_objection", intake_hearers.tell_buyer_of_objection)
    events.hear_afterwards(IntakeAnswered, "intakes.tell_grower_of_answer", intake_hearers.tell_grower_of_answer)
    figures.name_kinds(intake_accounts.KINDS)


def _bind_agents() -> None:
    events.hear_now(AgentNamed, mandate_hearers.named)
    events.hear_now(AgentEnded, mandate_hearers.dismissed)
    events.hear_now(MandateAsked, mandate_hearers.asked)
    events.hear_now(MandateOnPaper, mandate_hearers.on_paper)
    events.hear_now(MandateGiven, mandate_hearers.given)
    events.hear_now(MandateRefused, mandate_hearers.refused)
    events.hear_now(MandateEnded, mandate_hearers.ended)
    events.hear_now(ActObjected, mandate_hearers.objected)
    events.hear_now(ActAnswered, mandate_hearers.answered)
    carried.register(Carries.MANDATE_CODE, mandate_hearers.CODE)
    agent_records.register(stock_slips.KINDS)
    agent_records.register(order_slips.KINDS)


def _bind_complaints() -> None:
    events.hear_afterwards(ComplaintMade, "complaints.tell_of_complaint", complaint_hearers.tell_of_complaint)
    events.hear_afterwards(ComplaintAnswered, "complaints.tell_of_answer", complaint_hearers.tell_of_answer)
    events.hear_afterwards(ComplaintPassed, "complaints.tell_of_passing", complaint_hearers.tell_of_passing)
    events.hear_afterwards(ComplaintOverdue, "complaints.tell_of_delay", complaint_hearers.tell_of_delay)
    events.hear_afterwards(ComplaintSettled, "complaints.tell_of_settlement", complaint_hearers.tell_of_settlement)
    events.hear_afterwards(ComplaintDecided, "complaints.tell_of_decision", complaint_hearers.tell_of_decision)
    order_panels.FOR_BUYER.add(complaint_panel.for_buyer)
    order_panels.FOR_SELLER.add(complaint_panel.for_seller)
    order_panels.FOR_OFFICIAL.add(complaint_panel.for_official)


def _bind_reviews() -> None:
    events.hear_afterwards(ReviewWritten, "reviews.tell_seller_of_review", review_hearers.tell_seller_of_review)
    events.hear_afterwards(ReviewAnswered, "reviews.tell_buyer_of_reply", review_hearers.tell_buyer_of_reply)
    events.hear_afterwards(ReviewFolded, "reviews.tell_buyer_of_folding", review_hearers.tell_buyer_of_folding)
    order_panels.FOR_BUYER.add(review_panel.for_buyer)
    pack_panels.ON_PACK.add(review_panel.on_pack)
    deals.use(order_queries.lowest_deal)


def _bind_invoices() -> None:
    events.hear_now(OrderCancelled, invoices_service.called_off)
    events.hear_afterwards(InvoiceAsked, "invoices.tell_seller_of_request", invoice_hearers.tell_seller_of_request)
    events.hear_afterwards(
        InvoiceWithdrawn, "invoices.tell_seller_of_withdrawal", invoice_hearers.tell_seller_of_withdrawal
    )
    events.hear_afterwards(InvoiceIssued, "invoices.tell_buyer_of_invoice", invoice_hearers.tell_buyer_of_invoice)
    events.hear_afterwards(InvoiceDeclined, "invoices.tell_buyer_of_refusal", invoice_hearers.tell_buyer_of_refusal)
    events.hear_afterwards(RefundSent, "invoices.tell_seller_of_refund", invoice_hearers.tell_seller_to_reverse)
    events.hear_afterwards(OrderCancelled, "invoices.tell_seller_of_end", invoice_hearers.tell_seller_to_reverse)
    order_panels.FOR_BUYER.add(invoice_panel.for_buyer)
    order_panels.FOR_SELLER.add(invoice_panel.for_seller)
    order_panels.FOR_OFFICIAL.add(invoice_panel.for_official)


def _bind_recalls() -> None:
    events.hear_afterwards(RecallMade, "recalls.find_orders", recall_hearers.find_orders)
    events.hear_afterwards(RecallMade, "recalls.tell_of_recall", recall_hearers.tell_of_recall)
    events.hear_afterwards(OrderRecalled, "recalls.take_up_order", recall_hearers.take_up_order)
    events.hear_afterwards(RecallEnded, "recalls.tell_of_end", recall_hearers.tell_of_end)
    order_panels.FOR_BUYER.add(recall_panel.for_buyer)
    order_panels.FOR_SELLER.add(recall_panel.for_seller)
    order_panels.FOR_OFFICIAL.add(recall_panel.for_official)
