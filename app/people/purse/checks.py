"""Proving that a second pair of eyes compared where money goes, and that no number outlives its use."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from app.kernel.checks import Check, Finding
from app.kernel.crypto import Undecipherable
from app.kernel.db import session
from app.people.accounts.models import Consent
from app.people.accounts.states import Purpose
from app.people.purse import queries
from app.people.purse.models import BankAccount
from app.people.purse.states import LIVE, AccountState


def _two_people_and_a_consent() -> Iterator[Finding]:
    wrong = (
        select(BankAccount.id)
        .join(Consent, Consent.id == BankAccount.consent_id)
        .where(
            BankAccount.state == AccountState.VERIFIED,
            or_(
                BankAccount.decided_by.is_(None),
                BankAccount.decided_by == BankAccount.entered_by,
                Consent.withdrawn_at.is_not(None),
                Consent.purpose != Purpose.BANK_ACCOUNT,
                Consent.person_id != BankAccount.person_id,
            ),
        )
    )
    for number in session().scalars(wrong):
        yield Finding(f"bank account {number}", "is verified by nobody else, or without a consent that stands")


def _numbers_are_sealed_while_of_use() -> Iterator[Finding]:
    for account in session().scalars(select(BankAccount).execution_options(yield_per=1000)):
        if account.state in LIVE:
            if not _opens(account):
                yield Finding(f"bank account {account.id}", "the sealed number does not open or is not the indexed one")
        elif account.number_sealed is not None or account.number_index is not None:
            yield Finding(f"bank account {account.id}", f"is {account.state.value} and still has its number")


def _opens(account: BankAccount) -> bool:
    if not account.number_sealed:
        return False
    try:
        number = queries.number_of(account)
    except Undecipherable:
        return False
    return queries.index_of(number) == account.number_index and number.endswith(account.tail)


CHECKS = (
    Check("V12-bank", "核实过的收款账号，核实人不是登记人，本人的同意还在", _two_people_and_a_consent),
    Check("V16-bank", "收款账号都加密保存、能打开，停用的不留号码", _numbers_are_sealed_while_of_use),
)
