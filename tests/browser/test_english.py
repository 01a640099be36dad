"""A reader of English finds no Chinese but names, and what sellers wrote themselves."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.people.growers.models import Seller
from app.people.townships.models import Township
from app.trade.catalog.models import Grade, Pack, Product, Variety
from app.trade.freight.models import Province
from app.trade.lots.models import Lot
from tests.browser.conftest import Arrive
from tests.browser.season import Season, lived
from tests.browser.visitor import Screen, Visitor
from tests.cast import HOME, MENGMEN

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]
CHINESE = re.compile(r"[㐀-鿿]+")
PAGES = (
    "/",
    "/shelf",
    "/shelf?q=nothing-of-the-kind",
    "/cart",
    "/orders",
    "/sign-in",
    "/sign-up",
    "/complaints",
    "/county",
    f"/townships/{MENGMEN}",
    "/no-such-page",
)
LANGUAGE_BUTTON = "中文"
# Words on the page and those that only a screen reader says.
_READ_OUT = """() => {
  const said = ["aria-label", "alt", "placeholder", "title", "content", "data-label"];
  const drawn = [...document.querySelectorAll("head title, main, header, footer")].map((part) => part.textContent);
  const hidden = [...document.querySelectorAll("*")].flatMap((one) => said.map((name) => one.getAttribute(name) || ""));
  return [...drawn, ...hidden].join("\\n");
}"""


@pytest.fixture
def season(li: Viewer, wang: Viewer, qian: Viewer) -> Season:
    """What the pages have to show."""
    return lived(buyer=li, grower=wang, official=qian)


def _names(app: Flask, *people: Viewer) -> list[str]:
    """Names of people, places, goods, shops and the account, and what sellers said of their goods; longest first."""
    named = (
        Pack.title,
        Seller.name,
        Township.name,
        Lot.village_name,
        Variety.name,
        Grade.name,
        Product.name,
        Province.name,
    )
    found = {name for column in named for name in session().scalars(select(column))}
    found |= {line for words in session().scalars(select(Pack.words)) for line in words.split()}
    return sorted(
        found
        | {one.name for one in people}
        | {HOME.consignee, HOME.address, LANGUAGE_BUTTON, *app.extensions["liulin.bank"]},
        key=len,
        reverse=True,
    )


def _chinese_left(reader: Visitor, names: list[str]) -> list[str]:
    """Lines with Chinese in them that no name accounts for; and whether English words make the page too wide."""
    assert reader.page.locator("html").get_attribute("lang") == "en"
    text: str = reader.page.evaluate(_READ_OUT)
    for name in names:
        text = text.replace(name, "")
    left = [f"{reader.path()}: {line.strip()}" for line in text.splitlines() if CHINESE.search(line)]
    return [*left, f"{reader.path()} scrolls sideways"] if reader.is_too_wide() else left


def test_no_chinese_sentence_is_left_for_a_reader_of_english(
    app: Flask, season: Season, li: Viewer, wang: Viewer, arrive: Arrive
) -> None:
    reader, names = arrive(Screen.NARROW), _names(app, li, wang)
    pack, order = f"/packs/{season.packs['fresh'].slug}", f"/orders/{season.orders['placed'].number}"
    reader.open(pack)
    reader.press("放进购物篮")
    reader.follow("去下单")
    reader.sign_in(li)
    reader.tap(reader.page.get_by_role("contentinfo").get_by_role("button", name="English"))

    left = _chinese_left(reader, names)
    reader.tap(reader.page.locator("main form.paying button"))
    left += _chinese_left(reader, names)
    for path in (*PAGES, pack, order):
        reader.open(path)
        left += _chinese_left(reader, names)
    assert left == []
