"""What a seller may not say of food: that it heals, or that nothing equals it.

Sources: 食品安全法 71, 73; 广告法 9, 17.
"""

from __future__ import annotations

import re
from typing import Final

from app.kernel.text import folded

_DENIED: Final = "".join(f"(?<!{word})" for word in ("不能", "不可", "不得", "没有", "不具有", "不具备", "并无", "非"))
_WARNED: Final = r"(?![^|]{0,6}(?:慎|忌|不宜|禁|少吃|少食|限量|遵医嘱|咨询))"
_HEALS: Final = (
    "治疗|医治|根治|治愈|主治|治好|疗效|药效|药用|治病(?!虫)|包治|药到病除|偏方|秘方|食疗|理疗|康复"
    "|[防抗抑治]癌|抗肿瘤|降血?压(?!力)|降血?脂|降血?糖|降三高|软化血管|活血|化瘀|通便|消炎|杀菌消毒|止咳|化痰"
    "|补血|养血|补气|益气|补肾|壮阳|健脾|养胃|护胃|[护保养]肝|安神|助眠|改善睡眠"
    "|(?:提高|增强|提升)免疫力?|抗衰老?|延年益寿|长寿(?![区湖])|排毒|减肥(?!增效|减药)|瘦身|美容养颜|养颜|祛斑"
)
_ILLS: Final = (
    "高血压|高血脂|高血糖|低血压|血压高|心脏病|冠心病|心血管|糖尿病|贫血|癌症?|肿瘤|肝炎|肝硬化|胃病|胃炎|中风(?![干味景光])|血栓"
    "|动脉硬化|脑梗|失眠|便秘|哮喘|关节炎|痛风|肾虚|新冠|流感"
)
_PEERLESS: Final = (
    "最高级|最低价|最(?!近|后|晚|早|迟|多|少|终|初|高|低|佳(?:食用|赏味|保存|采))[^|]"
    "|第一(?!次|批|天|步|季|时间|年|书记|周|个|页|期|届|村|组|车间|茬|道|轮|箱|袋)|(?<![a-z])(?:no|top)\\|?1(?![0-9])"
    "|国家级(?!非物质|非遗|贫困)|世界级|全球级|宇宙级|顶级|顶尖|极品|极致|绝无仅有|独一无二|史无前例|举世无双|天下无双"
    "|无与伦比|万能|之最|全网首|首屈一指|百分之?百|100纯"
)
_ENGLISH: Final = (
    r"(?<![a-z])(?:cures?|heals?|anti\|?cancer|blood\|?pressure|heart\|?disease|diabetes|best(?!\|before))"
    "(?![a-z])"
)
_FORBIDDEN: Final = re.compile(f"{_DENIED}(?:{_HEALS})|(?:{_ILLS}){_WARNED}|{_PEERLESS}|{_ENGLISH}")
_COMPARED: Final = re.compile(r"(?:原价|市场价|专柜价|吊牌价|门市价|指导价|超市价|别家卖?)\d+")
_MARKS: Final = re.compile(r"[\W_]+")


def compared_prices(text: str) -> list[str]:
    """Prices in a text with which its own is compared (原价68), each once."""
    return list(dict.fromkeys(_COMPARED.findall(_MARKS.sub("", folded(text)))))


def forbidden_words(text: str) -> list[str]:
    """The treatment claims and superlatives in a text, each once; empty when it may be published.

    Width, traditional characters, invisible characters, spaces and marks inside a word do not hide it. A
    warning (糖尿病人慎食) or a denial (不能治疗) is no claim, nor is an everyday 最近 or 第一批.
    """
    apart = _MARKS.sub("|", folded(text))
    together = apart.replace("|", "")
    found = [word for form in (apart, together) for word in _FORBIDDEN.findall(form)]
    return list(dict.fromkeys(word.replace("|", "") for word in found))


_MARKED: Final = re.compile("农产品地理标志|地理标志|地标(?:产品|农产品|保护)|agi20\\d\\d")


def mark_words(text: str) -> list[str]:
    """The words in a text that claim a mark of origin, each once. Source: 农产品地理标志管理办法."""
    return list(dict.fromkeys(_MARKED.findall(_MARKS.sub("", folded(text)))))
