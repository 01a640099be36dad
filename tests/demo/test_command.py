"""`flask demo`: once, whole or not at all, never among real people."""

from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.models import AuditRow
from app.demo import service, sign_ins
from app.demo.cast import PARTS
from app.demo.models import DemoCounty
from app.kernel.db import session, transaction
from app.people.accounts import service as accounts
from app.people.accounts.models import Person
from app.people.townships.models import Township
from config import Settings
from tests.demo.conftest import SCALE

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("quick_pictures")]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "make", partial(service.make, scale=SCALE))


def run(app: Flask) -> tuple[int, str]:
    session().rollback()
    done = app.test_cli_runner().invoke(args=["demo"])
    session().rollback()
    return done.exit_code, done.output


def acts() -> int:
    return session().scalar(select(func.count()).select_from(AuditRow)) or 0


def file_of(app: Flask) -> Path:
    settings: Settings = app.config["SETTINGS"]
    return settings.instance / sign_ins.FILE_NAME


def test_the_second_run_changes_nothing_and_prints_the_same_sign_ins(app: Flask) -> None:
    code, first = run(app)
    assert code == 0
    before, table = acts(), file_of(app).read_text()

    code, second = run(app)

    assert code == 0
    assert "没有改动" in second
    assert table in first
    assert table in second
    assert (acts(), file_of(app).read_text()) == (before, table)


def test_the_sign_ins_are_for_the_owner_alone_and_name_every_role(app: Flask) -> None:
    run(app)

    assert file_of(app).stat().st_mode & 0o777 == 0o600
    assert all(part.phone in file_of(app).read_text() for part in PARTS)


def test_a_lost_file_is_written_anew_with_passwords_that_work(app: Flask) -> None:
    run(app)
    file_of(app).unlink()

    code, said = run(app)

    assert code == 0
    assert "新密码" in said
    row = next(line for line in file_of(app).read_text().splitlines() if PARTS[0].phone in line)
    with transaction():
        counted = accounts.begin_try(PARTS[0].phone, known_token=None)
    assert accounts.prove(counted, row.split()[2]).person_id


def test_a_database_with_real_people_is_refused_in_one_line(app: Flask) -> None:
    with transaction():
        accounts.sign_up("13800001234", "李枣花", "a jujube tree by the river", consent_version="1")

    code, said = run(app)

    assert code == 1
    assert "真实的人员" in said
    assert session().get(DemoCounty, 1) is None
    assert session().scalars(select(Township)).first() is None


def test_a_run_that_is_interrupted_leaves_nothing_and_the_next_one_succeeds(app: Flask) -> None:
    def stop(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.make(sign_ins.new_passwords(), say=stop)
    assert session().scalars(select(Person)).first() is None

    code, said = run(app)

    assert code == 0
    assert "载入完毕" in said
