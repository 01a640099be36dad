"""What a grower agrees to, word for word; another wording is another version, and the old ones stay here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A wording: what the agent may do, what he may not, and how the grower takes it back."""

    version: str
    title: str
    may: tuple[str, ...]
    may_not: tuple[str, ...]
    back: tuple[str, ...]


_FIRST = Text(
    version="mandate-2026-11",
    title="我同意这位代办员替我在网上卖枣",
    may=(
        "替我上架、改价钱、加减库存、换照片",
        "替我装箱、发货、登记运单号",
        "替我答复买家的投诉和评价，办退货",
        "为了发货，看买家的姓名、电话和地址",
    ),
    may_not=(
        "不能看、不能改我的收款账号；枣钱只打到我自己的账号",
        "不能看我的身份证号和货款结算单",
        "不能改我的店名和登记资料，不能替我再叫别人",
        "不能替我开发票",
    ),
    back=(
        "我随时可以停：登录后在“谁替我代办”里点一下，或者到乡镇说一声",
        "停了马上生效；到期自己就停，最多一年",
        "他办的每件事都记着两个人的名字，我觉得不对可以提异议",
    ),
)

TEXTS: dict[str, Text] = {one.version: one for one in (_FIRST,)}
CURRENT = _FIRST
