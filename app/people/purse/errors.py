"""How the purse says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict


class BadAccountNumber(BadValue):
    """Nothing that could be the number of a card or a passbook."""

    code = "bad_account_number"
    sentence = "账号不对，请照银行卡或存折填写 12 到 19 位数字。"


class MistypedCard(BadValue):
    """A card number whose check digit is wrong."""

    code = "mistyped_card"
    sentence = "卡号填错了，请照银行卡一位一位再核对。"


class BadBank(BadValue):
    """No bank was chosen, or another one without its name."""

    code = "bad_bank"
    sentence = "请选开户银行；选“其他”的，写上银行名称，2 到 40 个字。"


class HolderNotOwn(BadValue):
    """A household is paid to an account in the name of whoever gives it."""

    code = "holder_not_own"
    sentence = "户名要和您登记的姓名“{name}”一样，钱只打到您本人的账户。姓名登记错了，请到乡镇改。"


class HolderNotSeller(BadValue):
    """A co-op or a firm is paid to an account in its own name."""

    code = "holder_not_seller"
    sentence = "户名要和登记的名称“{name}”一样，钱只打到合作社或企业自己的账户。"


class AccountTaken(Conflict):
    """The number is kept for another seller."""

    code = "account_taken"
    sentence = "这个账号已登记在别家名下，请到乡镇核实。"


class NotPayable(Conflict):
    """The account is not verified, or its consent is gone."""

    code = "account_not_payable"
    sentence = "这个账号现在不能收款，请卖家重新登记，乡镇核实后再办。"
