"""The checks of people pass on sound data and name the row that somebody spoilt."""

import pytest
from sqlalchemy import delete, update

from app.kernel.checks import Check
from app.kernel.db import Database, session, transaction
from app.people.accounts.checks import CHECKS as ACCOUNTS
from app.people.accounts.models import Person, RoleGrant
from app.people.accounts.states import Role
from app.people.growers.checks import CHECKS as GROWERS
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus
from tests.people.cast import a_person, a_seller, an_applicant

BY_CODE: dict[str, Check] = {check.code: check for check in (*ACCOUNTS, *GROWERS)}


def found(code: str) -> list[str]:
    session().rollback()
    session().expire_all()
    return [finding.row for finding in BY_CODE[code].find()]


def test_sound_people_pass_every_check(people: Database) -> None:
    a_seller()
    an_applicant(phone="13700000002")

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
