"""One listing that a poor line sends five times at once, with real threads; beside it the same without its guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.kernel import once
from app.kernel.permissions import Viewer
from tests.cast import answer
from tests.races.crowd import together
from tests.web.browsing import forms_of, signed_in

pytestmark = [pytest.mark.durable, pytest.mark.timeout(180)]
NEW = "/grower/listings/new"
SENDINGS = 5
DONE, STILL_RUNNING, BUSY = 303, 409, 503


def _sendings(app: Flask, grower: Viewer) -> list[Callable[[], int]]:
    """The same form, filled in the same way, sent from one phone as often; each gives the status of its answer."""
    phone = signed_in(app, grower)
    (form,) = [one for one in forms_of(phone, NEW) if "net" in one.fields]
    filled = {**form.fields, "variety": "muzao", "net": "5", "pieces": "3", "price": "39.90", "village": "南垣村"}
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = phone.get_cookie(name)
    assert cookie is not None

    def send() -> int:
        while True:
            client = app.test_client(use_cookies=False)
            status = client.post(NEW, data=filled, headers={"Cookie": f"{name}={cookie.value}"}).status_code
            if status not in (STILL_RUNNING, BUSY):
                return status

    return [send] * SENDINGS


def test_a_listing_that_is_sent_five_times_at_once_is_one(app: Flask, wang: Viewer) -> None:
    answers = together(_sendings(app, wang))

    assert answers == [DONE] * SENDINGS
    assert answer("SELECT COUNT(*) FROM packs") == 1
    assert answer("SELECT COUNT(*) FROM lots") == 1


def test_without_its_key_a_listing_that_is_sent_five_times_is_five(
    app: Flask, wang: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "earlier_answer", lambda asked, *, answer: None)

    answers = together(_sendings(app, wang))

    assert answers == [DONE] * SENDINGS
    assert answer("SELECT COUNT(*) FROM packs") == SENDINGS
