"""The process dies while a buyer pays online or gets his money back; whoever comes next carries on, with one effect."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from app.gateways.stripe import Stripe
from app.kernel import ids
from app.kernel.db import Database, database, session, transaction
from app.kernel.permissions import Viewer
from app.ledger import books
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments import gateway, notices, online, refunds, service
from app.trade.payments.models import Payment, PaymentState, PayPage, PayPageState, Refund, RefundState
from app.trade.payments.online import NothingToPay
from tests.cast import a_pack, answer, at, cancel, fill, findings, fresh, later, place, terms
from tests.fakes.stripe_server import StripeServer
from tests.faults.doomed import Doomed
from tests.faults.points import Point, after, before
from tests.trade.payments.cast import (
    KEY,
    SECRET,
    at_stripe,
    go_to_stripe,
    payments_of,
    problems,
    reread,
    stripes_book,
    tell,
    work,
)

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]

Act = Callable[[], object]


@pytest.fixture
def stripe(county: Database) -> Iterator[StripeServer]:
    """Stripe is not killed: it lives in the test's own process, which is also the one that carries on."""
    with StripeServer(key=KEY) as server:
        gateway.use(account_at(server.url), on=county)
        yield server
        gateway.use(None, on=county)


def account_at(url: str) -> Stripe:
    return Stripe(KEY, base=url, webhook_secrets=(SECRET,))


@dataclass(frozen=True, slots=True)
class Child:
    """A process of its own with the county's account at Stripe."""

    doomed: Doomed
    url: str

    def dies_in(self, act: Act, *, at: Point) -> None:
        """The act as far as that point; the books hold even so."""
        assert self.doomed.run(self._with_account(act, at)), f"never came there: {at}"
        assert findings() == {}

    def is_killed_in(self, act: Act, *, after_seconds: float) -> bool:
        """Whether the act was killed at that moment, and not done before."""
        return self.doomed.run(self._with_account(act), after_seconds=after_seconds)

    def _with_account(self, act: Act, until: Point | None = None) -> Callable[[Callable[[str], None]], None]:
        def begin(step: Callable[[str], None]) -> None:
            gateway.use(account_at(self.url), on=database())
            if until is not None:
                until.arm()
            act()

        return begin


