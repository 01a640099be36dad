"""Setting money aside: for the account in force alone, once for one thing."""

import pytest
from sqlalchemy import func, select

from app.kernel.db import session, transaction
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.ledger.books.movements import Balance
from app.office.payouts import accounts, queries, service
from app.office.payouts.errors import AlreadyPaying, BadOrder
from app.office.payouts.models import Payout
from app.office.payouts.service import PayoutOrder
from app.office.payouts.states import PayoutState, Purpose
from app.people.purse.errors import NotPayable
from app.people.purse.states import Bank
from tests.cast import MENGMEN, shop_of
from tests.office.payouts.paying import a_payout, an_account, an_order, anew, balance, owed, set_aside
from tests.people.purse import purses


def test_money_set_aside_is_held_from_what_is_owed_against_the_bank(wang: Viewer, zhao: Viewer) -> None:
    account = an_account(wang, zhao)

    payout = a_payout(wang, 6800)

    assert payout.state is PayoutState.HELD
    assert (payout.holder, payout.bank, payout.tail) == (account.holder, Bank.RURAL, account.tail)
    assert balance(owed(wang)) == Balance(cr=6800, dr_held=6800)
    assert balance(accounts.paid_out(Bank.RURAL, MENGMEN)) == Balance(cr_held=6800)


def test_the_newest_payout_of_a_thing_is_found_by_it(wang: Viewer, zhao: Viewer) -> None:
    an_account(wang, zhao)
    payout = a_payout(wang, subject="trial:S1")

    assert {subject: one.id for subject, one in queries.of_subjects(["trial:S1", "trial:S2"]).items()} == {
        "trial:S1": payout.id
    }


def test_a_thing_is_paid_once(wang: Viewer, zhao: Viewer) -> None:
    an_account(wang, zhao)
    a_payout(wang, subject="trial:S1")

    with pytest.raises(AlreadyPaying):
        a_payout(wang, subject="trial:S1")

    assert session().scalar(select(func.count()).select_from(Payout)) == 1


def test_a_thing_named_twice_in_one_go_is_refused_whole(wang: Viewer, zhao: Viewer) -> None:
    an_account(wang, zhao)
    twice = [an_order(wang, 100, subject="trial:S1"), an_order(wang, 200, subject="trial:S1")]

    with pytest.raises(AlreadyPaying):
        set_aside(twice)

    assert session().scalar(select(func.count()).select_from(Payout)) == 0
    assert balance(owed(wang)).dr_held == 0


def test_an_account_of_somebody_else_is_not_paid_to(wang: Viewer, gao: Viewer, zhao: Viewer) -> None:
    account = an_account(wang, zhao)

    with pytest.raises(NotPayable):
        service.hold(an_order(gao, 100), account)


def test_an_account_that_is_in_force_no_more_is_not_registered(wang: Viewer, zhao: Viewer) -> None:
    account, payout = an_account(wang, zhao), a_payout(wang)
    purses.withdraw(wang)

    with pytest.raises(NotPayable), transaction():
        service.register([(an_order_of(wang), account, payout.hold_id)], by="test")


def test_an_account_that_waits_for_the_township_is_not_payable(wang: Viewer, zhao: Viewer) -> None:
    purses.give(shop_of(wang).id, wang)

    with transaction():
        assert service.payable([shop_of(wang).id]) == {}


@pytest.mark.parametrize(
    ("amount", "words"), [(ZERO, "货款"), (Money(-1), "货款"), (Money(1), ""), (Money(1), "枣" * 31)]
)
def test_nothing_less_than_nothing_and_too_many_words_are_refused(
    wang: Viewer, zhao: Viewer, amount: Money, words: str
) -> None:
    account = an_account(wang, zhao)
    order = PayoutOrder("trial:S1", Purpose.SETTLEMENT, shop_of(wang).id, amount, owed(wang), words)

    with pytest.raises(BadOrder):
        service.hold(order, account)


def an_order_of(wang: Viewer) -> PayoutOrder:
    return PayoutOrder("trial:S9", Purpose.SETTLEMENT, shop_of(wang).id, Money(100), owed(wang), "货款")


def test_a_second_payout_of_the_same_seller_stands_beside_the_first(wang: Viewer, zhao: Viewer) -> None:
    an_account(wang, zhao)
    first, second = set_aside([an_order(wang, 100), an_order(wang, 250)])

    assert anew(first).number != anew(second).number
    assert balance(owed(wang)).dr_held == 350
