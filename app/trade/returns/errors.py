"""How returns say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class NotReceived(Conflict):
    """Only what has arrived can be sent back, and only until the order is closed."""

    code = "not_returnable"
    sentence = "这一单现在不能申请退货退款：要在收货以后、订单完成以前申请。有别的问题，请找投诉处。"


class NothingChosen(BadValue):
    """No pieces were named."""

    code = "nothing_chosen"
    sentence = "请写清楚退哪样、退几件。"


class NotSoMany(BadValue):
    """More pieces than were bought and are not coming back already."""

    code = "not_so_many"
    sentence = "这样货最多还能退 {left} 件。"


class RuleExcludes(BadValue):
    """The buyer confirmed at the purchase that these goods are not sent back without a reason."""

    code = "rule_excludes"
    sentence = "下单时您确认过，这样货不适用七日无理由退货。有坏果、少斤两，请选别的原因。"


class TooLate(BadValue):
    """The seven days are over."""

    code = "too_late"
    sentence = "七日无理由退货已经过了期限（{day}）。货有问题，请选别的原因。"


class AmountMissing(BadValue):
    """Without goods coming back somebody must say how much."""

    code = "amount_missing"
    sentence = "不退货的，请写要退多少钱。"


class AskedTooMuch(BadValue):
    """More than is left of what was paid, or than was asked."""

    code = "asked_too_much"
    sentence = "最多能退 {left} 元。"


class TooManyOpen(Conflict):
    """Several returns of the order wait already."""

    code = "too_many_open"
    sentence = "这一单已经有 {count} 个退货退款在办，办完再申请。"


class NotYetYours(Conflict):
    """The seller still has time to answer."""

    code = "not_yet_yours"
    sentence = "卖家还在三天答复期内，先等他答复。"


class OwnHousehold(Forbidden):
    """Nobody decides about his own household's goods, or about what he bought himself."""

    code = "own_household"
    sentence = "这件事有您自己家的份，请由另一位干部来办。"


class WrongCount(BadValue):
    """The pieces do not make up what came back."""

    code = "wrong_count"
    sentence = "加起来不对：退回来 {pieces} 件。"


class NotForStock(BadValue):
    """Fresh fruit, and what weighed less than it says, is never sold again."""

    code = "not_for_stock"
    sentence = "这样货不能再上架（鲜枣，或者装箱时就不够秤），请写 0。"


class ReasonNeeded(BadValue):
    """Who says no says why."""

    code = "reason_needed"
    sentence = "请写明原因，买家看得到。"


class AlwaysTaken(BadValue):
    """What was faulty, or is paid for already, is not sent to the buyer again."""

    code = "always_taken"
    sentence = "质量有问题、或者已经退了款的，不能不收，请写 0。"
