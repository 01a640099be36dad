"""Photographs of the running product for the documentation: `make screenshots`.

The demo county is made in a temporary folder, served on a free port, and its main pages are taken on a phone and on a
desk into `docs/screenshots/`. Everything on them is example data.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from app.cli import migrate
from app.demo import service, sign_ins
from app.demo.cast import PARTS
from app.factory import create_app
from config import Settings
from tests.browser.conftest import FLAGS
from tests.browser.site import open_site
from tests.services.chromium import find_chromium

FOLDER = Path(__file__).parent / "screenshots"
SCREENS: dict[str, ViewportSize] = {"360": {"width": 360, "height": 740}, "1280": {"width": 1280, "height": 800}}
SHARPNESS = {"360": 2, "1280": 1}
MOST_SCREENFULS = 2
QUALITY = 70
MOST_BYTES = 2_500_000
MENGMEN = "141125107"
PUBLIC = {
    "home": "/",
    "shelf": "/shelf",
    "county-board": "/county",
    "township-board": f"/county/townships/{MENGMEN}",
}


@contextmanager
def demo_county(scale: float) -> Iterator[tuple[Flask, dict[str, str]]]:
    """The product on a demo county that is gone afterwards, and the passwords of its people."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_env({"INSTANCE_DIR": folder})
        migrate(settings.database_url)
        app = create_app(settings)
        passwords = sign_ins.new_passwords()
        with app.app_context():
            service.make(passwords, scale=scale, say=print)
        yield app, passwords
        app.extensions["liulin.database"].dispose()


def take_all(browser: Browser, address: str, passwords: dict[str, str]) -> None:
    """Every picture lies in the folder, those of earlier runs replaced."""
    for screen, size in SCREENS.items():
        context = browser.new_context(
            viewport=size,
            device_scale_factor=SHARPNESS[screen],
            reduced_motion="reduce",
            locale="zh-CN",
            base_url=address,
        )
        page = context.new_page()
        for name, path in PUBLIC.items():
            page.goto(path)
            _take(page, f"{name}-{screen}")
        _take_a_purchase(page, screen, passwords["buyer"])
        context.clear_cookies()
        _sign_in(page, "/grower/listings/new", "grower", passwords["grower"])
        _take(page, f"listing-{screen}")
        context.close()


def _take_a_purchase(page: Page, screen: str, password: str) -> None:
    page.goto("/shelf?q=特等")
    page.locator(".card:not(.is-out) .card-title a").first.click()
    page.get_by_role("button", name="放进购物篮").wait_for()
    _take(page, f"pack-{screen}")
    page.get_by_role("button", name="放进购物篮").click()
    page.get_by_role("link", name="去下单").wait_for()
    _sign_in(page, "/checkout", "buyer", password)
    _take(page, f"checkout-{screen}")


def _sign_in(page: Page, path: str, part: str, password: str) -> None:
    (phone,) = (one.phone for one in PARTS if one.key == part)
    page.goto(path)
    page.get_by_label("手机号").fill(phone)
    page.get_by_label("密码").fill(password)
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="登录").click()


def _take(page: Page, name: str) -> None:
    """The top of the open page, two screenfuls at most, as WebP."""
    page.evaluate("Promise.all([...document.images].map((img) => { img.loading = 'eager'; return img.decode(); }))")
    size = page.viewport_size
    assert size is not None
    length = min(page.evaluate("document.documentElement.scrollHeight"), size["height"] * MOST_SCREENFULS)
    clip = {"x": 0.0, "y": 0.0, "width": float(size["width"]), "height": float(length)}
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip)))  # type: ignore[arg-type]
    picture.save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)


def main(scale: float) -> int:
    """Take the pictures; 1 when they have become too heavy for a repository."""
    program = find_chromium()
    with demo_county(scale) as (app, passwords), open_site(app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        take_all(browser, address, passwords)
        browser.close()
    weight = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    print(f"{len(list(FOLDER.glob('*.webp')))} 张截图，共 {weight // 1000} kB，在 {FOLDER}")
    return 1 if weight > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1))
