"""Money that goes back: refunds, by the shop or by hand in Stripe's dashboard, and disputes."""

from __future__ import annotations

from tests.fakes import stripe_shapes as shapes
from tests.fakes.stripe_book import Book
from tests.fakes.stripe_errors import InvalidParameters, NotPossible, Refusal
from tests.fakes.stripe_shapes import Shape


class Returns:
    """What happens to a charge after it succeeded; never more goes back than was captured."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def refund(self, params: Shape) -> Shape:
        """Send back an amount, by default all that is left; raises Stripe's refusals for more than that."""
        charge = self._refundable(params)
        left = charge["amount_captured"] - charge["amount_refunded"]
        if left == 0:
            said = f"Charge {charge['id']} has already been refunded."
            raise Refusal(said, code="charge_already_refunded")
        amount = params.get("amount", left)
        if amount < 1:
            raise InvalidParameters("Invalid positive integer", code="parameter_invalid_integer", param="amount")
        if amount > left:
            said = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            raise Refusal(said, param="amount")
        pending = self._book.knobs.take_pending_refund()
        refund = self._book.add(shapes.refund(charge, params, amount=amount, pending=pending, at=self._book.now()))
        refund["balance_transaction"] = self._book.settle(refund, kind="refund", amount=-amount)
        self._count_back(charge, amount)
        self._book.emit("refund.created", refund)
        self._book.emit("charge.refunded", charge)
        return refund

    def finish(self, name: str) -> None:
        """A pending refund arrives at the buyer."""
        refund = self._pending(name)
        refund.update(status="succeeded", pending_reason=None)
        self._tell_update(refund)

    def fail(self, name: str, *, because: str) -> None:
        """A refund, pending or thought to have succeeded, comes back to the account; its amount is refundable again."""
        refund = self._book.get("refund", name)
        if refund["status"] not in ("pending", "succeeded"):
            raise NotPossible(f"this refund is {refund['status']}")
        before = refund["status"]
        refund.update(status="failed", pending_reason=None, failure_reason=because)
        refund["failure_balance_transaction"] = self._book.settle(
            refund, kind="refund_failure", amount=refund["amount"]
        )
        self._count_back(self._book.get("charge", refund["charge"]), -refund["amount"])
        self._tell_update(refund, before=before)
        self._book.emit("refund.failed", refund)

    def dispute(self, intent: str, *, amount: int | None, reason: str) -> Shape:
        """The buyer's bank takes the money back until the dispute is won."""
        charge = self._charge_of(intent)
        amount = charge["amount_captured"] if amount is None else amount
        dispute = self._book.add(shapes.dispute(charge, amount=amount, reason=reason, at=self._book.now()))
        charge["disputed"] = True
        self._book.emit("charge.dispute.created", dispute)
        self._move(dispute, -amount)
        self._book.emit("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def win(self, name: str) -> None:
        """The dispute ends for the shop, and the money comes back."""
        dispute = self._open_dispute(name)
        dispute["status"] = "won"
        self._book.emit("charge.dispute.closed", dispute)
        self._move(dispute, dispute["amount"])
        self._book.emit("charge.dispute.funds_reinstated", dispute)

    def lose(self, name: str) -> None:
        """The dispute ends for the buyer."""
        dispute = self._open_dispute(name)
        dispute["status"] = "lost"
        self._book.emit("charge.dispute.closed", dispute)

    def _refundable(self, params: Shape) -> Shape:
        if "charge" in params:
            charge = self._book.get("charge", params["charge"], param="charge")
        elif "payment_intent" in params:
            charge = self._charge_of(params["payment_intent"])
        else:
            raise InvalidParameters("One of the following params should be provided: payment_intent or charge.")
        if not charge["captured"]:
            raise Refusal(f"Charge {charge['id']} has no captured amount to refund.", code="charge_not_refundable")
        if charge["disputed"]:
            raise Refusal(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
        return charge

    def _charge_of(self, intent_name: str) -> Shape:
        intent = self._book.get("payment_intent", intent_name, param="payment_intent")
        if intent["status"] != "succeeded":
            said = f"This PaymentIntent ({intent_name}) does not have a successful charge to refund."
            raise Refusal(said, code="payment_intent_unexpected_state", param="payment_intent")
        return self._book.get("charge", intent["latest_charge"])

    def _pending(self, name: str) -> Shape:
        refund = self._book.get("refund", name)
        if refund["status"] != "pending":
            raise NotPossible(f"this refund is {refund['status']}")
        return refund

    def _open_dispute(self, name: str) -> Shape:
        dispute = self._book.get("dispute", name)
        if dispute["status"] != "needs_response":
            raise NotPossible(f"this dispute is {dispute['status']}")
        return dispute

    def _count_back(self, charge: Shape, amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]

    def _tell_update(self, refund: Shape, *, before: str = "pending") -> None:
        self._book.emit("refund.updated", refund, before={"status": before})
        self._book.emit("charge.refund.updated", refund, before={"status": before})

    def _move(self, dispute: Shape, amount: int) -> None:
        line = self._book.settle(dispute, kind="adjustment", amount=amount)
        dispute["balance_transactions"].append(dict(self._book.get("balance_transaction", line)))
