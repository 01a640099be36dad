"""Many at once at the till, with real threads, on both databases; beside each race the till without its guard."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from fnmatch import fnmatchcase

import pytest
import stripe as stripe_sdk
from sqlalchemy import text

from app.gateways import stripe as stripe_gateway
from app.gateways.stripe import Stripe, StripeUnsure
from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.people.accounts import sealing
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments import gateway, notices, online
from app.trade.payments.models import PaymentState, PayPage, PayPageState, ProblemKind
from tests.cast import a_pack, answer, at, available, cancel, fill, findings, fresh, later, place, terms
from tests.fakes.stripe_server import StripeServer
from tests.fakes.stripe_webhooks import StripeEvent
from tests.races import naive_payments
from tests.races.crowd import Act, Crowd, crowd_in, meeting, tally
from tests.trade.payments.cast import (
    ADDRESSES,
    KEY,
    SECRET,
    at_stripe,
    begin,
    go_to_stripe,
    hear,
    online_order,
    page_of,
    payments_of,
    problems,
    session_of,
    stripes_book,
    tell,
    work,
)

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]


@pytest.fixture
def stripe(county: Database) -> Iterator[StripeServer]:
    """Nothing is told unless the test tells it."""
    with StripeServer(key=KEY) as server:
        gateway.use(Stripe(KEY, base=server.url, webhook_secrets=(SECRET,)), on=county)
        yield server
        gateway.use(None, on=county)


@pytest.fixture
def wide(county: Database, database_url: str, stripe: StripeServer) -> Iterator[Database]:
    """The same database with room for a crowd, and with an account of its own at Stripe."""
    room = Database(database_url, pool_size=24)
    sealing.use(sealing.vault(), on=room)
    gateway.use(Stripe(KEY, base=stripe.url, webhook_secrets=(SECRET,)), on=room)
    yield room
    gateway.use(None, on=room)
    room.dispose()


@pytest.fixture
def crowd(wide: Database) -> Crowd:
    """Run acts together, each thread in a unit of work of its own."""

    return crowd_in(wide)


def completed(stripe: StripeServer) -> StripeEvent:
    return next(one for one in stripe.events if one.type == "checkout.session.completed")


def booked(kind: str) -> int:
    """How often such a thing is in the books."""
    return answer("SELECT count(*) FROM ledger_events WHERE kind = :kind", kind=kind)


def test_one_notice_told_and_carried_out_by_twenty_at_once_is_one_payment(
    crowd: Crowd, li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    stripe.pay(session_of(go_to_stripe(li, order.checkout)))
    notice = completed(stripe)

    def told() -> None:
        tell(notice)
        notices.carry_out_due()

    outcomes = crowd([*[told] * 14, *[notices.reconcile] * 6])

    assert tally(outcomes) == {"done": 20}
    assert [one.state for one in payments_of(order)] == [PaymentState.CONFIRMED]
    assert (booked("payment.confirmed"), booked("payment.fee")) == (1, 1)
    assert answer("SELECT count(*) FROM stripe_notices") == len(stripe.events)
    assert (at_stripe(), available(gift_box)) == (stripes_book(stripe).fen, 9)
    assert findings() == {}


@pytest.mark.corrupts
def test_a_till_that_looks_before_it_books_books_each_copy_of_the_notice(
    crowd: Crowd, li: Viewer, gift_box: Pack
) -> None:
    order_id, met = online_order(1, gift_box, buyer=li).id, meeting(8)

    def booking(n: int) -> Act:
        return lambda: naive_payments.look_then_book(order_id, notice=f"evt_{n}", between=met)

    outcomes = crowd([booking(n) for n in range(8)])

    assert tally(outcomes) == {"done": 8}
    assert answer("SELECT count(*) FROM payments") == 8


@pytest.mark.parametrize("answers_after", [0, 0.5])
def test_eight_taps_at_once_are_one_open_page(
    crowd: Crowd, li: Viewer, gift_box: Pack, stripe: StripeServer, answers_after: float
) -> None:
    order = online_order(1, gift_box, buyer=li)
    checkout = order.checkout
    stripe.knobs.delay_before("POST /v1/checkout/sessions", seconds=answers_after)

    outcomes = crowd([lambda: go_to_stripe(li, checkout).url] * 8)
    go_to_stripe(li, checkout)

    # Who comes while Stripe still makes the page waits for the first one's answer.
    assert tally(outcomes) == {"done": 8}
    assert [one["status"] for one in stripe.objects("checkout.session")] == ["open"]
    assert [one.state for one in session().query(PayPage)] == [PayPageState.OPEN]


def test_a_till_that_looks_before_it_asks_opens_a_page_for_each_tap(
    crowd: Crowd, li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order, met = online_order(1, gift_box, buyer=li), meeting(8)
    checkout, order_id = order.checkout, order.id

    outcomes = crowd([lambda: naive_payments.look_then_ask(checkout, order_id, between=met)] * 8)

    assert tally(outcomes) == {"done": 8}
    assert len(stripe.objects("checkout.session")) == 8


@pytest.fixture
def half_called_off(li: Viewer, wang: Viewer, gao: Viewer, stripe: StripeServer) -> Order:
    """One of two orders of one price, paid on one page: Stripe would let its money go back twice."""
    fill(li, {a_pack(grower).slug: 1 for grower in (wang, gao)})
    kept, called_off = place(li, terms(li, pay_by=PayBy.ONLINE))
    assert kept.total == called_off.total
    stripe.pay(session_of(go_to_stripe(li, kept.checkout)))
    hear(stripe)
    cancel(called_off, by=li)
    return called_off


@pytest.mark.parametrize("answers_after", [0, 0.5])
def test_two_workers_send_the_same_money_back_once(
    crowd: Crowd, half_called_off: Order, stripe: StripeServer, answers_after: float
) -> None:
    stripe.knobs.delay_before("POST /v1/refunds", seconds=answers_after)

    outcomes = crowd([online.send_back_due] * 2)
    hear(stripe)

    assert tally(outcomes) == {"done": 2}
    assert [one["amount"] for one in stripe.objects("refund")] == [half_called_off.total.fen]
    assert [one.state for one in payments_of(half_called_off)] == [PaymentState.REFUNDED]
    assert (booked("payment.refunded"), at_stripe()) == (1, stripes_book(stripe).fen)
    assert problems() == []
    assert findings() == {}


def test_two_workers_without_a_key_send_the_same_money_back_twice(
    crowd: Crowd, half_called_off: Order, stripe: StripeServer
) -> None:
    number, met = payments_of(half_called_off)[0].id, meeting(2)

    outcomes = crowd([lambda: naive_payments.send_without_a_key(number, between=met)] * 2)

    assert tally(outcomes) == {"done": 2}
    assert [one["amount"] for one in stripe.objects("refund")] == [half_called_off.total.fen] * 2


def test_an_order_that_is_called_off_while_its_payment_is_booked_is_not_paid_for(
    crowd: Crowd, li: Viewer, wang: Viewer, stripe: StripeServer
) -> None:
    box = a_pack(wang, pieces=50)

    def calling_off(order: Order, *, after_seconds: float) -> Act:
        def run() -> None:
            time.sleep(after_seconds)
            cancel(order, by=li)

        return run

    # Before, about when and after Stripe has said that it is paid.
    for pause in (0, 0.01, 0.02, 0.03, 0.05, 0.2):
        order = online_order(1, box, buyer=li)
        page = go_to_stripe(li, order.checkout)
        stripe.pay(session_of(page))

        outcomes = crowd([calling_off(order, after_seconds=pause), online.look_again])

        assert tally(outcomes) == {"done": 2}
        work()
        assert fresh(order).state is OrderState.CANCELLED
        assert [one.state for one in payments_of(order)] == [PaymentState.REFUNDED]
        assert stripe.book()[page.reference].refunded == order.total.fen
    assert (available(box), at_stripe()) == (50, stripes_book(stripe).fen)
    assert findings() == {}


@pytest.mark.corrupts
def test_a_till_that_looks_before_it_books_keeps_the_money_of_an_order_called_off_meanwhile(
    crowd: Crowd, li: Viewer, gift_box: Pack
) -> None:
    order = online_order(1, gift_box, buyer=li)
    order_id = order.id
    looked, called_off = threading.Event(), threading.Event()

    def calling_off() -> None:
        looked.wait(30)
        cancel(order, by=li)
        called_off.set()

    def meanwhile() -> None:
        looked.set()
        called_off.wait(30)

    booking = lambda: naive_payments.look_then_book(order_id, notice="evt_1", between=meanwhile)  # noqa: E731
    outcomes = crowd([calling_off, booking])
    work()

    assert tally(outcomes) == {"done": 2}
    assert [one.state for one in payments_of(order)] == [PaymentState.CONFIRMED]
    assert "V6" in findings()


def test_a_page_that_is_paid_while_it_is_being_closed_is_paid_or_closed_but_one_of_them(
    crowd: Crowd, li: Viewer, wang: Viewer, stripe: StripeServer
) -> None:
    box = a_pack(wang, pieces=50)
    for _ in range(6):
        order = online_order(1, box, buyer=li)
        page = go_to_stripe(li, order.checkout)
        name = session_of(page)
        with at(later(minutes=20)):
            paying, *others = crowd([lambda: stripe.pay(name), online.end_due, online.end_due])  # noqa: B023

            work()
            is_paid = isinstance(paying, str)
            assert tally(others) == {"done": 2}
            assert page_of(page).state is (PayPageState.PAID if is_paid else PayPageState.ENDED)
            assert stripe.object(name)["status"] == ("complete" if is_paid else "expired")
            assert len(payments_of(order)) == is_paid
            assert (fresh(order).state is OrderState.PAID) == is_paid
            assert at_stripe() == stripes_book(stripe).fen
    assert findings() == {}


def test_a_refund_from_stripes_own_desk_that_many_hear_of_at_once_is_shown_once(
    crowd: Crowd, li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    intent = stripe.pay(session_of(go_to_stripe(li, order.checkout)))
    hear(stripe)
    stripe.refund_from_dashboard(intent, 100)
    for event in stripe.events:
        tell(event)

    outcomes = crowd([notices.carry_out_due] * 8)

    assert tally(outcomes) == {"done": 8}
    assert [one.kind for one in problems()] == [ProblemKind.FOREIGN_REFUND]


ROUTES = {
    "tap": "POST /v1/checkout/sessions",
    "notice": "GET /v1/checkout/sessions/*",
    "search": "GET /v1/events",
    "end": "POST /v1/checkout/sessions/*/expire",
    "refund": "POST /v1/refunds",
    "fee": "GET /v1/payment_intents/*",
}


@pytest.fixture
def slow_act(li: Viewer, gift_box: Pack, stripe: StripeServer) -> Callable[[str], Act]:
    """What one thread does while Stripe lets it wait."""

    def prepared(name: str) -> Act:
        order = online_order(1, gift_box, buyer=li)
        checkout = order.checkout
        if name == "tap":
            return lambda: go_to_stripe(li, checkout)
        page = session_of(go_to_stripe(li, checkout))
        if name == "end":
            cancel(order, by=li)
            return online.end_due
        stripe.pay(page)
        tell(completed(stripe))
        if name == "notice":
            return notices.carry_out_due
        notices.carry_out_due()
        if name == "refund":
            cancel(order, by=li)
            return online.send_back_due
        return notices.reconcile if name == "search" else online.book_fees_due

    return prepared


def while_stripe_thinks(wide: Database, stripe: StripeServer, act: Act, *, route: str) -> list[str]:
    """What the database says of the thread's connection while Stripe has its question and has not answered."""
    session().rollback()
    asked_before = len(stripe.requests)
    stripe.knobs.delay_after(route, seconds=1)

    def asking() -> None:
        with wide.unit_of_work():
            act()

    thread = threading.Thread(target=asking, daemon=True)
    thread.start()
    method, _, path = route.partition(" ")
    while not any(
        (one.method, fnmatchcase(one.path, path)) == (method, True) for one in stripe.requests[asked_before:]
    ):
        assert thread.is_alive()
        time.sleep(0.01)
    time.sleep(0.1)
    seen = open_transactions(wide)
    assert thread.is_alive(), "Stripe had answered before anybody looked"
    thread.join(30)
    return seen


