"""What officials send about corrections."""

from __future__ import annotations

from wtforms import RadioField

from app.kernel.money import ZERO, Money
from app.trade.corrections.service import Wanted
from app.web.fields import MoneyField, OnceForm, ParagraphsField, WordsField, options
from app.web.words import later as _l

_OFF = {"autocomplete": "off"}
_MOST = Money(10_000_000)


class CorrectionForm(OnceForm):
    """Whom, which way, how much and why."""

    seller = WordsField(_l("卖家短码"), most=60, render_kw=_OFF)
    way = RadioField(
        _l("怎样更正"), choices=options((("give", _l("补给卖家")), ("take", _l("向卖家收回")))), default="give"
    )
    amount = MoneyField(_l("金额"), at_most=_MOST, render_kw={"inputmode": "decimal", **_OFF})
    because = ParagraphsField(_l("为什么"), most=200, render_kw={"rows": 3, **_OFF})

    def wanted(self) -> Wanted:
        """As the service takes it."""
        amount: Money = self.amount.data or ZERO
        return Wanted(self.seller.data or "", amount if self.way.data == "give" else -amount, self.because.data or "")
