"""Every route names its permission, every permission is somebody's and guards something."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.permissions import Permission, Viewer
from app.policy import POLICY
from app.web.guards import PUBLIC, SIGNED_IN, RouteUnguarded, access_of
from tests.web.browsing import signed_in


def _access(app: Flask) -> dict[str, Permission | str | None]:
    return {rule.endpoint: access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}


@pytest.mark.only("sqlite")
def test_every_route_names_its_permission_or_is_public(app: Flask) -> None:
    unnamed = [endpoint for endpoint, access in _access(app).items() if access is None]

    assert unnamed == []


@pytest.mark.only("sqlite")
def test_every_permission_of_a_route_is_given_to_some_role(app: Flask) -> None:
    given = {permission.key for permissions in POLICY.values() for permission in permissions}
    asked = {access.key for access in _access(app).values() if isinstance(access, Permission)}

    assert asked - given == set()


@pytest.mark.only("sqlite")
def test_every_permission_that_a_role_has_guards_a_route(app: Flask) -> None:
    given = {permission.key for permissions in POLICY.values() for permission in permissions}
    asked = {access.key for access in _access(app).values() if isinstance(access, Permission)}

    assert given - asked == set()


def test_approvals_numbers_in_clear_and_grants_ask_for_the_second_factor() -> None:
    careful = {one.key for permissions in POLICY.values() for one in permissions if one.needs_step_up}

    assert careful == {
        "agents.manage",
        "complaints.decide",
        "corrections.approve",
        "fees.approve",
        "growers.verify",
        "growers.unmask",
        "messages.codes",
        "payments.confirm",
        "payouts.export",
        "payouts.return",
        "people.grant",
        "people.unmask",
        "purse.verify",
        "purse.unmask",
        "recalls.lift",
        "recalls.make",
        "recalls.unmask",
        "returns.decide",
        "settlements.approve",
    }


@pytest.mark.only("sqlite")
def test_a_route_that_names_nothing_is_refused(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    with pytest.raises(RouteUnguarded), app.test_request_context("/forgotten"):
        app.preprocess_request()


def _plain_gets(app: Flask) -> list[tuple[str, Permission | str | None]]:
    return [
        (rule.rule, access_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or set())
    ]


def test_a_visitor_sees_public_pages_and_is_sent_to_sign_in_for_the_others(app: Flask, client: FlaskClient) -> None:
    for url, access in _plain_gets(app):
        answer = client.get(url)
        wanted = {200, 302, 303} if access == PUBLIC else {303}
        assert answer.status_code in wanted, (url, answer.status_code)
        if access != PUBLIC:
            assert answer.headers["Location"].startswith("/sign-in?next="), url


def test_each_role_opens_what_it_may_and_nothing_else(
    app: Flask, li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, sun: Viewer, zhou: Viewer
) -> None:
    for who in (li, wang, zhao, qian, sun, zhou):
        client = signed_in(app, who)
        for url, access in _plain_gets(app):
            may = access in (PUBLIC, SIGNED_IN) or (isinstance(access, Permission) and who.may(access))
            status = client.get(url).status_code
            assert (status != 403) == may, (who.name, url, status)
            assert status < 500, (who.name, url)
