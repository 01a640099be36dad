"""People enlisted by the house: many at once without a password, and a password that the house sets."""

import pytest

from app.kernel.db import AlreadyThere, Database, transaction
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import BadCredentials, WeakStaffPassword
from app.people.accounts.states import Role
from tests.people.cast import PHONE, a_person, enter, who

MANY = [("19900000001", "王建平"), ("19900000002", "李秀英")]


def test_many_are_enlisted_with_their_own_sealed_numbers(people: Database) -> None:
    with transaction():
        made = accounts.enlist_many(MANY, by="test")

    assert [(queries.phone_of(one), one.name) for one in made] == MANY


def test_nobody_of_many_can_sign_in_until_given_a_password(people: Database) -> None:
    with transaction():
        made = accounts.enlist_many(MANY, by="test")
    with pytest.raises(BadCredentials):
        enter(MANY[0][0], "whatever he tries")

    with transaction():
        accounts.set_password(made[0].id, "a jujube tree by the river", by="test", because="本人来要")

    assert who(enter(MANY[0][0])) is not None


def test_a_known_number_among_many_refuses_them_all(people: Database) -> None:
    a_person(MANY[1][0])

    with pytest.raises(AlreadyThere), transaction():
        accounts.enlist_many(MANY, by="test")

    assert queries.by_phone(MANY[0][0]) is None


def test_a_password_set_by_the_house_ends_the_sign_ins(people: Database) -> None:
    person = a_person()
    token = enter()

    with transaction():
        accounts.set_password(person.id, "another tree on the hill", by="test", because="密码丢了")

    assert who(token) is None
    assert who(enter(PHONE, "another tree on the hill")) is not None


def test_a_weak_password_is_not_set_for_staff(people: Database) -> None:
    person = a_person()
    with transaction():
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")

    with pytest.raises(WeakStaffPassword), transaction():
        accounts.set_password(person.id, "onlysmallletters", by="test", because="密码丢了")
