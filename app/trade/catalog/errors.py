"""How the catalogue says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class ForbiddenWords(BadValue):
    """The text claims what food may not claim, or praises as the law forbids. Source: 食品安全法 73, 广告法 9, 17."""

    code = "forbidden_words"
    sentence = "“{words}”这样的说法不能用来卖食品，请改成如实的描述。"


class ComparedPrice(BadValue):
    """The text compares the price with one that nobody can prove. Source: 明码标价和禁止价格欺诈规定."""

    code = "compared_price"
    sentence = "不要写“{words}”。降价后，页面会自动划出近 7 天的最低成交价，别的价不能拿来比。"


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


class MarkNotAuthorised(BadValue):
    """The seller may not use the mark today. Source: 柳林红枣 地理标志产品: users apply to the county."""

    code = "mark_not_authorised"
    sentence = "没有县里的授权（或授权已到期），不能用“柳林红枣”地理标志。请先向县里申请用标。"


class MarkClaimed(BadValue):
    """The text names the mark of origin, but the pack does not bear it."""

    code = "mark_claimed"
    sentence = "“{words}”要有县里的用标授权才能写。没有授权，请把这几个字去掉。"


class MarkNumberInUse(Conflict):
    """An authorisation with this number counts already."""

    code = "mark_number_in_use"
    sentence = "这个授权号已经登记过。要续期，请先终止原来那条。"


class BadMarkDays(BadValue):
    """The authorisation ends before it begins, or is over already."""

    code = "bad_mark_days"
    sentence = "到期日不能早于开始的日子，也不能已经过去。"


class MarkSellerNotActive(BadValue):
    """The seller has not been verified yet, or was suspended."""

    code = "mark_seller_not_active"
    sentence = "这个卖家还没有核实或已暂停，不能登记用标。"


class UnknownMarkSeller(BadValue):
    """No seller, or more than one, has this name."""

    code = "unknown_mark_seller"
    sentence = "没有找到这个卖家。请写店名全称，或店铺网址的最后一段。"
