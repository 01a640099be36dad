"""Why a decision is not taken."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class OwnRequest(Forbidden):
    """Nobody decides what he asked for himself."""

    code = "own_request"
    sentence = "这件事是您自己提出的，请由另一位干部审批。"


class SecondStep(Forbidden):
    """Nobody takes two steps of one approval."""

    code = "second_step"
    sentence = "前一步是您审的，这一步请由另一位干部审。"


class OwnInterest(Forbidden):
    """Nobody decides about his own household's money."""

    code = "own_interest"
    sentence = "这里面有您自家的钱，请由另一位干部审批。"


class Stale(Conflict):
    """What would be decided is not what was asked, or not what the person saw."""

    code = "stale"
    sentence = "内容和提出时的不一样了，这次没有审批。请刷新后重新核对；需要的话，请提出的人撤回重报。"


class AlreadyDecided(Conflict):
    """Somebody else was faster."""

    code = "already_decided"
    sentence = "{name}已经在 {at} 办过了，结果是“{state}”。"


class AskedAlready(Conflict):
    """It waits for a decision."""

    code = "asked_already"
    sentence = "已经报上去了，正等审批，不用再报。"


class WhyMissing(BadValue):
    """A refusal needs a reason, so that the one who asked can do better."""

    code = "why_missing"
    sentence = "不批准，要写明原因。"
