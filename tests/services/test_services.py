"""The test bed stands by itself: what the other tests lean on is proved here."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tests.services import chromium, postgres
from tests.services.chromium import NoChromium, find_chromium
from tests.services.postgres import NoPostgres, PostgresCluster, find_binaries, new_database_name


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    with PostgresCluster(durable=True) as cluster:
        yield cluster


def execute(cluster: PostgresCluster, database: str, *statements: str) -> None:
    with create_engine(cluster.url(database), poolclass=NullPool).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def answer(cluster: PostgresCluster, database: str, query: str) -> object:
    with create_engine(cluster.url(database), poolclass=NullPool).connect() as connection:
        return connection.execute(text(query)).scalar_one()


def test_the_server_speaks_utf8_and_sorts_by_code_point(cluster: PostgresCluster) -> None:
    assert answer(cluster, "postgres", "SHOW server_encoding") == "UTF8"
    assert answer(cluster, "postgres", "SELECT datctype FROM pg_database WHERE datname = 'postgres'") == (
        postgres.LOCALE
    )
    assert answer(cluster, "postgres", "SELECT lower('É') || '红枣'") == "é红枣"


def test_a_durable_cluster_forgets_nothing_to_be_faster(cluster: PostgresCluster) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert answer(cluster, "postgres", f"SHOW {setting}") == "on"


def test_two_databases_do_not_see_each_other(cluster: PostgresCluster) -> None:
    here, there = new_database_name(), new_database_name()
    cluster.create_database(here)
    cluster.create_database(there)

    execute(cluster, here, "CREATE TABLE lots (name text)")

    assert answer(cluster, here, "SELECT to_regclass('lots') IS NOT NULL") is True
    assert answer(cluster, there, "SELECT to_regclass('lots') IS NULL") is True


def test_a_copy_of_a_template_has_its_rows_and_leaves_it_alone(cluster: PostgresCluster) -> None:
    template, copy = new_database_name(), new_database_name()
    cluster.create_database(template)
    execute(cluster, template, "CREATE TABLE lots (name text)", "INSERT INTO lots VALUES ('木枣')")

    cluster.create_database(copy, template)
    execute(cluster, copy, "INSERT INTO lots VALUES ('骏枣')")

    assert answer(cluster, copy, "SELECT count(*) FROM lots") == 2
    assert answer(cluster, template, "SELECT count(*) FROM lots") == 1


def test_dropping_a_database_cuts_off_whoever_is_still_connected(cluster: PostgresCluster) -> None:
    name = new_database_name()
    cluster.create_database(name)
    with create_engine(cluster.url(name), poolclass=NullPool).connect() as lingering:
        lingering.execute(text("SELECT 1"))

        cluster.drop_database(name)

        with pytest.raises(DBAPIError, match="terminat"):
            lingering.execute(text("SELECT 1"))


def test_committed_rows_outlive_a_kill_of_the_whole_cluster(cluster: PostgresCluster) -> None:
    name = new_database_name()
    cluster.create_database(name)
    execute(cluster, name, "CREATE TABLE lots (name text)", "INSERT INTO lots VALUES ('木枣')")
    with create_engine(cluster.url(name), poolclass=NullPool).connect() as open_work:
        open_work.execute(text("INSERT INTO lots VALUES ('未提交')"))

        cluster.kill()
        cluster.restart()

        with pytest.raises(DBAPIError):
            open_work.execute(text("SELECT 1"))
    assert answer(cluster, name, "SELECT string_agg(name, ',') FROM lots") == "木枣"


def test_a_kill_leaves_no_process_and_no_zombie(cluster: PostgresCluster) -> None:
    family = [psutil.Process(cluster.pid), *psutil.Process(cluster.pid).children()]

    cluster.kill()

    try:
        assert not [process for process in family if postgres._is_alive(process)]
        assert not psutil.pid_exists(family[0].pid)
    finally:
        cluster.restart()


def test_the_postmaster_does_not_run_as_root(cluster: PostgresCluster) -> None:
    assert psutil.Process(cluster.pid).username() != "root"


def test_a_killed_owner_leaves_neither_server_nor_folders() -> None:
    script = (
        "import time\n"
        "from tests.services.postgres import PostgresCluster\n"
        "with PostgresCluster(durable=False) as cluster:\n"
        "    print(cluster.pid, *cluster.folders, flush=True)\n"
        "    time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner.stdout as said:
        pid, *folders = said.readline().split()
    assert all(Path(folder).is_dir() for folder in folders)

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    def left() -> list[str]:
        return [folder for folder in folders if Path(folder).exists()]

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (left() or is_alive(int(pid))):
        time.sleep(0.05)
    assert not left()
    assert not is_alive(int(pid))


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_binaries_in_a_closed_folder_are_copied_to_where_the_server_may_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = postgres._wheel_binaries()
    assert closed is not None
    monkeypatch.setattr(postgres, "_can_run", lambda program, user: program != closed / "postgres")

    copied = postgres._binaries_for("nobody", tmp_path)

    assert copied.is_relative_to(tmp_path)
    assert subprocess.run([copied / "initdb", "--version"], capture_output=True).returncode == 0


def test_the_named_folder_wins_over_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("initdb", "postgres"):
        (tmp_path / name).touch(0o755)
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    assert find_binaries() == tmp_path


def test_a_named_folder_without_a_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    with pytest.raises(NoPostgres, match="unset it"):
        find_binaries()


def test_debian_stands_in_for_the_wheel_with_its_newest_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("9", "15", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("initdb", "postgres"):
            (folder / name).touch(0o755)
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr(postgres, "_wheel_binaries", lambda: None)
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)

    assert find_binaries() == tmp_path / "17" / "bin"


def test_without_any_postgresql_the_sentence_names_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr(postgres, "_wheel_binaries", lambda: None)
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)

    with pytest.raises(NoPostgres, match="Run `make test`"):
        find_binaries()


def test_a_server_that_cannot_start_says_why() -> None:
    with (
        pytest.raises(NoPostgres, match="max_connections"),
        PostgresCluster(settings={"max_connections": "no"}),
    ):
        pass


def test_the_named_chromium_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho Chromium 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("CHROMIUM_BIN", str(program))

    assert find_chromium() == program


def test_without_any_chromium_the_sentence_names_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM_BIN", raising=False)
    monkeypatch.setattr(chromium, "DEBIAN", tmp_path / "none")
    monkeypatch.setattr(chromium, "playwrights_own", lambda: tmp_path / "none")

    with pytest.raises(NoChromium, match="Run `make browser`"):
        find_chromium()


def test_a_playwright_that_does_not_start_is_named_with_the_command_that_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "playwrights_node", lambda: tmp_path / "none")

    with pytest.raises(NoChromium, match="make browser"):
        find_chromium()


def test_a_chromium_that_does_not_start_is_no_chromium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CHROMIUM_BIN", str(broken))

    with pytest.raises(NoChromium, match="does not run"):
        find_chromium()
