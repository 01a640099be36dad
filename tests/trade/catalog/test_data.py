import re
from datetime import date

import pytest

from app.kernel.tables import read_table

SLUG = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
TABLES = ["varieties", "grades", "products"]


def catalog(name: str) -> list[dict[str, str]]:
    return read_table("app.trade.catalog", name)


@pytest.mark.parametrize("name", TABLES)
def test_every_fact_names_its_source_and_how_sure_it_is(name: str) -> None:
    assert all(row["source"] and row["status"] for row in catalog(name))


@pytest.mark.parametrize("name", ["varieties", "products", "synonyms"])
def test_keys_are_slugs_and_unique(name: str) -> None:
    keys = [row["key"] for row in catalog(name)]

    assert len(keys) == len(set(keys))
    assert all(SLUG.fullmatch(key) for key in keys)


def test_every_variety_has_words_for_its_page() -> None:
    assert all(row["words"].endswith("。") for row in catalog("varieties"))


def test_weak_facts_are_marked_in_the_words() -> None:
    for row in catalog("varieties"):
        if row["status"] in {"confirmed name only", "name only"}:
            assert "未查到" in row["words"] or "只查到名称" in row["words"] or row["key"] == "mumuzao"


def test_alcohol_needs_a_licence_and_is_marked() -> None:
    for row in catalog("products"):
        assert row["kind"] in {"dried", "fresh", "processed", "alcohol", "craft"}
        assert (row["is_alcohol"] == "yes") == (row["kind"] == "alcohol")
        assert row["needs_licence"] == ("yes" if row["kind"] in {"processed", "alcohol"} else row["needs_licence"])


def test_the_grades_of_an_edition_are_ranked_without_gaps() -> None:
    ranks: dict[tuple[str, str, str], list[int]] = {}
    for row in catalog("grades"):
        if row["rank"]:
            ranks.setdefault((row["standard"], row["edition"], row["category"]), []).append(int(row["rank"]))

    assert ranks
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in ranks.values())


def test_the_2026_edition_takes_over_the_day_after_the_2009_edition_ends() -> None:
    editions = {row["edition"]: row for row in catalog("grades") if row["standard"] == "GB/T 5835"}

    ends = date.fromisoformat(editions["2009"]["effective_to"])
    begins = date.fromisoformat(editions["2026"]["effective_from"])
    assert (begins - ends).days == 1


def test_there_are_thirty_four_provinces_and_the_far_and_unserved_ones_are_marked() -> None:
    provinces = {row["code"]: row for row in catalog("provinces")}

    assert len(provinces) == 34
    assert {row["short"] for row in provinces.values() if row["remote"] == "yes"} == {
        "内蒙古", "西藏", "甘肃", "青海", "宁夏", "新疆",
    }  # fmt: skip
    assert {row["short"] for row in provinces.values() if row["served"] == "no"} == {"台湾", "香港", "澳门"}
