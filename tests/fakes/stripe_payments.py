"""Checkout Sessions and the payments made through them."""

from __future__ import annotations

from tests.fakes import stripe_shapes as shapes
from tests.fakes.stripe_book import Book
from tests.fakes.stripe_errors import InvalidParameters, NotPossible, Refusal
from tests.fakes.stripe_shapes import Shape

_SHORTEST_SECONDS = 30 * 60
_LONGEST_SECONDS = 24 * 3600


class Payments:
    """What buyers and the shop do up to the moment the money is there."""

    def __init__(self, book: Book, *, base_url: str) -> None:
        self._book = book
        self._base_url = base_url
        self._intent_data: dict[str, Shape] = {}

    def open_session(self, params: Shape) -> Shape:
        """A new session for the sum of its lines.

        Raises `InvalidParameters` for what the types cannot tell: no lines, mixed currencies, a bad expiry, an
        unsupported mode, or no payment method left.
        """
        at = self._book.now()
        _check_form(params)
        _check_expiry(params.get("expires_at"), at=at)
        currency, amount = _total(params.get("line_items") or [])
        methods = self._book.knobs.suitable(params.get("allowed_payment_method_types"))
        if not methods:
            raise InvalidParameters("No valid payment method types for this Checkout Session.")
        session = shapes.session(
            params, at=at, methods=methods, amount=amount, currency=currency, base_url=self._base_url
        )
        self._intent_data[session["id"]] = params.get("payment_intent_data", {})
        return self._book.add(session)

    def expire(self, name: str) -> Shape:
        """The open session ends unpaid, its intent is cancelled; raises Stripe's refusal for any other session."""
        session = self._book.get("checkout.session", name, param="session")
        if session["status"] != "open":
            said = 'Only Checkout Sessions with a status in ["open"] can be expired.'
            raise Refusal(f"{said} This Checkout Session has a status of `{session['status']}`.")
        session.update(status="expired", url=None)
        if session["payment_intent"]:
            intent = self._book.get("payment_intent", session["payment_intent"])
            intent.update(status="canceled", canceled_at=self._book.now(), cancellation_reason="automatic")
            self._book.emit("payment_intent.canceled", intent)
        self._book.emit("checkout.session.expired", session)
        return session

    def expire_overdue(self) -> None:
        """Every open session past its time ends."""
        for session in self._book.all("checkout.session"):
            if session["status"] == "open" and session["expires_at"] <= self._book.now():
                self.expire(session["id"])

    def pay(self, name: str, *, method: str | None, even_if_expired: bool) -> Shape:
        """The buyer pays; the intent. A delayed method leaves it `processing` and the session complete but unpaid.

        Raises `NotPossible` for a session already complete, an expired one unless told, or a method not offered.
        """
        session = self._payable(name, even_if_expired=even_if_expired)
        method = method or session["payment_method_types"][0]
        if method not in session["payment_method_types"]:
            raise NotPossible(f"{method} is not offered, only {', '.join(session['payment_method_types'])}")
        intent = self._intent_of(session)
        session.update(status="complete", url=None)
        if method in self._book.knobs.delayed_methods:
            self._await_money(intent, method)
        else:
            self._take_money(intent, self._attempt(intent, method, "succeeded"))
            session["payment_status"] = "paid"
        self._book.emit("checkout.session.completed", session)
        return intent

    def decline(self, name: str, *, method: str | None) -> Shape:
        """The attempt fails and the session stays open for another; the intent."""
        session = self._payable(name, even_if_expired=False)
        intent = self._intent_of(session)
        charge = self._attempt(intent, method or session["payment_method_types"][0], "failed")
        self._lose_money(intent, charge)
        return intent

    def clear(self, name: str) -> Shape:
        """The money of a delayed method arrives; the intent."""
        session, intent, charge = self._awaited(name)
        charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
        self._take_money(intent, charge)
        session["payment_status"] = "paid"
        self._book.emit("checkout.session.async_payment_succeeded", session)
        return intent

    def bounce(self, name: str) -> Shape:
        """The money of a delayed method never arrives: the session stays complete and unpaid; the intent."""
        session, intent, charge = self._awaited(name)
        charge["status"] = "failed"
        self._lose_money(intent, charge)
        self._book.emit("checkout.session.async_payment_failed", session)
        return intent

    def tamper(self, name: str, changes: Shape) -> None:
        """The session says something else than was asked for; amount and currency go on to its intent and charges."""
        session = self._book.get("checkout.session", name, param="session")
        session.update(changes)
        if "amount_total" in changes:
            session["amount_subtotal"] = changes["amount_total"]
        money = {"amount": session["amount_total"], "currency": session["currency"]}
        if session["payment_intent"]:
            intent = self._book.get("payment_intent", session["payment_intent"])
            intent.update(money)
            intent["amount_received"] = intent["amount"] if intent["amount_received"] else 0
            for charge in self._book.all("charge"):
                if charge["payment_intent"] == intent["id"]:
                    charge.update(money, amount_captured=money["amount"] if charge["captured"] else 0)

    def _payable(self, name: str, *, even_if_expired: bool) -> Shape:
        self.expire_overdue()
        session = self._book.get("checkout.session", name, param="session")
        if session["status"] == "open" or (even_if_expired and session["status"] == "expired"):
            return session
        raise NotPossible(f"this session is {session['status']}")

    def _awaited(self, name: str) -> tuple[Shape, Shape, Shape]:
        session = self._book.get("checkout.session", name, param="session")
        intent = self._book.get("payment_intent", session["payment_intent"] or "")
        if intent["status"] != "processing":
            raise NotPossible(f"this payment is not awaited but {intent['status']}")
        return session, intent, self._book.get("charge", intent["latest_charge"])

    def _intent_of(self, session: Shape) -> Shape:
        if session["payment_intent"]:
            return self._book.get("payment_intent", session["payment_intent"])
        data = self._intent_data[session["id"]]
        intent = self._book.add(shapes.payment_intent(session, data, at=self._book.now()))
        session["payment_intent"] = intent["id"]
        self._book.emit("payment_intent.created", intent)
        return intent

    def _attempt(self, intent: Shape, method: str, status: str) -> Shape:
        charge = self._book.add(shapes.charge(intent, method=method, status=status, at=self._book.now()))
        intent.update(latest_charge=charge["id"], payment_method=charge["payment_method"])
        return charge

    def _take_money(self, intent: Shape, charge: Shape) -> None:
        charge["balance_transaction"] = self._book.settle(charge, kind="charge", amount=charge["amount"], with_fee=True)
        intent.update(status="succeeded", amount_received=charge["amount"], last_payment_error=None)
        intent.update(canceled_at=None, cancellation_reason=None)
        self._book.emit("charge.succeeded", charge)
        self._book.emit("payment_intent.succeeded", intent)

    def _await_money(self, intent: Shape, method: str) -> None:
        charge = self._attempt(intent, method, "pending")
        intent["status"] = "processing"
        self._book.emit("charge.pending", charge)
        self._book.emit("payment_intent.processing", intent)

    def _lose_money(self, intent: Shape, charge: Shape) -> None:
        said = {"code": "card_declined", "message": "The payment was declined.", "type": "card_error"}
        charge.update(failure_code=said["code"], failure_message=said["message"])
        intent.update(status="requires_payment_method", payment_method=None, last_payment_error=said)
        self._book.emit("charge.failed", charge)
        self._book.emit("payment_intent.payment_failed", intent)


