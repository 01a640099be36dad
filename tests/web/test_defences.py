"""What every answer carries and every request must keep to."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.web.security import local_path
from tests.web.browsing import form_to, read, signed_in

# No form of ours: who sends them proves himself otherwise, and is refused without that.
SIGNED_BY_THE_SENDER = {"webhooks.stripe"}


@pytest.mark.parametrize("url", ["/", "/shelf", "/nowhere", "/healthz", "/county.csv"])
@pytest.mark.only("sqlite")
def test_every_answer_carries_the_headers(client: FlaskClient, url: str) -> None:
    headers = client.get(url).headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-Id"]


@pytest.mark.only("sqlite")
def test_no_page_has_inline_script_or_style(client: FlaskClient, gift_box: Pack) -> None:
    for url in ("/", "/shelf", f"/packs/{gift_box.slug}", "/cart", "/county", "/sign-in", "/sign-up", "/nowhere"):
        html = client.get(url).text
        assert "style=" not in html, url
        assert " onclick=" not in html, url
        assert html.count("<script") == html.count('<script type="module" src='), url


@pytest.mark.only("sqlite")
def test_a_foreign_host_is_refused(client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def _some_values(rule: Rule) -> dict[str, object]:
    """Something for each argument of an address; whether it exists does not matter."""
    return {
        name: sorted(converter.items)[0] if isinstance(converter, AnyConverter) else converter.to_python("1")
        for name, converter in rule._converters.items()
        if name in rule.arguments
    }


def test_only_notices_that_are_signed_need_no_token(app: Flask) -> None:
    exempt = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/webhooks/")}

    assert exempt == SIGNED_BY_THE_SENDER


def test_every_post_without_its_token_is_refused(app: Flask, li: Viewer, qian: Viewer, wang: Viewer) -> None:
    for who in (li, qian, wang):
        client = signed_in(app, who)
        for rule in app.url_map.iter_rules():
            if "POST" not in (rule.methods or set()) or rule.endpoint in SIGNED_BY_THE_SENDER:
                continue
            url = app.url_map.bind("localhost").build(rule.endpoint, _some_values(rule))
            answer = client.post(url, data={"quantity": "1"})
            assert answer.status_code == 403, (rule.rule, answer.status_code)


@pytest.mark.only("sqlite")
def test_a_form_of_another_visitor_is_refused(app: Flask, li: Viewer, hu: Viewer, gift_box: Pack) -> None:
    theirs = form_to(signed_in(app, hu), f"/packs/{gift_box.slug}", f"/cart/{gift_box.slug}")

    answer = signed_in(app, li).post(theirs.action, data=theirs.fields)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/ok\r\nSet-Cookie: a=b",
        "／／evil.example",
        "\\\\evil.example",
        "",
        None,
    ],
)
def test_only_a_path_of_ours_may_follow(target: str | None) -> None:
    assert local_path(target) == "/"


@pytest.mark.only("sqlite")
def test_a_page_leaves_compressed_for_those_who_accept_it(client: FlaskClient) -> None:
    answer = client.get("/shelf", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.only("sqlite")
def test_a_program_gets_problem_json(client: FlaskClient) -> None:
    answer = client.get("/packs/nothing", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "not_found"


@pytest.mark.only("sqlite")
def test_a_fault_shows_a_reference_and_nothing_of_its_insides(app: Flask, client: FlaskClient) -> None:
    def broken() -> str:
        raise RuntimeError("the secret of the house")

    broken.access = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/broken", "broken", broken)

    answer = client.get("/broken")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.only("sqlite")
def test_larger_type_and_kilograms_are_remembered(client: FlaskClient, gift_box: Pack) -> None:
    forms, _links = read(client.get("/shelf").text, "/shelf")
    form = next(one for one in forms if one.action == "/preferences")

    client.post("/preferences", data={**form.fields, "size": "large", "unit": "kg", "next": "/shelf"})
    html = client.get("/shelf").text

    assert '<html lang="zh-CN" class="large">' in html
    assert "2.5公斤" in html


def test_a_name_that_no_database_can_hold_names_nothing(app: Flask, qian: Viewer, wang: Viewer, li: Viewer) -> None:
    texts = [
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.arguments and rule.endpoint != "static"
    ]
    paths = [re.sub(r"\{[^}]*\}", "%00", one) for one in texts]

    for who in (qian, wang, li):
        client = signed_in(app, who)
        statuses = {path: client.get(path).status_code for path in paths}
        assert {path: status for path, status in statuses.items() if status not in (403, 404)} == {}
    assert len(paths) > 30
