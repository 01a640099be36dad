import csv
import io
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import Client

from app.insight.boards import queries, tables
from app.insight.boards.places import Places
from app.kernel import clock
from app.kernel.db import Database, session, transaction
from app.ledger import figures
from app.ledger.books.models import Transfer
from app.ledger.books.movements import Place, Post
from app.ledger.books.service import record
from app.ledger.figures import Scope, Span
from app.people.growers.models import Seller
from app.people.townships import service as townships
from app.trade.orders.models import Order
from app.trade.stock.accounts import LOOSE, LOT_RECEIVED, SUPPLIED
from app.trade.stock.figures import SOLD_WEIGHT
from app.web import csvs
from tests.insight.crawler import read
from tests.insight.season import NEW_CODE, OLD_CODE, WOOD, a_season

EVER = Span(None, date(2016, 12, 31))


@pytest.fixture
def no_season(db: Database) -> None:
    with transaction():
        townships.load("test")


@pytest.fixture
def season(db: Database) -> None:
    a_season(lots=5, sales=2)


def statements(db: Database, client: Client, url: str) -> int:
    """How many queries a page takes."""
    said: list[str] = []

    def listen(*args: object) -> None:
        said.append(str(args[2]))

    session().rollback()
    event.listen(db.engine, "before_cursor_execute", listen)
    assert client.get(url).status_code == 200
    event.remove(db.engine, "before_cursor_execute", listen)
    return len([one for one in said if one.startswith("SELECT") and "set_config" not in one])


@pytest.mark.parametrize(
    "url", ["/county", f"/county/townships/{NEW_CODE}", "/county/figures/sold_weight", "/county/figures/orders"]
)
def test_a_page_takes_as_many_queries_over_many_entries_as_over_none(
    db: Database, client: Client, no_season: None, url: str
) -> None:
    client.get(url)
    empty = statements(db, client, url)

    a_season(lots=6, sales=10)

    assert statements(db, client, url) == empty <= 10


def test_the_board_has_a_row_for_every_present_township_and_the_county_as_their_sum(
    client: Client, season: None
) -> None:
    board = queries.county(EVER)

    assert len(board.rows) == 15
    for n, cell in enumerate(board.total):
        assert cell.value == sum(row.cells[n].value for row in board.rows) == cell.figure.total(Scope(EVER))
        assert cell.value > 0


def test_what_is_booked_under_a_retired_code_counts_under_its_successor(client: Client, season: None) -> None:
    row = next(row for row in queries.county(EVER).rows if row.place.code == NEW_CODE)
    sold = next(cell.value for cell in row.cells if cell.figure is SOLD_WEIGHT)
    old, new = (SOLD_WEIGHT.total(Scope(EVER, frozenset({code}))) for code in (OLD_CODE, NEW_CODE))

    assert sold == old + new
    assert old
    assert new
    answer = client.get(f"/county/townships/{OLD_CODE}?from=2015-10-01")
    assert (answer.status_code, answer.location.partition("?")[0]) == (301, f"/county/townships/{NEW_CODE}")


def test_what_is_booked_under_no_known_township_has_a_row_of_its_own(client: Client, no_season: None) -> None:
    debit, credit = (Place(WOOD, role, "seller:1", "", subject="lot:1") for role in (LOOSE, SUPPLIED))
    with transaction():
        record(LOT_RECEIVED, [Post(debit, credit, 500)], by="test", subject="lot:1", key="a", on=date(2015, 10, 1))

    assert "未记乡镇" in client.get("/county").text
    assert read(client, "/county/figures/stock_on_hand?township=other").entries == [500]


@pytest.mark.only("sqlite")
def test_a_day_that_is_none_is_answered_with_a_sentence_and_no_number(client: Client, no_season: None) -> None:
    typed = [
        "from=2016-02-30",
        "to=tomorrow",
        "to=1899-01-01",
        "from=9999-12-31",
        "to=2016-1-1%00",
        "from=%F0%9F%8D%92",
    ]
    wrong = dict.fromkeys([*typed, "from=２０１６-13-01"], "日期不对")
    wrong["from=2016-03-01&to=2016-02-01"] = "开始的日子不能晚于结束的日子"

    for path in ("/county", f"/county/townships/{NEW_CODE}", "/county/figures/sold_weight"):
        for query, sentence in wrong.items():
            answer = client.get(f"{path}?{query}")
            assert answer.status_code == 422
            assert sentence in answer.text
            assert "<data" not in answer.text
            assert client.get(f"{path}.csv?{query}").status_code == 422


@pytest.mark.only("sqlite")
def test_a_day_may_be_written_in_the_ways_people_write_it(client: Client, no_season: None) -> None:
    for typed in ("2016-01-05", "2016/1/5", "2016年1月5日", "20160105", "２０１６．０１．０５", " 2016-1-5 "):
        answer = client.get("/county", query_string={"to": typed})
        assert answer.status_code == 200
        assert "2016年1月5日" in answer.text


@pytest.mark.only("sqlite")
def test_the_quick_ranges_are_everything_this_season_and_this_month(client: Client, no_season: None) -> None:
    with clock.pinned(datetime(2016, 1, 24, 4, tzinfo=UTC)):
        page = client.get("/county").text

    for days in ("?to=2016-01-24", "?from=2015-09-01&amp;to=2016-01-24", "?from=2016-01-01&amp;to=2016-01-24"):
        assert f'href="/county{days}"' in page


