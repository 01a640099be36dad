"""The account at Stripe through which buyers pay online, one for each database; None where the county has none."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from app.gateways.stripe import Stripe
from app.kernel.db import Database, database
from app.kernel.errors import Conflict

CHANNEL = "stripe"
"""How payments and the books name it."""
_accounts: WeakKeyDictionary[Database, Stripe] = WeakKeyDictionary()


class NoOnlinePayment(Conflict):
    """The county has no account at Stripe."""

    code = "no_online_payment"
    sentence = "这里还没有开通在线支付，请用银行转账或货到付款。"


def use(account: Stripe | None, *, on: Database) -> None:
    """From here on, buyers in this database pay online through this account. The assembly says it once."""
    if account is None:
        _accounts.pop(on, None)
    else:
        _accounts[on] = account


def is_open() -> bool:
    """Whether buyers can pay online."""
    return database() in _accounts


def stripe() -> Stripe:
    """The account of the running unit of work's database. Raises `NoOnlinePayment`."""
    account = _accounts.get(database())
    if account is None:
        raise NoOnlinePayment()
    return account
