"""Payouts of one seller for the pages: one run waits, one is with the bank, one was answered."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel import ids
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import COUNTY, Grant, Viewer
from app.ledger import books
from app.ledger.books.movements import CNY, Kind, Place, Role
from app.office.payouts import answers, files, returns, service
from app.office.payouts.models import Payout
from app.office.payouts.returns import Slip
from app.office.payouts.service import PayoutOrder
from app.office.payouts.states import Purpose
from app.people.accounts.states import Role as Office
from app.people.growers.models import Seller
from app.people.purse import queries as purse
from app.people.purse import service as purses
from app.people.purse.states import AccountState, Bank
from app.policy import POLICY

_OWED = Role("sample_owed")
_PAYING = Kind("sample.paying", "示例付款")
_ODD = "F22222-22222-22222,0000,1.00,成功,示例,"


@dataclass(frozen=True, slots=True)
class Paid:
    """The numbers of the newest file and of the newest answer."""

    file: str
    answer: str


def pay(seller_id: int, *, official: int, count: int) -> Paid:
    """`count` payouts are answered, as many are with the bank, as many wait, and a line fits nothing."""
    seller = session().get_one(Seller, seller_id)
    clerk = _viewer(official, Grant(Office.TOWNSHIP.value, f"township:{seller.township_code}"))
    county = _viewer(official, Grant(Office.COUNTY.value, COUNTY))
    _verify(seller_id, by=clerk)
    answered = _set_aside(seller, count)
    _send(by=county)
    _set_aside(seller, count)
    file = _send(by=county)
    _set_aside(seller, count)
    lines = [f"{one.number},{one.tail},{one.amount},成功,{one.number}," for one in answered]
    data = "\n".join([",".join(answers.COLUMNS), *lines, _ODD]).encode()
    with transaction():
        taken = returns.take(returns.read(data, Slip()), bank=Bank.RURAL, bank_name="", by=county)
    return Paid(file, taken.answer.number)


def _viewer(person_id: int, grant: Grant) -> Viewer:
    return Viewer.of(person_id=person_id, name="孙主任", grants=[grant], policy=POLICY)


def _verify(seller_id: int, *, by: Viewer) -> None:
    waiting = [one for one in purse.live_of(seller_id) if one.state is AccountState.WAITING]
    with transaction():
        for one in waiting:
            purses.verify(one.id, by=by, because="示例数据")


def _set_aside(seller: Seller, count: int) -> list[Payout]:
    owed = Place(CNY, _OWED, f"seller:{seller.id}", seller.township_code)
    orders = [
        PayoutOrder(ids.public_number("sample:"), Purpose.SETTLEMENT, seller.id, Money(100 + n), owed, "示例数据")
        for n in range(count)
    ]
    with transaction():
        account = service.payable([seller.id])[seller.id]
        holds = [service.hold(order, account) for order in orders]
        recorded = books.record(_PAYING, holds, by="test", subject="sample", key=ids.code())
        pairs = zip(orders, recorded.transfers, strict=True)
        return service.register([(order, account, transfer) for order, transfer in pairs], by="test")


def _send(*, by: Viewer) -> str:
    with transaction():
        file = files.make(Bank.RURAL, "", by=by)
    assert file is not None
    with transaction():
        files.download(file.number, because="", by=by)
    return file.number
