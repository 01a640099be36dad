"""Signing up, in and out: nobody learns who is registered, and an ended sign-in is dead at once."""

from datetime import timedelta
from typing import Literal

import pytest
from argon2 import PasswordHasher

from app.kernel.db import Database, session, transaction
from app.kernel.errors import NotFound
from app.people.accounts import attempts, passwords, queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import BadCredentials, BadName, BadPhone, SelfGrant, TooManyAttempts, WeakPassword
from app.people.accounts.models import Person
from app.people.accounts.states import Purpose, Role
from tests.people.cast import (
    PASSWORD,
    PHONE,
    a_person,
    an_admin,
    at,
    enter,
    later,
    signed_in_viewer,
    viewer_for,
    who,
)


def fail(phone: str = PHONE, *, known: str | None = None) -> None:
    with pytest.raises(BadCredentials):
        enter(phone, "not the password", known=known)


def test_a_person_who_signed_up_can_sign_in(people: Database) -> None:
    person = a_person()

    token = enter()

    assert signed_in_viewer(token).person_id == person.id


def test_signing_up_keeps_the_consent_and_its_wording(people: Database) -> None:
    person = a_person()

    consent = queries.consent_of(person.id, Purpose.ACCOUNT)

    assert consent is not None
    assert consent.text_version == "2026-01"


def test_signing_up_with_a_known_number_gives_nothing_and_changes_nothing(people: Database) -> None:
    a_person()

    with transaction():
        again = accounts.sign_up("138 0000 1234", "别人", "another password", consent_version="2026-01")

    assert again is None
    assert enter() is not None


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "123", "枣" * 41])
def test_a_name_that_is_none_is_refused(people: Database, name: str) -> None:
    with pytest.raises(BadName), transaction():
        accounts.sign_up(PHONE, name, PASSWORD, consent_version="1")


def test_a_weak_password_or_a_bad_phone_is_refused(people: Database) -> None:
    with pytest.raises(WeakPassword), transaction():
        accounts.sign_up(PHONE, "李", "12345678", consent_version="1")
    with pytest.raises(BadPhone), transaction():
        accounts.sign_up("12345", "李", PASSWORD, consent_version="1")


def test_unknown_wrong_and_disabled_are_refused_with_one_sentence(people: Database) -> None:
    a_person()
    off = a_person("13800005678", "钱")
    admin = an_admin()
    with transaction():
        accounts.disable(off.id, by=admin, because="已经离职")

    refusals = []
    for phone, password in ((PHONE, "not the password"), ("13911112222", PASSWORD), ("13800005678", PASSWORD)):
        with pytest.raises(BadCredentials) as refused:
            enter(phone, password)
        refusals.append((str(refused.value), refused.value.code, refused.value.status, refused.value.field))

    assert len(set(refusals)) == 1


