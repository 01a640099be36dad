"""The doors: at the scale, at home, on the street, at the township."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.people.accounts.states import Role
from app.trade.intakes import objections, queries
from app.trade.intakes.models import Intake, PurchasePoint
from app.trade.intakes.states import IntakeState
from app.trade.lots import queries as lots
from tests.cast import SANJIAO, a_viewer, answer, shop_of
from tests.trade.intakes.cast import FIRST, UNGRADED, accepted, fresh
from tests.web.browsing import form_to, signed_in


def sent(client: FlaskClient, page: str, action: str, **typed: str) -> tuple[int, str, str]:
    """The form of a page, filled in and sent: status, place, and what was shown."""
    form = form_to(client, page, action)
    got = client.post(action, data={**form.fields, **typed})
    return got.status_code, got.headers.get("Location", ""), got.text


def test_a_point_its_prices_and_a_whole_delivery_go_through_the_doors(app: Flask, he: Viewer, wang: Viewer) -> None:
    client = signed_in(app, he)
    point = {"name": "三交收购点", "township": SANJIAO, "place": "镇口大磅旁"}
    status, place, _text = sent(client, "/grower/points/new", "/grower/points/new", **point)
    assert status == 303
    slug = place.split("/")[-2]
    lines = {
        "variety_0": "muzao",
        "grade_0": FIRST,
        "price_0": "3.50",
        "variety_1": "muzao",
        "grade_1": UNGRADED,
        "price_1": "2",
    }
    assert sent(client, place, place, **lines)[:2] == (303, f"/grower/points/{slug}")

    at = f"/grower/intakes/at/{slug}"
    assert shop_of(wang).slug in client.get(f"{at}?q=王枣林").text
    ticket = {
        "variety": "muzao",
        "village": "南垣村",
        "ticket": "B-17",
        "unit": "kg",
        "gross": "1500",
        "tare": "500.5",
        "is_member": "y",
    }
    status, place, _text = sent(client, f"{at}?grower={shop_of(wang).slug}", at, **ticket)
    assert status == 303
    number = place.split("/")[-2]
    grades = {
        "presence": "self",
        "present_name": "王枣林",
        f"weight_{FIRST}": "600",
        f"weight_{UNGRADED}": "350.5",
        "impurities": "49",
    }
    assert sent(client, place, place, **grades)[0] == 303
    here = f"/grower/intakes/{number}"
    assert sent(client, here, f"{here}/acceptance")[0] == 303
    assert sent(client, here, f"{here}/store", place="一号库")[0] == 303
    assert sent(client, here, f"{here}/payments", amount="100", way="cash")[0] == 303

    intake = queries.intake_of_buyer(he, number)
    assert (intake.state, intake.net.grams, intake.total.fen) == (IntakeState.IN_STORE, 999_500, 420_000 + 140_200)
    assert intake.is_member
    assert queries.left_of(intake).fen == 550_200
    assert "王枣林" in client.get(f"{here}/slip").text


def test_a_form_that_is_sent_twice_makes_one_delivery(
    app: Flask, he: Viewer, wang: Viewer, point: PurchasePoint
) -> None:
    client = signed_in(app, he)
    at = f"/grower/intakes/at/{point.slug}"
    form = form_to(client, f"{at}?grower={shop_of(wang).slug}", at)
    ticket = {"variety": "muzao", "village": "南垣村", "ticket": "B-1", "unit": "jin", "gross": "30", "tare": "0"}
    first = client.post(at, data={**form.fields, **ticket})
    again = client.post(at, data={**form.fields, **ticket})

    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert answer("SELECT sum(net) FROM intakes") == 15_000


def test_a_ticket_that_is_taken_is_refused_with_a_sentence(
    app: Flask, he: Viewer, wang: Viewer, weighed: Intake, point: PurchasePoint
) -> None:
    at = f"/grower/intakes/at/{point.slug}"
    typed = {"variety": "muzao", "village": "村", "ticket": weighed.ticket, "gross": "9", "tare": "1"}

    status, _place, text = sent(signed_in(app, he), f"{at}?grower={shop_of(wang).slug}", at, **typed)

    assert status == 409
    assert weighed.number in text


def test_nothing_posted_is_a_sentence_and_not_an_empty_list(
    app: Flask, he: Viewer, wang: Viewer, bare_point: PurchasePoint
) -> None:
    at = f"/grower/intakes/at/{bare_point.slug}"
    typed = {"variety": "muzao", "village": "村", "ticket": "1", "gross": "9", "tare": "1"}

    status, _place, text = sent(signed_in(app, he), f"{at}?grower={shop_of(wang).slug}", at, **typed)

    assert status == 409
    assert "收购牌价" in text


def test_grading_without_anybody_present_is_refused_at_its_place(app: Flask, he: Viewer, weighed: Intake) -> None:
    page = f"/grower/intakes/{weighed.number}/grading"

    status, _place, text = sent(signed_in(app, he), page, page, **{f"weight_{FIRST}": "1000"})

    assert (status, fresh(weighed).state) == (422, IntakeState.WEIGHED)
    assert "没人在场不能分级" in text


def test_weights_that_do_not_add_up_say_by_how_much(app: Flask, he: Viewer, weighed: Intake) -> None:
    page = f"/grower/intakes/{weighed.number}/grading"
    typed = {"presence": "family", "present_name": "王小林", f"weight_{FIRST}": "999"}

    status, _place, text = sent(signed_in(app, he), page, page, **typed)

    assert status == 422
    assert "差 1000 克" in text


def test_a_household_is_told_that_it_cannot_buy(app: Flask, wang: Viewer) -> None:
    client = signed_in(app, wang)

    assert "只有核实过的合作社" in client.get("/grower/intakes").text
    assert client.get("/grower/points/new").status_code == 409


def test_a_stranger_sees_neither_point_nor_delivery(
    app: Flask, gao: Viewer, priced: Intake, point: PurchasePoint
) -> None:
    client = signed_in(app, gao)

    for page in (
        f"/grower/intakes/{priced.number}",
        f"/grower/deliveries/{priced.number}",
        f"/grower/points/{point.slug}",
    ):
        assert client.get(page).status_code == 404, page


def test_the_grower_sees_his_delivery_and_objects(app: Flask, he: Viewer, wang: Viewer, priced: Intake) -> None:
    accepted(priced, by=he)
    client = signed_in(app, wang)
    here = f"/grower/deliveries/{priced.number}"

    assert priced.number in client.get("/grower/deliveries").text
    assert sent(client, here, f"{here}/objections", words="皮重多算了")[0] == 303

    assert "皮重多算了" in client.get(here).text
    buyers = f"/grower/intakes/{priced.number}"
    assert sent(signed_in(app, he), buyers, f"{buyers}/answer", words="复秤过了")[0] == 303
    assert "复秤过了" in client.get(here).text
    assert client.get(f"{here}/slip").status_code == 200


def test_the_township_reads_deliveries_and_objections_of_its_own_points(
    app: Flask, he: Viewer, wang: Viewer, zhao: Viewer, priced: Intake
) -> None:
    accepted(priced, by=he)
    with transaction():
        objections.make(priced.number, words="等级不对", by=wang)
    here = a_viewer("乡干部", (Role.TOWNSHIP, f"township:{SANJIAO}"))

    client = signed_in(app, here)
    assert "还没答复" in client.get("/desk/intakes").text
    assert "等级不对" in client.get(f"/desk/intakes/{priced.number}").text
    other = signed_in(app, zhao)
    assert priced.number not in other.get("/desk/intakes").text
    assert other.get(f"/desk/intakes/{priced.number}").status_code == 404


def test_anybody_reads_the_prices_of_today_and_of_before(app: Flask, point: PurchasePoint) -> None:
    client = app.test_client()

    for page in ("/purchase-points", f"/purchase-points/{point.slug}", f"/purchase-points/{point.slug}/board"):
        text = client.get(page).text
        assert '<data value="350">' in text, page
    assert "每公斤 110 粒以内" in text


@pytest.mark.parametrize("unit", [("jin", "30.001"), ("kg", "30.0001")])
def test_a_weight_finer_than_its_unit_is_refused(
    app: Flask, he: Viewer, wang: Viewer, point: PurchasePoint, unit: tuple[str, str]
) -> None:
    at = f"/grower/intakes/at/{point.slug}"
    typed = {"variety": "muzao", "village": "村", "ticket": "1", "unit": unit[0], "gross": unit[1], "tare": "0"}

    status, _place, _text = sent(signed_in(app, he), f"{at}?grower={shop_of(wang).slug}", at, **typed)

    assert status == 422
    assert answer("SELECT count(*) FROM intakes") == 0


def test_a_certificate_is_written_and_printed_in_two_copies(app: Flask, he: Viewer, priced: Intake) -> None:
    accepted(priced, by=he)
    (line, _other) = queries.lines_of(fresh(priced))
    code = lots.lots([line.lot_id or 0])[line.lot_id or 0].code
    client = signed_in(app, he)
    here = f"/grower/certificates/{code}"

    assert sent(client, here, here, contact="0358-0000000")[0] == 303

    text = client.get(here).text
    assert text.count("0358-0000000") >= 2
    assert answer("SELECT count(*) FROM lots WHERE certificate_sha256 IS NOT NULL") == 1