def open_transactions(on: Database) -> list[str]:
    """What others hold open in the database: on PostgreSQL by its own word, on SQLite by what does not work then."""
    if on.is_sqlite:
        return sqlite_obstacles(str(on.engine.url.database))
    with on.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT state || ': ' || query FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
                " AND backend_type = 'client backend'"
            )
        )
        return [str(row[0]) for row in rows]


def sqlite_obstacles(path: str) -> list[str]:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as stranger:
        try:
            stranger.execute("BEGIN IMMEDIATE")
            stranger.execute("COMMIT")
        except sqlite3.OperationalError as error:
            return [f"writing: {error}"]
        # The log can be emptied only when nobody reads what it had before.
        is_kept, *_ = stranger.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return ["reading"] if is_kept else []


@pytest.mark.parametrize("name", ROUTES)
def test_no_transaction_is_open_while_stripe_thinks(
    name: str, wide: Database, stripe: StripeServer, slow_act: Callable[[str], Act]
) -> None:
    act = slow_act(name)

    assert while_stripe_thinks(wide, stripe, act, route=ROUTES[name]) == []


@pytest.mark.parametrize("writes", [False, True], ids=["reading", "writing"])
def test_a_till_that_asks_inside_a_transaction_is_seen(
    wide: Database, li: Viewer, gift_box: Pack, stripe: StripeServer, monkeypatch: pytest.MonkeyPatch, writes: bool
) -> None:
    page = go_to_stripe(li, online_order(1, gift_box, buyer=li).checkout)
    name, number = session_of(page), page.id
    monkeypatch.setattr(stripe_gateway, "let_go", lambda: None)

    def naive() -> None:
        with transaction() if writes else nullcontext():
            session().get_one(PayPage, number)
            gateway.stripe().session(name)

    assert while_stripe_thinks(wide, stripe, naive, route=ROUTES["notice"]) != []


