"""How recalls say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class AlreadyRecalled(Conflict):
    """The lot is recalled already."""

    code = "already_recalled"
    sentence = "这批枣已经在召回了，不用再召回。"


class ReasonMissing(BadValue):
    """Nobody stops a lot without saying why."""

    code = "recall_reason_missing"
    sentence = "请写明原因，买家和卖家都会看到。"


class MadeItHimself(Forbidden):
    """Who made a recall does not lift it."""

    code = "made_it_himself"
    sentence = "您自己发起的召回，要由另一位干部来解除。"


class OwnLot(Forbidden):
    """Nobody decides about lots of his own household."""

    code = "own_lot"
    sentence = "这是您自家或您代办的批次，召回要由别的干部来解除。"
