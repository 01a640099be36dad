"""Somebody before a screen: opens pages, taps, types, and notices what a page must never do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, ViewportSize

from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts_queries
from tests.cast import PASSWORD

PATIENCE_MS = 30_000
OWN_DATA = ("data:", "blob:", "about:")


class WentWrong(AssertionError):
    """A page did what no page may do."""


class Screen(Enum):
    """What the visitor holds in his hand or has on his table."""

    PHONE = (360, 740)
    NARROW = (320, 640)
    DESK = (1280, 800)

    @property
    def size(self) -> ViewportSize:
        """Width and height in CSS pixels."""
        width, height = self.value
        return {"width": width, "height": height}


@dataclass
class Visitor:
    """A browser window of somebody's own, with the taps he made so far and whatever went wrong in it."""

    page: Page
    address: str
    taps: int = 0
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Go there by the address line; the status of the answer."""
        response = self.page.goto(self.address + path)
        assert response is not None
        return response.status

    def tap(self, target: Locator) -> None:
        """Tap a link or a button, count it, and wait for the page that it leads to."""
        self.taps += 1
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            target.click()

    def press(self, button: str) -> None:
        """Tap the button of this name in the page's own part."""
        self.tap(self.page.locator("main").get_by_role("button", name=button, exact=True))

    def follow(self, link: str) -> None:
        """Tap the first link of this name in the page's own part."""
        self.tap(self.page.locator("main").get_by_role("link", name=link).first)

    def write(self, label: str, text: str) -> None:
        """Fill the field in, replacing what it holds."""
        self.page.locator("main").get_by_label(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by the words that are read there."""
        self.page.locator("main").get_by_label(label).select_option(label=option)

    def path(self) -> str:
        """Where he is, without host and query."""
        return urlsplit(self.page.url).path

    def amount(self, name: str) -> int:
        """The exact fen of the sum with this label."""
        row = self.page.locator("main .sum, main .facts div").filter(has_text=name)
        return int(row.last.locator("data").get_attribute("value") or "")

    def sign_in(self, who: Viewer) -> None:
        """Sign in through the door, from the form that is on the page."""
        self.write("手机号", accounts_queries.phone_of(accounts_queries.person(who.person_id)))
        self.write("密码", PASSWORD)
        self.press("登录")

    def is_too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@contextmanager
def visiting(browser: Browser, address: str, screen: Screen, *, scripts: bool = True) -> Iterator[Visitor]:
    """A window that nobody used before. Raises `WentWrong` at its end if a page in it did what no page may do."""
    context = browser.new_context(
        viewport=screen.size,
        has_touch=screen is not Screen.DESK,
        java_script_enabled=scripts,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(context.new_page(), address)
    _watch(visitor)
    try:
        yield visitor
    finally:
        context.close()
    if visitor.wrong:
        raise WentWrong("\n".join(visitor.wrong))


def _watch(visitor: Visitor) -> None:
    """Note errors of scripts and policies, parts that are missing, and whatever is asked of another host."""

    def heard(message: ConsoleMessage) -> None:
        # A refused form answers 4xx, which Chromium calls an error of the network; missing parts are noted below.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            visitor.wrong.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((visitor.address + "/", *OWN_DATA)):
            visitor.wrong.append(f"another host: {request.url}")

    def answered(response: Response) -> None:
        # What a script sends for a form may be refused as the form itself.
        is_part = not response.request.is_navigation_request() and response.request.method == "GET"
        if response.status >= 500 or (is_part and response.status >= 400):
            visitor.wrong.append(f"{response.status}: {response.url}")

    visitor.page.on("console", heard)
    visitor.page.on("pageerror", lambda error: visitor.wrong.append(f"script: {error}"))
    visitor.page.on("request", asked)
    visitor.page.on("response", answered)
