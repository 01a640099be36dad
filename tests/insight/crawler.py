"""Open every number of the public board, page by page, and add its entries up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import Client


@dataclass(frozen=True)
class Mismatch:
    """A number that is not what stands behind it, or cannot be opened."""

    page: str
    url: str
    words: str


@dataclass
class Seen:
    """What a crawler needs of a page: figures with their links, totals, entries, the next page."""

    figures: list[tuple[str, int]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    next_url: str | None = None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self._figure: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        classes = named.get("class", "").split()
        if tag == "a":
            self._figure = named["href"] if "figure" in classes else None
            self.seen.links.append(named.get("href", ""))
            if "next" in named.get("rel", "").split():
                self.seen.next_url = named["href"]
        elif tag == "data":
            value = int(named["value"])
            if "total" in classes:
                self.seen.totals.append(value)
            elif "entry" in classes:
                self.seen.entries.append(value)
            elif self._figure is not None:
                self.seen.figures.append((self._figure, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._figure = None


class Refused(Exception):
    """A page that does not open."""


def read(client: Client, url: str) -> Seen:
    """The page at a path of this site. Raises `Refused`."""
    answer = client.get(url)
    if answer.status_code != 200:
        raise Refused(f"{answer.status_code}")
    reader = _Reader()
    reader.feed(answer.get_data(as_text=True))
    return reader.seen


def crawl(client: Client, start: str = "/county") -> list[Mismatch]:
    """Everything on the board and on its townships' pages that does not add up; empty when all does."""
    return list(mismatches(client, start))


def mismatches(client: Client, start: str = "/county") -> Iterator[Mismatch]:
    """What `crawl` finds, as it finds it."""
    home = read(client, start)
    townships = sorted({url for url in home.links if url.startswith("/county/townships/") and ".csv" not in url})
    if not home.figures or not townships:
        yield Mismatch(start, start, f"{len(home.figures)} figures, {len(townships)} townships")
    opened: dict[str, int | str] = {}
    for page in (start, *townships):
        for url, value in read(client, page).figures:
            if url not in opened:
                opened[url] = _behind(client, url)
            if opened[url] != value:
                yield Mismatch(page, url, f"shown {value}, behind it {opened[url]}")


def _behind(client: Client, url: str) -> int | str:
    """What the entries of all pages add up to, or what is wrong with them."""
    try:
        pages = list(_pages(client, url))
    except Refused as refused:
        return f"refused with {refused}"
    added = sum(sum(page.entries) for page in pages)
    for page in pages:
        if page.totals != [added]:
            return f"totals {page.totals}, entries {added}"
    return added


def _pages(client: Client, url: str) -> Iterator[Seen]:
    visited: set[str] = set()
    following: str | None = url
    while following is not None:
        if following in visited:
            raise Refused("pages that go in a circle")
        visited.add(following)
        page = read(client, following)
        yield page
        following = page.next_url
