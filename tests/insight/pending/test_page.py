"""The page of what waits, and its counter on the desk."""

import pytest
from flask import Flask

from app.kernel.permissions import Viewer
from tests.cast import at, later, shop_of
from tests.insight.pending.things import apply, give_account, propose
from tests.web.browsing import read, signed_in


@pytest.mark.parametrize("name", ["li", "wang", "sun", "zhou"])
def test_who_decides_nothing_is_told_so_and_led_nowhere(
    request: pytest.FixtureRequest, app: Flask, name: str, hu: Viewer
) -> None:
    apply(hu)
    client = signed_in(app, request.getfixturevalue(name))

    assert "没有等您办的事" in client.get("/desk/pending").text
    assert "/desk/pending" not in client.get("/desk/").text


def test_the_desk_counts_what_waits(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    give_account(wang)
    propose(wang)

    assert '<b class="count"><span class="hush">等着办</span>2</b>' in signed_in(app, zhao).get("/desk/").text


def test_the_page_says_how_long_each_waits_and_leads_to_where_it_is_decided(
    app: Flask, li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    seller = apply(li)
    name = shop_of(wang).name
    with at(later(days=5)):
        propose(wang)
        client = signed_in(app, zhao)
        page = client.get("/desk/pending").text
        _forms, links = read(page, "/desk/pending")

        assert "等了 5 天" in page
        assert "今天" in page
        assert name in page
        assert f"/desk/growers/{seller.id}" in links
        assert {client.get(link).status_code for link in links if link.startswith("/desk/growers/")} == {200}


@pytest.mark.parametrize("kind", ["accounts", "nothing", "", "\0", "枣", "' OR 1=1 --"])
def test_any_kind_in_the_address_is_answered(app: Flask, wang: Viewer, zhao: Viewer, kind: str) -> None:
    propose(wang)

    assert signed_in(app, zhao).get("/desk/pending", query_string={"kind": kind}).status_code == 200
