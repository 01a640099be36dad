"""Short ways to give an account and to decide about it."""

from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.people.purse import numbers, service
from app.people.purse.models import BankAccount
from app.people.purse.service import Given
from app.people.purse.states import Bank

GROWER_PHONE, GROWER = "13700000001", "王枣林"
NUMBER = "622848000000000123" + numbers.check_digit("622848000000000123")
OTHER = "123456789012345"


def give(
    seller_id: int,
    by: Viewer,
    number: str = NUMBER,
    *,
    holder: str | None = None,
    bank: Bank = Bank.RURAL,
    bank_name: str = "",
    version: str = "bank-1",
) -> BankAccount:
    """The account waits."""
    given = Given(seller_id, by.name if holder is None else holder, bank, number, bank_name)
    with transaction():
        return service.give(given, consent_version=version, by=by)


def verify(account: BankAccount, by: Viewer, because: str = "看过存折原件") -> BankAccount:
    with transaction():
        return service.verify(account.id, by=by, because=because)


def refuse(account: BankAccount, by: Viewer, because: str = "户名对不上") -> BankAccount:
    with transaction():
        return service.refuse(account.id, by=by, because=because)


def withdraw(by: Viewer) -> int:
    with transaction():
        return service.withdraw(by=by)


def anew(account: BankAccount) -> BankAccount:
    """The account as it is in the database now."""
    session().rollback()
    session().expire_all()
    return session().get_one(BankAccount, account.id)
