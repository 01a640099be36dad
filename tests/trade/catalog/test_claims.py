import pytest

from app.kernel.tables import read_table
from app.trade.catalog.claims import forbidden_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("常吃可降血压", ["降血压"]),
        ("根治失眠", ["根治", "失眠"]),
        ("补血疗效好", ["补血", "疗效"]),
        ("预防心脏病、抗癌", ["心脏病", "抗癌"]),
        ("全县最好的红枣", ["最好"]),
        ("销量第一", ["第一"]),
        ("国家级品质", ["国家级"]),
        ("红枣之最", ["之最"]),
        ("百分之百纯天然", ["百分之百"]),
        ("cures diabetes", ["cures", "diabetes"]),
        ("the best jujube", ["best"]),
    ],
)
def test_treatment_claims_and_superlatives_are_named(text: str, words: list[str]) -> None:
    assert forbidden_words(text) == words


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("治 疗", "治疗"),
        ("治\u200b疗", "治疗"),
        ("治、疗", "治疗"),
        ("治*_*疗", "治疗"),
        ("降血壓", "降血压"),
        ("根\n治", "根治"),
        ("最　好", "最好"),
        ("ＮＯ．１", "no1"),
        ("T O P 1", "top1"),
        ("ＣＵＲＥ", "cure"),
        ("销量第一，次日达", "第一"),
        ("第 一 品 牌", "第一"),
        ("高血压好帮手，慎重下单", "高血压"),
    ],
)
def test_width_script_spaces_and_marks_hide_no_claim(text: str, word: str) -> None:
    assert word in forbidden_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "柳林红枣 5斤箱，孟门镇自家枣园，九月下旬采收",
        "最近采收，最多买十箱，最晚三天发货",
        "第一批新枣，第一书记帮卖",
        "最佳食用期六个月",
        "糖尿病人慎食，孕妇咨询医生",
        "本品不能治疗疾病",
        "果园少用药，防治病虫害",
        "在阳光中风干",
        "国家级贫困县",
        "best before 2027-01-01",
    ],
)
def test_honest_descriptions_warnings_and_denials_pass(text: str) -> None:
    assert forbidden_words(text) == []


def test_our_own_words_on_varieties_and_products_claim_nothing() -> None:
    for table in ("varieties", "products"):
        for row in read_table("app.trade.catalog", table):
            assert forbidden_words("，".join(row[column] for column in ("name", "note"))) == []
            assert forbidden_words(row.get("words", "")) == []
