import csv
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.tables import read_table
from app.trade.catalog import words
from app.trade.catalog.words import index_text, query_tokens, to_fts5, to_tsquery
from tests.services.postgres import PostgresCluster

HERE = Path(__file__).parent
FTS5 = "CREATE VIRTUAL TABLE packs USING fts5(title UNINDEXED, words)"
TSVECTOR = "CREATE TEMPORARY TABLE packs (title text, words tsvector)"
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=80)
LIKE_A_QUERY = st.text(
    st.sampled_from("枣红柳林骏早酒醉三下交五十斤公5gkzaohnli '\"()*:&|!<>-\\%\0\u200b\ud800"), max_size=80
)

Find = Callable[[str], list[str]]


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PACKS = [(row["title"], index_text(*row.values())) for row in rows("pack_titles.csv")]
QUERIES = [pytest.param(row, id=row["query"]) for row in rows("search_set.csv")]


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Find]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(FTS5)
        connection.executemany("INSERT INTO packs VALUES (?, ?)", PACKS)

        def find(query: str) -> list[str]:
            asked = to_fts5(query_tokens(query))
            found = connection.execute("SELECT title FROM packs WHERE words MATCH ? ORDER BY rank", (asked,))
            return [title for (title,) in found]

        yield find


@pytest.fixture(scope="module")
def server() -> Iterator[psycopg.Connection]:
    with PostgresCluster(durable=False) as cluster:
        url = cluster.url("postgres").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection


@pytest.fixture(scope="module")
def postgresql(server: psycopg.Connection) -> Find:
    server.execute(TSVECTOR)
    server.cursor().executemany("INSERT INTO packs VALUES (%s, to_tsvector('simple', %s))", PACKS)

    def find(query: str) -> list[str]:
        found = server.execute(
            "SELECT title FROM packs, to_tsquery('simple', %s) AS asked WHERE words @@ asked"
            " ORDER BY ts_rank(words, asked) DESC, title",
            (to_tsquery(query_tokens(query)),),
        )
        return [title for (title,) in found]

    return find


@pytest.fixture(params=["sqlite", "postgresql"])
def find(request: pytest.FixtureRequest) -> Find:
    chosen: Find = request.getfixturevalue(request.param)
    return chosen


@pytest.mark.parametrize("row", QUERIES)
def test_a_query_finds_what_it_means_and_nothing_else(find: Find, row: dict[str, str]) -> None:
    found = find(row["query"])

    expected, forbidden = (set(filter(None, row[name].split("|"))) for name in ("expected", "forbidden"))
    assert expected <= set(found), f"not found: {expected - set(found)}"
    assert not forbidden & set(found), f"found too much: {forbidden & set(found)}"
    if not expected:
        assert found == []


def test_both_databases_find_the_same(sqlite: Find, postgresql: Find) -> None:
    for row in rows("search_set.csv"):
        assert sorted(sqlite(row["query"])) == sorted(postgresql(row["query"])), row["query"]


def test_the_search_set_has_sixty_queries_and_names_only_known_packs() -> None:
    titles = {title for title, _ in PACKS}
    named = {title for row in rows("search_set.csv") for title in f"{row['expected']}|{row['forbidden']}".split("|")}

    assert len({row["query"] for row in rows("search_set.csv")}) >= 60
    assert named - {""} <= titles


def test_characters_side_by_side_rank_before_characters_apart(find: Find) -> None:
    assert find("柳林红枣")[0] == "柳林红枣 5斤箱"
    assert find("木枣酒")[0] == "木枣酒 500毫升"


def test_every_name_of_a_variety_finds_it() -> None:
    for row in read_table("app.trade.catalog", "varieties"):
        document = set(index_text(row["name"]).split())
        for name in (row["name"], *filter(None, row["alias"].split("、"))):
            assert all(document & set(clause) for clause in query_tokens(name)), name


def test_nothing_asked_finds_nothing(find: Find) -> None:
    for query in ("", "   ", "买", "的", "\0\u200b", "？！"):
        assert query_tokens(query) == ()
        assert find(query) == []


def test_only_sixty_characters_and_eight_terms_of_a_query_are_read() -> None:
    assert query_tokens("枣" * 60 + "茶") == query_tokens("枣" * 60)
    assert query_tokens("1 2 3 4 5 6 7 8 9") == query_tokens("1 2 3 4 5 6 7 8")


def test_a_document_never_has_more_than_a_thousand_tokens() -> None:
    book = "".join(map(chr, range(0x4E00, 0x9FFF)))

    tokens = index_text(book, book[400:], book[800:]).split()

    assert len(tokens) == len(set(tokens)) == words.DOCUMENT_TOKENS


@pytest.mark.parametrize("token", ['a" OR "b', "u1)", "", "U1", "1u", "枣", "a:*", "a b", "a" * 65])
def test_only_tokens_reach_a_query_language(token: str) -> None:
    for spell in (to_fts5, to_tsquery):
        with pytest.raises(ValueError):
            spell(((token,),))


def test_a_clause_without_tokens_is_refused() -> None:
    with pytest.raises(ValueError):
        to_tsquery(((),))


@given(st.one_of(ANYTHING, LIKE_A_QUERY))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_makes_a_query_that_a_database_refuses(find: Find, text: str) -> None:
    find(text)

    assert len(query_tokens(text)) <= 4 * words.QUERY_CHARS


@given(st.lists(st.one_of(ANYTHING, LIKE_A_QUERY), max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_keeps_every_token_of_a_document_whole(server: psycopg.Connection, parts: list[str]) -> None:
    document = index_text(*parts)

    kept = server.execute("SELECT tsvector_to_array(to_tsvector('simple', %s))", (document,)).fetchone()

    assert kept == (sorted(document.split()),)


def test_sqlite_keeps_every_token_of_a_document_whole() -> None:
    tokens = sorted({token for _, document in PACKS for token in document.split()} | {"w1e5", "ue", "w0x1"})

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(FTS5)
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(packs, row)")
        connection.execute("INSERT INTO packs VALUES ('', ?)", (" ".join(tokens),))
        assert [term for (term,) in connection.execute("SELECT term FROM terms ORDER BY term")] == tokens


@given(ANYTHING.filter(lambda text: query_tokens(text) != ()))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_document_is_found_by_its_own_short_text(text: str) -> None:
    document = set(index_text(text).split())

    assert all(document & set(clause) for clause in query_tokens(text))


def test_words_load_without_the_whole_pinyin_library() -> None:
    script = "import sys, app.trade.catalog.words as w; w.index_text('柳林红枣'); print('pypinyin' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "False"
