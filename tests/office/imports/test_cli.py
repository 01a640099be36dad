"""`flask import`, and forgetting what lies too long."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.office.imports import service
from app.people.accounts import queries as accounts
from tests.cast import answer, at, later
from tests.office.imports.bringing import a_household, bring, done, growers_file, tried


def phone_of(who: Viewer) -> str:
    return accounts.phone_of(accounts.person(who.person_id))


@pytest.fixture
def a_list(tmp_path: Path) -> Path:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(growers_file([a_household(1), a_household(2)]))
    return path


def test_a_table_is_written_from_the_command_line_only_when_asked(app: Flask, zhao: Viewer, a_list: Path) -> None:
    phone = phone_of(zhao)
    session().rollback()
    run = app.test_cli_runner()

    tried_only = run.invoke(args=["import", "growers", str(a_list), "--by", phone])
    assert (tried_only.exit_code, "新建 2" in tried_only.output) == (0, True)
    assert answer("SELECT count(*) FROM households") == 0
    session().rollback()
    written = run.invoke(args=["import", "growers", str(a_list), "--by", phone, "--confirm"])

    assert written.exit_code == 0, written.output
    assert answer("SELECT count(*) FROM households") == 2


def test_a_faulty_table_ends_the_command_with_its_cells(app: Flask, zhao: Viewer, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(growers_file([a_household(1, 家庭人口="三")]))
    phone = phone_of(zhao)
    session().rollback()

    ran = app.test_cli_runner().invoke(args=["import", "growers", str(path), "--by", phone, "--confirm"])

    assert ran.exit_code == 1
    assert "第 2 行“家庭人口”列：" in ran.output


def test_whoever_has_no_right_imports_nothing(app: Flask, li: Viewer, a_list: Path) -> None:
    phone = phone_of(li)
    session().rollback()

    ran = app.test_cli_runner().invoke(args=["import", "growers", str(a_list), "--by", phone, "--confirm"])

    assert ran.exit_code == 1
    assert answer("SELECT count(*) FROM imports") == 0


def test_the_rows_of_what_has_ended_and_of_what_nobody_confirms_are_forgotten(zhao: Viewer) -> None:
    done(growers_file([a_household(1)]), zhao)
    tried(growers_file([a_household(2)]), zhao)
    with transaction():
        assert service.forget_old() == 1
    assert answer("SELECT count(*) FROM import_rows") == 1

    with at(later(days=8)), transaction():
        assert service.forget_old() == 1

    assert answer("SELECT count(*) FROM import_rows") == 0
    assert answer("SELECT count(*) FROM imports WHERE state = 'withdrawn'") == 1
    assert bring(growers_file([a_household(2)]), zhao).number
    assert timedelta(days=7) == service.KEPT_FOR
