"""Making a bank's file of all that waits, taking it, and calling it off before anybody has it."""

import pytest
from sqlalchemy import inspect, select, text

from app.audit.models import AuditRow
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import COUNTY, Viewer
from app.ledger.books.movements import Balance
from app.office.payouts import accounts, files, queries
from app.office.payouts.errors import (
    AlreadyOut,
    FileChanged,
    FileGone,
    FileVoid,
    NothingWaits,
    OwnPayout,
    ReasonForSecond,
)
from app.office.payouts.states import PayoutState
from app.people.accounts import service as people
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.states import Role
from app.people.purse.states import Bank
from tests.cast import MENGMEN, a_grower, a_viewer, seen_anew, sql
from tests.office.payouts.paying import (
    a_card,
    a_file,
    a_payout,
    an_account,
    an_order,
    anew,
    balance,
    owed,
    sent,
    set_aside,
    take_it,
)
from tests.people.purse import purses


def test_a_file_has_all_that_waits_at_its_bank_in_order(wang: Viewer, gao: Viewer, zhao: Viewer, qian: Viewer) -> None:
    number = a_card()
    an_account(wang, zhao, number=number)
    first, second = set_aside([an_order(wang, 6800), an_order(wang, 250)])

    file = a_file(by=qian)
    rows = take_it(file, by=qian).decode("utf-8-sig").splitlines()

    assert (file.count, file.total) == (2, Money(7050))
    assert rows[0] == f'"文件编号","{file.number}","笔数","2","总金额(元)","70.50","农村信用社/农商行"'
    assert rows[2] == f'"1","{first.number}","王枣林","农村信用社/农商行","{number}","68.00","十月红枣货款"'
    assert [anew(one).line_no for one in (first, second)] == [1, 2]
    assert anew(first).state is PayoutState.EXPORTED


