"""The words under which packs are found: an index of our own tokens in SQLite FTS5 or PostgreSQL GIN."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, column, func, select, table, text

from app.kernel.db import database, session
from app.trade.catalog import words
from app.trade.catalog.models import Pack

_sqlite_index = table("pack_words", column("rowid", BigInteger), column("words", Text))
_postgresql_index = table("pack_words", column("pack_id", BigInteger), column("words"))


def index(pack_id: int, *parts: str) -> None:
    """From now on the pack is found by these words, and no longer by its earlier ones."""
    tokens = {"pack": pack_id, "words": words.index_text(*parts)}
    if database().is_sqlite:
        session().execute(text("DELETE FROM pack_words WHERE rowid = :pack"), tokens)
        session().execute(text("INSERT INTO pack_words (rowid, words) VALUES (:pack, :words)"), tokens)
    else:
        session().execute(
            text(
                "INSERT INTO pack_words (pack_id, words) VALUES (:pack, to_tsvector('simple', :words)) "
                "ON CONFLICT (pack_id) DO UPDATE SET words = excluded.words"
            ),
            tokens,
        )


def matches(query: str) -> ColumnElement[bool] | None:
    """A condition on `Pack` for what somebody typed; None when nothing in it can be searched."""
    clauses = words.query_tokens(query)
    return _found(clauses) if clauses else None


def best_first(query: str) -> list[ColumnElement[bool]]:
    """The same as conditions that share no pack: what is named so, then what only sounds so or holds the characters.

    Empty when nothing in it can be searched. They are ranked in these two steps and not by weights, since a word such
    as 红枣 matches most of the shelf, and weighing each pack of it would cost more than the whole page.
    """
    clauses = words.query_tokens(query)
    if not clauses:
        return []
    exact = words.exact_tokens(clauses)
    return [_found(clauses)] if exact == clauses else [_found(exact), _found(clauses, but_not=exact)]


def _found(clauses: words.Clauses, *, but_not: words.Clauses = ()) -> ColumnElement[bool]:
    found: Any
    if database().is_sqlite:
        expression = words.to_fts5(clauses, but_not=but_not)
        # A name of its own, so that two conditions may stand in one statement.
        asked: Any = bindparam("expression", expression, unique=True)
        found = select(_sqlite_index.c.rowid).where(column("pack_words").op("MATCH")(asked))
    else:
        asked_in = func.to_tsquery("simple", words.to_tsquery(clauses, but_not=but_not))
        found = select(_postgresql_index.c.pack_id).where(_postgresql_index.c.words.op("@@")(asked_in))
    return Pack.id.in_(found)