def test_an_unknown_number_costs_the_same_hashing(people: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    a_person()
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            verified.append(str(hash))
            return super().verify(hash, password)

    passwords.use(Counting(time_cost=1, memory_cost=8, parallelism=1))
    fail(PHONE)
    fail("13911112222")

    assert len(verified) == 2


@pytest.mark.parametrize("phone", [PHONE, "13911112222"])
def test_the_eleventh_try_in_five_minutes_is_refused_for_known_and_unknown_numbers(
    people: Database, phone: str
) -> None:
    a_person()
    for _ in range(10):
        fail(phone)

    with pytest.raises(TooManyAttempts) as refused:
        enter(phone, PASSWORD)

    assert refused.value.status == 429
    assert refused.value.retry_after


def test_after_five_minutes_the_right_password_is_taken_again(people: Database) -> None:
    a_person()
    for _ in range(10):
        fail()
    with pytest.raises(TooManyAttempts):
        enter()

    with at(later(minutes=5, seconds=1)):
        assert enter()


def test_refused_tries_do_not_prolong_the_wait(people: Database) -> None:
    a_person()
    start = later()
    for _ in range(10):
        fail()
    with at(start + timedelta(minutes=4)), pytest.raises(TooManyAttempts):
        enter()

    with at(start + timedelta(minutes=5, seconds=5)):
        assert enter()


def test_strangers_cannot_lock_a_person_out_of_his_own_device(people: Database) -> None:
    a_person()
    token = enter()
    with transaction():
        accounts.sign_out(token)
    for _ in range(10):
        fail()

    assert enter(known=token)


def test_somebody_else_s_token_opens_no_separate_count(people: Database) -> None:
    a_person()
    a_person("13800005678", "钱")
    stranger = enter("13800005678")
    for _ in range(10):
        fail()

    with pytest.raises(TooManyAttempts):
        enter(known=stranger)


def test_a_right_password_forgets_the_wrong_ones(people: Database) -> None:
    a_person()
    for _ in range(9):
        fail()
    enter()
    for _ in range(9):
        fail()

    assert enter()


def test_the_token_of_before_signing_in_is_never_the_token_after(people: Database) -> None:
    a_person()
    planted = enter()

    token = enter(old_token=planted)

    assert token != planted
    assert who(planted) is None
    assert who(token) is not None


def test_signing_out_ends_the_sign_in_at_once(people: Database) -> None:
    a_person()
    token = enter()

    with transaction():
        accounts.sign_out(token)

    assert who(token) is None


@pytest.mark.parametrize("token", ["", "x", "\0", "枣" * 5000, "' OR 1=1 --"])
def test_a_token_that_names_nothing_is_nobody(people: Database, token: str) -> None:
    assert who(token) is None
    with transaction():
        accounts.sign_out(token)


def test_one_device_can_be_ended_from_another(people: Database) -> None:
    a_person()
    phone, desk = enter(), enter()
    viewer = signed_in_viewer(desk)

    with transaction():
        accounts.end_sign_in(signed_in_viewer(phone).sign_in_id, by=viewer)

    assert who(phone) is None
    assert who(desk) is not None


def test_a_stranger_s_sign_in_is_not_found(people: Database) -> None:
    a_person()
    a_person("13800005678", "钱")
    mine, his = enter(), enter("13800005678")

    with pytest.raises(NotFound), transaction():
        accounts.end_sign_in(signed_in_viewer(mine).sign_in_id, by=signed_in_viewer(his))

    assert who(mine) is not None


def test_ending_all_others_keeps_the_one_in_use(people: Database) -> None:
    a_person()
    others = [enter(), enter()]
    here = enter()

    with transaction():
        accounts.end_all_others(by=signed_in_viewer(here))

    assert [who(token) for token in others] == [None, None]
    assert [one.is_current for one in queries.sign_ins_of(signed_in_viewer(here))] == [True]


def change(token: str, new: str, *, old: str = PASSWORD) -> str:
    viewer = signed_in_viewer(token)
    with transaction():
        one = accounts.begin_try_of(viewer)
    proof = accounts.prove(one, old)
    with transaction():
        return accounts.change_password(proof, new, by=viewer)


def test_a_changed_password_ends_the_others_and_renews_this_token(people: Database) -> None:
    a_person()
    other, here = enter(), enter()

    token = change(here, "a better jujube tree")

    assert (who(other), who(here)) == (None, None)
    assert who(token) is not None
    assert enter(password="a better jujube tree")
    fail()


def test_the_old_password_is_needed_for_a_new_one(people: Database) -> None:
    a_person()
    token = enter()

    with pytest.raises(BadCredentials):
        change(token, "a better jujube tree", old="not the password")

    assert enter()


def test_a_proof_of_somebody_else_changes_nothing(people: Database) -> None:
    a_person()
    a_person("13800005678", "钱")
    mine = signed_in_viewer(enter())
    with transaction():
        one = accounts.begin_try("13800005678", known_token=None)
    proof = accounts.prove(one, PASSWORD)

    with pytest.raises(BadCredentials), transaction():
        accounts.change_password(proof, "a better jujube tree", by=mine)


def test_a_proof_from_before_the_change_opens_nothing(people: Database) -> None:
    a_person()
    with transaction():
        one = accounts.begin_try(PHONE, known_token=None)
    proof = accounts.prove(one, PASSWORD)
    change(enter(), "a better jujube tree")

    with pytest.raises(BadCredentials), transaction():
        accounts.sign_in(proof, device="", address="", old_token=None)


def test_staff_may_not_take_a_buyer_s_password(people: Database) -> None:
    person = a_person()
    with transaction():
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")
    token = enter()

    with pytest.raises(WeakPassword):
        change(token, "a better jujube tree")
    assert change(token, "A better jujube tree 1")


def test_a_hash_of_yesterday_s_strength_is_renewed_at_signing_in(people: Database) -> None:
    person = a_person()
    before = person.password_hash
    passwords.use(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))

    enter()

    session().expire_all()
    renewed = queries.person(person.id).password_hash
    assert renewed != before
    assert not passwords.is_outdated(renewed)


