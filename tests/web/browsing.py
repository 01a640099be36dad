"""Browsing without a screen: signing in, finding the forms of a page, filling them as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from tests.cast import PASSWORD


@dataclass
class PageForm:
    """A form as it stands on a page: where it goes, and what it would send untouched."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def typed(self) -> list[str]:
        """The fields that a person fills in."""
        return [name for name, kind in self.kinds.items() if kind not in ("hidden", "submit")]


class _Reader(HTMLParser):
    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.forms: list[PageForm] = []
        self.links: list[str] = []
        self._open: PageForm | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self._open = PageForm(given.get("action") or self.here, given.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "button" and name:
            self._open.fields.setdefault(name, given.get("value", ""))
            self._open.kinds.setdefault(name, "submit")
        elif tag == "select" and name:
            self._select = name
            self._open.kinds[name] = "select"
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open.fields):
            self._open.fields[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            self._area = name
            self._open.kinds[name] = "textarea"
            self._open.fields[name] = ""

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self._open is not None
        kind = given.get("type", "text")
        self._open.kinds[name] = kind
        if kind in ("radio", "checkbox"):
            if "checked" in given:
                self._open.fields[name] = given.get("value", "y")
        elif kind != "file":
            self._open.fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open.fields[self._area] += data.strip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def read(html: str, here: str) -> tuple[list[PageForm], list[str]]:
    """The forms and the links of a page."""
    reader = _Reader(here)
    reader.feed(html)
    return reader.forms, reader.links


def forms_of(client: FlaskClient, url: str) -> list[PageForm]:
    """The forms of a page that must answer 200, without those of header and footer."""
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    forms, _links = read(answer.text, url)
    return [form for form in forms if form.action != "/preferences"]


def form_to(client: FlaskClient, url: str, action: str) -> PageForm:
    """The one form of a page that goes to `action`."""
    (form,) = [one for one in forms_of(client, url) if one.action.split("?")[0] == action]
    return form


def signed_in(app: Flask, who: Viewer) -> FlaskClient:
    """A browser in which he has signed in through the door."""
    client = app.test_client()
    form = form_to(client, "/sign-in", "/sign-in")
    phone = accounts_queries.phone_of(accounts_queries.person(who.person_id))
    answer = client.post("/sign-in", data={**form.fields, "phone": phone, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def disable(who: Viewer, *, by: Viewer) -> None:
    """His account is closed."""
    with transaction():
        accounts.disable(who.person_id, by=by, because="离职")
