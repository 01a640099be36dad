"""A Chromium, and the product behind a port of its own for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from app.kernel import cache
from app.kernel.db import Database
from app.web import ready
from tests.browser.site import open_site
from tests.browser.visitor import Screen, Visitor, visiting
from tests.cast import county, gao, gift_box, hu, li, qian, sun, wang, zhao, zhou
from tests.services.chromium import find_chromium

__all__ = ["county", "gao", "gift_box", "hu", "li", "qian", "sun", "wang", "zhao", "zhou"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Arrive = Callable[..., Visitor]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of this package."""
    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(app: Flask, county: Database) -> Iterator[str]:
    """The address of the product on the test's own county; public pages come ready-made, as `wsgi.py` has it."""
    cache.forget()
    ready.keep(app, seconds=1.0)
    with open_site(app) as address:
        yield address


@pytest.fixture
def arrive(browser: Browser, site: str) -> Iterator[Arrive]:
    """Opens a fresh window: `arrive()`, `arrive(Screen.DESK)`, `arrive(scripts=False)`."""
    with ExitStack() as windows:

        def new_window(screen: Screen = Screen.PHONE, *, scripts: bool = True) -> Visitor:
            return windows.enter_context(visiting(browser, site, screen, scripts=scripts))

        yield new_window
