"""A code signs its owner in once, within five minutes, if it is the newest; nobody gets many, nor many guesses."""

import re

import pytest
from sqlalchemy import select

from app.audit.models import AuditRow
from app.kernel.db import Database, session, transaction
from app.people.accounts import attempts
from app.people.accounts import service as accounts
from app.people.accounts.errors import BadPhone
from app.people.accounts.models import Attempt, Person, SignIn
from app.people.accounts.states import SignInWay
from app.people.phone_codes import codes, service
from app.people.phone_codes.errors import BadPhoneCode, TooManyPhoneCodes, TooManyPhoneGuesses, TooSoon
from app.people.phone_codes.models import PhoneCode
from app.people.phone_codes.service import Asker
from tests.people import cast
from tests.people.cast import PASSWORD, PHONE, a_person, an_admin, at, later, who
from tests.people.phone_codes.coding import HERE, ask, code_of, enter, requests, wrong


@pytest.fixture
def li(people: Database) -> Person:
    return a_person()


def test_the_code_opens_a_sign_in_of_its_owner(li: Person) -> None:
    entered = enter(code_of(ask()))

    viewer = who(entered.token)
    assert viewer is not None
    assert (viewer.person_id, entered.person_id) == (li.id, li.id)
    (opened,) = session().scalars(select(SignIn))
    assert opened.way is SignInWay.CODE
    (request,) = requests()
    assert (request.sign_in_id, request.code_key) == (opened.id, None)


def test_a_code_is_six_digits_in_whatever_width_and_with_blanks(li: Person) -> None:
    code = code_of(ask())
    assert re.fullmatch("[0-9]{6}", code)

    wide = code.translate({ord("0") + n: chr(ord("０") + n) for n in range(10)})

    assert enter(f" {wide[:3]} {wide[3:]} ").person_id == li.id


def test_a_code_opens_nothing_a_second_time(li: Person) -> None:
    code = code_of(ask())
    enter(code)

    with pytest.raises(BadPhoneCode):
        enter(code)

    assert len(session().scalars(select(SignIn)).all()) == 1


def test_a_code_lives_for_five_minutes(li: Person) -> None:
    code = code_of(ask())
    with at(later(seconds=298)):
        assert codes.of(requests()[0]) == code
    with at(later(seconds=301)), pytest.raises(BadPhoneCode):
        enter(code)


def test_only_the_newest_code_counts(li: Person) -> None:
    first = ask()
    old = code_of(first)
    with at(later(seconds=61)):
        new = code_of(ask())
        with pytest.raises(BadPhoneCode):
            enter(old if old != new else wrong(new))
        assert session().get_one(PhoneCode, first).code_key is None
        assert enter(new).person_id == li.id


def test_a_code_is_good_for_its_own_number_alone(li: Person) -> None:
    a_person("13900001111", "钱")
    code = code_of(ask())

    with pytest.raises(BadPhoneCode):
        enter(code, "13900001111")


def test_a_wrong_code_opens_nothing_and_leaves_the_right_one_good(li: Person) -> None:
    code = code_of(ask())

    with pytest.raises(BadPhoneCode):
        enter(wrong(code))

    assert enter(code).person_id == li.id


@pytest.mark.parametrize("typed", ["", "0", "null", "'; DROP TABLE people; --", "9" * 400, "\0", "٣٣٣٣٣٣", "枣" * 900])
def test_anything_else_is_a_wrong_code(li: Person, typed: str) -> None:
    ask()

    with pytest.raises(BadPhoneCode):
        enter(typed)


def test_an_unknown_number_gets_a_request_like_any_other_and_its_code_opens_nothing(people: Database) -> None:
    code = code_of(ask("13911112222"))

    with pytest.raises(BadPhoneCode):
        enter(code, "13911112222")

    assert session().scalars(select(SignIn)).all() == []


def test_somebody_who_was_disabled_is_refused_like_a_wrong_code(li: Person) -> None:
    code = code_of(ask())
    admin = an_admin()
    with transaction():
        accounts.disable(li.id, by=admin, because="账号被盗用")

    with pytest.raises(BadPhoneCode):
        enter(code)


def test_no_number_no_code(people: Database) -> None:
    with pytest.raises(BadPhone):
        service.index_of("12345")


def test_signing_in_by_code_ends_the_sign_in_of_before_under_a_new_token(li: Person) -> None:
    old = cast.enter()

    entered = enter(code_of(ask()), old_token=old)

    assert entered.token != old
    assert who(old) is None
    assert who(entered.token) is not None


