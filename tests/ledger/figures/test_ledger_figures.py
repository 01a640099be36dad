import random
from datetime import date, timedelta

import pytest
from sqlalchemy import event, update

from app.kernel.db import Database, session, transaction
from app.kernel.errors import NotFound
from app.kernel.paging import BadCursor, encode
from app.ledger import figures
from app.ledger.books import seals
from app.ledger.books.models import Daily, Seal
from app.ledger.books.movements import Kind, Place, Post
from app.ledger.books.service import record, reverse
from app.ledger.figures import FigureUnit, LedgerFigure, Scope, Side, Span, checks, registry
from tests.ledger.figures.book import (
    FIGURES,
    FIRST_DAY,
    FRUIT,
    LOOSE,
    PACKED,
    RECEIVED,
    RETURNED,
    SHIPPED,
    SOLD,
    SUPPLIED,
    TOWNSHIPS,
    added_up,
    random_book,
)

STOCK, SOLD_GRAMS, RECEIVED_GRAMS = FIGURES[:3]
EVER = Scope(Span(None, date(2016, 12, 31)))


def some_scopes(chance: random.Random, made: list[Seal]) -> list[Scope]:
    scopes = [EVER]
    for _ in range(6):
        first = FIRST_DAY + timedelta(days=chance.randrange(-5, 125))
        span = Span(chance.choice((None, first)), first + timedelta(days=chance.randrange(60)))
        some = chance.choice((None, frozenset(chance.sample(TOWNSHIPS, chance.randint(0, 3)))))
        scopes.append(Scope(span, some, chance.choice([None, *made])))
    return scopes


@pytest.mark.parametrize("seed", range(2))
def test_every_figure_equals_the_sum_of_all_transfers(db: Database, seed: int) -> None:
    made = random_book(seed, events=60)

    for scope in some_scopes(random.Random(seed), made):
        for figure in FIGURES:
            slow = added_up(figure, scope)
            assert figure.total(scope) == slow.total
            assert figure.by_township(scope) == slow.by_township
            assert figure.by_day(scope) == slow.by_day


