"""What buyers and sellers send about orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import ValidationError

from app.people.accounts import phones
from app.people.accounts.errors import BadPhone
from app.trade.orders.states import PayBy
from app.web.fields import Form, OnceForm, WordsField, options
from app.web.words import later as _l
from app.web.words import sentence_of


class PhoneField(WordsField):
    """A mainland mobile number."""

    def pre_validate(self, form: Any) -> None:
        """Eleven digits, or a sentence."""
        super().pre_validate(form)
        try:
            self.data = phones.parse(self.data or "")
        except BadPhone as error:
            raise ValidationError(sentence_of(error)) from error


class CheckoutForm(OnceForm):
    """Where it goes, how it is paid, and the total that the buyer saw."""

    consignee = WordsField(_l("收货人"), most=20, render_kw={"autocomplete": "name"})
    phone = PhoneField(_l("手机号"), most=20, render_kw={"autocomplete": "tel", "inputmode": "tel"})
    province = SelectField(_l("省份"), render_kw={"autocomplete": "address-level1"})
    address = WordsField(_l("详细地址"), most=100, render_kw={"autocomplete": "street-address"})
    pay_by = RadioField(_l("付款方式"), validate_choice=True)
    note = WordsField(_l("给卖家的话"), most=60, required=False)
    seen_total = HiddenField()
    seen_basket = HiddenField()
    confirms_return_rule = BooleanField(_l("我知道鲜枣不适用七日无理由退货"))
    is_adult = BooleanField(_l("我已满十八岁（含酒精商品）"))

    def fill(self, *, provinces: Sequence[tuple[str, str]], ways: Sequence[PayBy]) -> None:
        """Offer the provinces that are served and the ways to pay that are open."""
        self.province.choices = options(provinces)
        self.pay_by.choices = options((one.value, _l(one.words)) for one in ways)


class CancelForm(Form):
    """Why the buyer does not want it any more."""

    because = SelectField(
        _l("为什么不要了"),
        choices=options(
            (reason, _l(reason)) for reason in ("不想要了", "地址或数量写错了", "等得太久", "价格不合适", "其他原因")
        ),
    )


class ShipForm(Form):
    """With whom and under which number it was sent."""

    courier = SelectField(
        _l("快递"),
        choices=options(
            (name, _l(name)) for name in ("中国邮政", "顺丰", "中通", "圆通", "申通", "韵达", "极兔", "其他")
        ),
    )
    tracking = WordsField(_l("运单号"), most=40, render_kw={"autocomplete": "off"})


class NothingForm(Form):
    """A button that needs only the token."""
