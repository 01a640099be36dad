"""What a check of the invariants is; `flask check` runs all that the slices name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that breaks an invariant, and how."""

    row: str
    words: str


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant: its code, what it promises, and a search for rows that break it."""

    code: str
    promise: str
    find: Callable[[], Iterator[Finding]]
    by_age: bool = False
