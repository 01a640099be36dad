"""Boards as tables for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask_babel import gettext as _

from app.insight.boards import words
from app.insight.boards.queries import Board, TownshipBoard
from app.kernel.db import session
from app.ledger.figures import Figure, Scope
from app.trade.stock.figures import SOLD_WEIGHT
from app.web.csvs import Cell


def number(figure: Figure, value: int) -> Decimal:
    """The exact value in yuan, jin or pieces."""
    return Decimal(words.bare(figure, value))


def heading(figure: Figure) -> str:
    """What a column of the figure is called, with its unit."""
    unit = words.unit(figure)
    return _("%(title)s（%(unit)s）", title=_(figure.title), unit=unit) if unit else str(_(figure.title))


def county(board: Board) -> Iterator[list[Cell]]:
    """A row for every township, then the county."""
    yield [_("乡镇代码"), _("乡镇"), *(heading(cell.figure) for cell in board.total)]
    for row in board.rows:
        yield [row.place.code, row.place.name, *(number(cell.figure, cell.value) for cell in row.cells)]
    yield ["", _("全县"), *(number(cell.figure, cell.value) for cell in board.total)]


def township(board: TownshipBoard) -> Iterator[list[Cell]]:
    """The township's figures, then what it sold week by week with the sum of these weeks."""
    yield [_("乡镇代码"), _("乡镇"), _("项目"), _("从"), _("到"), _("数"), _("单位")]
    place = [board.place.code, board.place.name]
    first = board.span.first.isoformat() if board.span.first else ""
    for cell in board.cells:
        since = "" if cell.figure.is_stock else first
        value = number(cell.figure, cell.value)
        yield [*place, _(cell.figure.title), since, board.span.last.isoformat(), value, words.unit(cell.figure)]
    sold = _("%(title)s（按周）", title=_(SOLD_WEIGHT.title))
    unit = words.unit(SOLD_WEIGHT)
    for week in board.weeks:
        value = number(SOLD_WEIGHT, week.value)
        yield [*place, sold, week.first.isoformat(), week.last.isoformat(), value, unit]
    if board.weeks:
        whole = number(SOLD_WEIGHT, board.weeks_sum)
        since, until = board.weeks[0].first.isoformat(), board.weeks[-1].last.isoformat()
        yield [*place, _("以上各周合计"), since, until, whole, unit]


def entries(figure: Figure, scope: Scope, names: dict[str, str]) -> Iterator[list[Cell]]:
    """Every entry of a figure, then their sum; a page of them in memory, and no transaction open between two pages."""
    yield [_("日期"), _("乡镇代码"), _("乡镇"), _("事由"), heading(figure), _("账上第几笔")]
    total = 0
    for page in figure.pages(scope):
        session().rollback()
        for entry in page.items:
            total += entry.amount
            yield [
                entry.day.isoformat(),
                entry.township,
                names.get(entry.township, ""),
                words.kind(entry),
                number(figure, entry.amount),
                "" if entry.number is None else str(entry.number),
            ]
    yield [_("合计"), "", "", "", number(figure, total), ""]