def test_each_bank_has_its_own_file(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    other = a_grower("刘大山", "刘家枣园", MENGMEN, verified_by=zhao)
    an_account(wang, zhao)
    an_account(other, zhao, bank=Bank.OTHER, bank_name="汇民村镇银行")
    mine, his = set_aside([an_order(wang, 100), an_order(other, 200)])

    file = a_file(Bank.OTHER, by=qian, bank_name="汇民村镇银行")

    assert [one.id for one in queries.payouts_of(file)] == [his.id]
    assert anew(mine).state is PayoutState.HELD
    with pytest.raises(NothingWaits), transaction():
        files.make(Bank.OTHER, "另一家银行", by=qian)


def test_what_is_in_a_file_is_in_no_second_one(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    an_account(wang, zhao)
    a_payout(wang)
    a_file(by=qian)

    with pytest.raises(NothingWaits), transaction():
        files.make(Bank.RURAL, "", by=qian)


def test_an_account_that_ended_since_is_withheld_and_owed_as_before(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    other = a_grower("刘大山", "刘家枣园", MENGMEN, verified_by=zhao)
    an_account(wang, zhao)
    an_account(other, zhao)
    gone, stays = set_aside([an_order(wang, 100), an_order(other, 200)])
    purses.withdraw(wang)

    file = a_file(by=qian)

    assert (file.count, anew(stays).state) == (1, PayoutState.EXPORTED)
    assert (anew(gone).state, anew(gone).because) == (PayoutState.WITHHELD, files.ACCOUNT_GONE)
    assert balance(owed(wang)) == Balance(cr=100)


def test_an_account_that_was_replaced_since_is_withheld_too(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    an_account(wang, zhao)
    payout = a_payout(wang, 100, subject="trial:S1")
    an_account(wang, zhao)

    with transaction():
        assert files.make(Bank.RURAL, "", by=qian) is None

    assert anew(payout).state is PayoutState.WITHHELD
    again = a_payout(wang, 100, subject="trial:S1")
    assert (again.replaces_id, again.state) == (payout.id, PayoutState.HELD)


def test_whoever_sells_himself_does_not_make_or_take_a_file_with_his_money(wang: Viewer, zhao: Viewer) -> None:
    an_account(wang, zhao)
    a_payout(wang)
    with transaction():
        people.appoint(wang.person_id, Role.COUNTY, COUNTY, by="test", because="test")
    official, colleague = seen_anew(wang.person_id), a_viewer("孙县办", (Role.COUNTY, COUNTY))

    with pytest.raises(OwnPayout), transaction():
        files.make(Bank.RURAL, "", by=official)
    file = a_file(by=colleague)
    with pytest.raises(OwnPayout):
        take_it(file, by=official)
    with pytest.raises(OwnPayout), transaction():
        files.call_off(file.number, because="重新做一份", by=official)


def test_a_second_download_needs_a_reason_and_gives_the_same_bytes(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    an_account(wang, zhao)
    a_payout(wang)
    file = a_file(by=qian)

    first = take_it(file, by=qian)
    with pytest.raises(ReasonForSecond):
        take_it(file, by=qian)
    second = take_it(file, by=qian, because="原来的U盘坏了")

    assert first == second
    assert [one.because for one in queries.downloads_of(file)] == ["", "原来的U盘坏了"]
    acts = session().scalars(select(AuditRow.act).order_by(AuditRow.id)).all()
    assert acts.count("payouts.download") == 2
    assert acts.count("purse.open_number") == 3


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payouts SET amount = amount + 1",
        "UPDATE payouts SET holder = '刘大山'",
        "UPDATE payouts SET words = 'x'",
    ],
)
def test_a_file_that_would_be_another_one_is_not_given_out(
    wang: Viewer, zhao: Viewer, qian: Viewer, change: str
) -> None:
    an_account(wang, zhao)
    a_payout(wang, 6800)
    file = a_file(by=qian)
    sql(change)

    with pytest.raises(FileChanged):
        take_it(file, by=qian)

    assert queries.downloads_of(file) == []
    sql(
        "UPDATE payouts SET amount = :amount, holder = :holder, words = :words",
        amount=6800,
        holder="王枣林",
        words="十月红枣货款",
    )


def test_a_file_with_an_account_that_ended_is_called_off_and_made_anew(
    wang: Viewer, zhao: Viewer, qian: Viewer
) -> None:
    an_account(wang, zhao)
    payout = a_payout(wang)
    file = a_file(by=qian)
    purses.withdraw(wang)

    with pytest.raises(FileGone):
        take_it(file, by=qian)
    with transaction():
        files.call_off(file.number, because="账号停用了，重做", by=qian)
    with pytest.raises(FileVoid):
        take_it(file, by=qian)
    with transaction():
        assert files.make(Bank.RURAL, "", by=qian) is None

    assert anew(payout).state is PayoutState.WITHHELD


def test_a_file_that_somebody_has_is_not_called_off(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    an_account(wang, zhao)
    payout = a_payout(wang)
    file = sent(payout, by=qian)

    with pytest.raises(AlreadyOut), transaction():
        files.call_off(file.number, because="不想付了", by=qian)

    assert anew(payout).state is PayoutState.EXPORTED


def test_calling_off_needs_a_reason(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    an_account(wang, zhao)
    a_payout(wang)
    file = a_file(by=qian)

    with pytest.raises(ReasonMissing), transaction():
        files.call_off(file.number, because="", by=qian)


def test_no_account_number_is_stored_in_clear(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    number = a_card()
    an_account(wang, zhao, number=number)
    file = sent(a_payout(wang), by=qian)
    assert number in take_it(file, by=qian, because="再核对一遍").decode()

    session().rollback()
    for table in inspect(session().connection()).get_table_names():
        for row in session().execute(text(f'SELECT * FROM "{table}"')):
            assert number not in " ".join(str(cell) for cell in row), table


def test_the_bank_holds_no_money_of_a_payout_that_only_waits(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    an_account(wang, zhao)
    sent(a_payout(wang, 6800), by=qian)

    assert balance(accounts.paid_out(Bank.RURAL, MENGMEN)) == Balance(cr_held=6800)