def test_the_audit_tells_by_what_somebody_came_in_and_no_code(li: Person) -> None:
    cast.enter()
    code = code_of(ask())
    enter(code)

    rows = session().scalars(select(AuditRow).where(AuditRow.act == "people.sign_in").order_by(AuditRow.id)).all()
    told = [row.details for row in rows]
    assert ['"way": "password"' in str(one) for one in told] == [True, False]
    assert ['"way": "code"' in str(one) for one in told] == [False, True]
    assert not any(code in str(one) for one in told)


def test_signing_in_by_code_forgives_no_try_at_the_password(li: Person) -> None:
    with transaction():
        counted = accounts.begin_try(PHONE, known_token=None).counted

    enter(code_of(ask()))

    assert attempts.tries(attempts.PASSWORD, counted.subject) == 1


def test_the_password_opens_as_before(li: Person) -> None:
    ask()

    assert who(cast.enter(PHONE, PASSWORD)) is not None


def test_another_code_within_a_minute_is_refused_and_the_first_stays_good(li: Person) -> None:
    code = code_of(ask())

    with pytest.raises(TooSoon):
        ask()

    assert enter(code).person_id == li.id


@pytest.mark.parametrize("phone", [PHONE, "13911112222"])
def test_a_number_known_or_not_gets_five_codes_in_an_hour(li: Person, phone: str) -> None:
    for number in range(5):
        with at(later(seconds=61 * number)):
            ask(phone)

    with at(later(seconds=61 * 5)), pytest.raises(TooManyPhoneCodes):
        ask(phone)


def test_a_number_gets_ten_codes_a_day(li: Person) -> None:
    for number in range(10):
        with at(later(minutes=20 * number)):
            ask()

    with at(later(minutes=20 * 10)), pytest.raises(TooManyPhoneCodes):
        ask()


def test_one_address_asks_for_thirty_numbers_an_hour_at_most(people: Database) -> None:
    for number in range(30):
        ask(f"138{number:08d}")

    with pytest.raises(TooManyPhoneCodes):
        ask("13900000000")
    ask("13900000000", by=Asker("192.0.2.7", None))


def test_the_addresses_of_one_household_s_network_count_together(people: Database) -> None:
    for number in range(30):
        ask(f"138{number:08d}", by=Asker(f"2001:db8::{number:x}", None))

    with pytest.raises(TooManyPhoneCodes):
        ask("13900000000", by=Asker("2001:db8::ffff", None))


@pytest.mark.parametrize("phone", [PHONE, "13911112222"])
def test_after_five_wrong_guesses_the_right_code_is_refused_too(li: Person, phone: str) -> None:
    code = code_of(ask(phone))
    for _ in range(5):
        with pytest.raises(BadPhoneCode):
            enter(wrong(code), phone)

    with pytest.raises(TooManyPhoneGuesses):
        enter(code, phone)


def test_nobody_guesses_more_than_twenty_times_a_day(li: Person) -> None:
    for number in range(20):
        with at(later(minutes=6 * number)), pytest.raises(BadPhoneCode):
            enter("000000")

    with at(later(minutes=6 * 20)), pytest.raises(TooManyPhoneGuesses):
        enter("000000")


def test_strangers_who_use_up_the_codes_do_not_lock_out_a_known_device(li: Person) -> None:
    own = Asker("192.0.2.7", cast.enter())
    code = code_of(ask())
    for _ in range(5):
        with pytest.raises(BadPhoneCode):
            enter(wrong(code))
    with pytest.raises(TooSoon):
        ask()

    assert enter(code_of(ask(by=own)), by=own).person_id == li.id


def test_a_right_code_gives_the_guesses_back(li: Person) -> None:
    code = code_of(ask())
    for _ in range(4):
        with pytest.raises(BadPhoneCode):
            enter(wrong(code))
    enter(code)
    with at(later(seconds=61)):
        code = code_of(ask())
        with pytest.raises(BadPhoneCode):
            enter(wrong(code))


def test_what_is_a_day_old_is_forgotten_and_the_sign_in_stays(li: Person) -> None:
    with at(later(hours=-25)):
        entered = enter(code_of(ask()))
        ask("13911112222")
    with at(later(hours=-23)):
        ask()
        with transaction():
            assert service.forget_old() == 0

    with transaction():
        assert service.forget_old() == 2
    assert who(entered.token) is not None
    assert len(requests()) == 1


def test_counting_stands_in_the_database_so_that_it_holds_on_every_machine(li: Person) -> None:
    ask()

    subject = service.index_of(PHONE)
    assert (attempts.tries(service.AGAIN, subject), attempts.tries(service.CODES, subject)) == (1, 1)
    assert HERE.address not in {one for (one,) in session().execute(select(Attempt.subject))}
