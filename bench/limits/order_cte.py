"""An order over HTTP as one statement: take the piece if there is one, order, line, two entries, commit."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import psycopg
from flask import Flask
from flask.typing import ResponseReturnValue

app = Flask("order_cte", static_folder=None)
_URL = os.environ["LIMITS_DATABASE_URL"].replace("+psycopg", "")
_setting, _, _statement = (Path(__file__).parent / "hot_cte.sql").read_text().partition("\n")
_ORDER = _statement.replace(":pack", "%(pack)s").rstrip().rstrip(";")
_thread = threading.local()


def _connection() -> psycopg.Connection:
    if not hasattr(_thread, "connection"):
        _thread.connection = psycopg.connect(_URL, autocommit=True)
    connection: psycopg.Connection = _thread.connection
    return connection


@app.post("/orders/<int:pack>")
def place(pack: int) -> ResponseReturnValue:
    placed = _connection().execute(_ORDER, {"pack": pack}, prepare=True).rowcount
    return ("好", 201) if placed else ("卖完了", 409)
