"""Households by table: they wait to be verified, once each, and nothing is written before it is confirmed."""

from __future__ import annotations

from datetime import date

import pytest

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.office.imports import service
from app.office.imports.errors import NotReady, UnknownKind
from app.office.imports.states import ImportState
from app.people.accounts import queries as accounts
from app.people.growers import identity, resident_ids
from tests.cast import SANJIAO, answer, shop_of
from tests.files.tables import xlsx
from tests.office.imports.bringing import GROWERS_HEAD, a_household, bring, done, growers_file, told, tried, worked
from tests.people.test_nothing_in_clear import dump

ID = "14112519550203001" + resident_ids.check_sign("14112519550203001")
SELLERS = "SELECT count(*) FROM sellers"


def test_a_list_of_households_is_tried_confirmed_and_written_once(zhao: Viewer) -> None:
    before = answer(SELLERS)
    one = tried(growers_file([a_household(n) for n in range(30)]), zhao)
    assert (one.state, one.rows, one.made, one.bad) == (ImportState.READY, 30, 30, 0)
    assert answer(SELLERS) == before

    with transaction():
        one = service.confirm(one.number, by=zhao)
    assert answer(SELLERS) == before
    one = worked(one)

    assert (one.state, one.made, one.same) == (ImportState.DONE, 30, 0)
    assert answer(SELLERS) == before + 30
    assert answer("SELECT count(*) FROM sellers WHERE status = 'applied' AND verified_at IS NULL") == 30
    assert answer("SELECT count(*) FROM households") >= 30


def test_the_same_file_twice_is_one_import_and_the_same_rows_in_another_file_change_nothing(zhao: Viewer) -> None:
    rows = [a_household(n) for n in range(5)]
    one = done(growers_file(rows), zhao)

    number = one.number
    again = bring(growers_file(rows), zhao).number
    assert again == number
    other = done(growers_file([*rows, a_household(99)]), zhao)

    assert (other.made, other.same, other.changed) == (1, 5, 0)


def test_thirty_seven_bad_rows_are_told_cell_by_cell_and_none_can_be_confirmed(zhao: Viewer) -> None:
    rows = [a_household(n, **({"电话": "12345"} if n % 27 == 0 else {})) for n in range(999)]
    one = tried(growers_file(rows), zhao)

    assert (one.state, one.bad, one.rows) == (ImportState.FAULTY, 37, 999)
    assert told(one)[0][:2] == (2, "电话")
    assert "11" in told(one)[0][2]
    with pytest.raises(NotReady), transaction():
        service.confirm(one.number, by=zhao)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("身份证号", 141125195502030016, "文本"),
        ("身份证号", "1.41125E+17", "文本"),
        ("身份证号", ID[:-1] + ("0" if ID[-1] != "0" else "1"), "身份证号不对"),
        ("身份证号", "141125550203001", "18 位"),
        ("电话", "1380000111", "11"),
        ("电话", "138****1111", "写全"),
        ("电话", "", "必须填"),
        ("户主姓名", "王" * 1000, "最多 40"),
        ("户主姓名", "", "必须填"),
        ("家庭人口", "0", "1 到 30"),
        ("家庭人口", "三", "数字"),
        ("家庭人口", "4.5", "1 到 30"),
        ("家庭人口", "1e3", "数字"),
        ("家庭人口", date(2016, 1, 6), "数字"),
        ("村", "没有这个村", "没有"),
        ("登记号", "nobody-abc123", "登记号"),
    ],
)
def test_a_bad_cell_is_told_with_its_column_and_reason(zhao: Viewer, column: str, value: object, words: str) -> None:
    said = {column: value, "同意书编号": "纸-1"} if column == "身份证号" else {column: value}
    one = tried(growers_file([a_household(1), a_household(2, **said)]), zhao)

    ((row, where, sentence),) = told(one)
    assert (row, where) == (3, column)
    assert words in sentence


