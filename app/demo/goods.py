"""What the invented sellers offer: which variety grows where, what is made of it, how it is called."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from app.demo import plan
from app.kernel.money import Money
from app.kernel.weight import Weight
from app.people.growers.states import SellerKind

SANJIAO: Final = "141125105"
DRIED: Final = "ganzhi-hongzao"
GREENHOUSE: Final = "dapeng-xianzao"
_NAMES: Final = {
    "tanzao": "黄河滩枣",
    "muzao": "木枣",
    "mumuzao": "木母枣",
    "yazao": "芽枣",
    "liulin-tuanzao": "柳林团枣",
    "jinchang-yihao": "金昌一号",
}
_FRESH: Final = {
    "dongzao": "冬枣",
    "zidantou": "子弹头",
    "fengmiguan": "蜂蜜罐",
    "lengbaiyu": "冷白玉",
    "liuyuexian": "六月鲜",
}
_BY_RIVER: Final = ("tanzao",) * 5 + ("muzao",) * 3 + ("yazao", "liulin-tuanzao", "jinchang-yihao")
_ELSEWHERE: Final = ("muzao",) * 5 + ("mumuzao", "mumuzao", "yazao", "yazao", "liulin-tuanzao", "jinchang-yihao")
_GRADES: Final = ("特等",) * 2 + ("一等",) * 7 + ("二等",) * 5 + ("三等",) + ("统货",) * 5
_SIZES: Final = {500: "1斤装", 2_500: "5斤装", 12_500: "25斤箱"}
_HOUSEHOLD_SIZES: Final = (plan.FIVE_JIN, plan.FIVE_JIN, plan.TWENTY_FIVE_JIN, plan.HALF_KILO)
_COOP_SIZES: Final = (plan.HALF_KILO, plan.HALF_KILO, plan.FIVE_JIN, plan.TWENTY_FIVE_JIN)
DRIED_KEEPS_DAYS: Final = 545
FRESH_KEEPS_DAYS: Final = 25


@dataclass(frozen=True, slots=True)
class Offer:
    """A pack to be, before it is published."""

    product: str
    variety: str
    grade: str
    net: Weight
    price: Money
    title: str
    words: str
    keeps_days: int
    picture: str


@dataclass(frozen=True, slots=True)
class _Made:
    """A processed product: net grams, yuan from and to, days it keeps. Estimates, as in the fact sheet."""

    product: str
    name: str
    grams: int
    yuan: tuple[int, int]
    keeps_days: int
    variety: str = "muzao"


_PROCESSED: Final = (
    _Made("zaojia-hetao", "枣夹核桃", 500, (26, 44), 270),
    _Made("mianxi-hongzao", "免洗红枣", 500, (16, 26), 365),
    _Made("zaopian", "原味枣片", 250, (9, 15), 365),
    _Made("kongxin-cuizao", "空心脆枣", 100, (6, 12), 270),
    _Made("zaoyacha", "枣芽茶", 100, (28, 58), 540),
    _Made("mizao", "蜜枣", 500, (10, 18), 365, "junzao"),
    _Made("zaoni", "枣泥", 500, (8, 16), 270),
    _Made("zaocu", "枣醋", 500, (10, 25), 720),
    _Made("zijingzao", "紫晶枣", 500, (18, 30), 365),
)


def offers(kind: SellerKind, *, town: str, code: str, by_river: bool, count: int, chance: Random) -> list[Offer]:
    """That many different packs of one seller; `town` is the township's name."""
    if kind is SellerKind.PROCESSOR:
        return [_processed(made, town, chance) for made in chance.sample(_PROCESSED, min(count, len(_PROCESSED)))]
    sizes = _HOUSEHOLD_SIZES if kind is SellerKind.HOUSEHOLD else _COOP_SIZES
    found: dict[tuple[str, int], Offer] = {}
    while len(found) < count:
        variety = chance.choice(_BY_RIVER if by_river else _ELSEWHERE)
        offer = _dried(variety, chance.choice(sizes), town, chance)
        found.setdefault((variety, offer.net.grams), offer)
    if code == SANJIAO and kind is SellerKind.HOUSEHOLD and chance.random() < 0.4:
        found.popitem()
        return [*found.values(), _fresh(town, chance)]
    return list(found.values())


def _dried(variety: str, net: Weight, town: str, chance: Random) -> Offer:
    grade = chance.choice(_GRADES)
    name = _NAMES[variety]
    sorting = "没有分等，大小都有" if grade == "统货" else f"按{grade}分拣"
    picture = {500: ("heap", "bowl"), 2_500: ("box", "box", "heap"), 12_500: ("sack", "box")}[net.grams]
    return Offer(
        product=DRIED,
        variety=variety,
        grade=grade,
        net=net,
        price=plan.dried_price(net, grade, chance),
        title=f"{town}{name} {grade} {_SIZES[net.grams]}",
        words=f"二〇二五年秋天收的{name}，自家晒干，{sorting}。开袋后放在阴凉干燥处。（示例数据）",
        keeps_days=DRIED_KEEPS_DAYS,
        picture=chance.choice(picture),
    )


def _fresh(town: str, chance: Random) -> Offer:
    variety = chance.choice(list(_FRESH))
    return Offer(
        product=GREENHOUSE,
        variety=variety,
        grade="统货",
        net=plan.FIVE_JIN,
        price=Money(chance.randint(68, 98) * 100),
        title=f"{town}大棚{_FRESH[variety]} 5斤装",
        words=f"大棚里的鲜{_FRESH[variety]}，当天摘当天发，收到后放冰箱，尽快吃。（示例数据）",
        keeps_days=FRESH_KEEPS_DAYS,
        picture="branch",
    )


def _processed(made: _Made, town: str, chance: Random) -> Offer:
    low, high = made.yuan
    return Offer(
        product=made.product,
        variety=made.variety,
        grade="统货",
        net=Weight(made.grams),
        price=Money(chance.randint(low, high) * 100 - 20),
        title=f"{town}{made.name} {made.grams}克",
        words=f"用柳林的枣做的{made.name}，预包装，配料和许可证见包装。（示例数据）",
        keeps_days=made.keeps_days,
        picture=chance.choice(("bowl", "box")),
    )
