import dataclasses

import pytest
from werkzeug.test import Client

from app.insight.boards import figures as board_figures
from app.kernel.db import Database
from app.ledger.figures import LedgerFigure, Scope, Side, Span
from app.people.townships import queries as townships
from app.trade.stock.accounts import ORDER_RECEIVED
from app.trade.stock.figures import SOLD_WEIGHT
from tests.insight.crawler import crawl, mismatches
from tests.insight.season import DATES, a_season


def test_every_number_of_the_board_is_the_sum_of_the_entries_behind_it(client: Client, db: Database) -> None:
    a_season()

    assert crawl(client) == []


@pytest.mark.only("sqlite")
def test_so_it_is_for_any_days(client: Client, db: Database) -> None:
    a_season()

    assert crawl(client, "/county?from=2015-10-10&to=2015-11-20") == []


@pytest.mark.only("sqlite")
def test_the_crawler_finds_a_figure_whose_sum_is_not_its_entries(
    client: Client, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_season(lots=2)
    right = LedgerFigure.total

    def wrong(self: LedgerFigure, scope: Scope) -> int:
        return right(self, scope) + (self is SOLD_WEIGHT)

    monkeypatch.setattr(LedgerFigure, "total", wrong)

    assert "/county/figures/sold_weight" in next(mismatches(client)).url


@pytest.mark.only("sqlite")
def test_the_crawler_finds_a_board_that_shows_another_number_than_the_page_behind_it(
    client: Client, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_season(lots=2)
    board = "app.insight.boards.queries.COUNTY"
    planted = dataclasses.replace(SOLD_WEIGHT, side=Side.DEBIT, kinds=(ORDER_RECEIVED,))
    monkeypatch.setattr(board, tuple(planted if one is SOLD_WEIGHT else one for one in board_figures.COUNTY))

    assert "/county/figures/sold_weight" in next(mismatches(client)).url


@pytest.mark.parametrize("day", DATES)
def test_the_townships_add_up_to_the_county(db: Database, day: object) -> None:
    a_season(lots=5, sales=2)
    span = Span(None, day)  # type: ignore[arg-type]

    for figure in board_figures.FIGURES:
        parts = [figure.total(Scope(span, townships.lineage(one.code))) for one in townships.present()]
        assert sum(parts) == figure.total(Scope(span))
