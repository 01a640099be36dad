"""`flask people …`."""

import re

import pytest
from flask import Flask

from app.kernel.db import Database, session
from app.people.accounts import queries
from config import Settings
from tests.people.cast import MENGMEN, PASSWORD, PHONE, a_person, enter, who
from tests.people.shell import an_app


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    """An app with the commands."""
    return an_app(people, settings)


def run(app: Flask, *words: str, typed: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["people", *words], input=typed)
    session().rollback()
    return result.exit_code, result.output


def test_create_prints_a_temporary_password_that_works(app: Flask) -> None:
    status, said = run(app, "create", PHONE, "赵乡镇")

    secret = re.search(r"：(\S+)$", said.strip())
    assert status == 0
    assert secret is not None
    assert who(enter(password=secret.group(1))) is not None


def test_create_can_ask_for_a_password(app: Flask) -> None:
    status, said = run(app, "create", PHONE, "赵乡镇", "--prompt", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert status == 0
    assert PASSWORD not in said
    assert enter()


def test_create_refuses_a_known_number_in_one_line(app: Flask) -> None:
    a_person()

    for words in (("create", PHONE, "赵"), ("create", PHONE, "赵", "--prompt")):
        status, said = run(app, *words, typed=f"{PASSWORD}\n{PASSWORD}\n")
        assert status == 1
        assert "Traceback" not in said


@pytest.mark.parametrize("words", [("create", "123", "赵"), ("create", PHONE, ""), ("grant", "13911112222", "auditor")])
def test_a_refusal_is_one_line_and_a_failed_exit(app: Flask, words: tuple[str, ...]) -> None:
    status, said = run(app, *words)

    assert status == 1
    assert said.startswith("Error: ")
    assert len(said.strip().splitlines()) == 1


def test_grant_gives_the_role_in_its_scope(app: Flask) -> None:
    person = a_person()

    assert run(app, "grant", PHONE, "township_official", "--township", MENGMEN)[0] == 0
    assert run(app, "grant", PHONE, "county_official")[0] == 0
    assert run(app, "grant", PHONE, "auditor")[0] == 1

    assert [grant.scope for grant in queries.grants_of(person.id)] == [f"township:{MENGMEN}", "county"]


def test_reset_gives_a_new_temporary_password(app: Flask) -> None:
    a_person()
    token = enter()

    status, said = run(app, "reset", PHONE)

    assert status == 0
    assert who(token) is None
    assert enter(password=said.strip().rsplit("：", 1)[1])


def test_loading_townships_again_says_that_nothing_changed(app: Flask) -> None:
    assert run(app, "load-townships") == (0, "乡镇和村：0 行有变化\n")
