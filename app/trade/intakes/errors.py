"""How purchase points say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class OnlyBuyers(Conflict):
    """Only co-ops and processors that are verified buy fruit from growers."""

    code = "only_buyers"
    sentence = "只有核实过的合作社和加工企业能设收购点收枣。如需办理，请联系乡镇。"


class PointClosed(Conflict):
    """The purchase point does not buy any more."""

    code = "point_closed"
    sentence = "这个收购点已经停收。要收枣，请先重新开点。"


class NothingPosted(Conflict):
    """Nothing may be bought before its price was posted. Source: 明码标价和禁止价格欺诈规定 10."""

    code = "nothing_posted"
    sentence = "还没有挂出“{variety}”的收购牌价，不能收。请先公布品种、规格、等级和价格。"


class GradeNotPosted(Conflict):
    """No price was posted for this grade when the fruit came. Source: 明码标价和禁止价格欺诈规定 10."""

    code = "grade_not_posted"
    sentence = "送到时的牌价上没有“{grade}”，不能按它收。请退回这部分，或另送一车按新牌价收。"


class BelowPosted(BadValue):
    """A grower never gets less than the posted price."""

    code = "below_posted"
    sentence = "“{grade}”的牌价是一斤 {posted} 元，不能低于牌价。"


class BetterWithoutReason(BadValue):
    """More than the posted price needs a reason that is kept."""

    code = "better_without_reason"
    sentence = "“{grade}”高于牌价，请写明为什么。"


class TicketTaken(Conflict):
    """The ticket of the scale was used for another delivery."""

    code = "ticket_taken"
    sentence = "磅单 {ticket} 已经登记过，收购单号 {number}。一张磅单只能收一次。"


class BadScale(BadValue):
    """Gross, tare and net do not make sense."""

    code = "bad_scale"
    sentence = "毛重要大于皮重。请对照磅单再看一遍。"


class TooHeavy(BadValue):
    """More than any lorry carries."""

    code = "too_heavy"
    sentence = "一车最多 {most} 公斤，请看看是不是单位填错了。"


class BadScaleText(BadValue):
    """Jin have two decimals at most."""

    code = "bad_scale_text"
    sentence = "斤最多写两位小数。"


class UnknownSupplier(BadValue):
    """No household of this county by that name, or none at all was named."""

    code = "unknown_supplier"
    sentence = "请先选是哪家枣农；外县来的，写上姓名和地方。"


class NobodyPresent(BadValue):
    """Grading without the grower is not allowed."""

    code = "nobody_present"
    sentence = "分级要有枣农在场：请选谁在场，写上姓名。没人在场不能分级。"


class NothingGraded(BadValue):
    """No grade was given at all."""

    code = "nothing_graded"
    sentence = "请至少填一个等级的重量；一点都不收，请按“不收”。"


class GradeTwice(BadValue):
    """One grade stands on two lines."""

    code = "grade_twice"
    sentence = "“{grade}”写了两行，请合成一行。"


class NotAllWeighed(BadValue):
    """The parts are not the whole."""

    code = "not_all_weighed"
    sentence = "各等级、扣杂和退回加起来是 {sum} 克，净重是 {net} 克，差 {difference} 克。请对齐。"


class BadPriceList(BadValue):
    """A price list needs a line, and one for each variety and grade only."""

    code = "bad_price_list"
    sentence = "牌价至少要有一行，同一品种同一等级只能有一行。"


class BadEffective(BadValue):
    """A price list begins now or within the next thirty days."""

    code = "bad_effective"
    sentence = "牌价从现在起，或三十天以内的某个时候起用，不能倒签。"


class PaidTooMuch(BadValue):
    """More than is still owed."""

    code = "paid_too_much"
    sentence = "这一单还欠 {left} 元，不能多记。"


class TooLateToObject(Conflict):
    """Seven days are over, or nothing was decided yet."""

    code = "too_late_to_object"
    sentence = "收下或退回后七天内能提异议，现在不行了。还有话说，请到乡镇政府当面讲。"


class ObjectionOpen(Conflict):
    """One objection waits for its answer."""

    code = "objection_open"
    sentence = "上一次提的异议还没有答复，请等答复后再提。"


class NothingToAnswer(Conflict):
    """No objection waits."""

    code = "nothing_to_answer"
    sentence = "没有等答复的异议，请刷新看看。"
