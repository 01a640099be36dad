"""Grams of outputs attributed to inputs: whole, complete, and as near to proportion as whole grams can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.trade.processing.shares import attributed, carried, parted, passed

GRAMS = st.integers(1, 10**7)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [(10, [1, 1, 1], [4, 3, 3]), (0, [5, 5], [0, 0]), (7, [7], [7]), (2, [1, 1, 3], [1, 0, 1]), (5, [0, 5], [0, 5])],
)
def test_the_largest_remainders_get_the_last_grams(total: int, weights: list[int], parts: list[int]) -> None:
    assert parted(total, weights) == parts


@given(st.lists(GRAMS, min_size=1, max_size=8), st.data())
def test_every_gram_of_every_input_is_in_an_output_or_lost(used: list[int], data: st.DataObject) -> None:
    left, made = sum(used), []
    for _ in range(data.draw(st.integers(1, 8))):
        made.append(data.draw(st.integers(0, left)))
        left -= made[-1]

    rows, lost = attributed(used, made)

    assert [sum(row) for row in rows] == made
    assert [sum(column) for column in zip(*rows, lost, strict=True)] == used
    assert min(lost) >= 0
    assert min(min(row) for row in rows) >= 0


@given(GRAMS, st.data())
def test_what_goes_along_and_what_stays_never_outgrow_the_fruit(loose: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, loose))
    used = data.draw(st.integers(1, loose))
    parts = data.draw(st.lists(st.integers(0, used // 3 or 1), max_size=3))

    along = carried(right, used=used, loose=loose)

    assert 0 <= along <= used
    assert right - along <= loose - used
    assert carried(right, used=loose, loose=loose) == right
    if sum(parts) <= used:
        got = [passed(along, part=part, used=used) for part in parts]
        assert sum(got) <= along
        assert all(mine <= part for mine, part in zip(got, parts, strict=True))
