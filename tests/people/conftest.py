"""What tests about people share: a vault for the fresh database, and passwords that are cheap to hash."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.kernel.crypto import Vault
from app.kernel.db import Database, transaction
from app.people.accounts import passwords, sealing
from app.people.townships import service as townships


@pytest.fixture(autouse=True)
def _cheap_hashing() -> Iterator[None]:
    """Hash with the least that argon2 allows."""
    before = passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    passwords.use(before)


@pytest.fixture
def people(db: Database, tmp_path: Path) -> Database:
    """A database with a vault and the townships, but nobody yet."""
    Vault.create(tmp_path / "pii.key")
    sealing.use(Vault.open(tmp_path / "pii.key"), on=db)
    with transaction():
        townships.load("test")
    return db
