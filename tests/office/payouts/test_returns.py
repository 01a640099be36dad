"""What a bank answers: each line one of six things, the same answer once, and nothing paid by silence."""

from __future__ import annotations

import random

import pytest

from app.kernel import events
from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import COUNTY, Viewer
from app.ledger.books.movements import Balance
from app.office.payouts import accounts, files, returns
from app.office.payouts.errors import AlreadyResolved, BadReturn, BadReturnFile, OtherTotals, OwnPayout
from app.office.payouts.events import PayoutFailed, PayoutPaid, PayoutReturned, PayoutWithheld
from app.office.payouts.models import BankReturn, Payout
from app.office.payouts.returns import Slip
from app.office.payouts.states import Oddity, PayoutState, Sort
from app.people.accounts import service as people
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.states import Role
from app.people.purse.states import Bank
from tests.cast import MENGMEN, answer, seen_anew
from tests.office.payouts.paying import (
    a_card,
    a_file,
    a_payout,
    an_account,
    an_order,
    anew,
    balance,
    books_now,
    done,
    hear,
    lines_of,
    owed,
    refused,
    said,
    sent,
    sent_back,
    set_aside,
    sorts,
    take_it,
)
from tests.people.purse import purses

Heard = list[PayoutPaid | PayoutFailed | PayoutReturned | PayoutWithheld]


@pytest.fixture
def payout(wang: Viewer, zhao: Viewer, qian: Viewer) -> Payout:
    """Wang's 68.00, with the bank."""
    an_account(wang, zhao)
    payout = a_payout(wang, 6800, subject="trial:S1")
    sent(payout, by=qian)
    return anew(payout)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """The facts that were told."""
    found: Heard = []
    for fact in (PayoutPaid, PayoutFailed, PayoutReturned, PayoutWithheld):
        monkeypatch.setitem(events._now, fact, [found.append])
    return found


def everything() -> tuple[str, int, int]:
    """The books, and how many answers and lines there are."""
    return books_now(), answer("SELECT count(*) FROM bank_returns"), answer("SELECT count(*) FROM bank_return_lines")


def test_what_the_bank_paid_is_paid_and_owed_no_more(wang: Viewer, qian: Viewer, payout: Payout, heard: Heard) -> None:
    found = hear(said(done(payout)), by=qian)

    assert (sorts(found), found.settled, found.lines) == ([Sort.SETTLED], 1, 1)
    assert anew(payout).state is PayoutState.PAID
    assert balance(owed(wang)) == Balance(dr=6800, cr=6800)
    assert balance(accounts.paid_out(Bank.RURAL, MENGMEN)) == Balance(cr=6800)
    assert heard == [PayoutPaid(payout.number, "trial:S1", "settlement", payout.seller_id, 6800)]


@pytest.mark.parametrize("line", [refused, sent_back])
def test_what_the_bank_did_not_pay_is_owed_as_before(
    wang: Viewer, qian: Viewer, payout: Payout, heard: Heard, line: object
) -> None:
    assert callable(line)

    found = hear(said(line(payout)), by=qian)

    assert sorts(found) == [Sort.FAILED]
    assert (anew(payout).state, anew(payout).because) == (PayoutState.FAILED, lines_of(found)[0].reason)
    assert balance(owed(wang)) == Balance(cr=6800)
    assert heard == [
        PayoutFailed(payout.number, "trial:S1", "settlement", payout.seller_id, 6800, lines_of(found)[0].reason)
    ]


def test_money_that_comes_back_later_is_owed_again(wang: Viewer, qian: Viewer, payout: Payout, heard: Heard) -> None:
    hear(said(done(payout)), by=qian)

    found = hear(said(sent_back(payout)), by=qian)

    assert sorts(found) == [Sort.LATE_RETURN]
    assert anew(payout).state is PayoutState.RETURNED
    assert balance(owed(wang)) == Balance(dr=6800, cr=13600)
    assert balance(accounts.paid_out(Bank.RURAL, MENGMEN)).net == 0
    assert isinstance(heard[-1], PayoutReturned)


def test_what_failed_is_paid_under_another_number_that_knows_the_first(
    wang: Viewer, zhao: Viewer, qian: Viewer, payout: Payout
) -> None:
    hear(said(refused(payout)), by=qian)

    again = a_payout(wang, 6800, subject="trial:S1")
    sent(again, by=qian)
    hear(said(done(again)), by=qian)

    assert (anew(payout).state, anew(again).state, again.replaces_id) == (
        PayoutState.FAILED,
        PayoutState.PAID,
        payout.id,
    )
    assert balance(owed(wang)).net == -6800