@pytest.fixture
def child(county: Database, database_url: str, tmp_path: Path, stripe: StripeServer) -> Child:
    return Child(Doomed(county, database_url, tmp_path / "last-words.txt"), stripe.url)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Two orders of one price on one page, of which the second is called off when both are paid.

    So half of the page's money goes back, and Stripe would let it go twice.
    """

    number: int
    buyer: Viewer
    stripe: StripeServer
    kept: Order
    called_off: Order
    earlier_events: int

    def tap(self) -> None:
        """The buyer's way to Stripe's page."""
        go_to_stripe(self.buyer, self.kept.checkout)

    def notices(self) -> None:
        """Stripe says everything again that it has said so far of this purchase."""
        for event in self.stripe.events[self.earlier_events :]:
            tell(event)

    def paid(self) -> None:
        """The buyer pays on the newest page."""
        self.stripe.pay(self.stripe.objects("checkout.session")[-1]["id"])

    def is_called_off(self) -> None:
        cancel(self.called_off, by=self.buyer)

    def steps(self) -> list[tuple[str, Act, Act]]:
        """What happens in order: the name, what others do first, and what a process of ours does then."""
        return [
            ("tap", _nothing, self.tap),
            ("door", self.paid, self.notices),
            ("worker", _nothing, work),
            ("refund", self.is_called_off, work),
            ("last notices", _nothing, self.notices),
            ("last worker", _nothing, work),
        ]

    def assert_happened_once(self) -> None:
        """One page paid, half of it gone back, the fee booked, and nothing left to do; at Stripe and with us."""
        pages, refunds = self.stripe.objects("checkout.session"), self.stripe.objects("refund")
        assert [one["status"] for one in pages] == ["complete"] * self.number
        assert [one["amount"] for one in refunds] == [self.called_off.total.fen] * self.number
        assert [fresh(one).state for one in (self.kept, self.called_off)] == [OrderState.PAID, OrderState.CANCELLED]
        assert [one.state for one in payments_of(self.kept)] == [PaymentState.CONFIRMED]
        assert [one.state for one in payments_of(self.called_off)] == [PaymentState.REFUNDED]
        assert booked("payment.confirmed") == booked("payment.refunded") == booked("payment.fee") == self.number
        assert answer("SELECT count(*) FROM stripe_notices WHERE done_at IS NULL") == 0
        assert answer("SELECT count(*) FROM stripe_notices") == len(self.stripe.events)
        assert (at_stripe(), problems()) == (stripes_book(self.stripe).fen, [])


def _nothing() -> None:
    """Nobody else does anything first."""


def booked(kind: str) -> int:
    """How often such a thing is in the books."""
    return answer("SELECT count(*) FROM ledger_events WHERE kind = :kind", kind=kind)


@pytest.fixture
def purchases(li: Viewer, wang: Viewer, gao: Viewer, stripe: StripeServer) -> Iterator[Purchase]:
    """One after the other, none of them begun."""
    boxes = [a_pack(grower, pieces=50) for grower in (wang, gao)]

    def placed(number: int) -> Purchase:
        fill(li, {box.slug: 1 for box in boxes})
        kept, called_off = place(li, terms(li, pay_by=PayBy.ONLINE))
        assert kept.total == called_off.total
        return Purchase(number, li, stripe, kept, called_off, len(stripe.events))

    return (placed(number) for number in itertools.count(1))


POINTS = {
    "tap": [
        after(online, "begin"),
        before(Stripe, "open_session"),
        after(Stripe, "open_session"),
        after(online, "_apply"),
        after(online, "apply"),
    ],
    "door": [after(notices, "keep")],
    "worker": [
        before(Stripe, "session_of"),
        before(books, "record"),
        after(service, "arrived"),
        after(online, "apply"),
        before(Stripe, "balance_of"),
        after(Stripe, "balance_of"),
        after(online, "_book_fee"),
    ],
    "refund": [
        before(Stripe, "refund"),
        after(Stripe, "refund"),
        after(refunds, "sent"),
        after(online, "apply_refunds"),
    ],
}


@pytest.mark.parametrize("step", POINTS)
def test_a_payment_and_its_refund_survive_a_kill_at_each_point_of_a_step(
    step: str, child: Child, purchases: Iterator[Purchase]
) -> None:
    for point, purchase in zip(POINTS[step], purchases, strict=False):
        for name, others_first, act in purchase.steps():
            others_first()
            if name == step:
                child.dies_in(act, at=point)
            act()

        purchase.assert_happened_once()
    assert findings() == {}


def test_a_payment_that_no_notice_told_is_found_though_the_search_is_killed(
    child: Child, purchases: Iterator[Purchase]
) -> None:
    points = [after(notices, "keep"), after(online, "apply"), before(online, "look_again"), after(Stripe, "balance_of")]
    for point, purchase in zip(points, purchases, strict=False):
        purchase.tap()
        purchase.paid()
        child.dies_in(notices.reconcile, at=point)
        notices.reconcile()
        purchase.is_called_off()
        child.dies_in(notices.reconcile, at=after(Stripe, "refund"))
        notices.reconcile()

        notices.reconcile()
        purchase.assert_happened_once()
    assert findings() == {}


@pytest.mark.parametrize("point", [after(Stripe, "end_session"), after(online, "_apply")], ids=str)
def test_a_page_whose_time_is_over_is_ended_by_the_next_pass(
    point: Point, child: Child, purchases: Iterator[Purchase]
) -> None:
    purchase = next(purchases)
    purchase.tap()
    with at(later(minutes=20)):
        child.dies_in(work, at=point)
        work()

        (page,) = purchase.stripe.objects("checkout.session")
        assert page["status"] == "expired"
        reread()
        assert session().query(PayPage).one().state is PayPageState.ENDED
        with pytest.raises(NothingToPay):
            purchase.tap()
    assert len(purchase.stripe.objects("checkout.session")) == 1


def kill_at_any_moment(child: Child, purchases: Iterator[Purchase], *, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    for purchase in itertools.islice(purchases, rounds):
        for _name, others_first, act in purchase.steps():
            others_first()
            if child.is_killed_in(act, after_seconds=chance.uniform(0, 0.2)):
                assert findings() == {}
            act()
        purchase.assert_happened_once()
    assert findings() == {}


def test_a_payment_and_its_refund_survive_kills_at_any_moment(child: Child, purchases: Iterator[Purchase]) -> None:
    kill_at_any_moment(child, purchases, rounds=2, seed=1)


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 8))
def test_many_payments_and_refunds_survive_kills_at_any_moment(
    seed: int, child: Child, purchases: Iterator[Purchase]
) -> None:
    kill_at_any_moment(child, purchases, rounds=20, seed=seed)


def send_back_without_a_key() -> None:
    """What everybody writes first: send what is due, then write down that it went."""
    for number, intent, amount in session().execute(REFUNDS_DUE).all():
        gateway.stripe().refund(key=ids.public_number("R"), intent=intent, amount=amount)
        sent = [one for one in gateway.stripe().refunds_of(intent) if one.amount == amount.fen]
        with transaction():
            waiting = refunds.locked_one(number)
            assert waiting is not None
            refunds.sent(waiting, reference=sent[0].id, by="naive")


REFUNDS_DUE = (
    select(Refund.id, Payment.reference, Refund.amount)
    .join(Payment, Payment.id == Refund.payment_id)
    .where(Refund.state == RefundState.DUE)
)


def test_without_a_key_a_refund_whose_sender_died_goes_twice(child: Child, purchases: Iterator[Purchase]) -> None:
    purchase = next(purchases)
    for act in (purchase.tap, purchase.paid, purchase.notices, work, purchase.is_called_off):
        act()

    child.dies_in(send_back_without_a_key, at=after(Stripe, "refund"))
    send_back_without_a_key()

    assert len(purchase.stripe.objects("refund")) == 2
    assert at_stripe() == stripes_book(purchase.stripe).fen + purchase.called_off.total.fen
