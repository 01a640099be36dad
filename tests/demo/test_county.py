"""The demo county as it stands: balanced, complete, the same twice, and finished."""

import threading
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import Text, cast, literal, select, union_all

from app import worker
from app.cli import run_checks
from app.demo.cast import MENGMEN, PARTS
from app.insight.boards.figures import COUNTY, TOWNSHIP
from app.insight.radar import backtest
from app.kernel.db import session, transaction
from app.kernel.money import ZERO
from app.ledger.books import seals
from app.ledger.books.models import OpenHold
from app.ledger.figures import Scope, Span
from app.office.approvals.models import Approval
from app.office.approvals.states import ApprovalState
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind, SellerStatus
from app.people.messages.models import Message, OutgoingText
from app.people.townships import queries as townships
from app.trade.addresses.models import Address
from app.trade.catalog.models import Pack, PackPhoto
from app.trade.complaints.models import Complaint
from app.trade.complaints.states import ComplaintState
from app.trade.corrections.models import Correction
from app.trade.intakes.models import Intake, IntakeObjection
from app.trade.intakes.states import IntakeState
from app.trade.invoices.models import Invoice
from app.trade.invoices.states import InvoiceState, Reason
from app.trade.lots.models import Lot
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.states import OrderState
from app.trade.payments.models import Payment, PaymentState, Refund, RefundReason, RefundState
from app.trade.returns.models import Return
from app.trade.returns.states import OPEN as OPEN_RETURNS
from app.trade.returns.states import ReturnState, Why
from tests.demo.conftest import MadeCounty
from tests.services.databases import Kind

pytestmark = pytest.mark.timeout(600)

EVER = Scope(Span(None, date(2030, 1, 1)))


def test_every_check_holds_even_those_by_age(county: MadeCounty) -> None:
    assert not any(run_checks(age=True).values())


@pytest.mark.parametrize("day", [date(2025, 12, 25), date(2026, 1, 15), date(2026, 2, 5)])
def test_on_past_days_the_radar_foresaw_who_would_be_left_with_fruit(county: MadeCounty, day: date) -> None:
    score = backtest.score(backtest.fates(day, days=60))

    assert score.pairs > 50
    assert score.is_better_than_chance, score


def test_both_databases_have_the_same_books(counties: dict[Kind, MadeCounty]) -> None:
    checksums = {}
    for kind, county in counties.items():
        with county.database.unit_of_work():
            checksums[kind] = seals.checksum()

    assert checksums[Kind.SQLITE] == checksums[Kind.POSTGRESQL]
    assert checksums[Kind.SQLITE].lines > 500


def test_no_figure_is_zero(county: MadeCounty) -> None:
    assert [figure.key for figure in (*COUNTY, *TOWNSHIP) if figure.total(EVER) <= 0] == []


def test_every_township_has_sellers_with_fruit(county: MadeCounty) -> None:
    present = {place.code for place in townships.present()}

    assert set(session().scalars(select(Seller.township_code))) == present
    assert set(session().scalars(select(Lot.township_code))) == present


def test_river_fruit_comes_from_the_river_only(county: MadeCounty) -> None:
    along_river = {place.code for place in townships.present() if place.along_river}
    codes = set(session().scalars(select(Pack.township_code).where(Pack.variety_key == "tanzao")))

    assert codes
    assert codes <= along_river


def test_orders_are_in_every_state_that_needs_no_more_time(county: MadeCounty) -> None:
    assert set(session().scalars(select(Order.state))) == {
        OrderState.PLACED,
        OrderState.PAID,
        OrderState.PACKED,
        OrderState.RECEIVED,
        OrderState.CLOSED,
        OrderState.CANCELLED,
        OrderState.EXPIRED,
    }


def test_money_has_come_gone_back_and_waits_to_go_back(county: MadeCounty) -> None:
    counted = Counter(session().scalars(select(Payment.state)))

    assert set(counted) == set(PaymentState)
    assert counted[PaymentState.REFUND_DUE] == 1


def test_what_was_packed_short_was_paid_back(county: MadeCounty) -> None:
    weighed = session().scalars(select(OrderLine).where(OrderLine.weighed.is_not(None))).all()
    states = select(Refund.state).where(Refund.reason == RefundReason.SHORT_WEIGHT)

    assert min(line.short for line in weighed) > ZERO
    assert set(session().scalars(states)) == {RefundState.SENT}


def test_returns_have_ended_in_every_way_but_one_that_waits_for_the_township(county: MadeCounty) -> None:
    ended = set(session().execute(select(Return.why, Return.with_goods, Return.state)).all())

    assert ended == {
        (Why.NO_REASON, True, ReturnState.DONE),
        (Why.NO_REASON, True, ReturnState.WITHDRAWN),
        (Why.QUALITY, True, ReturnState.DONE),
        (Why.QUALITY, False, ReturnState.DONE),
        (Why.QUALITY, False, ReturnState.DISPUTED),
    }
    waiting = session().scalars(select(Return).where(Return.state.in_(OPEN_RETURNS))).one()
    assert waiting.township_code == MENGMEN


def test_the_money_of_every_return_has_gone_back(county: MadeCounty) -> None:
    done = select(Return, Refund).outerjoin(Refund, Refund.id == Return.refund_id)

    for found, refund in session().execute(done.where(Return.state == ReturnState.DONE)):
        assert (refund.state, refund.amount) == (RefundState.SENT, found.refunded)


