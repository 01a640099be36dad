"""Packs and prices by table: the rules of the shelf hold at each cell, and the same table again changes nothing."""

from __future__ import annotations

import pytest

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.office.imports import papers
from app.office.imports import service as imports
from app.office.imports.errors import UnknownKind
from app.office.imports.states import ImportState
from app.trade.catalog import queries, service
from app.trade.catalog.imports import PACKS, PRICES
from app.trade.catalog.models import Pack, Product
from tests.cast import answer, shop_of
from tests.files.tables import xlsx
from tests.office.imports.bringing import bring, done, told, tried, worked

HEAD = ["自编货号", "商品名", "品种", "等级", "种类", "净重(斤)", "价钱(元)", "介绍"]


def a_row(name: object = "A-01", **said: object) -> list[object]:
    product = next(one for key, one in queries.products() if key == "ganzhi-hongzao")
    row = dict(zip(HEAD, [name, "吕梁木枣 5斤装", "木枣", "统货", product, 5, 39.8, "今年的新枣。"], strict=True))
    return list({**row, **said}.values())


def scope_of(who: Viewer) -> str:
    return f"seller:{shop_of(who).id}"


def variety() -> str:
    return queries.varieties()[0][1]


def the_pack() -> Pack:
    session().rollback()
    session().expire_all()
    return session().query(Pack).order_by(Pack.id.desc()).first() or pytest.fail("no pack")


def test_a_table_of_packs_goes_on_sale_once(wang: Viewer) -> None:
    rows = [a_row(f"A-{n:02d}", 品种=variety()) for n in range(3)]
    one = done(xlsx([HEAD, *rows]), wang, kind="packs", scope=scope_of(wang))
    again = done(xlsx([HEAD, *rows, a_row("a-03", 品种=variety())]), wang, kind="packs", scope=scope_of(wang))

    assert (one.made, again.made, again.same) == (3, 1, 3)
    assert answer("SELECT count(*) FROM packs WHERE state = 'on_sale'") == 4


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("介绍", "治疗高血压", "治疗"),
        ("商品名", "全县最好吃的枣", "如实"),
        ("品种", "大苹果", "没有“大苹果”"),
        ("等级", "超特级", "没有"),
        ("净重(斤)", "-5", "数字"),
        ("净重(斤)", "5斤", "数字"),
        ("净重(斤)", "2000.01", "数字"),
        ("价钱(元)", "0", "数字"),
        ("价钱(元)", "1e3", "数字"),
        ("价钱(元)", "1,00", "数字"),
        ("价钱(元)", "12.345", "小数"),
        ("价钱(元)", 1e18, "数字"),
        ("商品名", "好" * 1000, "最多 30"),
        ("自编货号", "", "填一个"),
        ("自编货号", 141125195502030016, "文本"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_told(wang: Viewer, column: str, value: object, words: str) -> None:
    row = a_row(品种=variety())
    row[HEAD.index(column)] = value
    one = tried(xlsx([HEAD, row]), wang, kind="packs", scope=scope_of(wang))

    assert one.state is ImportState.FAULTY
    assert [(where, words in sentence) for _row, where, sentence in told(one)] == [(column, True)]


def test_full_width_digits_and_grouping_commas_are_understood(wang: Viewer) -> None:
    row = a_row(品种=variety(), **{"净重(斤)": "１０．５", "价钱(元)": "1,234.50"})
    done(xlsx([HEAD, row]), wang, kind="packs", scope=scope_of(wang))

    assert (the_pack().net.grams, the_pack().price) == (5250, Money(123450))


def test_a_processed_food_needs_its_licence(wang: Viewer) -> None:
    name = session().query(Product).filter_by(needs_licence=True).first()
    assert name is not None
    one = tried(xlsx([HEAD, a_row(品种=variety(), 种类=name.name)]), wang, kind="packs", scope=scope_of(wang))

    assert "生产许可" in told(one)[0][2]


def test_a_known_pack_changes_its_price_and_words_but_not_its_fruit(wang: Viewer) -> None:
    done(xlsx([HEAD, a_row(品种=variety())]), wang, kind="packs", scope=scope_of(wang))

    changed = a_row(品种=variety(), 商品名="木枣新装", **{"价钱(元)": 45})
    one = done(xlsx([HEAD, changed]), wang, kind="packs", scope=scope_of(wang))
    assert (one.made, one.changed, the_pack().title, the_pack().price) == (0, 1, "木枣新装", Money(4500))

    other = a_row(品种=variety(), **{"净重(斤)": 6})
    two = tried(xlsx([HEAD, other]), wang, kind="packs", scope=scope_of(wang))
    assert "不能改" in told(two)[0][2]


@pytest.mark.parametrize("kind", [PACKS, PRICES])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_export_changes_nothing_when_it_comes_back(wang: Viewer, gift_box: Pack, kind: object, form: str) -> None:
    done(xlsx([HEAD, a_row(品种=variety(), 介绍="=1+1\n第二行")]), wang, kind="packs", scope=scope_of(wang))
    session().rollback()
    data = b"".join(papers.export(kind, scope_of(wang), form, by="王").data)  # type: ignore[arg-type]
    session().rollback()

    one = tried(data, wang, kind=kind.key, scope=scope_of(wang))  # type: ignore[attr-defined]

    assert (one.state, one.made, one.changed, one.same) == (ImportState.READY, 0, 0, 2), told(one)


def test_new_prices_count_unless_somebody_was_faster(wang: Viewer, gift_box: Pack) -> None:
    head = ["平台编号", "新价钱(元)", "版本"]
    one = done(xlsx([head, [gift_box.slug, 55, gift_box.version]]), wang, kind="prices", scope=scope_of(wang))
    assert (one.changed, the_pack().price) == (1, Money(5500))

    late = tried(xlsx([head, [gift_box.slug, 66, 1]]), wang, kind="prices", scope=scope_of(wang))
    assert told(late)[0][1] == "版本"


def test_a_price_that_somebody_changes_between_trial_and_writing_stops_the_whole_table(
    wang: Viewer, gift_box: Pack
) -> None:
    head = ["平台编号", "新价钱(元)", "版本"]
    one = tried(xlsx([head, [gift_box.slug, 55, gift_box.version]]), wang, kind="prices", scope=scope_of(wang))
    with transaction():
        pack = queries.pack_of(wang, gift_box.slug, lock=True)
        service.reprice(pack, price=Money(7700), version=pack.version, by=wang.actor)
    with transaction():
        confirmed = imports.confirm(one.number, by=wang)
    one = worked(confirmed)

    assert one.state is ImportState.FAULTY
    assert told(one)[0][1] == "版本"
    assert the_pack().price == Money(7700)


def test_nobody_reaches_the_packs_of_another_seller(wang: Viewer, gao: Viewer, gift_box: Pack) -> None:
    head = ["平台编号", "新价钱(元)"]
    one = tried(xlsx([head, [gift_box.slug, 1]]), gao, kind="prices", scope=scope_of(gao))
    assert "没有这个编号" in told(one)[0][2]
    with pytest.raises(UnknownKind):
        bring(xlsx([head, [gift_box.slug, 1]]), gao, kind="prices", scope=scope_of(wang))
