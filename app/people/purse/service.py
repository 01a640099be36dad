"""The household purse: to which account a seller is paid; given by its own people, compared by its township."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.events import Fact, emit
from app.kernel.permissions import Viewer
from app.kernel.text import tidy
from app.people.accounts import disclosure, wording
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import ConsentMissing, NotSteppedUp
from app.people.accounts.models import Person
from app.people.accounts.sealing import vault
from app.people.accounts.states import Purpose
from app.people.growers import queries as growers
from app.people.growers.errors import OwnMatter
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind, SellerStatus
from app.people.purse import numbers, queries
from app.people.purse.errors import AccountTaken, BadBank, HolderNotOwn, HolderNotSeller, NotPayable
from app.people.purse.events import AccountGiven, AccountRefused, AccountVerified, AccountWithdrawn
from app.people.purse.models import BankAccount
from app.people.purse.permissions import PURSE_UNMASK, PURSE_VERIFY
from app.people.purse.states import AccountState, Bank, Ending

MOST_BANK_NAME = 40


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody says of the account to which a seller shall be paid."""

    seller_id: int
    holder: str
    bank: Bank
    number: str = field(repr=False)
    bank_name: str = ""


def give(given: Given, *, consent_version: str, by: Viewer) -> BankAccount:
    """The account waits for the township, sealed under a consent given for this alone; one in force stays so.

    An account that waited is replaced. The number that waits or is in force already is given back as it is, so that
    a second tap changes nothing; if it is the one in force, another that waited is dropped.
    Raises `ConsentMissing`, `NotFound` unless the viewer acts for the seller, `HolderNotOwn` or `HolderNotSeller`,
    `BadBank`, `BadAccountNumber`, `MistypedCard`, and `AccountTaken` when another seller has the number.
    Source: 个人信息保护法 art. 28-31.
    """
    if not consent_version:
        raise ConsentMissing(field="consent")
    person = accounts_queries.person(by.person_id, lock=True)
    seller = _own_seller(given.seller_id, by)
    asked = _checked(given, person, seller)
    live = {one.state: one for one in queries.live_of(seller.id, lock=True)}
    in_force, waiting = live.get(AccountState.VERIFIED), live.get(AccountState.WAITING)
    index = queries.index_of(asked.number)
    if waiting is not None and _is_the_same(waiting, asked, index, person):
        return waiting
    if waiting is not None:
        _end(waiting, Ending.REPLACED, by=by)
    if in_force is not None and in_force.number_index == index:
        return in_force
    account = _store(asked, index, person, consent_version=consent_version, by=by)
    audit.note("purse.give", _thing(account), by=by.actor, seller=seller.id, consent=account.consent_id)
    _tell(AccountGiven(account_id=account.id))
    return account


def withdraw(*, by: Viewer) -> int:
    """The viewer's consent is taken back: his accounts, for whatever seller, are used no more and their numbers gone.

    How many there were. Source: 个人信息保护法 art. 15 and 47.
    """
    person = accounts_queries.person(by.person_id, lock=True)
    for seller_id in sorted({one.seller_id for one in queries.live_given_by(person.id)}):
        growers.seller(seller_id, lock=True)
    mine = queries.live_given_by(person.id, lock=True)
    for account in mine:
        _end(account, Ending.WITHDRAWN, by=by)
        _tell(AccountWithdrawn(account_id=account.id))
    accounts.withdraw_consent(Purpose.BANK_ACCOUNT, by=by)
    return len(mine)


def verify(account_id: int, *, by: Viewer, because: str) -> BankAccount:
    """The township has compared the account: the seller is paid there from now on, and no more where it was before.

    Raises `NotFound` outside the viewer's townships, `OwnMatter` for one who entered it or acts for the seller,
    `NotSteppedUp`, `IllegalMove` unless it waits, `ReasonMissing`.
    """
    account, reason = _locked_for_decision(account_id, by), wording.reason(because)
    for before in queries.live_of(account.seller_id, lock=True):
        if before.state is AccountState.VERIFIED and before is not account:
            _end(before, Ending.REPLACED, by=by)
    account.decide(AccountState.VERIFIED, by=by.actor, because=reason, at=clock.now())
    audit.note("purse.verify", _thing(account), by=by.actor, because=reason, seller=account.seller_id)
    _tell(AccountVerified(account_id=account.id))
    return account


def refuse(account_id: int, *, by: Viewer, because: str) -> BankAccount:
    """The account is not taken, for that reason, and its number is gone. Raises as `verify` does."""
    account, reason = _locked_for_decision(account_id, by), wording.reason(because)
    account.decide(AccountState.REFUSED, by=by.actor, because=reason, at=clock.now())
    audit.note("purse.refuse", _thing(account), by=by.actor, because=reason, seller=account.seller_id)
    _tell(AccountRefused(account_id=account.id))
    return account


