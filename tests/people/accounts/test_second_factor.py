"""The second factor: needed by staff over TLS, each code good once."""

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db import Database, transaction
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import AlreadyEnrolled, BadCode, NotEnrolled, NotSteppedUp, TooManyAttempts
from app.people.accounts.states import Role
from tests.people.cast import (
    a_person,
    at,
    code_now,
    enrol,
    enter,
    later,
    signed_in_viewer,
    step_up,
    viewer_for,
    waiting_secret,
)


def test_a_code_of_the_enrolled_phone_steps_up(people: Database) -> None:
    a_person()
    token = enter()
    secret, _ = enrol(signed_in_viewer(token))
    other = enter()
    assert not signed_in_viewer(other, step_up_needed=True).is_stepped_up

    step_up(signed_in_viewer(other), code_now(secret, steps=1))

    assert signed_in_viewer(other, step_up_needed=True).is_stepped_up


def test_stepping_up_lasts_five_minutes(people: Database) -> None:
    a_person()
    token = enter()
    enrol(signed_in_viewer(token))
    start = later()

    for seconds, expected in ((290, True), (301, False)):
        with at(start + timedelta(seconds=seconds)):
            assert signed_in_viewer(token, step_up_needed=True).is_stepped_up is expected


def test_the_same_code_is_refused_the_second_time(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    secret, _ = enrol(viewer)
    code = code_now(secret, steps=1)
    step_up(viewer, code)

    with pytest.raises(BadCode):
        step_up(viewer, code)


def test_the_code_that_confirmed_is_used_up_too(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    with transaction():
        accounts.enrol_totp(by=viewer)
    code = code_now(waiting_secret(viewer))
    with transaction():
        counted = accounts.begin_code(by=viewer)
    with transaction():
        accounts.confirm_totp(counted, code, by=viewer)

    with pytest.raises(BadCode):
        step_up(viewer, code)


@pytest.mark.parametrize("steps", [-2, 2, 20])
def test_a_code_further_than_one_step_away_is_refused(people: Database, steps: int) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    with at(clock.now()):
        secret, _ = enrol(viewer)
        with pytest.raises(BadCode):
            step_up(viewer, code_now(secret, steps=steps))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 5000, "\0", "'; --", "-" * 16])
def test_what_is_no_code_is_refused(people: Database, code: str) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    enrol(viewer)

    with pytest.raises(BadCode):
        step_up(viewer, code)


def test_a_recovery_code_is_good_once(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    _, codes = enrol(viewer)
    assert len(set(codes)) == 10

    step_up(viewer, codes[0].lower())

    with pytest.raises(BadCode):
        step_up(viewer, codes[0])
    step_up(viewer, codes[1].replace("-", ""))


def test_a_recovery_code_of_somebody_else_is_refused(people: Database) -> None:
    a_person()
    a_person("13800005678", "钱")
    _, codes = enrol(signed_in_viewer(enter()))
    other = signed_in_viewer(enter("13800005678"))
    enrol(other)

    with pytest.raises(BadCode):
        step_up(other, codes[0])


def test_the_sixth_code_in_five_minutes_is_refused(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    secret, _ = enrol(viewer)
    for _ in range(5):
        with pytest.raises(BadCode):
            step_up(viewer, "000000x")

    with pytest.raises(TooManyAttempts):
        step_up(viewer, code_now(secret, steps=1))
    with at(later(minutes=6)):
        step_up(viewer, code_now(secret))


def test_twenty_codes_an_hour_are_the_most(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    enrol(viewer)
    start = later()
    for round_ in range(4):
        for _ in range(5):
            with at(start + timedelta(minutes=6 * round_)), pytest.raises(BadCode):
                step_up(viewer, "none")

    with at(start + timedelta(minutes=30)), pytest.raises(TooManyAttempts):
        step_up(viewer, "none")


def test_a_second_secret_does_not_replace_one_in_force(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    enrol(viewer)

    with pytest.raises(AlreadyEnrolled), transaction():
        accounts.enrol_totp(by=viewer)
    assert accounts.waiting_secret(by=viewer) is None


def test_a_wrong_code_confirms_nothing(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())
    with transaction():
        accounts.enrol_totp(by=viewer)
    with transaction():
        counted = accounts.begin_code(by=viewer)

    with pytest.raises(BadCode), transaction():
        accounts.confirm_totp(counted, "000000", by=viewer)

    assert not queries.person(viewer.person_id).is_enrolled


def test_stepping_up_without_a_second_factor_says_so(people: Database) -> None:
    a_person()
    viewer = signed_in_viewer(enter())

    with pytest.raises(NotEnrolled):
        step_up(viewer, "123456")


def test_dropping_the_second_factor_needs_it_first(people: Database) -> None:
    person = a_person()
    viewer = signed_in_viewer(enter())
    enrol(viewer)

    with pytest.raises(NotSteppedUp), transaction():
        accounts.drop_totp(by=viewer_for(person, stepped_up=False))
    with transaction():
        accounts.drop_totp(by=viewer)

    assert not queries.person(person.id).is_enrolled


def test_where_it_is_needed_staff_roles_count_only_with_the_second_factor(people: Database) -> None:
    person = a_person()
    with transaction():
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")
    token = enter()
    assert signed_in_viewer(token).is_staff
    assert not signed_in_viewer(token, step_up_needed=True).is_staff

    secret, _ = enrol(signed_in_viewer(token))
    assert signed_in_viewer(token, step_up_needed=True).is_staff

    other = enter()
    assert not signed_in_viewer(other, step_up_needed=True).is_staff
    step_up(signed_in_viewer(other), code_now(secret, steps=1))
    assert signed_in_viewer(other, step_up_needed=True).is_staff