@pytest.mark.parametrize("walk_from", [0, 10, 10_000])
def test_the_entries_of_all_pages_add_up_to_the_figure(
    db: Database, walk_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a list counts as long and is walked by day, or as short and is looked up by account."""
    made = random_book(7, events=60)
    monkeypatch.setattr("app.ledger.figures.ledger.WALK_FROM", walk_from)

    for scope in some_scopes(random.Random(7), made):
        for figure in FIGURES:
            entries = [entry for page in figure.pages(scope, size=7) for entry in page.items]
            assert sum(entry.amount for entry in entries) == figure.total(scope)
            assert all(entry.amount for entry in entries)
            assert [entry.day for entry in entries] == sorted((entry.day for entry in entries), reverse=True)


@pytest.mark.corrupts
def test_a_spoilt_daily_sum_makes_the_figure_wrong_so_the_quick_way_is_the_one_in_use(db: Database) -> None:
    random_book(1, events=40)
    with transaction():
        seals.feed_daily()
        session().execute(update(Daily).values(dr=Daily.dr + 1))

    assert STOCK.total(EVER) != added_up(STOCK, EVER).total


def test_townships_add_up_to_the_county_on_any_day(db: Database) -> None:
    random_book(4, events=60)

    for days in (10, 60, 119):
        span = Span(None, FIRST_DAY + timedelta(days=days))
        for figure in FIGURES:
            parts = [figure.total(Scope(span, frozenset({code}))) for code in TOWNSHIPS]
            assert sum(parts) == figure.total(Scope(span))


def test_several_figures_take_one_statement_beside_the_watermark(db: Database) -> None:
    random_book(2, events=20)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    parts = figures.by_township(FIGURES, EVER)

    assert len([one for one in statements if one.startswith("SELECT")]) == 2
    assert parts == {figure.key: figure.by_township(EVER) for figure in FIGURES}
    assert figures.totals([], EVER) == {}


def place(role: object, township: str = "141125105") -> Place:
    return Place(FRUIT, role, "seller:1", township, subject="lot:1")  # type: ignore[arg-type]


def post(kind: Kind, debit: Place, credit: Place, grams: int, *, key: str, on: date = FIRST_DAY) -> int:
    with transaction():
        return record(kind, [Post(debit, credit, grams)], by="test", subject="lot:1", key=key, on=on).event_id


def test_a_reversal_is_an_entry_of_its_own_with_the_opposite_amount(db: Database) -> None:
    number = post(RECEIVED, place(LOOSE), place(SUPPLIED), 5000, key="a")
    with transaction():
        reverse(RETURNED, number, by="test", key="b", on=FIRST_DAY + timedelta(days=1))

    back, there = RECEIVED_GRAMS.entries(EVER).items

    assert (there.amount, there.is_reversal, there.number) == (5000, False, number)
    assert (back.amount, back.is_reversal, back.day) == (-5000, True, FIRST_DAY + timedelta(days=1))
    assert RECEIVED_GRAMS.total(EVER) == 0


def test_packing_is_no_entry_of_the_stock_because_the_fruit_stays(db: Database) -> None:
    post(RECEIVED, place(LOOSE), place(SUPPLIED), 5000, key="a")
    post(SHIPPED, place(PACKED), place(LOOSE), 2000, key="b")

    assert [entry.amount for entry in STOCK.entries(EVER).items] == [5000]
    assert STOCK.total(EVER) == 5000


def test_fruit_that_moves_to_another_township_is_an_entry_of_each_but_not_of_the_county(db: Database) -> None:
    post(SHIPPED, place(PACKED, TOWNSHIPS[1]), place(LOOSE, TOWNSHIPS[0]), 2000, key="a")

    assert STOCK.by_township(EVER) == {TOWNSHIPS[0]: -2000, TOWNSHIPS[1]: 2000}
    assert [e.amount for e in STOCK.entries(Scope(EVER.span, frozenset({TOWNSHIPS[0]}))).items] == [-2000]
    assert STOCK.entries(EVER).items == []


def test_a_seal_keeps_a_figure_as_it_was_whatever_is_booked_for_the_same_days_later(db: Database) -> None:
    post(SHIPPED, place(SOLD), place(LOOSE), 700, key="a")
    with transaction():
        seal = seals.seal(date(2016, 1, 1))
    sealed = Scope(EVER.span, seal=seal)
    post(SHIPPED, place(SOLD), place(LOOSE), 300, key="b")
    with transaction():
        seals.feed_daily()

    assert SOLD_GRAMS.total(sealed) == 700
    assert [entry.amount for entry in SOLD_GRAMS.entries(sealed).items] == [700]
    assert SOLD_GRAMS.total(EVER) == 1000


def test_what_there_is_counts_from_the_beginning_and_what_moved_only_within_the_days(db: Database) -> None:
    post(RECEIVED, place(LOOSE), place(SUPPLIED), 5000, key="a", on=date(2015, 9, 1))
    post(SHIPPED, place(SOLD), place(LOOSE), 1000, key="b", on=date(2015, 10, 1))
    october = Scope(Span(date(2015, 10, 1), date(2015, 10, 31)))

    assert STOCK.total(october) == 4000
    assert SOLD_GRAMS.total(october) == 1000
    assert RECEIVED_GRAMS.total(october) == 0


@pytest.mark.parametrize(
    "cursor", ["x", encode(["2016-01-01", 1]), encode([0, 1]), encode([10**12, 1]), encode([1, "1"]), encode([1])]
)
def test_a_made_up_cursor_is_refused(db: Database, cursor: str) -> None:
    with pytest.raises(BadCursor):
        STOCK.entries(EVER, after=cursor)


@pytest.fixture
def a_register_of_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_figures", {})
    monkeypatch.setattr(registry, "_words", {})


@pytest.mark.usefixtures("a_register_of_figures")
def test_a_figure_is_found_by_its_key() -> None:
    figures.register(STOCK)
    figures.register(STOCK)

    assert figures.get("t_stock") is STOCK
    with pytest.raises(NotFound):
        figures.get("t_sold")
    with pytest.raises(registry.FigureTaken):
        figures.register(
            LedgerFigure(
                key="t_stock", title="", words="", unit=FigureUnit.GRAM, roles=(SOLD,), side=Side.DEBIT_LESS_CREDIT
            )
        )


@pytest.mark.usefixtures("a_register_of_figures")
def test_entries_carry_the_words_of_their_kind(db: Database) -> None:
    figures.name_kinds([RECEIVED])
    post(RECEIVED, place(LOOSE), place(SUPPLIED), 5000, key="a")
    post(SHIPPED, place(SOLD), place(LOOSE), 1, key="b")

    assert [entry.kind for entry in STOCK.entries(EVER).items] == ["test.shipped", "入库"]


@pytest.mark.usefixtures("a_register_of_figures")
def test_the_check_names_a_reversal_that_its_figure_does_not_count(db: Database) -> None:
    figures.register(*FIGURES)
    number = post(SHIPPED, place(SOLD), place(LOOSE), 700, key="a")
    with transaction():
        back = reverse(RETURNED, number, by="test", key="b", on=FIRST_DAY).event_id

    reversals, sums = checks.CHECKS

    assert [finding.row for finding in reversals.find()] == [f"event {back}"]
    assert list(sums.find()) == []


@pytest.mark.corrupts
@pytest.mark.usefixtures("a_register_of_figures")
def test_the_check_names_a_figure_whose_quick_sum_is_wrong(db: Database) -> None:
    figures.register(STOCK, SOLD_GRAMS)
    post(SHIPPED, place(SOLD), place(LOOSE), 700, key="a")
    with transaction():
        seals.feed_daily()
        session().execute(update(Daily).values(cr=Daily.cr + 1))

    _reversals, sums = checks.CHECKS

    assert [finding.row for finding in sums.find()] == ["figure t_stock", "figure t_sold"]
