"""The visitor and his tools notice what they are there to notice."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.web.guards import public
from tests.browser.conftest import Arrive
from tests.browser.faults import faults_of
from tests.browser.keyboard import Keyboard, NotReached
from tests.browser.visitor import Screen, WentWrong, visiting

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]
WRITE = "<!doctype html><html lang='zh-CN'><title>t</title><main><h1>h</h1>{}</main></html>"
Publish = Callable[[str], None]


@pytest.fixture
def publish(app: Flask) -> Publish:
    """Puts a page of these words at /bad."""

    def put(words: str) -> None:
        app.add_url_rule("/bad", "bad", public(lambda: WRITE.format(words)))

    return put


@pytest.mark.parametrize(
    ("words", "noticed"),
    [
        ("<img src='http://another.invalid/a.png' alt=''>", "another host: http://another.invalid/a.png"),
        ("<img src='/static/none.png' alt=''>", "404: "),
        ("<p style='color: red'>r</p>", "console: "),
    ],
    ids=["another host", "a missing part", "a broken policy"],
)
def test_what_a_page_must_not_do_is_noticed(
    publish: Publish, browser: Browser, site: str, words: str, noticed: str
) -> None:
    publish(words)

    with pytest.raises(WentWrong, match=noticed), visiting(browser, site, Screen.PHONE) as visitor:
        visitor.open("/bad")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("<img src='/static/img/seal.svg'>", "PHONE image-alt"),
        ("<input>", "PHONE label"),
        ("<img src='/static/img/seal.svg' alt='' width='700' height='9'>", "scrolls sideways"),
    ],
    ids=["a picture without words", "a field without a name", "a page that is too wide"],
)
def test_what_shuts_readers_out_is_found(publish: Publish, arrive: Arrive, words: str, found: str) -> None:
    publish(words)
    visitor = arrive()
    visitor.open("/bad")

    assert any(fault.startswith(found) for fault in faults_of(visitor, [Screen.PHONE]))


def test_a_focus_that_does_not_show_is_found(publish: Publish, arrive: Arrive) -> None:
    publish("<a href='/' id='a'>a</a><link rel='stylesheet' href='/static/css/site.css'><div class='card-title'></div>")
    visitor = arrive(Screen.DESK)
    visitor.open("/bad")
    visitor.page.evaluate("document.querySelector('.card-title').append(document.querySelector('#a'))")

    with pytest.raises(AssertionError, match="focus does not show"):
        Keyboard(visitor.page).reach(visitor.page.locator("#a"))


def test_what_the_tab_key_never_reaches_is_told(publish: Publish, arrive: Arrive) -> None:
    publish(
        "<link rel='stylesheet' href='/static/css/site.css'><a href='/'>a</a><a href='/' tabindex='-1' id='b'>b</a>"
    )
    visitor = arrive(Screen.DESK)
    visitor.open("/bad")

    with pytest.raises(NotReached):
        Keyboard(visitor.page).reach(visitor.page.locator("#b"))
