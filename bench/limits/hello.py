"""The least that a Flask answer costs."""

from __future__ import annotations

from flask import Flask

app = Flask("hello", static_folder=None)


@app.get("/")
def index() -> str:
    return "你好，红枣"