@pytest.mark.parametrize("written", [ID, ID[:-1] + ID[-1].lower(), " ".join([ID[:6], ID[6:14], ID[14:]])])
def test_a_resident_id_is_kept_sealed_under_the_consent_on_paper(zhao: Viewer, written: str) -> None:
    done(growers_file([a_household(1, 身份证号=written, 同意书编号="孟门-2026-001")]), zhao)

    person = answer("SELECT max(contact_person_id) FROM sellers")
    assert identity.masked_resident_id(person) == resident_ids.masked(ID)
    assert answer("SELECT count(*) FROM consents WHERE text_version = 'paper:孟门-2026-001'") == 1


def test_a_resident_id_without_the_paper_is_refused(zhao: Viewer) -> None:
    one = tried(growers_file([a_household(1, 身份证号=ID)]), zhao)

    assert told(one)[0][1] == "同意书编号"


def test_one_resident_id_in_two_rows_is_refused(zhao: Viewer) -> None:
    rows = [a_household(n, 身份证号=ID, 同意书编号="纸") for n in (1, 2)]

    assert told(tried(growers_file(rows), zhao)) == [(3, "身份证号", "和第 2 行重复，只留一行。")]


def test_a_household_that_stands_twice_is_refused_the_second_time(zhao: Viewer) -> None:
    rows = [a_household(n) for n in range(1200)]
    one = tried(growers_file([*rows, a_household(3, 家庭人口=5), a_household(1100)]), zhao)

    assert [(row, words) for row, _column, words in told(one)] == [
        (1202, "和第 5 行重复，只留一行。"),
        (1203, "和第 1102 行重复，只留一行。"),
    ]


def test_a_household_that_waits_is_changed_and_a_verified_one_is_not(zhao: Viewer, wang: Viewer) -> None:
    done(growers_file([a_household(1)]), zhao)

    one = done(growers_file([a_household(1, 家庭人口=6)]), zhao)
    assert (one.made, one.changed) == (0, 1)
    assert answer("SELECT max(members) FROM households") == 6

    slug = shop_of(wang).slug
    known = accounts.phone_of(accounts.person(wang.person_id))
    two = tried(growers_file([a_household(1, 电话=known, 登记号=slug, 家庭人口=9)]), zhao)
    assert "已经核实" in told(two)[0][2]


def test_nobody_imports_for_a_township_that_is_not_his(zhao: Viewer, wang: Viewer) -> None:
    for who in (zhao, wang):
        with pytest.raises(UnknownKind):
            bring(growers_file([a_household(1)]), who, scope=f"township:{SANJIAO}")


def test_a_title_over_the_header_other_columns_and_the_sample_row_do_no_harm(zhao: Viewer) -> None:
    data = xlsx(
        [
            ["孟门镇枣农名单"],
            [],
            ["序号", *GROWERS_HEAD[:3], "备注"],
            [0, "示例：王满仓", "13800000000", 4, ""],
            [1, "王满仓", "１３７００００１１１１", "４", "好"],
            [],
            ["合计", "", "", 4],
        ]
    )
    one = tried(data, zhao)

    assert (one.state, one.rows, one.unused) == (ImportState.READY, 1, "序号、备注")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (xlsx([["姓名"], ["王"]]), "表头"),
        (xlsx([["户主姓名", "电话", "家庭人口", "手机"], ["王", "13700001111", 4, ""]]), "两列"),
        (growers_file([]), "没有数据"),
        (growers_file([["示例：王", "13800000000", 4, "", "", "", "", ""]]), "没有数据"),
    ],
)
def test_a_file_without_what_is_needed_is_told_as_a_whole(zhao: Viewer, data: bytes, words: str) -> None:
    one = tried(data, zhao)

    assert one.state is ImportState.FAULTY
    assert words in one.failure


def test_nothing_that_names_a_person_lies_in_clear_while_a_file_waits(zhao: Viewer) -> None:
    tried(growers_file([a_household(1, 身份证号=ID, 同意书编号="纸")]), zhao)
    bring(growers_file([a_household(2, 身份证号=ID, 同意书编号="纸")]), zhao)

    stored = dump()
    assert ID not in stored
    assert "13700000001" not in stored
    assert "13700000002" not in stored
