"""Thousands of acts in random order: the books and a model of them never disagree."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.machine import Books
from tests.services.databases import Kind, TestDatabases

EVERY_OUTCOME = {"AlreadyReversed", "FloorBroken", "HoldGone", "NotYet", "PeriodClosed", "done"}


@pytest.fixture
def books(databases: TestDatabases, database_kind: Kind) -> type[Books]:
    """The machine, with a fresh database for each of its runs."""
    fresh = partial(databases.fresh, database_kind, durable=False)
    return type("FreshBooks", (Books,), {"fresh": staticmethod(fresh), "outcomes": Counter()})


def run(books: type[Books], *, runs: int, acts: int) -> None:
    how = settings(
        max_examples=runs,
        stateful_step_count=acts,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(books, settings=how)
    print(dict(books.outcomes))


@pytest.mark.timeout(300)
def test_some_hundred_acts_leave_books_and_model_equal(books: type[Books]) -> None:
    run(books, runs=12, acts=50)

    assert books.outcomes.total() > 300
    assert set(books.outcomes) == EVERY_OUTCOME


@pytest.mark.deep
def test_ten_thousand_acts_leave_books_and_model_equal(books: type[Books]) -> None:
    run(books, runs=250, acts=60)

    assert books.outcomes.total() >= 10_000
    assert set(books.outcomes) == EVERY_OUTCOME
