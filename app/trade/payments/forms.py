"""What officials send about money."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import BooleanField, SelectField

from app.trade.payments.models import RefundReason
from app.web.fields import Form, MoneyField, OnceForm, WordsField, options
from app.web.words import later as _l

AFTER_SALE = (RefundReason.QUALITY, RefundReason.SHORT_WEIGHT, RefundReason.RETURNED, RefundReason.AGREED)


class ConfirmForm(Form):
    """What the bank's statement says."""

    amount = MoneyField(_l("到账金额"), render_kw={"inputmode": "decimal", "autocomplete": "off"})
    reference = WordsField(_l("银行流水号"), most=60, render_kw={"autocomplete": "off"})


class HandedOverForm(Form):
    """What the bank's statement says of money that a courier took at the door."""

    amount = MoneyField(_l("快递交来的金额"), render_kw={"inputmode": "decimal", "autocomplete": "off"})
    reference = WordsField(_l("银行流水号"), most=60, render_kw={"autocomplete": "off"})


class PayForm(Form):
    """The buyer's consent to what goes abroad; its wording is `online.CONSENT`."""

    consent = BooleanField(
        _l("我单独同意：把订单号和付款金额交给境外的支付公司 Stripe，用来收这一笔款。不交姓名、电话和地址。")
    )

    def is_agreed(self) -> bool:
        """Whether the tick is set; else the field says so."""
        if not self.consent.data:
            self.consent.errors = [_("请先勾选同意，或改用银行转账、货到付款。")]
        return bool(self.consent.data)


class ProblemForm(Form):
    """How somebody dealt with money that did not fit."""

    because = WordsField(_l("怎样处理的"), most=200, render_kw={"autocomplete": "off"})


class AskRefundForm(OnceForm):
    """How much of a paid order's money goes back, and why."""

    amount = MoneyField(_l("退多少"), render_kw={"inputmode": "decimal", "autocomplete": "off"})
    reason = SelectField(_l("为什么退"), choices=options((one.value, _l(one.words)) for one in AFTER_SALE))
    note = WordsField(_l("说明"), most=200, required=False, render_kw={"autocomplete": "off"})


class NothingForm(Form):
    """Buttons that need only the token."""


class RefundForm(Form):
    """Under which reference the money went back."""

    reference = WordsField(_l("退款流水号"), most=60, render_kw={"autocomplete": "off"})


class FindForm(Form):
    """Which order a transfer is for."""

    class Meta(Form.Meta):
        """A search changes nothing."""

        csrf = False

    number = WordsField(_l("订单号（转账附言）"), most=30, required=False, render_kw={"autocomplete": "off"})
