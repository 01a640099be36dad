"""What a complaint is about, whose turn it is, and how it may end."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class ComplaintState(State):
    """Whose turn it is; the clock moves a complaint on also where nobody says so (see `Complaint.state_at`)."""

    WAITING = "waiting"
    ANSWERED = "answered"
    PASSED = "passed"
    SETTLED = "settled"
    DECIDED = "decided"
    CLOSED = "closed"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATE_WORDS[self]


MOVES: dict[ComplaintState, frozenset[ComplaintState]] = {
    ComplaintState.WAITING: frozenset({ComplaintState.ANSWERED, ComplaintState.PASSED, ComplaintState.SETTLED}),
    ComplaintState.ANSWERED: frozenset({ComplaintState.PASSED, ComplaintState.SETTLED, ComplaintState.CLOSED}),
    ComplaintState.PASSED: frozenset({ComplaintState.DECIDED, ComplaintState.SETTLED}),
}

OPEN = (ComplaintState.WAITING, ComplaintState.ANSWERED, ComplaintState.PASSED)

_STATE_WORDS = {
    ComplaintState.WAITING: "等卖家答复",
    ComplaintState.ANSWERED: "等买家回话",
    ComplaintState.PASSED: "等乡镇处理",
    ComplaintState.SETTLED: "买家说解决了",
    ComplaintState.DECIDED: "已有处理结果",
    ComplaintState.CLOSED: "已结束",
}


class Kind(StrEnum):
    """What is wrong."""

    NOT_ARRIVED = "not_arrived"
    WRONG_GOODS = "wrong_goods"
    SPOILT = "spoilt"
    SHORT_WEIGHT = "short_weight"
    NO_ANSWER = "no_answer"
    MONEY = "money"
    OTHER = "other"

    @property
    def words(self) -> str:
        """What people read."""
        return _KIND_WORDS[self]


_KIND_WORDS = {
    Kind.NOT_ARRIVED: "货没收到",
    Kind.WRONG_GOODS: "货不对",
    Kind.SPOILT: "枣坏了",
    Kind.SHORT_WEIGHT: "斤两不够",
    Kind.NO_ANSWER: "卖家不理人",
    Kind.MONEY: "钱不对",
    Kind.OTHER: "别的问题",
}


class Side(StrEnum):
    """As whom somebody speaks."""

    BUYER = "buyer"
    SELLER = "seller"
    TOWNSHIP = "township"
    COUNTY = "county"

    @property
    def words(self) -> str:
        """What people read."""
        return {"buyer": "买家", "seller": "卖家", "township": "乡镇", "county": "县里"}[self.value]


class Act(StrEnum):
    """What somebody did by his words."""

    MADE = "made"
    ANSWERED = "answered"
    DISSENTED = "dissented"
    SAID = "said"
    SETTLED = "settled"
    DECIDED = "decided"

    @property
    def words(self) -> str:
        """What people read."""
        return _ACT_WORDS[self]


_ACT_WORDS = {
    Act.MADE: "投诉",
    Act.ANSWERED: "答复",
    Act.DISSENTED: "不满意，交乡镇",
    Act.SAID: "补充",
    Act.SETTLED: "解决了",
    Act.DECIDED: "处理结果",
}


class Outcome(StrEnum):
    """How an official decided."""

    FOR_BUYER = "for_buyer"
    FOR_SELLER = "for_seller"
    AGREED = "agreed"

    @property
    def words(self) -> str:
        """What people read."""
        return _OUTCOME_WORDS[self]


_OUTCOME_WORDS = {
    Outcome.FOR_BUYER: "买家有理，卖家要改正",
    Outcome.FOR_SELLER: "卖家没有过错",
    Outcome.AGREED: "双方谈好了",
}
