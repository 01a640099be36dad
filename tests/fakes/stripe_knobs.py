"""What a test turns to make the fake Stripe slow, forgetful, strict or silent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from fnmatch import fnmatchcase
from threading import Lock


class FaultKind(Enum):
    """Where in the life of one request something goes wrong."""

    DELAY_BEFORE = "the effect waits"
    DELAY_AFTER = "the effect is there, the answer waits"
    DROP = "the effect is there, the connection closes without an answer"
    TOO_MANY = "429, no effect, nothing remembered for the key"
    BREAK_BEFORE = "500, no effect, nothing remembered for the key"
    BREAK_AFTER = "500 although the effect is there; the key replays the 500"
    DRIP = "the answer comes byte by byte"


class Sending(Enum):
    """What becomes of webhooks; the list of events always has them."""

    AT_ONCE = "each is posted as it happens"
    HELD = "they wait for `server.deliver()`"
    NEVER = "they are not posted, now or later"


@dataclass(frozen=True)
class Fault:
    """One kind of trouble and its size."""

    kind: FaultKind
    seconds: float = 0.0
    bytes_per_second: float = 1.0
    retry_after: int = 1


@dataclass
class _Plan:
    route: str
    fault: Fault
    left: int | None


@dataclass
class Knobs:
    """The settings of one fake account. A test changes them at any time.

    A route is "METHOD /path" with * as wildcard: "POST /v1/refunds", "GET /v1/*", "*". Each request takes one turn of
    the first plan that matches; `times=None` means until `clear_faults()`.
    """

    account_methods: list[str] = field(default_factory=lambda: ["card", "alipay", "wechat_pay"])
    delayed_methods: set[str] = field(default_factory=lambda: {"sepa_debit", "konbini", "us_bank_account"})
    fee_basis_points: int = 340
    fee_fixed: int = 0
    settlement_currency: str | None = None
    exchange_rate: Decimal = Decimal(1)
    webhooks: Sending = Sending.AT_ONCE
    webhook_copies: int = 1
    webhook_attempts: int = 4
    webhook_retry_seconds: float = 0.2
    _plans: list[_Plan] = field(default_factory=list)
    _pending_refunds: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def delay_before(self, route: str = "*", *, seconds: float, times: int | None = 1) -> None:
        """Requests wait before their effect; their idempotency key is in use meanwhile."""
        self._plan(route, Fault(FaultKind.DELAY_BEFORE, seconds=seconds), times)

    def delay_after(self, route: str = "*", *, seconds: float, times: int | None = 1) -> None:
        """Requests have their effect at once and are answered late."""
        self._plan(route, Fault(FaultKind.DELAY_AFTER, seconds=seconds), times)

    def drop_answer(self, route: str = "*", *, times: int | None = 1) -> None:
        """Requests have their effect, then the connection closes."""
        self._plan(route, Fault(FaultKind.DROP), times)

    def too_many(self, route: str = "*", *, retry_after: int = 1, times: int | None = 1) -> None:
        """Requests are answered 429 with Retry-After in seconds."""
        self._plan(route, Fault(FaultKind.TOO_MANY, retry_after=retry_after), times)

    def break_before(self, route: str = "*", *, times: int | None = 1) -> None:
        """Requests are answered 500 and did nothing."""
        self._plan(route, Fault(FaultKind.BREAK_BEFORE), times)

    def break_after(self, route: str = "*", *, times: int | None = 1) -> None:
        """Requests are answered 500 and did everything."""
        self._plan(route, Fault(FaultKind.BREAK_AFTER), times)

    def drip(self, route: str = "*", *, bytes_per_second: float = 1.0, times: int | None = 1) -> None:
        """Answers come one byte at a time, headers included."""
        self._plan(route, Fault(FaultKind.DRIP, bytes_per_second=bytes_per_second), times)

    def clear_faults(self) -> None:
        """No request to come is troubled."""
        with self._lock:
            self._plans.clear()

    def hold_refunds(self, *, times: int = 1, because: str = "processing") -> None:
        """The next refunds stay `pending`, with this `pending_reason`, until the test finishes or fails them."""
        with self._lock:
            self._pending_refunds.extend([because] * times)

    def take_fault(self, method: str, path: str) -> Fault | None:
        """The trouble meant for this request, used up by one turn."""
        asked = f"{method} {path}"
        with self._lock:
            for plan in self._plans:
                if fnmatchcase(asked, plan.route) and plan.left != 0:
                    plan.left = None if plan.left is None else plan.left - 1
                    return plan.fault
        return None

    def take_pending_refund(self) -> str | None:
        """Why the refund being made now stays pending, or None when it succeeds at once."""
        with self._lock:
            return self._pending_refunds.pop(0) if self._pending_refunds else None

    def suitable(self, methods: Iterable[str] | None) -> list[str]:
        """Of the allowed payment methods those that this account has; all it has when none are named."""
        return [m for m in self.account_methods if methods is None or m in set(methods)]

    def _plan(self, route: str, fault: Fault, times: int | None) -> None:
        with self._lock:
            self._plans.append(_Plan(route, fault, times))
