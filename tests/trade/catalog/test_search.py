"""The shelf asked with the search set: what is meant is found, and stands before what only sounds so."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from app.kernel import clock
from app.kernel.db import Database, session, transaction
from app.kernel.money import Money
from app.kernel.paging import BadCursor, encode
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind, SellerStatus
from app.people.townships import queries as townships
from app.trade.catalog import hints, queries, search, service, words
from app.trade.catalog.models import UNGRADED, Pack, fen_per_jin
from app.trade.catalog.queries import Sort, Wanted
from app.trade.catalog.states import PackState
from bench import stocked
from bench.county import County
from bench.statements import counted
from tests.cast import MENGMEN, a_pack, described

HERE = Path(__file__).parent
DRIED_IN_GIFT_BOXES = {"紅棗 禮盒"}
"""Finds dried jujubes in gift boxes here, because the shelf knows a pack's product too, not only its title."""
FRESH = ("鲜", "大棚")
MADE = {
    "酒枣": "jiuzao", "枣酒": "zaojiu", "枣夹核桃": "zaojia-hetao", "紫晶枣": "zijingzao", "空心脆枣": "kongxin-cuizao",
    "枣片": "zaopian", "蜜枣": "mizao", "枣脯": "zaofu", "枣泥": "zaoni", "枣醋": "zaocu", "酸枣汁": "suanzaozhi",
    "枣芽茶": "zaoyacha", "枣木手串": "zaomu-gongyipin", "枣木擀面杖": "zaomu-gongyipin", "免洗红枣": "mianxi-hongzao",
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def product_of(title: str) -> str:
    made = [key for name, key in MADE.items() if name in title]
    return made[0] if made else "dapeng-xianzao" if any(word in title for word in FRESH) else "ganzhi-hongzao"


def stock_the_shelf(contact: Viewer) -> None:
    """Every pack of the search set on sale, indexed as publishing does it."""
    codes = {one.name: one.code for one in townships.present()}
    keys = {name: key for key, name in queries.varieties()}
    with transaction() as current:
        for row in rows("pack_titles.csv"):
            seller = _seller(row["seller"], codes.get(row["township"], MENGMEN), contact)
            pack = Pack(
                slug=f"p{len(current.new)}-{row['title']}",
                seller_id=seller.id,
                township_code=seller.township_code,
                variety_key=keys.get(row["variety"], "muzao"),
                grade_key=UNGRADED,
                product_key=product_of(row["title"]),
                title=row["title"],
                words="",
                net=Weight(500),
                price=Money(1_000),
                per_jin=fen_per_jin(Money(1_000), Weight(500)),
                created_at=clock.now(),
                state=PackState.ON_SALE,
            )
            current.add(pack)
            current.flush()
            service.index(pack, seller=seller)


def _seller(name: str, township: str, contact: Viewer) -> Seller:
    there = session().scalars(select(Seller).where(Seller.name == name)).first()
    if there is not None:
        return there
    moment = clock.now()
    seller = Seller(
        slug=f"s-{name}",
        name=name,
        kind=SellerKind.HOUSEHOLD,
        township_code=township,
        contact_person_id=contact.person_id,
        created_at=moment,
        status=SellerStatus.ACTIVE,
        verified_at=moment,
        verified_by="test",
    )
    session().add(seller)
    session().flush()
    return seller


def found(query: str, *, sort: Sort = Sort.BEST, size: int = 100) -> list[str]:
    return [card.title for card in queries.on_sale(Wanted(words=query, sort=sort), size=size).items]


@pytest.mark.corrupts
def test_the_shelf_answers_every_query_of_the_search_set(li: Viewer) -> None:
    stock_the_shelf(li)
    asked = rows("search_set.csv")
    # On the shelf every pack has a variety, so what has none in the set is found by the one that it got here.
    without = {row["title"] for row in rows("pack_titles.csv") if not row["variety"]}

    for row in asked:
        expected, other = (list(filter(None, row[name].split("|"))) for name in ("expected", "forbidden"))
        titles = found(row["query"])
        assert set(expected) <= set(titles), row["query"]
        last = max((titles.index(title) for title in expected), default=-1)
        assert not set(other) & set(titles[:last]) - without, row["query"]
        if not expected and row["query"] not in DRIED_IN_GIFT_BOXES:
            assert titles == [], row["query"]
    assert len(asked) >= 60


def test_what_is_named_so_stands_before_what_sounds_so(wang: Viewer) -> None:
    for title in ("郡枣园 特级", "骏枣 特级", "骏枣 一等"):
        a_pack(wang, pieces=0, said=described(title=title))

    assert found("郡枣") == ["郡枣园 特级", "骏枣 一等", "骏枣 特级"]
    assert found("郡枣", sort=Sort.NEWEST) == ["骏枣 一等", "骏枣 特级", "郡枣园 特级"]


def test_pages_of_best_matches_show_each_once_and_change_over_in_the_middle_of_one(wang: Viewer) -> None:
    for number in range(9):
        a_pack(wang, pieces=0, said=described(title=f"{'郡枣' if number % 3 else '骏枣'} {number}号"))

    seen: list[str] = []
    cursor: str | None = None
    for _ in range(5):
        page = queries.on_sale(Wanted(words="郡枣", sort=Sort.BEST, cursor=cursor), size=2)
        seen += [card.title for card in page.items]
        cursor = page.next_cursor

    assert cursor is None
    assert seen == [f"郡枣 {n}号" for n in (8, 7, 5, 4, 2, 1)] + [f"骏枣 {n}号" for n in (6, 3, 0)]


@pytest.mark.parametrize("cursor", [encode([2, 1]), encode([-1, 1]), encode([0]), encode([0, "1"]), encode([2**61, 1])])
def test_a_cursor_of_best_matches_that_is_not_ours_is_refused(wang: Viewer, cursor: str) -> None:
    with pytest.raises(BadCursor):
        queries.on_sale(Wanted(words="骏枣", sort=Sort.BEST, cursor=cursor))


def test_without_words_the_best_are_the_newest(wang: Viewer) -> None:
    for number in range(4):
        a_pack(wang, pieces=0, said=described(title=f"木枣 {number}号"))

    assert found("") == [f"木枣 {number}号" for number in (3, 2, 1, 0)]


@pytest.mark.corrupts
@pytest.mark.parametrize("query", ["稷山板枣", "壶瓶枣", "walnut"])
@pytest.mark.parametrize("sort", [Sort.BEST, Sort.CHEAPEST])
def test_the_index_of_words_answers_the_shelf(li: Viewer, db: Database, query: str, sort: Sort) -> None:
    stocked.fill(County(0, "", li.person_id, []), 1_000)
    said = asked_of(db, lambda: queries.on_sale(Wanted(words=query, sort=sort)))

    session().rollback()
    current = session().connection()
    if not db.is_sqlite:
        # In a thousand rows the planner may read them all; in a hundred thousand it does not.
        current.exec_driver_sql("SET LOCAL enable_seqscan = off")
        current.exec_driver_sql("SET LOCAL enable_indexscan = off")
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite else "EXPLAIN "
    plans = [str(current.exec_driver_sql(explain + statement, values).all()) for statement, values in said]

    assert plans
    for plan in plans:
        assert ("VIRTUAL TABLE INDEX" if db.is_sqlite else "ix_pack_words_words") in plan, plan


def asked_of(db: Database, act: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements on words, with their values, that an act sends."""
    said: list[tuple[str, Any]] = []

    def hear(connection: Any, cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if "pack_words" in statement:
            said.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    return said


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("孟门骏枣", "骏枣"),
        ("zunzao", "骏枣"),
        ("junzhao", "骏枣"),
        ("骏枣 苹果", "骏枣"),
        ("新疆骏枣", "骏枣"),
        ("jiuzhao", "酒枣"),
        ("三教", "三交"),
    ],
)
def test_words_that_find_nothing_lead_to_known_names(asked: str, meant: str) -> None:
    assert meant in hints.nearest(asked, (*hints.known_names(), "三交", "孟门"))


@given(st.text(max_size=80))
def test_hints_are_few_known_and_not_what_was_asked(asked: str) -> None:
    names = hints.known_names()

    near = hints.nearest(asked, names)

    assert len(near) <= hints.MOST
    assert set(near) <= set(names) - {asked}


@pytest.mark.parametrize("asked", ["", "x", "枣", "iphone", "苹果", "…", "a" * 300])
def test_what_is_like_nothing_known_gets_no_hint(asked: str) -> None:
    assert hints.nearest(asked, hints.known_names()) == []


def test_an_empty_shelf_asks_whether_something_else_was_meant(client: FlaskClient, wang: Viewer) -> None:
    a_pack(wang, pieces=0, said=described(title="骏枣 特级", variety="junzao"))

    html = client.get("/shelf?q=新疆骏枣").get_data(as_text=True)

    assert "没有找到“新疆骏枣”，您是不是要找" in html
    assert 'href="/shelf?q=%E9%AA%8F%E6%9E%A3">骏枣</a>' in html


def test_nothing_is_suggested_that_would_not_be_found_either(wang: Viewer) -> None:
    a_pack(wang, pieces=0, said=described(title="木枣"))

    assert queries.meant("新疆骏枣") == []


def test_a_search_that_finds_nothing_costs_no_more_statements_than_four(wang: Viewer, db: Database) -> None:
    queries.township_choices()

    with counted(db.engine) as said:
        assert found("新疆骏枣") == []
        queries.meant("新疆骏枣")

    assert len(said) <= 4


@given(st.text(st.sampled_from("枣红柳林骏早酒醉三下交五十斤5gkzaohn ")))
def test_what_is_named_so_is_found_by_the_whole_query_too(text: str) -> None:
    clauses = words.query_tokens(text)

    exact = words.exact_tokens(clauses)

    assert len(exact) == len(clauses)
    assert all(set(some) <= set(every) and some for some, every in zip(exact, clauses, strict=True))


def test_what_is_to_be_left_out_is_left_out_on_both_databases(wang: Viewer, db: Database) -> None:
    a_pack(wang, pieces=0, said=described(title="郡枣 特级"))
    a_pack(wang, pieces=0, said=described(title="骏枣 特级"))

    exact, rest = search.best_first("郡枣")

    assert [one.title for one in session().scalars(select(Pack).where(exact))] == ["郡枣 特级"]
    assert [one.title for one in session().scalars(select(Pack).where(rest))] == ["骏枣 特级"]
    assert session().scalars(select(Pack).where(exact, rest)).all() == []
