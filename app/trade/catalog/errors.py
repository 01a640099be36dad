"""How the catalogue says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class ForbiddenWords(BadValue):
    """The text claims what food may not claim, or praises as the law forbids. Source: 食品安全法 73, 广告法 9, 17."""

    code = "forbidden_words"
    sentence = "“{words}”这样的说法不能用来卖食品，请改成如实的描述。"


class SellerNotActive(Forbidden):
    """The seller has not been verified yet, or was suspended."""

    code = "seller_not_active"
    sentence = "您的卖家身份还没有核实或已暂停，请联系乡镇办理后再上架。"


class LicenceNeeded(BadValue):
    """Processed food needs a production licence. Source: 食品安全法 35, 36."""

    code = "licence_needed"
    sentence = "这一类加工食品要有生产许可或小作坊登记才能卖，请先在资料里补上证号。"


class PackChanged(Conflict):
    """Somebody changed the pack, or its stock moved, since the page was drawn."""

    code = "pack_changed"
    sentence = "库存或价格刚刚有了变化，请看过新的数字后再改。"


class UnknownChoice(BadValue):
    """The variety, grade or product does not exist, or is not in force."""

    code = "unknown_choice"
    sentence = "没有这个选项，请从列表里选。"
