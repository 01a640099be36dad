"""The checks of people pass on sound data and name the row that somebody spoilt."""

import pytest
from sqlalchemy import delete, select, update

from app.kernel.checks import Check
from app.kernel.db import Database, session, transaction
from app.people.accounts.checks import CHECKS as ACCOUNTS
from app.people.accounts.models import Consent, Person, RoleGrant
from app.people.accounts.states import Purpose, Role
from app.people.growers.checks import CHECKS as GROWERS
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus
from app.people.purse.checks import CHECKS as PURSE
from app.people.purse.models import BankAccount
from tests.people.cast import a_person, a_seller, an_applicant, an_official, enter, signed_in_viewer
from tests.people.purse.purses import OTHER, give, refuse, verify, withdraw

BY_CODE: dict[str, Check] = {check.code: check for check in (*ACCOUNTS, *GROWERS, *PURSE)}


def found(code: str) -> list[str]:
    session().rollback()
    session().expire_all()
    return [finding.row for finding in BY_CODE[code].find()]


def test_sound_people_pass_every_check(people: Database) -> None:
    seller = a_seller()
    an_applicant(phone="13700000002")
    grower, official = signed_in_viewer(enter("13700000001")), an_official(phone="13900000009")
    verify(give(seller.id, grower), official)
    refuse(give(seller.id, grower, OTHER), official)
    withdraw(grower)
    verify(give(seller.id, grower), official)
    give(seller.id, grower, OTHER)

    assert {code: found(code) for code in BY_CODE} == {code: [] for code in BY_CODE}


@pytest.mark.corrupts
def test_roles_that_exclude_each_other_are_found(people: Database) -> None:
    person = a_person()
    with transaction() as current:
        for role in (Role.ADMIN, Role.COUNTY):
            current.add(
                RoleGrant(person_id=person.id, role=role, scope="county", granted_by="x", granted_at=person.created_at)
            )

    assert found("P1") == [f"person {person.id}"]


@pytest.mark.corrupts
def test_swapped_numbers_are_found(people: Database) -> None:
    one, other = a_person(), a_person("13800005678", "钱")
    with transaction() as current:
        current.execute(update(Person).where(Person.id == one.id).values(phone_sealed=other.phone_sealed))

    assert found("P2") == [f"person {one.id}"]


@pytest.mark.corrupts
def test_a_status_that_no_step_made_is_found(people: Database) -> None:
    seller = a_seller()
    with transaction() as current:
        current.execute(update(Seller).where(Seller.id == seller.id).values(status=SellerStatus.SUSPENDED))

    assert found("G1") == [f"seller {seller.id}"]


@pytest.mark.corrupts
def test_a_member_without_the_role_is_found(people: Database) -> None:
    seller = a_seller()
    with transaction() as current:
        current.execute(delete(RoleGrant).where(RoleGrant.role == Role.SELLER))

    assert found("G2") == [f"seller {seller.id}"]


def _in_force() -> BankAccount:
    seller = a_seller()
    account = give(seller.id, signed_in_viewer(enter("13700000001")))
    return verify(account, an_official(phone="13900000009"))


def _spoil(account: BankAccount, **values: object) -> None:
    with transaction() as current:
        current.execute(update(BankAccount).where(BankAccount.id == account.id).values(**values))


@pytest.mark.corrupts
def test_an_account_in_force_without_its_consent_is_found(people: Database) -> None:
    account = _in_force()
    with transaction() as current:
        current.execute(update(Consent).where(Consent.id == account.consent_id).values(withdrawn_at=account.entered_at))

    assert found("V12-bank") == [f"bank account {account.id}"]


@pytest.mark.corrupts
def test_an_account_under_a_consent_to_something_else_is_found(people: Database) -> None:
    account = _in_force()
    other = session().scalars(
        select(Consent.id).where(Consent.person_id == account.person_id, Consent.purpose == Purpose.ACCOUNT)
    )

    _spoil(account, consent_id=other.one())

    assert found("V12-bank") == [f"bank account {account.id}"]


@pytest.mark.corrupts
@pytest.mark.parametrize("values", [{"tail": "0000"}, {"number_index": "x"}, {"number_sealed": b""}])
def test_a_number_that_is_not_the_one_shown_is_found(people: Database, values: dict[str, object]) -> None:
    account = _in_force()

    _spoil(account, **values)

    assert found("V16-bank") == [f"bank account {account.id}"]
