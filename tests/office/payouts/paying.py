"""Short ways to owe somebody money, to set it aside for his account, and to hear from his bank."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sqlalchemy import select

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.ledger import books
from app.ledger.books import queries as ledger
from app.ledger.books import seals
from app.ledger.books.movements import CNY, Balance, Kind, Place, Post, Role
from app.office.payouts import answers, files, returns, service
from app.office.payouts.models import BankReturn, BankReturnLine, Payout, PayoutFile
from app.office.payouts.service import PayoutOrder
from app.office.payouts.states import Purpose, Sort
from app.people.purse import numbers
from app.people.purse.models import BankAccount
from app.people.purse.states import Bank
from tests.cast import MENGMEN, shop_of
from tests.people.purse import purses

OWED = Role("test_owed")
SOURCE = Place(CNY, Role("test_source"))
OWING = Kind("test.owing", "示例欠款")
PAYING = Kind("test.paying", "示例付款")

_numbers = itertools.count(1)


def a_card() -> str:
    """A card number that nobody has yet."""
    body = f"62284800{next(_numbers):010d}"
    return body + numbers.check_digit(body)


def an_account(
    grower: Viewer, official: Viewer, *, bank: Bank = Bank.RURAL, bank_name: str = "", number: str = ""
) -> BankAccount:
    """The grower's account in force from now on."""
    account = purses.give(shop_of(grower).id, grower, number or a_card(), bank=bank, bank_name=bank_name)
    return purses.verify(account, official)


def owed(grower: Viewer, *, township: str = MENGMEN) -> Place:
    """What is owed to the grower."""
    return Place(CNY, OWED, f"seller:{shop_of(grower).id}", township)


def owe(grower: Viewer, fen: int) -> Place:
    """So much more is owed to the grower from now on."""
    place = owed(grower)
    with transaction():
        books.record(OWING, [Post(SOURCE, place, fen)], by="test", subject="test", key=f"owe:{next(_numbers)}")
    return place


def an_order(grower: Viewer, fen: int, *, subject: str = "", words: str = "十月红枣货款") -> PayoutOrder:
    """So much is owed, and shall be paid."""
    subject = subject or f"trial:S{next(_numbers)}"
    return PayoutOrder(subject, Purpose.SETTLEMENT, shop_of(grower).id, Money(fen), owe(grower, fen), words)


def set_aside(orders: Sequence[PayoutOrder], *, by: str = "test") -> list[Payout]:
    """The orders in one event, as whoever pays does it."""
    with transaction():
        accounts = service.payable([one.seller_id for one in orders])
        paid_to = [accounts[one.seller_id] for one in orders]
        recorded = books.record(
            PAYING,
            [service.hold(order, account) for order, account in zip(orders, paid_to, strict=True)],
            by=by,
            subject="test",
            key=f"pay:{next(_numbers)}",
        )
        return service.register(list(zip(orders, paid_to, recorded.transfers, strict=True)), by=by)


def a_payout(grower: Viewer, fen: int = 6800, *, subject: str = "") -> Payout:
    """So much of what is owed to the grower waits for a file."""
    (payout,) = set_aside([an_order(grower, fen, subject=subject)])
    return payout


def a_file(bank: Bank = Bank.RURAL, *, by: Viewer, bank_name: str = "") -> PayoutFile:
    """All that waits at the bank, in a file."""
    with transaction():
        file = files.make(bank, bank_name, by=by)
    assert file is not None
    return file


def take_it(file: PayoutFile, *, by: Viewer, because: str = "") -> bytes:
    """The file's bytes, as somebody takes them to the bank."""
    with transaction():
        return files.download(file.number, because=because, by=by)


def sent(*payouts: Payout, by: Viewer) -> PayoutFile:
    """All that waits is with the bank."""
    file = a_file(payouts[0].bank, by=by, bank_name=payouts[0].bank_name)
    take_it(file, by=by)
    return file


def done(payout: Payout, reference: str = "") -> str:
    """The bank's line: it arrived."""
    return f"{payout.number},{payout.tail},{payout.amount},成功,{reference or 'B' + payout.number},"


def refused(payout: Payout, reason: str = "户名不符") -> str:
    """The bank's line: it did not go."""
    return f"{payout.number},{payout.tail},{payout.amount},失败,,{reason}"


def sent_back(payout: Payout, reason: str = "账户已销户") -> str:
    """The bank's line: it came back."""
    return f"{payout.number},{payout.tail},{payout.amount},退汇,,{reason}"


def said(*lines: str) -> bytes:
    """The bank's answer."""
    return "\r\n".join([",".join(answers.COLUMNS), *lines, ""]).encode()


def hear(
    data: bytes, *, by: Viewer, bank: Bank = Bank.RURAL, bank_name: str = "", slip: returns.Slip | None = None
) -> BankReturn:
    """The answer as it was taken."""
    file = returns.read(data, slip or returns.Slip())
    with transaction():
        return returns.take(file, bank=bank, bank_name=bank_name, by=by).answer


def lines_of(answer: BankReturn) -> list[BankReturnLine]:
    """The lines of an answer, in the file's order."""
    session().rollback()
    session().expire_all()
    statement = select(BankReturnLine).where(BankReturnLine.return_id == answer.id)
    return list(session().scalars(statement.order_by(BankReturnLine.line_no)))


def sorts(answer: BankReturn) -> list[Sort]:
    """What each line was, in the file's order."""
    return [line.sort for line in lines_of(answer)]


def books_now() -> str:
    """The checksum of the ledger."""
    session().rollback()
    return seals.checksum().digest


def anew(payout: Payout) -> Payout:
    """The payout as it is in the database now."""
    session().rollback()
    session().expire_all()
    return session().get_one(Payout, payout.id)


def balance(place: Place) -> Balance:
    """The counters of an account now."""
    session().rollback()
    return ledger.balance(place)
