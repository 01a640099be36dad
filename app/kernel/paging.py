"""Pages by key: each page starts after the last row of the one before, so that no row is missed or shown twice."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import SQLColumnExpression, String, and_, or_

from app.kernel.db import AnySelect
from app.kernel.errors import BadValue

T = TypeVar("T")
PAGE_SIZE = 24


class BadCursor(BadValue):
    """The place to go on from is not one that we gave."""

    code = "bad_cursor"
    sentence = "翻页链接已经失效，请从第一页重新开始。"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows in order, and where the next page starts, if there is one."""

    items: Sequence[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """One column of the order. Columns of a page's order together are unique; the last is an id."""

    column: SQLColumnExpression[Any]
    of: Callable[[Any], int | str]
    descending: bool = False


def encode(values: Sequence[int | str]) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def decode(cursor: str, keys: Sequence[Key]) -> list[int | str]:
    """The values of a cursor. Raises `BadCursor` when it is not one of ours for this order."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor[:400]) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor() from error
    if not isinstance(values, list) or len(values) != len(keys):
        raise BadCursor()
    if not all(_fits(value, key) for value, key in zip(values, keys, strict=True)):
        raise BadCursor()
    return values


def _fits(value: object, key: Key) -> bool:
    """PostgreSQL would fail on a text that is compared with a number, and on what no column of ours can hold."""
    if isinstance(getattr(key.column, "type", None), String):
        return isinstance(value, str) and "\0" not in value and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62


def after(statement: AnySelect, keys: Sequence[Key], cursor: str | None, *, size: int = PAGE_SIZE) -> AnySelect:
    """`statement` in the order of `keys`, from the cursor on, one row more than a page holds."""
    for key in keys:
        statement = statement.order_by(key.column.desc() if key.descending else key.column.asc())
    if cursor:
        values = decode(cursor, keys)
        steps = []
        for place, key in enumerate(keys):
            beyond = key.column < values[place] if key.descending else key.column > values[place]
            equal = [earlier.column == values[i] for i, earlier in enumerate(keys[:place])]
            steps.append(and_(*equal, beyond))
        statement = statement.where(or_(*steps))
    return statement.limit(size + 1)


def page(rows: Sequence[T], keys: Sequence[Key], *, size: int = PAGE_SIZE) -> Page[T]:
    """The page of the rows that `after` fetched."""
    shown = rows[:size]
    more = len(rows) > size
    return Page(items=shown, next_cursor=encode([key.of(shown[-1]) for key in keys]) if more else None)