def unmask_number(account_id: int, *, by: Viewer, because: str) -> str:
    """The number in clear for the township that compares it, after a row on record; show it only after the commit.

    Raises `NotFound` outside the viewer's townships or when the number is gone, and as `disclosure.record` does.
    """
    account = queries.account_in_scope(account_id, by, PURSE_UNMASK)
    number = queries.number_of(account)
    disclosure.record(account.person_id, field="bank_account", by=by, under=PURSE_UNMASK, because=because)
    return number


def open_number(account: BankAccount, *, by: str, because: str) -> str:
    """The number in clear for whoever makes the bank's file, on record in the same transaction.

    Raises `NotPayable` unless the account is the one to which its seller may be paid now.
    """
    payable = queries.payable_account(account.seller_id, lock=True)
    if payable is None or payable.id != account.id:
        raise NotPayable()
    audit.note("purse.open_number", _thing(payable), by=by, because=because, seller=payable.seller_id)
    return queries.number_of(payable)


def open_numbers(wanted: Sequence[BankAccount], *, by: str, because: str) -> dict[int, str]:
    """Account id → its number in clear, for whoever makes a bank's file, each on record in the same transaction.

    Raises `NotPayable` unless each account is the one to which its seller may be paid now.
    """
    payable = {one.id: one for one in queries.payable_accounts([one.seller_id for one in wanted], lock=True)}
    opened = {}
    for account in wanted:
        if account.id not in payable:
            raise NotPayable()
        audit.note("purse.open_number", _thing(account), by=by, because=because, seller=account.seller_id)
        opened[account.id] = queries.number_of(payable[account.id])
    return opened


def holder_for(seller: Seller, person_name: str) -> str:
    """In whose name the account of such a seller must be: a household's in its person's, another's in its own."""
    return person_name if seller.kind is SellerKind.HOUSEHOLD else seller.name


def _own_seller(seller_id: int, by: Viewer) -> Seller:
    if not growers.is_member(by.person_id, seller_id):
        raise NotFound()
    seller = growers.seller(seller_id, lock=True)
    if seller.status is SellerStatus.REFUSED:
        raise NotFound()
    return seller


def _checked(given: Given, person: Person, seller: Seller) -> Given:
    name = holder_for(seller, person.name)
    if _spelt(given.holder) != _spelt(name):
        refusal = HolderNotOwn if seller.kind is SellerKind.HOUSEHOLD else HolderNotSeller
        raise refusal(field="holder", name=name)
    bank_name = wording.plain(given.bank_name) if given.bank is Bank.OTHER else ""
    if given.bank is Bank.OTHER and not (2 <= len(bank_name) <= MOST_BANK_NAME and any(map(str.isalpha, bank_name))):
        raise BadBank(field="bank_name")
    return replace(given, holder=name, bank_name=bank_name, number=numbers.parse(given.number))


def _spelt(name: str) -> str:
    return tidy(name).replace(" ", "").replace("•", "·").replace("・", "·")


def _is_the_same(waiting: BankAccount, asked: Given, index: str, person: Person) -> bool:
    return (waiting.number_index, waiting.bank, waiting.bank_name, waiting.person_id) == (
        index,
        asked.bank,
        asked.bank_name,
        person.id,
    )


def _store(asked: Given, index: str, person: Person, *, consent_version: str, by: Viewer) -> BankAccount:
    account = BankAccount(
        seller_id=asked.seller_id,
        person_id=person.id,
        holder=asked.holder,
        bank=asked.bank,
        bank_name=asked.bank_name,
        tail=asked.number[-4:],
        number_index=index,
        consent_id=accounts.consent(person.id, Purpose.BANK_ACCOUNT, consent_version).id,
        entered_by=by.actor,
        entered_at=clock.now(),
    )
    try:
        with session().begin_nested():
            session().add(account)
    except IntegrityError as error:
        raise AccountTaken(field="number") from error
    # Sealed once the row has its id, to which the value is bound.
    account.number_sealed = vault().seal(asked.number, field=queries.NUMBER_FIELD, row=str(account.id))
    session().flush()
    return account


def _locked_for_decision(account_id: int, by: Viewer) -> BankAccount:
    if not by.is_stepped_up:
        raise NotSteppedUp()
    seller_id = queries.account_in_scope(account_id, by, PURSE_VERIFY).seller_id
    seller = growers.seller_in_scope(seller_id, by, PURSE_VERIFY, lock=True)
    account = queries.account(account_id, lock=True)
    if account.entered_by == by.actor or growers.is_member(by.person_id, seller.id):
        raise OwnMatter()
    return account


def _end(account: BankAccount, ending: Ending, *, by: Viewer) -> None:
    account.end(ending, at=clock.now())
    # Ended in the database before another takes its place there.
    session().flush()
    audit.note("purse.end", _thing(account), by=by.actor, ending=ending.value, seller=account.seller_id)


def _thing(account: BankAccount) -> str:
    return f"bank_account:{account.id}"


def _tell(fact: Fact) -> None:
    session().flush()
    emit(fact)
