"""How invoices say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class BadTaxNumber(BadValue):
    """No unified social credit code, or one that was mistyped. Source: GB 32100-2015."""

    code = "bad_tax_number"
    sentence = "税号不对，请照营业执照填 18 位统一社会信用代码。"


class BadTitle(BadValue):
    """Nothing that could be a title."""

    code = "bad_title"
    sentence = "请填写抬头，2 到 60 个字。"


class BadDocument(BadValue):
    """Nothing that could be the number of an invoice."""

    code = "bad_document"
    sentence = "发票号码不对，请照发票抄 6 到 30 位数字或字母。"


class BadIssueDay(BadValue):
    """A day that is over the order's time or still to come."""

    code = "bad_issue_day"
    sentence = "日期不对，要在买家付款那天到今天之间。"


class NotPaid(Conflict):
    """The order is not paid, or it was called off."""

    code = "not_paid"
    sentence = "付过款、没有取消的订单才能开。"


class AlreadyAsked(Conflict):
    """There is a request for the order, or an invoice."""

    code = "already_asked"
    sentence = "这一单已经申请过发票，不用再申请。"


class AskedTooOften(Conflict):
    """The buyer has asked as often as makes sense."""

    code = "asked_too_often"
    sentence = "这一单申请过 {most} 次了，请直接和卖家说，或者在订单页投诉。"


class NothingLeft(Conflict):
    """What was paid has gone back."""

    code = "nothing_left"
    sentence = "这一单的钱已经全退了，没有可开的金额。"


class NothingToReverse(Conflict):
    """The invoice says what the books say."""

    code = "nothing_to_reverse"
    sentence = "这张发票的金额和账上一致，不用红冲。"
