"""Small demo counties: one on each database for those who only look, and pictures that cost nothing."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import wiring
from app.demo import album, service, sign_ins, studio
from app.demo.album import Album
from app.gateways.images import Renditions
from app.gateways.storage import MediaStore
from app.kernel.crypto import Vault
from app.kernel.db import Database
from app.people.accounts import sealing
from app.people.agents import papers
from app.trade.catalog import media
from tests.services.databases import Kind, TestDatabases

SCALE = 0.05


@dataclass(frozen=True)
class MadeCounty:
    """A demo county that was made, the words that were said, and the passwords of its people."""

    database: Database
    said: list[str]
    passwords: dict[str, str]


@pytest.fixture(scope="module")
def counties(databases: TestDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Kind, MadeCounty]]:
    """A small county on each database."""
    with (
        databases.fresh(Kind.SQLITE, durable=False) as sqlite,
        databases.fresh(Kind.POSTGRESQL, durable=False) as postgresql,
    ):
        made = {
            kind: _made(url, tmp_path_factory.mktemp(kind.value))
            for kind, url in ((Kind.SQLITE, sqlite), (Kind.POSTGRESQL, postgresql))
        }
        yield made
        for county in made.values():
            county.database.dispose()


def _made(url: str, folder: Path) -> MadeCounty:
    wiring.bind()
    database = Database(url)
    Vault.create(folder / "pii.key")
    sealing.use(Vault.open(folder / "pii.key"), on=database)
    store = MediaStore(str(folder / "media"))
    media.use(store, on=database)
    papers.use(store, on=database)
    said: list[str] = []
    passwords = sign_ins.new_passwords()
    with database.unit_of_work():
        service.make(passwords, scale=SCALE, say=said.append)
    return MadeCounty(database, said, passwords)


@pytest.fixture(params=list(Kind), ids=[kind.value for kind in Kind])
def county(request: pytest.FixtureRequest, counties: dict[Kind, MadeCounty]) -> Iterator[MadeCounty]:
    """The county on one database, to look at, with a unit of work open."""
    made = counties[request.param]
    with made.database.unit_of_work():
        yield made


@pytest.fixture(scope="session")
def one_shot() -> Renditions:
    """A drawn picture, for those who do not ask which."""
    return studio.shot("bowl", 1)


@pytest.fixture
def quick_pictures(monkeypatch: pytest.MonkeyPatch, one_shot: Renditions) -> None:
    """Nobody waits for pictures."""

    @contextmanager
    def begun(count: int) -> Iterator[Album]:
        done: Future[Renditions] = Future()
        done.set_result(one_shot)
        yield Album([("bowl", done)])

    monkeypatch.setattr(album, "begun", begun)