def test_complaints_were_settled_and_decided_and_one_is_overdue(county: MadeCounty) -> None:
    states = list(session().scalars(select(Complaint.state)))
    waiting = session().scalars(select(Complaint).where(Complaint.state == ComplaintState.PASSED)).one()

    assert {ComplaintState.SETTLED, ComplaintState.DECIDED} < set(states)
    assert ComplaintState.WAITING not in states
    assert (waiting.township_code, waiting.is_overdue_told) == (MENGMEN, True)


def test_invoices_were_issued_and_declined_and_one_waits_for_a_seller_whom_a_visitor_can_play(
    county: MadeCounty,
) -> None:
    found = session().execute(select(Invoice, Seller).join(Seller, Seller.id == Invoice.seller_id)).all()
    asked = [seller.contact_person_id for invoice, seller in found if invoice.state is InvoiceState.ASKED]
    declined = {
        (seller.kind, invoice.declined_because) for invoice, seller in found if invoice.state is InvoiceState.DECLINED
    }

    assert declined == {(SellerKind.HOUSEHOLD, Reason.SELF_GROWN)}
    assert InvoiceState.ISSUED in {invoice.state for invoice, _seller in found}
    assert len(asked) == 1
    assert set(asked) <= _played("grower", "coop")


def test_the_buyer_whom_a_visitor_can_play_has_two_addresses(county: MadeCounty) -> None:
    assert [address.person_id for address in session().scalars(select(Address))] == [*_played("buyer")] * 2


def test_one_correction_was_let_into_the_books_by_another_official(county: MadeCounty) -> None:
    correction = session().scalars(select(Correction)).one()

    assert correction.booked_at is not None
    assert session().scalars(select(Approval.state).where(Approval.subject == correction.subject)).all() == [
        ApprovalState.APPROVED
    ]


def _played(*keys: str) -> set[int]:
    people = (accounts_queries.by_phone(part.phone) for part in PARTS if part.key in keys)
    return {person.id for person in people if person is not None}


def test_sellers_whom_a_visitor_can_play_have_orders_to_send(county: MadeCounty) -> None:
    waiting = (OrderState.PLACED, OrderState.PAID, OrderState.PACKED)
    open_orders = select(Order.id).join(Seller, Seller.id == Order.seller_id).where(Order.state.in_(waiting))

    assert (
        session().scalars(open_orders.where(Seller.contact_person_id.in_(_played("grower", "coop")))).first()
        is not None
    )


def test_an_official_whom_a_visitor_can_play_has_sellers_to_verify(county: MadeCounty) -> None:
    waiting = select(Seller.id).where(Seller.township_code == MENGMEN, Seller.status == SellerStatus.APPLIED)

    assert len(session().scalars(waiting).all()) == 2


def test_everything_is_marked_as_an_example(county: MadeCounty) -> None:
    for table in (Pack, Order):
        assert set(session().scalars(select(table.is_sample))) == {True}
    assert all("示例" in words for words in session().scalars(select(Seller.words)))


def test_nobody_s_phone_rings_for_the_sample_winter(county: MadeCounty) -> None:
    assert session().scalars(select(Message)).first() is not None
    assert session().scalars(select(OutgoingText)).first() is None


def test_every_pack_shows_a_picture(county: MadeCounty) -> None:
    pictured = set(session().scalars(select(PackPhoto.pack_id)))

    assert pictured == set(session().scalars(select(Pack.id)))


def test_nothing_is_held_for_a_time_that_ends_later(county: MadeCounty) -> None:
    assert session().scalars(select(OpenHold).where(OpenHold.expires_at.is_not(None))).first() is None


def test_progress_is_told_month_by_month(county: MadeCounty) -> None:
    assert [line.partition("月")[0] for line in county.said if "入库" in line] == [
        "2025 年 10 ",
        "2025 年 11 ",
        "2025 年 12 ",
        "2026 年 1 ",
        "2026 年 2 ",
        "2026 年 3 ",
        "2026 年 4 ",
    ]


def test_everybody_who_can_be_played_can_sign_in(county: MadeCounty) -> None:
    for part in PARTS:
        with transaction():
            counted = accounts.begin_try(part.phone, known_token=None)
        proof = accounts.prove(counted, county.passwords[part.key])
        with transaction():
            assert accounts.sign_in(proof, device="测试", address="127.0.0.1", old_token=None)


def test_a_worker_that_starts_later_leaves_the_books_alone(county: MadeCounty) -> None:
    tables = (Order, Payment, Refund, Return, Invoice, Approval)
    states = union_all(*[select(literal(one.__tablename__), one.id, cast(one.state, Text)) for one in tables])
    before = seals.checksum(), set(session().execute(states).all())

    worker.work(county.database, stop=threading.Event(), once=True)

    session().rollback()
    session().expire_all()
    assert (seals.checksum(), set(session().execute(states).all())) == before


def test_a_co_op_has_taken_in_three_carts_refused_one_and_owes_an_answer(county: MadeCounty) -> None:
    states = Counter(session().scalars(select(Intake.state)))

    assert states == {IntakeState.IN_STORE: 3, IntakeState.REFUSED: 1}
    assert [one.answered_at for one in session().scalars(select(IntakeObjection))] == [None]