def test_an_answer_that_drips_is_given_up_in_time_and_the_next_tap_pays(
    li: Viewer, gift_box: Pack, stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = begin(li, order.checkout)
    monkeypatch.setattr(stripe_gateway, "CALL_SECONDS", 0.7)
    stripe.knobs.drip(ROUTES["tap"], bytes_per_second=1, times=2)

    began = time.monotonic()
    with pytest.raises(StripeUnsure):
        online.address_of(page, ADDRESSES)

    # Once, and once more under the same key.
    assert 1.4 <= time.monotonic() - began < 3
    monkeypatch.undo()
    stripe.pay(session_of(go_to_stripe(li, order.checkout)))
    hear(stripe)
    assert fresh(order).state is OrderState.PAID
    assert findings() == {}


@pytest.mark.only("sqlite")
def test_many_answers_that_drip_keep_nobody_else_from_asking(
    li: Viewer, gift_box: Pack, stripe: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = session_of(go_to_stripe(li, online_order(1, gift_box, buyer=li).checkout))
    monkeypatch.setattr(stripe_gateway, "CALL_SECONDS", 0.1)
    stripe.knobs.drip(ROUTES["notice"], bytes_per_second=1, times=None)
    for _ in range(12):
        with pytest.raises(StripeUnsure):
            gateway.stripe().session(name)

    monkeypatch.undo()
    stripe.knobs.clear_faults()
    assert gateway.stripe().session(name).is_open


@pytest.mark.only("sqlite")
def test_without_a_deadline_for_the_whole_call_an_answer_that_drips_is_waited_for(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    name = session_of(go_to_stripe(li, online_order(1, gift_box, buyer=li).checkout))
    # Each byte comes in time for a limit that starts anew with each byte.
    impatient = stripe_sdk.StripeClient(
        KEY,
        base_addresses={"api": stripe.url},
        http_client=stripe_sdk.RequestsClient(timeout=(0.5, 0.5)),
        max_network_retries=0,
    )
    stripe.knobs.drip(ROUTES["notice"], bytes_per_second=5)

    def naive() -> None:
        # At the end of the test Stripe hangs up.
        with suppress(stripe_sdk.APIConnectionError):
            impatient.v1.checkout.sessions.retrieve(name)

    thread = threading.Thread(target=naive, daemon=True)
    thread.start()
    thread.join(2)

    assert thread.is_alive()