def test_a_disabled_person_is_out_at_once(people: Database) -> None:
    person = a_person()
    token = enter()
    admin = an_admin()

    with transaction():
        accounts.disable(person.id, by=admin, because="账号被盗用")

    assert who(token) is None


def test_a_temporary_password_gives_no_staff_role_until_it_is_changed(people: Database) -> None:
    with transaction():
        person, secret = accounts.enlist(PHONE, "赵乡镇", by="command line")
        accounts.appoint(person.id, Role.COUNTY, "county", by="command line", because="首位县干部")
    token = enter(password=secret)
    assert not signed_in_viewer(token).is_staff

    token = change(token, "A better jujube tree 1", old=secret)

    assert signed_in_viewer(token).is_staff


def test_a_temporary_password_runs_out_after_three_days(people: Database) -> None:
    with transaction():
        _, secret = accounts.enlist(PHONE, "赵乡镇", by="command line")

    with at(later(hours=72, seconds=1)), pytest.raises(BadCredentials):
        enter(password=secret)


def test_a_new_temporary_password_ends_sign_ins_and_second_factor(people: Database) -> None:
    person = a_person()
    token = enter()

    with transaction():
        secret = accounts.give_temporary_password(person.id, by="command line", because="手机丢了")

    assert who(token) is None
    fail()
    assert enter(password=secret)


def test_staff_are_out_after_fifteen_idle_minutes_and_others_are_not(people: Database) -> None:
    person = a_person()
    token = enter()
    start = later()
    with at(start + timedelta(minutes=16)):
        assert who(token) is not None
    with transaction():
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")

    with at(start + timedelta(minutes=14)):
        assert who(token) is not None
    with at(start + timedelta(minutes=16)):
        assert who(token) is None


def test_staff_who_keep_working_are_out_after_twelve_hours(people: Database) -> None:
    person = a_person()
    with transaction():
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")
    token = enter()
    start = later()
    sign_in_id = signed_in_viewer(token).sign_in_id
    for minutes in range(10, 12 * 60, 10):
        with at(start + timedelta(minutes=minutes)), transaction():
            accounts.seen(sign_in_id)
    with at(start + timedelta(hours=11, minutes=59)):
        assert who(token) is not None
    with at(start + timedelta(hours=12)):
        assert who(token) is None


def test_buyers_are_out_after_thirty_days(people: Database) -> None:
    a_person()
    token = enter()
    start = later()

    with at(start + timedelta(days=29)):
        assert who(token) is not None
    with at(start + timedelta(days=30)):
        assert who(token) is None


def test_being_seen_is_written_at_most_once_a_minute(people: Database) -> None:
    a_person()
    token = enter()
    start = later()
    found = queries.signed_in(token, policy={}, step_up_needed=False)
    assert found is not None
    assert not found.seen_is_due
    with at(start + timedelta(seconds=61)):
        due = queries.signed_in(token, policy={}, step_up_needed=False)
        assert due is not None
        assert due.seen_is_due
        with transaction():
            accounts.seen(due.viewer.sign_in_id)
        after = queries.signed_in(token, policy={}, step_up_needed=False)
        assert after is not None
        assert not after.seen_is_due


def test_old_tries_are_forgotten_and_young_ones_kept(people: Database) -> None:
    fail("13911112222")
    index = queries.index_of("13911112222")
    with transaction():
        assert accounts.forget_old_attempts() == 0
    assert attempts.tries(attempts.PASSWORD, index) == 1

    with at(later(days=3)), transaction():
        assert accounts.forget_old_attempts() == 1


def test_the_administrator_cannot_disable_himself(people: Database) -> None:
    person: Person = a_person()
    admin = viewer_for(person, (Role.ADMIN, "county"))

    with pytest.raises(SelfGrant), transaction():
        accounts.disable(person.id, by=admin, because="试一试")
