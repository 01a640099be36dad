"""The cards that the limit programs draw: as much markup per card as the product's shelf, and nothing around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Card:
    """One pack: price in fen, net in grams."""

    slug: str
    title: str
    seller: str
    township: str
    variety: str
    grade: str
    net: int
    price: int
    per_jin: int
    photo: str | None
    is_sold_out: bool


def an_app(name: str) -> Flask:
    """A bare app that knows the template of cards."""
    app = Flask(name, static_folder=None, template_folder=str(FOLDER))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(yuan=yuan, jin=jin)
    return app


def yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def jin(grams: int) -> str:
    return f"{grams // 500}斤"


def card(number: int) -> Card:
    """A made-up card (示例数据)."""
    return Card(
        slug=f"a{number:09d}",
        title=f"柳林木枣 一等 {number % 9 + 1}斤装",
        seller=f"枣园{number % 7}",
        township="三交镇",
        variety="木枣",
        grade="一等",
        net=500 * (number % 9 + 1),
        price=1_280 * (number % 9 + 1),
        per_jin=1_280,
        photo=None,
        is_sold_out=number % 11 == 0,
    )
