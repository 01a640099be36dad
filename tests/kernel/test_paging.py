"""Pages by key: no row missed, none shown twice, and no cursor but ours."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select

from app.kernel.db import Database, session, transaction
from app.kernel.paging import BadCursor, Key, Page, after, decode, encode, page

packs = Table(
    "packs_here", MetaData(), Column("id", Integer, primary_key=True), Column("price", Integer), Column("name", Text)
)
CHEAPEST = (Key(packs.c.price, lambda row: row.price), Key(packs.c.id, lambda row: row.id))
DEAREST = (
    Key(packs.c.price, lambda row: row.price, descending=True),
    Key(packs.c.id, lambda row: row.id, descending=True),
)
BY_NAME = (Key(packs.c.name, lambda row: row.name), Key(packs.c.id, lambda row: row.id, descending=True))
PRICES = [5, 3, 5, 1, 3, 5, 9, 5]


@pytest.fixture
def shelf(db: Database) -> None:
    with transaction() as current:
        packs.create(current.connection())
        rows = [{"id": n, "price": price, "name": f"枣{price}"} for n, price in enumerate(PRICES, start=1)]
        current.execute(insert(packs), rows)


def one_page(keys: tuple[Key, ...], cursor: str | None, size: int) -> Page[Any]:
    rows = session().execute(after(select(packs), keys, cursor, size=size)).all()
    session().rollback()
    return page(rows, keys, size=size)


def walk(keys: tuple[Key, ...], size: int) -> list[int]:
    seen: list[int] = []
    cursor = None
    while True:
        found = one_page(keys, cursor, size)
        seen += [row.id for row in found.items]
        cursor = found.next_cursor
        if cursor is None:
            return seen


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9])
@pytest.mark.parametrize(
    ("keys", "order"),
    [
        (CHEAPEST, [4, 2, 5, 1, 3, 6, 8, 7]),
        (DEAREST, [7, 8, 6, 3, 1, 5, 2, 4]),
        (BY_NAME, [4, 5, 2, 8, 6, 3, 1, 7]),
    ],
    ids=["cheapest", "dearest", "by name"],
)
def test_the_pages_together_are_every_row_once_in_order(keys: tuple[Key, ...], order: list[int], size: int) -> None:
    assert walk(keys, size) == order


@pytest.mark.usefixtures("shelf")
def test_a_row_that_comes_in_before_the_place_does_not_shift_the_next_page() -> None:
    first = one_page(CHEAPEST, None, 3)
    with transaction() as current:
        current.execute(insert(packs).values(id=99, price=0, name="新"))

    second = one_page(CHEAPEST, first.next_cursor, 3)

    assert [row.id for row in second.items] == [1, 3, 6]


@pytest.mark.usefixtures("shelf")
def test_the_last_page_has_no_next() -> None:
    assert one_page(CHEAPEST, None, 8).next_cursor is None
    assert one_page(CHEAPEST, None, 7).next_cursor is not None


def raw(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "红枣",
        "....",
        "[1,2]",
        "\0",
        raw({}),
        raw(None),
        raw([]),
        raw([1]),
        raw([1, 2, 3]),
        raw([1.5, 2]),
        raw([True, 2]),
        raw([None, 2]),
        raw([[1], 2]),
        raw(["1", 2]),
        raw([1, "2"]),
        raw([2**63, 1]),
        raw([-(2**70), 1]),
        raw([float("nan"), 1]),
        "W" * 400,
        base64.urlsafe_b64encode(b"[" * 290).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_cursor_that_we_never_gave_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode(cursor, CHEAPEST)


@pytest.mark.parametrize("values", [["a\0b", 1], ["a\ud800b", 1], [5, 1]])
def test_a_text_that_no_column_holds_is_refused(values: list[object]) -> None:
    with pytest.raises(BadCursor):
        decode(raw(values), BY_NAME)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_of_ours_or_refused(cursor: str) -> None:
    with suppress(BadCursor):
        assert len(decode(cursor, CHEAPEST)) == 2


@given(st.tuples(st.integers(-(2**61), 2**61), st.integers(0, 2**61)))
def test_what_was_encoded_is_decoded(values: tuple[int, int]) -> None:
    assert decode(encode(values), CHEAPEST) == list(values)
