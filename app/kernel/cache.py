"""Small answers kept for seconds: lists that every page shows and that change once in a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from dogpile.cache import make_region

from app.kernel.db import database

T = TypeVar("T")
_region = make_region().configure("dogpile.cache.memory")


def kept(name: str, make: Callable[[], T], *, seconds: int) -> T:
    """What `make` gave at most `seconds` ago for this database; one caller makes it while others wait.

    Keep only values that belong to nobody: never a person's rows, never what decides about stock or money.
    """
    key = f"{id(database())}:{name}"
    return cast(T, _region.get_or_create(key, make, expiration_time=seconds))


def forget() -> None:
    """Make every kept answer anew at its next use, in this process."""
    _region.invalidate()
