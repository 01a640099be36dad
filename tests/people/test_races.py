"""Several at once: one code steps up once, one application is decided once, and tries are not lost in the count."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.kernel.db import Busy, Database, session, transaction
from app.kernel.errors import DomainError
from app.kernel.states import IllegalMove
from app.people.accounts import attempts
from app.people.accounts import service as accounts
from app.people.accounts.errors import AlreadyHeld, BadCode, RolesExclude, TooManyAttempts
from app.people.accounts.models import Attempt, Person, RoleGrant
from app.people.accounts.states import Role
from app.people.growers import queries
from app.people.growers import service as growers
from app.people.growers.errors import AlreadyApplied
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus
from app.people.purse import queries as purse_queries
from app.people.purse import service as purse
from app.people.purse.errors import AccountTaken
from app.people.purse.models import BankAccount
from app.people.purse.states import AccountState
from tests.people.cast import (
    HOUSEHOLD,
    PASSWORD,
    PHONE,
    a_person,
    an_applicant,
    an_official,
    code_now,
    enrol,
    enter,
    signed_in_viewer,
)
from tests.people.purse.purses import GROWER, GROWER_PHONE, NUMBER, OTHER, anew, give, verify

AT_ONCE = 8


def at_once(database: Database, act: Callable[[int], object], times: int = AT_ONCE) -> list[object]:
    """What each of several threads got: a value, or the refusal."""
    start = Barrier(times)

    def run(number: int) -> object:
        with database.unit_of_work():
            start.wait()
            try:
                return act(number)
            except DomainError as refusal:
                return refusal

    session().rollback()
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def refusals(outcomes: list[object], kind: type[DomainError]) -> int:
    assert not any(isinstance(outcome, Busy) for outcome in outcomes)
    return sum(isinstance(outcome, kind) for outcome in outcomes)


def test_one_code_steps_up_once(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    secret, _ = enrol(viewer)
    code = code_now(secret, steps=1)
    counted = attempts.Try("code", str(viewer.person_id))

    def act(number: int) -> object:
        with transaction():
            accounts.step_up(counted, code, by=viewer)
        return "in"

    outcomes = at_once(people, act)

    assert outcomes.count("in") == 1
    assert refusals(outcomes, BadCode) == AT_ONCE - 1


def test_one_recovery_code_steps_up_once(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    _, codes = enrol(viewer)
    counted = attempts.Try("code", str(viewer.person_id))

    def act(number: int) -> object:
        with transaction():
            accounts.step_up(counted, codes[0], by=viewer)
        return "in"

    assert at_once(people, act).count("in") == 1


def test_tries_at_once_are_all_counted(people: Database) -> None:
    def act(number: int) -> object:
        with transaction():
            return accounts.begin_try(PHONE, known_token=None)

    outcomes = at_once(people, act, times=16)

    assert refusals(outcomes, TooManyAttempts) == 6
    session().rollback()
    assert session().scalars(select(func.count()).select_from(Attempt)).one() == 10


def test_an_application_is_decided_once(people: Database) -> None:
    seller_id = an_applicant().id
    officials = [an_official(phone=f"1390000100{number}") for number in range(AT_ONCE)]

    def act(number: int) -> object:
        decision = growers.verify if number % 2 else growers.refuse
        with transaction():
            return decision(seller_id, by=officials[number], because="上门看过枣园").status

    outcomes = at_once(people, act)

    assert refusals(outcomes, IllegalMove) == AT_ONCE - 1
    session().rollback()
    session().expire_all()
    steps = queries.history_of(seller_id)
    assert len(steps) == 2
    assert steps[1].new is queries.seller(seller_id).status
    assert steps[1].new in (SellerStatus.ACTIVE, SellerStatus.REFUSED)


def test_a_number_signs_up_once(people: Database) -> None:
    def act(number: int) -> object:
        with transaction():
            return accounts.sign_up(PHONE, f"李{number}", PASSWORD, consent_version="1")

    outcomes = at_once(people, act)

    assert sum(isinstance(outcome, Person) for outcome in outcomes) == 1
    assert outcomes.count(None) == AT_ONCE - 1


def test_a_person_s_double_tap_makes_one_application(people: Database) -> None:
    person = a_person()

    def act(number: int) -> object:
        with transaction():
            return growers.apply(HOUSEHOLD, person_id=person.id, by=person.actor)

    outcomes = at_once(people, act)

    assert refusals(outcomes, AlreadyApplied) == AT_ONCE - 1
    session().rollback()
    assert session().scalars(select(func.count()).select_from(Seller)).one() == 1


@pytest.mark.parametrize("rival", [Role.AUDITOR, Role.COUNTY])
def test_two_administrators_cannot_grant_what_excludes_each_other(people: Database, rival: Role) -> None:
    person = a_person()
    roles = (Role.ADMIN, rival)

    def act(number: int) -> object:
        with transaction():
            return accounts.appoint(person.id, roles[number % 2], "county", by="test", because="任命")

    outcomes = at_once(people, act)

    assert refusals(outcomes, RolesExclude) + refusals(outcomes, AlreadyHeld) == AT_ONCE - 1
    session().rollback()
    assert session().scalars(select(func.count()).select_from(RoleGrant)).one() == 1


def test_an_account_is_decided_once(people: Database) -> None:
    seller = an_applicant(name=GROWER)
    account_id = give(seller.id, signed_in_viewer(enter(GROWER_PHONE))).id
    officials = [an_official(phone=f"1390000100{number}") for number in range(AT_ONCE)]

    def act(number: int) -> object:
        decision = purse.verify if number % 2 else purse.refuse
        with transaction():
            return decision(account_id, by=officials[number], because="看过存折原件").state

    outcomes = at_once(people, act)

    assert refusals(outcomes, IllegalMove) == AT_ONCE - 1
    (won,) = [outcome for outcome in outcomes if isinstance(outcome, AccountState)]
    session().rollback()
    session().expire_all()
    assert purse_queries.account(account_id).state is won


def test_verifying_while_the_owner_withdraws_or_changes_leaves_one_sound_state(people: Database) -> None:
    seller_id = an_applicant(name=GROWER).id
    grower = signed_in_viewer(enter(GROWER_PHONE))
    official = an_official(phone="13900001000")
    verify(give(seller_id, grower), official)
    waiting = give(seller_id, grower, OTHER)
    again = numbers(AT_ONCE)

    def act(number: int) -> object:
        if number % 4 == 0:
            return verify(waiting, official).state
        if number % 4 == 1:
            with transaction():
                return purse.withdraw(by=grower)
        return give(seller_id, grower, again[number]).state

    outcomes = at_once(people, act)

    assert not any(isinstance(outcome, Busy) for outcome in outcomes)
    assert all(isinstance(outcome, AccountState | int | IllegalMove) for outcome in outcomes)
    in_force = purse_queries.payable_account(seller_id)
    assert in_force is None or in_force.state is AccountState.VERIFIED
    assert anew(waiting).state in (AccountState.VERIFIED, AccountState.ENDED)


def numbers(count: int) -> list[str]:
    """Passbook numbers that nobody has."""
    return [f"{number:012d}" for number in range(count)]


def test_one_number_goes_to_one_of_several_sellers(people: Database) -> None:
    sellers, viewers = [], []
    for number in range(AT_ONCE):
        sellers.append(an_applicant(phone=f"1370000100{number}", name=GROWER).id)
        viewers.append(signed_in_viewer(enter(f"1370000100{number}")))

    def act(number: int) -> object:
        return give(sellers[number], viewers[number], NUMBER).state

    outcomes = at_once(people, act)

    assert refusals(outcomes, AccountTaken) == AT_ONCE - 1
    session().rollback()
    assert session().scalars(select(func.count()).select_from(BankAccount)).one() == 1
