"""The JSON of Stripe's objects, as API version 2026-10-28.endive renders them.

Source: the SDK's classes (`stripe.checkout.Session`, `stripe.PaymentIntent` and so on). Amounts are in the smallest
unit of their currency.
"""

from __future__ import annotations

import secrets
from typing import Any

API_VERSION = "2026-10-28.endive"

Shape = dict[str, Any]


def session(params: Shape, *, at: int, methods: list[str], amount: int, currency: str, base_url: str) -> Shape:
    """An open, unpaid Checkout Session of mode payment; its intent comes with the first attempt to pay."""
    name = f"cs_test_{secrets.token_hex(16)}"
    return {
        "id": name,
        "object": "checkout.session",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "created": at,
        "currency": currency,
        "custom_fields": [],
        "custom_text": {"after_submit": None, "submit": None},
        "customer": None,
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "expires_at": params.get("expires_at", at + 24 * 3600),
        "invoice": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_options": params.get("payment_method_options", {}),
        "payment_method_types": methods,
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{base_url}/pay/{name}",
    }


def payment_intent(of: Shape, data: Shape, *, at: int) -> Shape:
    """The intent behind a session, waiting for a payment method; `data` is the session's payment_intent_data."""
    name = f"pi_{secrets.token_hex(12)}"
    return {
        "id": name,
        "object": "payment_intent",
        "amount": of["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{name}_secret_{secrets.token_hex(8)}",
        "confirmation_method": "automatic",
        "created": at,
        "currency": of["currency"],
        "customer": None,
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "payment_method": None,
        "payment_method_types": of["payment_method_types"],
        "receipt_email": data.get("receipt_email"),
        "statement_descriptor": data.get("statement_descriptor"),
        "status": "requires_payment_method",
    }


def charge(intent: Shape, *, method: str, status: str, at: int) -> Shape:
    """One attempt of an intent: succeeded, pending or failed."""
    paid = status == "succeeded"
    return {
        "id": f"ch_{secrets.token_hex(12)}",
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": paid,
        "created": at,
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": f"pm_{secrets.token_hex(12)}",
        "payment_method_details": {"type": method, method: {}},
        "receipt_url": None,
        "refunded": False,
        "status": status,
    }


def refund(of: Shape, params: Shape, *, amount: int, pending: str | None, at: int) -> Shape:
    """Money on its way back, or back."""
    return {
        "id": f"re_{secrets.token_hex(12)}",
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": of["id"],
        "created": at,
        "currency": of["currency"],
        "destination_details": {"type": of["payment_method_details"]["type"]},
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": params.get("metadata") or {},
        "payment_intent": of["payment_intent"],
        "pending_reason": pending,
        "reason": params.get("reason"),
        "receipt_number": None,
        "status": "pending" if pending else "succeeded",
    }


def balance_transaction(source: Shape, *, kind: str, amount: int, fee: int, currency: str, at: int) -> Shape:
    """One line of the account's balance, in the currency it is settled in."""
    details = {"amount": fee, "application": None, "currency": currency, "description": "Fees", "type": "stripe_fee"}
    return {
        "id": f"txn_{secrets.token_hex(12)}",
        "object": "balance_transaction",
        "amount": amount,
        "available_on": at + 7 * 86400,
        "balance_type": "payments",
        "created": at,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details] if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }


def dispute(of: Shape, *, amount: int, reason: str, at: int) -> Shape:
    """A buyer's complaint to the bank, waiting for an answer."""
    return {
        "id": f"dp_{secrets.token_hex(12)}",
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": of["id"],
        "created": at,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": at + 7 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": None,
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }


def event(kind: str, of: Shape, *, before: Shape | None, key: str | None, at: int) -> Shape:
    """What happened to an object, which is given as it was then; `before` holds the old values of an update."""
    data: Shape = {"object": of}
    if before is not None:
        data["previous_attributes"] = before
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": API_VERSION,
        "created": at,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": key},
        "type": kind,
    }
