"""The English catalogue is complete, and each language's pages speak that language alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from string import Formatter

import pytest
from babel.messages.catalog import Message
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.kernel.db import session
from app.kernel.errors import DomainError
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.web import catalogues
from tests import cast
from tests.web import messages
from tests.web.browsing import signed_in

NAMED = re.compile(r"%(?:\((\w+)\))?[sd%]?")
LATIN_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,]+[A-Za-z]{2,}){2,}")
MISTAKES = ("/shelf?q=nothing-like-it", "/shelf?low=abc", "/county?from=2016-13-01", "/no/such/page")
ONE_THING = (
    "/packs/{pack}",
    "/sellers/{shop}",
    "/townships/141125107",
    "/county/townships/141125107",
    "/county/townships/141125107.csv",
    "/county/figures/sold-weight",
    "/county/figures/growers.csv",
    "/orders/{order}",
    "/grower/listings/{pack}",
    "/grower/orders/{order}",
    "/desk/orders/{order}",
    "/desk/payments/{order}",
    "/desk/growers/{seller}",
    "/desk/people/{buyer}",
)


def _places(said: str) -> set[str]:
    braces = {name for _text, name, _spec, _how in Formatter().parse(said) if name is not None}
    return braces | {f"%{name}" for name in NAMED.findall(said)}


def _translated() -> dict[str, Message]:
    return {str(message.id): message for message in messages.read() if message.id}


def test_every_message_of_the_source_has_english_words() -> None:
    english = _translated()

    missing = [
        (places[0].path, said)
        for said, places in messages.messages().items()
        if said not in english or not english[said].string or english[said].fuzzy
    ]

    assert missing == [], "run `make catalogue`, then fill in the English"


def test_the_catalogue_holds_nothing_that_is_no_longer_said() -> None:
    assert set(_translated()) - set(messages.messages()) == set(), "run `make catalogue`"


def test_english_words_have_the_same_places_for_values() -> None:
    assert [said for said, one in _translated().items() if _places(said) != _places(str(one.string))] == []


def test_english_words_hold_no_chinese_and_nothing_that_html_would_read() -> None:
    # Curly marks are as wide as a character in a Chinese typeface; a straight double one would end an attribute.
    wrong = re.compile(messages.CHINESE.pattern + '|[<>&"“”‘’]')

    assert [one.string for one in _translated().values() if wrong.search(str(one.string))] == []


def test_no_chinese_is_said_past_the_catalogue() -> None:
    assert [*messages.formatted(), *messages.bare_in_templates()] == []


def _errors(above: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    yield above
    for below in above.__subclasses__():
        yield from _errors(below)


@pytest.mark.only("sqlite")
def test_every_refusal_is_a_message_in_both_languages(app: Flask) -> None:
    english = catalogues.english()
    said = {error.sentence for error in _errors() if messages.is_said(error.__module__.replace(".", "/") + ".py")}

    assert len(said) > 60
    assert [sentence for sentence in said if english.ugettext(sentence) == sentence] == []


class _Words(HTMLParser):
    """What a reader of the page sees or hears, but for what is marked as the other language."""

    VOID = frozenset({"img", "input", "meta", "link", "br", "rect", "path", "use", "circle", "line"})
    SPOKEN = ("alt", "aria-label", "placeholder", "title", "content", "data-label")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._silent or tag in ("script", "style") or (tag != "html" and "lang" in given):
            self._silent += [tag] if tag not in self.VOID else []
            return
        self.found += [given[name] for name in self.SPOKEN if name in given]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(data.strip())


def _words(html: str) -> list[str]:
    reader = _Words()
    reader.feed(html)
    return reader.found


DATA_COLUMNS = (
    "SELECT name FROM townships",
    "SELECT name FROM sellers",
    "SELECT name FROM people",
    "SELECT title FROM packs",
    "SELECT name FROM varieties",
    "SELECT '柳林' || name FROM varieties",
    "SELECT words FROM varieties",
    "SELECT name FROM products",
    "SELECT name FROM grades",
    "SELECT category FROM grades",
    "SELECT standard FROM grades",
    "SELECT name FROM provinces",
    "SELECT name FROM villages",
    "SELECT words FROM messages",
)


def _data(app: Flask) -> list[str]:
    """Names of goods, people and places, and what people wrote: they stay as they are in every language."""
    found = {value for query in DATA_COLUMNS for value in session().scalars(text(query)) if value}
    found |= {
        *app.extensions["liulin.bank"],
        cast.HOME.address,
        cast.HOME.consignee,
        "李**",
        "柳林红枣",
        "南垣村",
        "上门看过枣园",
    }
    return sorted(found, key=len, reverse=True)


def _left_of(said: list[str], data: list[str], wrong: re.Pattern[str]) -> list[str]:
    found = []
    for words in said:
        for name in data:
            words = words.replace(name, " ")
        if wrong.search(words):
            found.append(words)
    return found


@pytest.fixture
def browsers(app: Flask, li: Viewer, wang: Viewer, qian: Viewer, zhou: Viewer) -> list[FlaskClient]:
    """A visitor's, a buyer's, a grower's and two officials'."""
    buyer = signed_in(app, li)
    return [app.test_client(), buyer, *(signed_in(app, who) for who in (wang, qian, zhou))]


@pytest.fixture
def urls(app: Flask, li: Viewer, wang: Viewer, gift_box: Pack) -> list[str]:
    """Every page without a name in its address, and one of each kind that has one."""
    order = cast.an_order_of(2, gift_box, buyer=li)
    shop = cast.shop_of(wang)
    names = {
        "pack": gift_box.slug,
        "shop": shop.slug,
        "seller": shop.id,
        "order": order.number,
        "buyer": li.person_id,
    }
    plain = [rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())]
    return [*plain, *MISTAKES, *(page.format(**names) for page in ONE_THING)]


def _said_wrongly(
    browsers: list[FlaskClient], urls: list[str], *, data: list[str], wrong: re.Pattern[str], lang: str
) -> dict[str, list[str]]:
    left: dict[str, list[str]] = {}
    for browser in browsers:
        for url in urls:
            answer = browser.get(url)
            if answer.mimetype == "text/html" and answer.status_code not in (302, 303):
                assert f'<html lang="{lang}"' in answer.text, url
                left[url] = [*left.get(url, ()), *_left_of(_words(answer.text), data, wrong)]
            elif answer.mimetype == "text/csv":
                left[url] = _left_of(answer.text.splitlines(), data, wrong)
    assert len(left) > 40
    return {url: found for url, found in left.items() if found}


@pytest.mark.only("sqlite")
def test_english_pages_say_nothing_in_chinese_but_names(
    app: Flask, browsers: list[FlaskClient], urls: list[str]
) -> None:
    for browser in browsers:
        browser.set_cookie("language", "en")

    data = _data(app)

    assert _said_wrongly(browsers, urls, data=data, wrong=messages.CHINESE, lang="en") == {}


@pytest.mark.only("sqlite")
def test_chinese_pages_say_nothing_in_english(browsers: list[FlaskClient], urls: list[str]) -> None:
    assert _said_wrongly(browsers, urls, data=[], wrong=LATIN_SENTENCE, lang="zh-CN") == {}


@pytest.mark.only("sqlite")
def test_a_form_without_its_token_is_refused_in_the_readers_language(app: Flask, client: FlaskClient) -> None:
    client.set_cookie("language", "en")

    answer = client.post("/sign-in", data={"phone": "13800001234"})

    assert answer.status_code == 403
    assert "Please refresh it and send again" in answer.text


@pytest.mark.only("sqlite")
def test_what_the_front_page_keeps_is_kept_for_each_language(app: Flask, client: FlaskClient) -> None:
    assert "卖出斤数" in client.get("/").text

    client.set_cookie("language", "en")

    assert "Sold, in weight" in client.get("/").text


@pytest.mark.only("sqlite")
def test_a_chinese_reader_does_not_load_the_english_catalogue(app: Flask, client: FlaskClient) -> None:
    catalogues.english.cache_clear()

    client.get("/")

    assert catalogues.english.cache_info().currsize == 0
