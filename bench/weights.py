"""What a first visit weighs on the line, and how many statements each page costs."""

from __future__ import annotations

import gzip
import re
import tempfile
from pathlib import Path

from app.cli import migrate
from app.factory import create_app
from bench.pages import MOST, PAGES, SHELF, WARM_SHELF, Book, Page, Reader
from config import Settings
from tests.services.postgres import PostgresCluster

FIRST_WINDOW = 14 * 1024
FIRST_LOAD = 30 * 1024
_WEIGHED = (Page("/"), SHELF, Page("/packs/{pack}"), Page("/grower/listings/new", Reader.SELLER))
_ASSET = re.compile(r'(?:src|href)="/static/([^"?#]+)')


def show() -> None:
    """Print both tables, for a county of 30 packs in a database of its own."""
    with tempfile.TemporaryDirectory(prefix="liulin-bench-") as folder, PostgresCluster() as cluster:
        cluster.create_database("weights")
        url = cluster.url("weights")
        migrate(url)
        settings = Settings.from_env(
            {"DATABASE_URL": url, "INSTANCE_DIR": folder, "PUBLIC_URL": "http://localhost", "LOG_LEVEL": "ERROR"}
        )
        app = create_app(settings)
        book = Book(app)
        book.grow(packs=2, orders=1)
        few = {page: len(book.statements(page)) for page in PAGES}
        book.grow(packs=28, orders=6)
        _show_weights(book)
        _show_statements(few, {page: len(book.statements(page)) for page in PAGES})
        app.extensions["liulin.database"].dispose()


def _show_weights(book: Book) -> None:
    print("首次打开，压缩后字节 · first visit, bytes after gzip")
    print(f"{'page':<28}{'HTML':>8}{'CSS':>8}{'JS':>8}{'SVG':>8}{'HTML+CSS':>10}{'all':>8}")
    for page in _WEIGHED:
        html = book.open(page)
        parts = {"css": 0, "js": 0, "svg": 0}
        for name in sorted(set(_ASSET.findall(gzip.decompress(html).decode()))):
            parts[Path(name).suffix.removeprefix(".")] += book.weight(f"/static/{name}")
        window, whole = len(html) + parts["css"], len(html) + sum(parts.values())
        marks = ("" if window <= FIRST_WINDOW else " > 14 kB") + ("" if whole <= FIRST_LOAD else " > 30 kB")
        print(
            f"{page.path:<28}{len(html):>8}{parts['css']:>8}{parts['js']:>8}{parts['svg']:>8}"
            f"{window:>10}{whole:>8}{marks}"
        )
    print(f"W1: HTML+CSS ≤ {FIRST_WINDOW}, all ≤ {FIRST_LOAD}, without photos\n")


def _show_statements(few: dict[Page, int], many: dict[Page, int]) -> None:
    print(f"SQL 语句数（热），2 件和 30 件 · warm SQL statements with 2 and with 30 packs, at most {MOST}")
    print(f"{'page':<62}{'reader':<10}{'2':>4}{'30':>4}")
    for page in PAGES:
        most = WARM_SHELF if page == SHELF else page.most
        mark = "" if few[page] == many[page] <= most else "  !"
        print(f"{page.path:<62}{page.reader.name.lower():<10}{few[page]:>4}{many[page]:>4}{mark}")
