"""What officials send about freight."""

from __future__ import annotations

from wtforms import DateField, SelectField

from app.kernel.money import Money
from app.trade.freight.service import ZONES
from app.web.fields import Form, MoneyField, options
from app.web.words import later as _l

_MOST = Money(1_000_000)
_NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


class RateForm(Form):
    """A new rate for a zone from a day on."""

    zone = SelectField(_l("地区"), choices=options((key, _l(words)) for key, words in ZONES.items()))
    valid_from = DateField(_l("从哪天起"))
    first_kg = MoneyField(_l("首公斤"), may_be_nothing=True, at_most=_MOST, render_kw=_NUMBER)
    next_kg = MoneyField(_l("续公斤"), may_be_nothing=True, at_most=_MOST, render_kw=_NUMBER)
    free_from = MoneyField(_l("满多少包邮"), required=False, render_kw=_NUMBER)
