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
    if not clauses:
        return None
    if database().is_sqlite:
        found: Any = select(_sqlite_index.c.rowid).where(
            text("pack_words MATCH :expression").bindparams(bindparam("expression", words.to_fts5(clauses)))
        )
    else:
        expression = func.to_tsquery("simple", words.to_tsquery(clauses))
        found = select(_postgresql_index.c.pack_id).where(_postgresql_index.c.words.op("@@")(expression))
    return Pack.id.in_(found)
