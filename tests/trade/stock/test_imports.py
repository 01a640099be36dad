"""Lots by table: each lies loose in store once, with the weight and day that the table says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.ledger.books import queries as balances
from app.office.imports import papers
from app.office.imports.states import ImportState
from app.trade.catalog import queries as catalog
from app.trade.lots.models import Lot
from app.trade.stock.imports import LOTS
from app.trade.stock.service import loose_place
from tests.cast import shop_of, today
from tests.files.tables import xlsx
from tests.office.imports.bringing import done, told, tried

HEAD = ["自编批号", "品种", "等级", "采摘年份", "村", "重量(斤)", "保质期到", "存放地点", "合格证号"]


def a_row(name: object = "2026-01", **said: object) -> list[object]:
    day = (today() + timedelta(days=200)).isoformat()
    cells = [name, catalog.varieties()[0][1], "统货", today().year, "李家垣", 1200, day, "东仓", "HG-1"]
    row = dict(zip(HEAD, cells, strict=True))
    return list({**row, **said}.values())


def scope_of(who: Viewer) -> str:
    return f"seller:{shop_of(who).id}"


def test_lots_lie_loose_in_store_with_all_their_weight(wang: Viewer) -> None:
    one = done(
        xlsx([HEAD, a_row(), a_row("2026-02", **{"重量(斤)": "１，000.5"})]), wang, kind="lots", scope=scope_of(wang)
    )

    assert one.made == 2
    lots = session().query(Lot).order_by(Lot.id).all()
    assert [(lot.weight_in, lot.store_place, lot.certificate_no) for lot in lots] == [
        (Weight(600_000), "东仓", "HG-1"),
        (Weight(500_250), "东仓", "HG-1"),
    ]
    assert [balances.balance(loose_place(lot)).free for lot in lots] == [600_000, 500_250]


def test_the_same_lots_again_change_nothing_and_another_weight_is_refused(wang: Viewer) -> None:
    done(xlsx([HEAD, a_row()]), wang, kind="lots", scope=scope_of(wang))

    again = done(xlsx([HEAD, a_row(), a_row("2026-02")]), wang, kind="lots", scope=scope_of(wang))
    assert (again.made, again.same) == (1, 1)
    other = tried(xlsx([HEAD, a_row(**{"重量(斤)": 1300})]), wang, kind="lots", scope=scope_of(wang))
    assert "已经入库" in told(other)[0][2]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("采摘年份", 2019, "采摘年份"),
        ("保质期到", "2020-01-01", "保质期"),
        ("保质期到", "01/06/2027", "日期"),
        ("保质期到", 46000, "日期"),
        ("保质期到", "2027-02-30", "日期"),
        ("重量(斤)", "1.0005", "小数"),
        ("重量(斤)", "0.001", "数字"),
        ("村", "", "必须填"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_told(wang: Viewer, column: str, value: object, words: str) -> None:
    row = a_row()
    row[HEAD.index(column)] = value
    one = tried(xlsx([HEAD, row]), wang, kind="lots", scope=scope_of(wang))

    assert one.state is ImportState.FAULTY
    assert words in told(one)[0][2]


@pytest.mark.parametrize("written", ["{0}年{1}月{2}日", "{0}/{1}/{2}", "{0}.{1}.{2}", "{0}-{1}-{2}"])
def test_a_day_may_be_written_as_people_do(wang: Viewer, written: str) -> None:
    day = today() + timedelta(days=200)
    row = a_row(保质期到=written.format(day.year, day.month, day.day))
    done(xlsx([HEAD, row]), wang, kind="lots", scope=scope_of(wang))

    assert session().query(Lot).one().best_before == day


def test_an_export_changes_nothing_when_it_comes_back(wang: Viewer) -> None:
    done(xlsx([HEAD, a_row(), a_row("2026-02")]), wang, kind="lots", scope=scope_of(wang))
    session().rollback()
    data = b"".join(papers.export(LOTS, scope_of(wang), "xlsx", by="王").data)
    session().rollback()

    one = tried(data, wang, kind="lots", scope=scope_of(wang))

    assert (one.state, one.same, one.made) == (ImportState.READY, 2, 0), told(one)
