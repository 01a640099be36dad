"""From the sold box to the grower's phone: settled by one official, let go by another, paid by the bank's file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.kernel.permissions import COUNTY, Viewer
from app.office.payouts import answers
from app.people.accounts.states import Role
from app.trade.catalog.models import Pack
from tests.browser.conftest import Arrive
from tests.browser.visitor import Screen, Visitor
from tests.cast import a_viewer, today
from tests.people.purse.purses import give, verify
from tests.trade.settlements.cast import sold, work

pytestmark = pytest.mark.timeout(180)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_two_officials_settle_and_the_grower_reads_what_he_is_paid(
    li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, gift_box: Pack, arrive: Arrive, tmp_path: Path, scripts: bool
) -> None:
    (seller,) = wang.seller_ids
    verify(give(seller, wang), zhao)
    order = sold(2, gift_box, buyer=li, seller=wang, official=qian)
    tian = a_viewer("田县办", (Role.COUNTY, COUNTY))
    maker, second = (arrive(Screen.DESK, scripts=scripts) for _ in range(2))

    _make(maker, qian)
    _let_go(second, tian)
    lines = _take_the_file(second)
    _answer(second, lines[-1], tmp_path)
    _read(arrive(scripts=scripts), wang, order.total.fen)


def _make(maker: Visitor, who: Viewer) -> None:
    maker.open("/desk/settlements")
    maker.sign_in(who)
    maker.write("结算到哪一天", today().isoformat())
    maker.press("开始算")
    expect(maker.page.get_by_role("status")).to_contain_text("开始算了")
    work()
    maker.page.reload()
    maker.tap(maker.page.locator("main tbody a").first)
    maker.press("核对无误，报上去复核")
    expect(maker.page.get_by_role("status")).to_contain_text("等另一位干部复核")
    expect(maker.page.get_by_role("button", name="同意", exact=True)).to_have_count(0)


def _let_go(second: Visitor, who: Viewer) -> None:
    second.open("/desk/approvals")
    second.sign_in(who)
    second.follow("应打")
    second.press("同意")
    expect(second.page.get_by_role("status")).to_contain_text("已批准")
    work()


def _take_the_file(second: Visitor) -> list[str]:
    """The lines of the bank's file."""
    second.page.reload()
    second.follow("去付款")
    second.press("做付款文件")
    with second.page.expect_download() as download:
        second.page.locator("main").get_by_role("button", name="下载文件").click()
    return download.value.path().read_text("utf-8-sig").splitlines()


def _answer(second: Visitor, line: str, folder: Path) -> None:
    (cells,) = csv.reader([line])
    _place, number, _holder, _bank, account, amount, _words = cells
    file = folder / "回盘.csv"
    said = f"{number},{account[-4:]},{amount},成功,20261124-8,"
    file.write_text("\n".join([",".join(answers.COLUMNS), said, ""]), encoding="gb18030")
    second.open("/desk/payouts")
    second.page.locator("main select[name=bank]").select_option(index=1)
    second.page.locator("main input[type=file]").set_input_files(file)
    second.press("上传回盘")
    expect(second.page.locator("main")).to_contain_text("已到账")


def _read(grower: Visitor, who: Viewer, fen: int) -> None:
    grower.open("/grower/")
    grower.sign_in(who)
    grower.follow("结算单")
    expect(grower.page.locator("main")).to_contain_text("已到账")
    grower.tap(grower.page.locator("main a.row").first)
    assert int(grower.page.locator("data.total").get_attribute("value") or "") == fen
    assert grower.page.evaluate("document.querySelector('.slip').getBoundingClientRect().bottom") <= 740 + 60
    assert not grower.is_too_wide()
    grower.tap(grower.page.locator("a.figure").first)
    assert grower.page.locator("data.entry").count() == 1
