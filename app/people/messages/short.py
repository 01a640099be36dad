"""Every sentence that also goes as a text, in one place.

Each leaves six of the seventy signs for the signature that providers put in front, such as 【柳林红枣】. Where a name
would make it longer, the name is cut. A text names no reason and no account but its last four digits: whoever holds
the phone reads it. What a statement says as a text stands with the statements.
"""

from __future__ import annotations

from app.kernel.money import Money
from app.people.growers.events import SellerClosed, SellerRefused, SellerResumed, SellerSuspended, SellerVerified
from app.people.messages.service import MOST_SIGNS, signs
from app.people.purse.events import AccountGiven, AccountRefused, AccountVerified, AccountWithdrawn

Decided = SellerVerified | SellerRefused | SellerSuspended | SellerResumed | SellerClosed
AccountChanged = AccountGiven | AccountVerified | AccountRefused | AccountWithdrawn

MOST = MOST_SIGNS - 6

SIGN_IN_CODE_NAME = "登录验证码"
SIGN_IN_CODE = "登录验证码{code}，5分钟内有效。不是您本人在登录，不用理会，也别告诉任何人。"
ORDER_PAID = "订单{number}的货款到了，请装箱发货。"
ORDER_SHIPPED = "您的订单{number}发货了，快递单号登录后在订单里看。"
ORDER_CALLED_OFF = "订单{number}取消了：里面的枣被召回。付过的钱会退给您，登录后看。"
ORDER_RECALLED = "召回：订单{number}里的枣请不要吃，怎么退登录后看。"
LOT_RECALLED = "批次{code}被召回，已停售，请封存好，别再卖别再吃。登录后看。"
REFUND_SENT = "订单{number}有{amount}元退给您了，按付款时的路退回，几天内到账。"

MANDATE_CODE = "验证码{code}。说给代办员听，就是同意他替您卖枣；枣钱还到您账号。不同意就别说。"
MANDATE_CODE_NAME = "代办验证码"
MANDATE_ON_PAPER = "{name}交来您签字的委托书，乡镇核对过他能替您卖枣。没签过请马上找乡镇。"
MANDATE_GIVEN = "{name}可以替您卖枣了，枣钱还到您账号。不是您同意的，请马上找乡镇。"
MANDATE_REFUSED = "{name}不能替您卖枣，委托没有成。"
MANDATE_ENDED = "{name}不能再替您卖枣了。"

DECIDED: dict[type[Decided], str] = {
    SellerVerified: "“{name}”核实通过了，现在就能上架卖枣。",
    SellerRefused: "“{name}”这次没有通过核实，原因登录后看，改好可以再申请。",
    SellerSuspended: "“{name}”暂停销售，已经下的单请照常发货。原因登录后看。",
    SellerResumed: "“{name}”恢复销售了。",
    SellerClosed: "“{name}”已停业，已经下的单请照常发货。原因登录后看。",
}

ACCOUNT_CHANGED: dict[type[AccountChanged], str] = {
    AccountGiven: "“{name}”登记了新的收款账号，等乡镇核实。不是自家人办的，请马上找乡镇。",
    AccountVerified: "“{name}”的新收款账号核实好了，货款以后打那里。不是自家人办的，请马上找乡镇。",
    AccountRefused: "“{name}”的收款账号没有通过核实，原因登录后看。",
    AccountWithdrawn: "“{name}”的收款账号停用了：登记的人收回了同意。要收货款请再登记一个。",
}


def order_paid(number: str) -> str:
    """To the seller: he has to pack and send."""
    return ORDER_PAID.format(number=number)


def order_shipped(number: str) -> str:
    """To the buyer: it is on its way."""
    return ORDER_SHIPPED.format(number=number)


def order_called_off(number: str) -> str:
    """To the buyer: there is no order any more, because its goods were recalled."""
    return ORDER_CALLED_OFF.format(number=number)


def order_recalled(number: str) -> str:
    """To the buyer who has, or is about to get, recalled goods."""
    return ORDER_RECALLED.format(number=number)


def lot_recalled(code: str) -> str:
    """To the seller: a lot of his is stopped."""
    return LOT_RECALLED.format(code=code)


def refund_sent(number: str, amount: Money) -> str:
    """To the buyer: money is on its way back."""
    return REFUND_SENT.format(number=number, amount=amount)


def decided(fact: Decided, name: str) -> str:
    """To a seller's people: what the township decided."""
    return _named(DECIDED[type(fact)], name)


def account_changed(fact: AccountChanged, name: str) -> str:
    """To a seller's people: where its money goes has changed, so that a stranger's change is noticed."""
    return _named(ACCOUNT_CHANGED[type(fact)], name)


def mandate_on_paper(agent: str) -> str:
    """To a grower: somebody says that he signed."""
    return _named(MANDATE_ON_PAPER, agent)


def mandate_given(agent: str) -> str:
    """To a grower: who may act for him from now on, so that a mandate that he never gave is noticed."""
    return _named(MANDATE_GIVEN, agent)


def mandate_refused(agent: str) -> str:
    """To a grower: who may not act for him."""
    return _named(MANDATE_REFUSED, agent)


def mandate_ended(agent: str) -> str:
    """To a grower: who may not act for him any more."""
    return _named(MANDATE_ENDED, agent)


def _named(sentence: str, name: str) -> str:
    words = sentence.format(name=name)
    while signs(words) > MOST:
        name = name[:-1]
        words = sentence.format(name=name + "…")
    return words
