from app.kernel.tables import read_table


def townships(name: str) -> list[dict[str, str]]:
    return read_table("app.people.townships", name)


def test_there_are_fifteen_townships_then_and_fifteen_now() -> None:
    rows = townships("townships")

    assert len([row for row in rows if not row["since"]]) == 15
    assert len([row for row in rows if not row["until"]]) == 15


def test_history_leads_every_township_of_then_to_one_of_now() -> None:
    then = {row["code"]: row["name"] for row in townships("townships") if not row["since"]}
    now = {row["code"]: row["name"] for row in townships("townships") if not row["until"]}
    history = townships("township_history")

    assert {row["code_then"]: row["name_then"] for row in history} == then
    assert {row["code_now"]: row["name_now"] for row in history} == now


def test_codes_belong_to_the_county_and_say_town_or_township() -> None:
    for row in townships("townships"):
        assert row["code"].startswith("141125" + ("1" if row["kind"] == "镇" else "2"))
        assert len(row["code"]) == 9
        assert row["name"].endswith(row["kind"])


def test_five_townships_lie_on_the_yellow_river() -> None:
    river = {row["name"] for row in townships("townships") if row["along_river"] == "yes"}

    assert river == {"孟门镇", "薛村镇", "石西乡", "高家沟乡", "三交镇"}


def test_every_village_lies_in_a_known_township_and_is_listed_there_once() -> None:
    codes = {row["code"] for row in townships("townships")}
    villages = [(row["township_code"], row["name"]) for row in townships("villages")]

    assert {code for code, _ in villages} <= codes
    assert len(villages) == len(set(villages))
