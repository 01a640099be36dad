"""Agents and mandates through their pages: grower, agent and township; whatever is typed, it is no fault."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.people.agents import codes
from app.people.agents.models import Agent, Mandate
from app.people.agents.states import MandateState
from tests.cast import seen_anew, shop_of
from tests.people.agents.helping import acting_for, an_agent, ask, give, phone_of
from tests.people.test_hostile_values import HOSTILE
from tests.web.browsing import PageForm, form_to, signed_in


def a_photo() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "JPEG")
    out.seek(0)
    return out, "paper.jpg"


def mandates() -> list[MandateState]:
    session().rollback()
    return list(session().scalars(select(Mandate.state).order_by(Mandate.id)))


def count(kind: type[Agent] | type[Mandate]) -> int:
    session().rollback()
    return session().scalars(select(func.count()).select_from(kind)).one()


def asked_form(client: FlaskClient, grower: Viewer, way: str) -> tuple[str, dict[str, str]]:
    form = form_to(client, "/agent/mandates/new", "/agent/mandates/new")
    return form.action, {**form.fields, "phone": phone_of(grower), "days": "180", "way": way}


def test_an_agent_asks_by_code_and_types_what_the_grower_reads_to_him(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    client = signed_in(app, agent)
    action, filled = asked_form(client, wang, "by_phone_code")
    assert client.post(action, data=filled).status_code == 303
    session().rollback()
    (mandate,) = session().scalars(select(Mandate)).all()
    form = form_to(client, "/agent/", f"/agent/mandates/{mandate.id}/code")

    assert client.post(form.action, data={**form.fields, "code": codes.of(mandate) or ""}).status_code == 303
    assert seen_anew(agent.person_id).agent_for == {shop_of(wang).id}


def test_a_paper_goes_from_the_agents_phone_to_the_townships_desk(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    client, clerk = signed_in(app, agent), signed_in(app, zhao)
    action, filled = asked_form(client, wang, "on_paper")
    answer = client.post(action, data={**filled, "photo": a_photo()}, content_type="multipart/form-data")
    assert answer.status_code == 303
    session().rollback()
    (mandate,) = session().scalars(select(Mandate)).all()
    page = f"/desk/agents/mandates/{mandate.id}"
    assert page in clerk.get("/desk/agents").text
    assert page in clerk.get("/desk/pending").text
    assert clerk.get(f"{page}/paper").content_type == "image/jpeg"
    form = form_to(clerk, page, f"{page}/confirmation")

    assert clerk.post(form.action, data={**form.fields, "because": "打电话问过本人"}).status_code == 303
    assert mandates() == [MandateState.IN_FORCE]


def test_only_officials_of_the_place_see_a_paper(
    app: Flask, wang: Viewer, gao: Viewer, zhao: Viewer, sun: Viewer
) -> None:
    agent = an_agent(named_by=zhao)
    client = signed_in(app, agent)
    action, filled = asked_form(client, wang, "on_paper")
    client.post(action, data={**filled, "photo": a_photo()}, content_type="multipart/form-data")
    session().rollback()
    number = session().scalars(select(Mandate.id)).one()

    for stranger in (agent, wang, gao, sun):
        assert signed_in(app, stranger).get(f"/desk/agents/mandates/{number}/paper").status_code == 403


def test_a_paper_without_its_picture_is_refused_at_the_field(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    client = signed_in(app, an_agent(named_by=zhao))
    action, filled = asked_form(client, wang, "on_paper")

    answer = client.post(action, data=filled, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "请拍一张签了字" in answer.text
    assert mandates() == []


def test_five_equal_taps_ask_once(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    client = signed_in(app, an_agent(named_by=zhao))
    action, filled = asked_form(client, wang, "by_phone_code")

    for _ in range(5):
        assert client.post(action, data=filled).status_code == 303
    assert mandates() == [MandateState.ASKED]


def test_a_grower_chooses_an_agent_only_with_the_tick(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    an_agent(named_by=zhao)
    grower = signed_in(app, wang)
    form = form_to(grower, "/grower/agents", "/grower/agents")
    who = f"{shop_of(wang).id}:{session().scalars(select(Agent.id)).one()}"

    without = grower.post(form.action, data={**form.fields, "who": who, "days": "90"})
    assert (without.status_code, mandates()) == (422, [])
    assert grower.post(form.action, data={**form.fields, "who": who, "days": "90", "consent": "y"}).status_code == 303
    assert mandates() == [MandateState.IN_FORCE]
    assert "高二牛" in grower.get("/grower/agents").text


def test_a_grower_stops_an_agent_with_one_tap_and_one_more(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    mandate = give(wang, an_agent(named_by=zhao))
    grower = signed_in(app, wang)
    stop = f"/grower/agents/{mandate.id}/withdrawal"
    assert stop in grower.get("/grower/agents").text

    form = form_to(grower, stop, stop)
    assert grower.post(form.action, data=form.fields).status_code == 303
    assert mandates() == [MandateState.WITHDRAWN]


def test_a_grower_answers_what_an_agent_asked(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    mandate = ask(wang, an_agent(named_by=zhao))
    grower = signed_in(app, wang)
    form = form_to(grower, "/grower/agents", f"/grower/agents/{mandate.id}/refusal")

    assert grower.post(form.action, data=form.fields).status_code == 303
    assert mandates() == [MandateState.REFUSED]


def test_a_township_names_an_agent_and_ends_it(app: Flask, wang: Viewer, li: Viewer, zhao: Viewer) -> None:
    clerk = signed_in(app, zhao)
    form = form_to(clerk, "/desk/agents", "/desk/agents")
    filled = {**form.fields, "phone": phone_of(li), "place": "141125107:", "days": "365", "because": "村里推选的"}
    assert clerk.post(form.action, data=filled).status_code == 303
    session().rollback()
    number = session().scalars(select(Agent.id)).one()
    form = form_to(clerk, f"/desk/agents/{number}", f"/desk/agents/{number}/end")

    assert clerk.post(form.action, data={**form.fields, "because": "不想做了"}).status_code == 303
    assert "已停" in clerk.get("/desk/agents").text


def test_an_auditor_reads_and_changes_nothing(app: Flask, wang: Viewer, zhao: Viewer, sun: Viewer) -> None:
    mandate = give(wang, an_agent(named_by=zhao))
    auditor = signed_in(app, sun)

    page = auditor.get(f"/desk/agents/mandates/{mandate.id}")

    assert page.status_code == 200
    assert "/withdrawal" not in page.text


def hostile(client: FlaskClient, form: PageForm, filled: dict[str, str]) -> None:
    for field in filled:
        for value in HOSTILE:
            answer = client.post(form.action, data={**form.fields, **filled, field: value})
            assert answer.status_code < 500, (form.action, field, value[:40])
            assert "<script>alert" not in answer.text


@pytest.mark.only("sqlite")
def test_hostile_values_in_asking_ask_nobody(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    client = signed_in(app, an_agent(named_by=zhao))
    form = form_to(client, "/agent/mandates/new", "/agent/mandates/new")

    hostile(client, form, {"phone": "13900009999", "days": "90", "way": "by_phone_code"})

    assert count(Mandate) == 0


@pytest.mark.only("sqlite")
def test_hostile_values_in_naming_name_nobody(app: Flask, li: Viewer, zhao: Viewer) -> None:
    client = signed_in(app, zhao)
    form = form_to(client, "/desk/agents", "/desk/agents")

    hostile(client, form, {"phone": "13900009999", "place": "141125107:", "days": "90", "because": "村里推选的"})

    assert count(Agent) == 0


@pytest.mark.only("sqlite")
def test_hostile_values_in_giving_give_nothing(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    an_agent(named_by=zhao)
    client = signed_in(app, wang)
    form = form_to(client, "/grower/agents", "/grower/agents")

    hostile(client, form, {"who": "0:0", "days": "90"})

    assert count(Mandate) == 0


@pytest.mark.only("sqlite")
def test_hostile_values_in_a_code_and_in_addresses_are_no_fault(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)
    client = signed_in(app, agent)
    form = form_to(client, "/agent/", f"/agent/mandates/{mandate.id}/code")

    hostile(client, form, {"code": "000000"})
    for value in HOSTILE[:12]:
        assert client.get("/grower/orders", query_string={"for": value}).status_code < 500
    assert mandates() == [MandateState.ASKED]


def test_an_agents_list_of_orders_is_of_one_grower_where_he_asks_so(app: Flask, wang: Viewer, zhao: Viewer) -> None:
    client = signed_in(app, acting_for(wang, named_by=zhao))

    assert client.get(f"/grower/orders?for={shop_of(wang).slug}").status_code == 200
    assert client.get("/grower/orders?for=%00").status_code == 200