def test_the_same_file_twice_changes_nothing(qian: Viewer, payout: Payout, heard: Heard) -> None:
    data = said(done(payout))
    first = hear(data, by=qian)
    before = everything()

    second = hear(data, by=qian)

    assert (second.number, everything(), len(heard)) == (first.number, before, 1)


def test_another_file_with_the_same_lines_books_nothing(qian: Viewer, payout: Payout) -> None:
    hear(said(done(payout)), by=qian)
    before = books_now()

    again = hear(said(done(payout), done(payout)), by=qian)

    assert (sorts(again), again.repeated, books_now()) == ([Sort.REPEATED, Sort.REPEATED], 2, before)


def test_a_line_that_stands_twice_in_one_file_is_booked_once(wang: Viewer, qian: Viewer, payout: Payout) -> None:
    found = hear(said(done(payout), done(payout)), by=qian)

    assert sorts(found) == [Sort.SETTLED, Sort.REPEATED]
    assert balance(owed(wang)).dr == 6800


def test_lines_in_any_order_and_any_split_are_booked_alike(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    an_account(wang, zhao)
    payouts = set_aside([an_order(wang, 100 + n) for n in range(12)])
    sent(*payouts, by=qian)
    lines = [refused(one) if n % 3 == 0 else done(one) for n, one in enumerate(payouts)]
    random.Random(7).shuffle(lines)

    hear(said(*lines[:8]), by=qian)
    assert [anew(one).state for one in payouts].count(PayoutState.EXPORTED) == 4
    hear(said(*lines[4:]), by=qian)

    states = [anew(one).state for one in payouts]
    assert states == [PayoutState.FAILED if n % 3 == 0 else PayoutState.PAID for n in range(12)]
    assert balance(owed(wang)).dr == sum(100 + n for n in range(12) if n % 3)


def odd(found: BankReturn) -> list[tuple[Sort, Oddity | None]]:
    return [(line.sort, line.oddity) for line in lines_of(found)]


def test_a_number_that_is_not_ours_is_unknown(qian: Viewer, payout: Payout) -> None:
    line = done(payout).replace(payout.number, "F22222-22222-2222A")

    assert odd(hear(said(line), by=qian)) == [(Sort.UNKNOWN, Oddity.NO_SUCH_NUMBER)]


def test_a_payout_that_no_bank_has_heard_of_is_unknown(wang: Viewer, qian: Viewer, payout: Payout) -> None:
    waits = a_payout(wang, 300)

    assert odd(hear(said(done(waits)), by=qian)) == [(Sort.UNKNOWN, Oddity.NOT_EXPORTED)]
    file = a_file(by=qian)
    assert odd(hear(said(done(waits), done(payout)), by=qian))[0] == (Sort.UNKNOWN, Oddity.NOT_EXPORTED)
    take_it(file, by=qian)
    assert sorts(hear(said(done(payout), done(waits)), by=qian)) == [Sort.REPEATED, Sort.SETTLED]


def test_another_amount_account_or_bank_does_not_fit(qian: Viewer, payout: Payout) -> None:
    fen_more = done(payout).replace("68.00", "68.01")
    other_tail = done(payout).replace(f",{payout.tail},", ",0000,")
    before = books_now()

    assert odd(hear(said(fen_more), by=qian)) == [(Sort.MISMATCH, Oddity.OTHER_AMOUNT)]
    assert odd(hear(said(other_tail), by=qian)) == [(Sort.MISMATCH, Oddity.OTHER_ACCOUNT)]
    assert odd(hear(said(done(payout)), by=qian, bank=Bank.POSTAL)) == [(Sort.MISMATCH, Oddity.OTHER_BANK)]
    assert (books_now(), anew(payout).state) == (before, PayoutState.EXPORTED)


def test_an_answer_taken_for_the_wrong_bank_is_taken_again_for_the_right_one(qian: Viewer, payout: Payout) -> None:
    data = said(done(payout))

    assert sorts(hear(data, by=qian, bank=Bank.POSTAL)) == [Sort.MISMATCH]
    assert sorts(hear(data, by=qian)) == [Sort.SETTLED]


def test_what_contradicts_the_books_does_not_fit(qian: Viewer, payout: Payout) -> None:
    hear(said(done(payout, "B1")), by=qian)

    assert odd(hear(said(refused(payout)), by=qian)) == [(Sort.MISMATCH, Oddity.OTHER_RESULT)]
    assert odd(hear(said(done(payout, "B2")), by=qian)) == [(Sort.MISMATCH, Oddity.OTHER_REFERENCE)]


def test_a_success_after_a_failure_does_not_fit(wang: Viewer, qian: Viewer, payout: Payout) -> None:
    hear(said(refused(payout)), by=qian)
    before = books_now()

    assert odd(hear(said(done(payout)), by=qian)) == [(Sort.MISMATCH, Oddity.OTHER_RESULT)]
    assert (books_now(), balance(owed(wang))) == (before, Balance(cr=6800))


def test_a_bank_that_tells_everything_again_after_a_late_return_repeats(qian: Viewer, payout: Payout) -> None:
    hear(said(done(payout)), by=qian)
    hear(said(sent_back(payout)), by=qian)
    before = books_now()

    assert sorts(hear(said(done(payout), done(payout)), by=qian)) == [Sort.REPEATED] * 2
    assert sorts(hear(said(sent_back(payout), sent_back(payout)), by=qian)) == [Sort.REPEATED] * 2
    assert books_now() == before


def test_a_wrong_line_far_down_leaves_nothing_of_the_file(qian: Viewer, payout: Payout) -> None:
    before = everything()

    with pytest.raises(BadReturn) as error:
        hear(said(done(payout), "F22222-33333-44444,1234,68.00,付了,B1,"), by=qian)

    assert error.value.values["line"] == 3
    assert (everything(), anew(payout).state) == (before, PayoutState.EXPORTED)


@pytest.mark.parametrize("slip", [Slip(count=2), Slip(total=Money(6801)), Slip(count=1, total=Money(1))])
def test_a_file_that_holds_other_than_its_slip_says_is_refused(qian: Viewer, payout: Payout, slip: Slip) -> None:
    before = everything()

    with pytest.raises(OtherTotals):
        hear(said(done(payout)), by=qian, slip=slip)

    assert everything() == before
    assert sorts(hear(said(done(payout)), by=qian, slip=Slip(1, Money(6800)))) == [Sort.SETTLED]


def test_an_account_number_in_place_of_a_reference_is_not_written_down(
    wang: Viewer, zhao: Viewer, qian: Viewer
) -> None:
    number = a_card()
    an_account(wang, zhao, number=number)
    payout = a_payout(wang)
    sent(payout, by=qian)

    with pytest.raises(BadReturnFile):
        hear(said(done(payout, number)), by=qian)

    assert anew(payout).state is PayoutState.EXPORTED


def test_whoever_sells_himself_does_not_take_an_answer_about_his_money(wang: Viewer, payout: Payout) -> None:
    with transaction():
        people.appoint(wang.person_id, Role.COUNTY, COUNTY, by="test", because="test")

    with pytest.raises(OwnPayout):
        hear(said(done(payout)), by=seen_anew(wang.person_id))


def test_an_account_that_ended_after_the_file_is_settled_by_the_banks_word(
    wang: Viewer, qian: Viewer, payout: Payout
) -> None:
    purses.withdraw(wang)

    assert sorts(hear(said(done(payout)), by=qian)) == [Sort.SETTLED]


def test_an_odd_line_is_resolved_once_by_a_named_person_with_a_note(qian: Viewer, payout: Payout) -> None:
    (line,) = lines_of(hear(said(done(payout).replace("68.00", "67.00")), by=qian))
    before = books_now()

    with pytest.raises(ReasonMissing), transaction():
        returns.resolve(line.id, note="", by=qian)
    with transaction():
        resolved = returns.resolve(line.id, note="银行更正了回盘，改日重传", by=qian)
    with pytest.raises(AlreadyResolved), transaction():
        returns.resolve(line.id, note="再登记一次", by=qian)

    assert (resolved.resolved_by, resolved.note) == (qian.actor, "银行更正了回盘，改日重传")
    assert (books_now(), anew(payout).state) == (before, PayoutState.EXPORTED)


def test_a_line_that_was_booked_needs_nobody(qian: Viewer, payout: Payout) -> None:
    (line,) = lines_of(hear(said(done(payout)), by=qian))

    with pytest.raises(NotFound), transaction():
        returns.resolve(line.id, note="没有什么要办", by=qian)


def test_a_withheld_payout_is_told(wang: Viewer, zhao: Viewer, qian: Viewer, heard: Heard) -> None:
    an_account(wang, zhao)
    payout = a_payout(wang, 100)
    purses.withdraw(wang)

    with transaction():
        files.make(Bank.RURAL, "", by=qian)

    session().rollback()
    assert heard == [
        PayoutWithheld(payout.number, payout.subject, "settlement", payout.seller_id, 100, files.ACCOUNT_GONE)
    ]
