"""24 cards from memory through Jinja."""

from __future__ import annotations

from flask import render_template

from bench.limits.cards import an_app, card

app = an_app("mem24")
_CARDS = [card(number) for number in range(24)]


@app.get("/")
def index() -> str:
    return render_template("cards.html", cards=_CARDS)
