"""24 rows by SQLAlchemy Core from the run's PostgreSQL, drawn as cards."""

from __future__ import annotations

import os

from flask import render_template
from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text, create_engine, select

from bench.limits.cards import an_app

app = an_app("core24")
_engine = create_engine(os.environ["LIMITS_DATABASE_URL"], pool_size=8)
_cards = Table(
    "cards",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    *(Column(name, Text) for name in ("slug", "title", "seller", "township", "variety", "grade", "photo")),
    *(Column(name, BigInteger) for name in ("net", "price", "per_jin")),
    Column("is_sold_out", Boolean),
)
_NEWEST = select(_cards).order_by(_cards.c.id.desc()).limit(24)


@app.get("/")
def index() -> str:
    with _engine.connect() as connection:
        return render_template("cards.html", cards=connection.execute(_NEWEST).all())
