"""The official's desk for packs, through its pages."""

from __future__ import annotations

from flask import Flask

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from tests.web.browsing import form_to, signed_in


def test_an_official_stops_a_pack_and_lets_it_go_again(
    app: Flask, li: Viewer, wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    desk, page, shown = signed_in(app, zhao), f"/desk/packs/{gift_box.slug}", f"/packs/{gift_box.slug}"
    assert page in desk.get("/desk/packs").text
    assert page in desk.get(shown).text
    assert page not in signed_in(app, li).get(shown).text

    form = form_to(desk, page, f"{page}/stop")
    assert desk.post(form.action, data={**form.fields, "because": "包装没有标签"}).status_code == 303

    assert page in desk.get("/desk/packs?state=stopped").text
    assert page not in desk.get("/desk/packs").text
    assert "这一种现在不卖了" in signed_in(app, li).get(shown).text
    assert "原因：包装没有标签" in signed_in(app, wang).get(f"/grower/listings/{gift_box.slug}").text

    form = form_to(desk, page, f"{page}/release")
    assert desk.post(form.action, data={**form.fields, "because": "标签补上了"}).status_code == 303
    assert "已下架" in desk.get(page).text


def test_a_reason_that_is_missing_is_asked_for_at_its_field(app: Flask, zhao: Viewer, gift_box: Pack) -> None:
    desk, page = signed_in(app, zhao), f"/desk/packs/{gift_box.slug}"
    form = form_to(desk, page, f"{page}/stop")

    for because in ("", "坏"):
        answer = desk.post(form.action, data={**form.fields, "because": because})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text

    assert form_to(desk, page, f"{page}/stop").action == form.action


def test_a_second_tap_and_a_stranger_are_refused(app: Flask, zhao: Viewer, wang: Viewer, gift_box: Pack) -> None:
    desk, page = signed_in(app, zhao), f"/desk/packs/{gift_box.slug}"
    form = form_to(desk, page, f"{page}/stop")
    said = {**form.fields, "because": "包装没有标签"}
    assert desk.post(form.action, data=said).status_code == 303

    again = desk.post(form.action, data=said)

    assert again.status_code == 409
    assert signed_in(app, wang).get(page).status_code == 403
    assert desk.get("/desk/packs/no-such-pack").status_code == 404
    assert desk.get("/desk/packs?q=" + "枣" * 61).status_code == 422
