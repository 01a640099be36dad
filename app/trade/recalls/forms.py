"""What officials send about recalls."""

from __future__ import annotations

from app.web.fields import Form, WordsField
from app.web.words import later as _l


class BecauseForm(Form):
    """Why a recall is lifted, how its fruit was disposed of, or why a buyer's name is needed."""

    because = WordsField(_l("原因"), most=200, render_kw={"autocomplete": "off"})


class BuyerForm(BecauseForm):
    """Of which order the buyer's name and number are needed, and why."""

    order_number = WordsField(_l("订单号"), most=30, render_kw={"autocomplete": "off"})
