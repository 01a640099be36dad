"""Which passwords are good enough, and that what is kept of them works."""

import pytest
from argon2 import PasswordHasher

from app.people.accounts import passwords
from app.people.accounts.errors import WeakPassword, WeakStaffPassword

PHONE = "13800001234"


@pytest.mark.parametrize(
    "password", ["两只喜鹊在枣树上说话", "abcdwxyzpq", "correct horse battery", "x7" * 4 + "y", "🙂🙃😀😃😄😁😆😅"]
)
def test_buyers_choose_freely_within_the_length(password: str) -> None:
    passwords.check(password, phone=PHONE, for_staff=False)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short7x",
        "x" * 201,
        "12345678",
        "1234567890",
        "Password",
        "password123",
        "qwertyuiop",
        "woaini1314",
        "11111111",
        "abcdefgh",
        "1qaz2wsx",
        "liulin2026",
        "13800001234",
        "my13800001234",
        "aaaaaaab",
        "PASSW0RD1234",
        "good\x00enough",
    ],
)
def test_short_long_and_well_known_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check(password, phone=PHONE, for_staff=False)


@pytest.mark.parametrize("password", ["Zaohong-2026", "柳林红枣Ab1柳林红枣真甜", "Two Magpies!"])
def test_staff_may_use_twelve_mixed_signs(password: str) -> None:
    passwords.check(password, phone=PHONE, for_staff=True)


@pytest.mark.parametrize(
    "password", ["Zaohong-202", "zaohong-2026", "ZAOHONG-2026", "ZaohongHongzao", "correct horse battery"]
)
def test_staff_need_three_kinds_of_signs(password: str) -> None:
    with pytest.raises(WeakStaffPassword):
        passwords.check(password, phone=PHONE, for_staff=True)


def test_two_hundred_signs_are_neither_refused_nor_cut_short() -> None:
    long = "枣" + "木" + "芽" * 197
    passwords.check(long + "一", phone=PHONE, for_staff=False)
    stored = passwords.hashed(long + "一")
    assert passwords.matches(stored, long + "一")
    assert not passwords.matches(stored, long + "二")


def test_one_spelling_of_a_letter_matches_the_other() -> None:
    assert passwords.matches(passwords.hashed("caf\u00e9 jujube"), "cafe\u0301 jujube")


def test_nobody_s_password_never_matches() -> None:
    assert not passwords.matches(None, "nobody's password")


def test_a_hash_of_weaker_parameters_is_outdated() -> None:
    stored = passwords.hashed("a jujube tree")
    assert not passwords.is_outdated(stored)
    before = passwords.use(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    try:
        assert passwords.is_outdated(stored)
        assert passwords.matches(stored, "a jujube tree")
    finally:
        passwords.use(before)


def test_the_house_s_own_parameters_are_those_that_were_promised() -> None:
    house = passwords.HOUSE
    assert (house.memory_cost, house.time_cost, house.parallelism) == (19 * 1024, 2, 1)
