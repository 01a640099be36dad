"""What officials send about money."""

from __future__ import annotations

from app.web.fields import Form, MoneyField, WordsField
from app.web.words import later as _l


class ConfirmForm(Form):
    """What the bank's statement says."""

    amount = MoneyField(_l("到账金额"), render_kw={"inputmode": "decimal", "autocomplete": "off"})
    reference = WordsField(_l("银行流水号"), most=60, render_kw={"autocomplete": "off"})


class RefundForm(Form):
    """Under which reference the money went back."""

    reference = WordsField(_l("退款流水号"), most=60, render_kw={"autocomplete": "off"})


class FindForm(Form):
    """Which order a transfer is for."""

    class Meta(Form.Meta):
        """A search changes nothing."""

        csrf = False

    number = WordsField(_l("订单号（转账附言）"), most=30, required=False, render_kw={"autocomplete": "off"})
