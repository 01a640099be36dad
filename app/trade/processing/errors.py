"""How processing says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class TooLittleMade(BadValue):
    """What came out and what was lost is less than what went in."""

    code = "run_too_little"
    sentence = "投料 {used} 斤，出料加损耗只有 {made} 斤，少了 {difference} 斤。请补上出料或损耗。"


class TooMuchMade(BadValue):
    """What came out and what was lost is more than what went in."""

    code = "run_too_much"
    sentence = "投料 {used} 斤，出料加损耗却有 {made} 斤，多了 {difference} 斤。请核对过秤的数。"


class WrongInputs(BadValue):
    """More or fewer lots went in than the step takes."""

    code = "run_inputs"
    sentence = "{step}要投 {least} 到 {most} 批枣，请改一下。"


class WrongOutputs(BadValue):
    """More or fewer lots came out than the step makes."""

    code = "run_outputs"
    sentence = "{step}出 1 到 {most} 批枣，请改一下。"


class SameLotTwice(BadValue):
    """One lot stands in two rows of what went in."""

    code = "run_lot_twice"
    sentence = "同一批枣写了两行，请并成一行。"


class MixedBySteps(BadValue):
    """Different varieties went into a step that is not mixing."""

    code = "run_mixed"
    sentence = "品种不同的枣不能一起{step}，请分开记；要并成一批，请用拼配。"


class LossUnexplained(BadValue):
    """Something was lost, and nobody says why."""

    code = "loss_unexplained"
    sentence = "有损耗，请选一个原因。"


class BadRunDay(BadValue):
    """The day lies in the future, before the fruit came, or long ago."""

    code = "run_day"
    sentence = "加工的日子应在 {least} 到 {most} 之间。"


class KeepsTooLong(BadValue):
    """A later best-before day than the fruit or the product allows."""

    code = "run_best_before"
    sentence = "保质期最晚写到 {latest}：不能比投进去的枣（烘干、清洗后按成品的保质期）更晚。"


class NotLoose(BadValue):
    """The lot is none of the seller's, or nothing of it lies loose."""

    code = "run_lot"
    sentence = "请从列表里选一批在库的散枣。"


class RunUsed(Conflict):
    """Something of what the run made has been packed, processed, lost or recalled since."""

    code = "run_used"
    sentence = "这次加工出来的枣已经动用过（装箱、再加工、损耗或召回），不能撤销。请从后面的记录改起，或登记损耗。"


class TooFewLoose(Conflict):
    """The loose fruit is not enough for so many pieces."""

    code = "too_few_loose"
    sentence = "散放着的只有 {jin} 斤，够装 {pieces} 件。请改少一些。"
