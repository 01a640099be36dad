"""What officials send about the fee."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import DateField

from app.kernel.errors import BadValue
from app.kernel.numbers import fixed_point
from app.trade.fees.service import MOST, Proposal
from app.web.fields import OnceForm, ParagraphsField, WordsField
from app.web.words import later as _l
from app.web.words import sentence_of

_OFF = {"autocomplete": "off"}


class RateForm(OnceForm):
    """How much of the goods' price the county keeps, from which day, and why."""

    rate = WordsField(_l("服务费率"), most=6, render_kw={"inputmode": "decimal", **_OFF})
    valid_from = DateField(_l("从哪天起"))
    because = ParagraphsField(_l("依据"), most=200, render_kw={"rows": 2, **_OFF})

    def proposal(self) -> Proposal | None:
        """As the service takes it; None when a field cannot be read, and then says so."""
        try:
            per_ten_thousand = fixed_point(self.rate.data or "", decimals=2, most=MOST)
        except BadValue as error:
            self.rate.errors = [sentence_of(error)]
            return None
        if self.valid_from.data is None:
            self.valid_from.errors = [_("请选一个日子。")]
            return None
        return Proposal(per_ten_thousand, self.valid_from.data, self.because.data or "")
