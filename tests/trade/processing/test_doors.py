"""The doors of loose fruit, processing and the mark, as browsers without scripts open them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.permissions import Viewer
from app.trade.processing.states import Step
from tests.cast import answer, available, more_of, shop_of
from tests.trade.processing.cast import authorised, loose, loose_lot, marked_pack, right, run
from tests.web.browsing import form_to, forms_of, signed_in


@pytest.fixture
def grower(app: Flask, wang: Viewer) -> FlaskClient:
    return signed_in(app, wang)


def test_a_grower_takes_in_his_own_fruit_and_sees_it_once(grower: FlaskClient) -> None:
    form = form_to(grower, "/grower/lots/new", "/grower/lots/new")
    filled = {**form.fields, "weight": "100.002", "village": "南垣村"}

    first = grower.post(form.action, data=filled)
    grower.post(form.action, data=filled)

    assert first.status_code == 303, first.text
    assert answer("SELECT count(*) FROM lots") == 1
    assert answer("SELECT weight_in FROM lots") == 50_001
    assert "100.002" in grower.get("/grower/lots").text


def test_a_sheet_is_filled_and_the_run_is_in_the_books_once(grower: FlaskClient, wang: Viewer) -> None:
    lot = loose_lot(wang, 10_000)
    url = f"/grower/processing/new?step=sort&lot={lot.code}"
    form = form_to(grower, url, "/grower/processing/new")
    filled = {**form.fields, "made_0": "12", "made_1": "6", "loss": "2", "because": "坏果"}

    done = grower.post(form.action, data=filled)
    grower.post(form.action, data=filled)

    assert done.status_code == 303, done.text
    assert answer("SELECT count(*) FROM processing_runs") == 1
    assert loose(lot) == 0
    page = grower.get(done.headers["Location"])
    assert page.status_code == 200
    assert lot.code in page.text


def test_what_does_not_add_up_says_by_how_much_and_keeps_what_was_typed(grower: FlaskClient, wang: Viewer) -> None:
    lot = loose_lot(wang, 10_000)
    form = form_to(grower, f"/grower/processing/new?step=wash&lot={lot.code}", "/grower/processing/new")

    refused = grower.post(form.action, data={**form.fields, "made_0": "18.5", "loss": "1", "because": "杂质"})

    assert refused.status_code == 422
    assert "少了 0.5 斤" in refused.text
    assert 'value="18.5"' in refused.text
    assert answer("SELECT count(*) FROM processing_runs") == 0


def test_a_row_more_is_drawn_by_the_server(grower: FlaskClient, wang: Viewer) -> None:
    lot = loose_lot(wang, 10_000)
    form = form_to(grower, f"/grower/processing/new?step=mix&lot={lot.code}", "/grower/processing/new")

    more = grower.post(f"{form.action}&more=in", data={**form.fields, "used_0": "3"})

    assert more.status_code == 200
    assert 'name="lot_2"' in more.text
    assert 'value="3"' in more.text


def test_a_refusal_of_a_row_stands_at_the_row_of_the_page(grower: FlaskClient, wang: Viewer) -> None:
    first, second = loose_lot(wang, 1_000), loose_lot(wang, 1_000)
    form = form_to(grower, f"/grower/processing/new?step=mix&lot={first.code}", "/grower/processing/new")
    more = {**form.fields, "rows_in": "3", "lot_0": first.code, "lot_1": "", "lot_2": second.code, "used_2": "9"}

    refused = grower.post(form.action, data={**more, "made_0": "10", "loss": "0"})

    assert refused.status_code == 409
    assert 'id="used_2-error"' in refused.text


def test_a_mistake_is_taken_back_at_the_door(grower: FlaskClient, wang: Viewer) -> None:
    lot = loose_lot(wang, 1_000)
    number = run(wang, Step.WASH, [(lot, None)], [900], loss=100).number
    form = form_to(grower, f"/grower/processing/{number}", f"/grower/processing/{number}/undoing")

    short = grower.post(form.action, data={**form.fields, "because": "错"})
    done = grower.post(form.action, data={**form.fields, "because": "秤看错了"})

    assert (short.status_code, done.status_code) == (422, 303)
    assert loose(lot) == 1_000


def test_fruit_is_packed_and_written_off_at_the_doors(grower: FlaskClient, wang: Viewer) -> None:
    lot, pack = loose_lot(wang, 10_000), marked_pack(wang, bears_mark=False)
    fill = form_to(grower, f"/grower/lots/{lot.code}", f"/grower/lots/{lot.code}/packs")
    too_many = grower.post(fill.action, data={**fill.fields, "pieces": "5"})

    packed = grower.post(fill.action, data={**fill.fields, "pieces": "3"})
    again = grower.post(fill.action, data={**fill.fields, "pieces": "3"})
    lose = form_to(grower, f"/grower/lots/{lot.code}", f"/grower/lots/{lot.code}/losses")
    lost = grower.post(lose.action, data={**lose.fields, "weight": ""})

    assert (too_many.status_code, packed.status_code, again.status_code, lost.status_code) == (409, 303, 303, 303)
    assert "够装 4 件" in too_many.text
    assert available(pack) == 3
    assert loose(lot) == 0


def test_a_new_pack_under_the_mark_is_filled_from_a_lot(grower: FlaskClient, wang: Viewer, qian: Viewer) -> None:
    lot = loose_lot(wang, 10_000)
    url = f"/grower/lots/{lot.code}/packs/new"
    form = form_to(grower, f"/grower/lots/{lot.code}", url)
    assert "bears_mark" not in form.kinds
    good = {**form.fields, "product": "ganzhi-hongzao", "net": "5", "price": "68", "pieces": "3", "bears_mark": "y"}

    refused = grower.post(url, data=good)
    authorised(wang, by=qian)
    done = grower.post(url, data=good)

    assert (refused.status_code, done.status_code) == (422, 303), done.text
    assert answer("SELECT count(*) FROM packs WHERE bears_mark") == 1
    assert (loose(lot), right(lot)) == (2_500, 2_500)


def test_the_tick_for_the_mark_is_offered_to_who_may_use_it(grower: FlaskClient, wang: Viewer, qian: Viewer) -> None:
    assert 'name="bears_mark"' not in grower.get("/grower/listings/new").text
    authorised(wang, by=qian)

    form = form_to(grower, "/grower/listings/new", "/grower/listings/new")
    good = {"net": "5", "pieces": "2", "price": "68", "village": "南垣村", "variety": "muzao", "bears_mark": "y"}
    done = grower.post(form.action, data={**form.fields, **good})

    assert done.status_code == 303, done.text
    assert answer("SELECT count(*) FROM packs WHERE bears_mark") == 1


def test_a_stranger_sees_none_of_it(app: Flask, wang: Viewer, gao: Viewer) -> None:
    lot = loose_lot(wang, 1_000)
    number = run(wang, Step.WASH, [(lot, 500)], [500]).number
    stranger = signed_in(app, gao)

    for url in (f"/grower/lots/{lot.code}", f"/grower/processing/{number}"):
        assert stranger.get(url).status_code == 404
    form = form_to(stranger, "/grower/lots/new", "/grower/lots/new")
    for url in (f"/grower/lots/{lot.code}/losses", f"/grower/processing/{number}/undoing"):
        assert stranger.post(url, data={**form.fields, "because": "坏了", "weight": "1"}).status_code in (404, 422)
    assert loose(lot) == 500


def test_officials_read_the_runs_of_their_townships(
    app: Flask, wang: Viewer, gao: Viewer, zhao: Viewer, sun: Viewer
) -> None:
    mine = run(wang, Step.WASH, [(loose_lot(wang, 500), None)], [500]).number
    elsewhere = run(gao, Step.WASH, [(loose_lot(gao, 500), None)], [500]).number
    clerk, auditor = signed_in(app, zhao), signed_in(app, sun)

    listed = clerk.get("/desk/processing").text
    assert mine in listed
    assert elsewhere not in listed
    assert clerk.get(f"/desk/processing/{mine}").status_code == 200
    assert clerk.get(f"/desk/processing/{elsewhere}").status_code == 404
    assert elsewhere in auditor.get("/desk/processing").text


def test_the_county_authorises_and_ends_and_the_pack_says_so(
    app: Flask, wang: Viewer, qian: Viewer, sun: Viewer
) -> None:
    county, shop = signed_in(app, qian), shop_of(wang).name
    form = form_to(county, "/desk/mark", "/desk/mark")
    dates = {"valid_from": "2026-01-01", "valid_to": "2999-12-31"}

    unknown = county.post("/desk/mark", data={**form.fields, **dates, "seller": "没有这家", "number": "A-1"})
    done = county.post("/desk/mark", data={**form.fields, **dates, "seller": shop, "number": "A-1"})
    pack = marked_pack(wang)
    more_of(pack, pieces=1)

    assert (unknown.status_code, done.status_code) == (422, 303)
    assert "AGI2010-02-00212 授权使用 A-1" in app.test_client().get(f"/packs/{pack.slug}").text
    assert not [one for one in forms_of(signed_in(app, sun), "/desk/mark") if one.action.startswith("/desk/mark")]
    end = form_to(county, "/desk/mark", f"/desk/mark/{answer('SELECT id FROM mark_users')}/end")
    assert county.post(end.action, data={**end.fields, "because": "查出用外地枣"}).status_code == 303
    assert "授权使用" not in app.test_client().get(f"/packs/{pack.slug}").text


def test_anybody_can_add_the_balance_up(app: Flask, wang: Viewer, qian: Viewer) -> None:
    authorised(wang, by=qian)
    more_of(marked_pack(wang), pieces=2)
    loose_lot(wang, 1_000)

    page = app.test_client().get("/mark").text

    assert "mark_local_in" in page
    assert '<data value="6000">' in page
    assert '<data value="5000">' in page
    assert "LLHZ-2026-001" in page
    assert '<data class="total" value="5000">' in app.test_client().get("/county/figures/mark_used").text
