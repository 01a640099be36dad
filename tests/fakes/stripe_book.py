"""The fake account's book: every object, every event, and the sums that a test compares its own book with."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from threading import RLock

from tests.fakes import stripe_shapes as shapes
from tests.fakes.stripe_errors import no_such
from tests.fakes.stripe_knobs import Knobs
from tests.fakes.stripe_shapes import Shape


@dataclass(frozen=True)
class Sums:
    """What Stripe holds for one `client_reference_id`.

    Captured and refunded are in the smallest unit of the currency paid in; pending refunds count, failed ones do not.
    Fees are in the smallest unit of the settlement currency, which is the same unless a knob says otherwise.
    """

    captured: int = 0
    refunded: int = 0
    fees: int = 0


class Book:
    """All objects by id, oldest first. Whoever changes one holds `lock`."""

    def __init__(self, knobs: Knobs, *, clock: Callable[[], float], announce: Callable[[Shape], None]) -> None:
        self.lock = RLock()
        self.knobs = knobs
        self._clock = clock
        self._announce = announce
        self._objects: dict[str, Shape] = {}
        self._key: str | None = None

    def now(self) -> int:
        """The second it is at Stripe."""
        return int(self._clock())

    def add(self, thing: Shape) -> Shape:
        """Keep a new object."""
        self._objects[thing["id"]] = thing
        return thing

    def get(self, kind: str, name: str, *, param: str = "id") -> Shape:
        """The object itself, to read or change; raises Stripe's 404 refusal."""
        thing = self._objects.get(name)
        if thing is None or thing["object"] != kind:
            raise no_such(kind, name, param=param)
        return thing

    def find(self, name: str) -> Shape | None:
        """The object of any kind with this id."""
        return self._objects.get(name)

    def all(self, kind: str) -> list[Shape]:
        """Every object of a kind, newest first as Stripe lists them."""
        return [thing for thing in reversed(self._objects.values()) if thing["object"] == kind]

    def emit(self, kind: str, of: Shape, *, before: Shape | None = None) -> None:
        """Keep the event with a copy of the object as it is now, and tell the webhooks."""
        event = shapes.event(kind, copy.deepcopy(of), before=before, key=self._key, at=self.now())
        self.add(event)
        self._announce(event)

    @contextmanager
    def asked_with(self, key: str | None) -> Iterator[None]:
        """Hold the lock; events made inside name the idempotency key of the request that caused them."""
        with self.lock:
            self._key = key
            try:
                yield
            finally:
                self._key = None

    def settle(self, source: Shape, *, kind: str, amount: int, with_fee: bool = False) -> str:
        """Book money in or out, converted half up to the settlement currency; the id of the balance transaction."""
        knobs = self.knobs
        currency = knobs.settlement_currency or source["currency"]
        is_converted = currency != source["currency"]
        settled = _half_up(amount * knobs.exchange_rate) if is_converted else amount
        fee = _half_up(Decimal(settled * knobs.fee_basis_points) / 10_000) + knobs.fee_fixed if with_fee else 0
        line = shapes.balance_transaction(source, kind=kind, amount=settled, fee=fee, currency=currency, at=self.now())
        if is_converted:
            # A ratio, never money: Stripe renders it as a JSON number.
            line["exchange_rate"] = float(knobs.exchange_rate)
        name: str = self.add(line)["id"]
        return name

    def sums(self) -> dict[str, Sums]:
        """Captured, refunded and fees of each reference, over all its sessions; "" is for sessions without one."""
        with self.lock:
            sums: dict[str, Sums] = {}
            for session in reversed(self.all("checkout.session")):
                reference = session["client_reference_id"] or ""
                sums[reference] = self._with_charges(sums.get(reference, Sums()), session["payment_intent"])
            return sums

    def nets(self) -> dict[str, int]:
        """Currency → what the account has in it, from every line of the balance."""
        with self.lock:
            nets: dict[str, int] = {}
            for line in self.all("balance_transaction"):
                nets[line["currency"]] = nets.get(line["currency"], 0) + line["net"]
            return nets

    def _with_charges(self, sums: Sums, intent: str | None) -> Sums:
        for charge in self.all("charge"):
            if intent is None or charge["payment_intent"] != intent or not charge["paid"]:
                continue
            line = self.get("balance_transaction", charge["balance_transaction"])
            sums = Sums(
                captured=sums.captured + charge["amount_captured"],
                refunded=sums.refunded + charge["amount_refunded"],
                fees=sums.fees + line["fee"],
            )
        return sums


def _half_up(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