def _check_form(params: Shape) -> None:
    if params.get("mode") != "payment":
        raise InvalidParameters("This fake account takes sessions of mode `payment` only.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise InvalidParameters("This fake account has hosted pages only.", param="ui_mode")
    if "success_url" not in params:
        raise InvalidParameters("Missing required param: success_url.", code="parameter_missing", param="success_url")
    for name in ("success_url", "cancel_url"):
        if name in params and not params[name].startswith(("http://", "https://")):
            raise InvalidParameters(f"Not a valid URL: {params[name]}", code="url_invalid", param=name)
    if len(params.get("client_reference_id", "")) > 200:
        raise InvalidParameters("Invalid string: at most 200 characters", param="client_reference_id")


def _check_expiry(expires_at: int | None, *, at: int) -> None:
    if expires_at is None:
        return
    if expires_at - at < _SHORTEST_SECONDS:
        said = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise InvalidParameters(said, param="expires_at")
    if expires_at - at > _LONGEST_SECONDS:
        said = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise InvalidParameters(said, param="expires_at")


def _total(lines: list[Shape]) -> tuple[str, int]:
    if not lines:
        raise InvalidParameters("Missing required param: line_items.", code="parameter_missing", param="line_items")
    currencies, amount = set(), 0
    for place, line in enumerate(lines):
        at = f"line_items[{place}]"
        price = line.get("price_data")
        if price is None or "unit_amount" not in price or "product_data" not in price:
            raise InvalidParameters("This fake account has no catalogue: name price and product.", param=at)
        if price["unit_amount"] < 0 or line.get("quantity", 0) < 1:
            raise InvalidParameters("Invalid line item: an amount from 0, a quantity from 1.", param=at)
        currencies.add(price["currency"].lower())
        amount += price["unit_amount"] * line["quantity"]
    if len(currencies) != 1:
        raise InvalidParameters("All prices of a Checkout Session must be in one currency.", param="line_items")
    return currencies.pop(), amount