def test_what_is_not_there_or_made_up_is_refused(client: Client, no_season: None) -> None:
    refused = {
        "/county/figures/nothing": 404,
        "/county/figures/nothing.csv": 404,
        "/county/townships/141125999": 404,
        "/county/townships/141125999.csv": 404,
        "/county/figures/sold_weight?township=141125999": 404,
        "/county/figures/sold_weight?township=%27%20OR%201=1": 404,
        "/county/figures/sold_weight?township=1%00": 404,
        "/county/figures/sold_weight?after=zzz": 422,
        "/county/figures/sold_weight?after=" + "A" * 5000: 422,
    }
    for path, status in refused.items():
        answer = client.get(path)
        assert (path, answer.status_code) == (path, status)
        assert 'lang="zh-CN"' in answer.text


def test_no_page_and_no_table_names_a_person_a_seller_or_an_order(client: Client, season: None) -> None:
    keys = [figure.key for figure in figures.all_figures()]
    pages = ["/county", "/county.csv", f"/county/townships/{NEW_CODE}", f"/county/townships/{NEW_CODE}.csv"]
    pages += [f"/county/figures/{key}{end}" for key in keys for end in ("", ".csv")]
    secret = {"seller:", "lot:", "order:", "王枣花", *session().scalars(select(Seller.slug))}
    secret |= set(session().scalars(select(Seller.name))) | set(session().scalars(select(Order.number)))

    for page in pages:
        text = client.get(page).text
        assert not [word for word in secret if word in text]


def rows_of(client: Client, url: str) -> list[list[str]]:
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    text = answer.text
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_county_as_a_table_has_the_page_s_total_in_its_last_row(client: Client, season: None) -> None:
    heading, *rows, total = rows_of(client, "/county.csv")
    sold = heading.index("卖出金额（元）")
    grams = heading.index("卖出斤数（斤）")
    shown = {cell.figure.key: cell.value for cell in queries.county(EVER).total}

    assert len(rows) == 15
    assert total[1] == "全县"
    assert float(total[sold]) * 100 == pytest.approx(shown["sold_amount"])
    assert sum(round(float(row[grams]) * 500) for row in rows) == shown["sold_weight"]


def test_the_entries_as_a_table_end_with_their_sum(client: Client, season: None) -> None:
    _heading, *rows, total = rows_of(client, "/county/figures/sold_amount.csv")

    shown = read(client, "/county/figures/sold_amount").totals[0]
    assert total[0] == "合计"
    assert sum(round(float(row[4]) * 100) for row in rows) == round(float(total[4]) * 100) == shown
    assert {row[3] for row in rows} == {"收货成交", "冲销：收货成交"}


@pytest.mark.only("sqlite")
def test_in_a_table_ids_are_text_and_numbers_are_not(client: Client, season: None) -> None:
    line = client.get("/county.csv").text.splitlines()[1]

    assert line.startswith('"141125100","柳林镇",')
    assert '"' not in line.removeprefix('"141125100","柳林镇",')


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "−1"])
def test_no_text_of_a_table_is_a_formula(value: str) -> None:
    assert csvs.text(value) == f"'{value}"
    assert csvs.text("三交镇") == "三交镇"


def test_the_entries_of_a_table_come_page_by_page_and_leave_no_transaction_open_between(
    app: Flask, season: None
) -> None:
    rows = tables.entries(SOLD_WEIGHT, Scope(EVER), {})
    with app.test_request_context():
        next(rows)
        next(rows)
        assert not session().in_transaction()
        rest = list(rows)
    assert len(rest) > 3


def test_the_pages_of_a_figure_say_up_to_which_day_the_books_are_sealed(client: Client, season: None) -> None:
    for url in ("/county", f"/county/townships/{NEW_CODE}", "/county/figures/sold_weight"):
        assert "账已封到2016年2月1日" in client.get(url).text


@pytest.mark.only("sqlite")
def test_books_that_were_never_sealed_say_so(client: Client, no_season: None) -> None:
    assert "未封账" in client.get("/county").text


@pytest.mark.only("sqlite")
def test_the_weeks_of_a_township_lie_within_the_days_asked_for(client: Client, season: None) -> None:
    span = Span(date(2015, 10, 7), date(2015, 12, 9))
    places = Places.read()
    board = queries.township(places, places.now("141125105"), span)

    assert board.weeks[0].first >= span.first  # type: ignore[operator]
    assert board.weeks[-1].last <= span.last
    assert board.weeks_sum == next(cell.value for cell in board.cells if cell.figure is SOLD_WEIGHT)


def test_the_home_page_gets_its_figures_in_two_queries(db: Database, app: Flask, client: Client, season: None) -> None:
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(str(args[2])))
    with app.test_request_context():
        clock.today()
        said.clear()
        headline = queries.headline()

    assert len(said) == 2
    assert {one.label: one.value for one in headline}["卖出斤数"] == SOLD_WEIGHT.total(Scope(EVER))
    assert all(read(client, one.url).totals == [one.value] for one in headline)


def test_reading_the_boards_writes_nothing(client: Client, season: None) -> None:
    before = session().scalars(select(Transfer.id)).all()
    for url in ("/county", "/county.csv", "/county/figures/growers", "/county/figures/growers.csv"):
        client.get(url)

    assert session().scalars(select(Transfer.id)).all() == before
