"""What buyers and sellers send about orders."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import ValidationError

from app.kernel.weight import Weight
from app.trade.addresses.forms import MOST_CONSIGNEE, MOST_STREET, PhoneField
from app.trade.freight.service import NotServed
from app.trade.orders.models import OrderLine
from app.trade.orders.states import PayBy
from app.web.fields import Form, JinField, OnceForm, WordsField, options
from app.web.words import later as _l
from app.web.words import said

OTHER = "other"


class CheckoutForm(OnceForm):
    """Where it goes, how it is paid, and the total that the buyer saw."""

    ship_to = RadioField(_l("送到哪个地址"), validate_choice=True)
    consignee = WordsField(_l("收货人"), most=MOST_CONSIGNEE, render_kw={"autocomplete": "name"})
    phone = PhoneField(_l("手机号"), most=20, render_kw={"autocomplete": "tel", "inputmode": "tel"})
    province = SelectField(_l("省份"), render_kw={"autocomplete": "address-level1"})
    address = WordsField(_l("详细地址"), most=MOST_STREET, render_kw={"autocomplete": "street-address"})
    saves = BooleanField(_l("存到地址簿，下次不用再填"))
    pay_by = RadioField(_l("付款方式"), validate_choice=True)
    note = WordsField(_l("给卖家的话"), most=60, required=False)
    seen_total = HiddenField()
    seen_basket = HiddenField()
    confirms_return_rule = BooleanField(_l("我知道鲜枣不适用七日无理由退货"))
    is_adult = BooleanField(_l("我已满十八岁（含酒精商品）"))
    served: frozenset[str] = frozenset()
    is_served = True

    def fill(self, *, provinces: Sequence[tuple[str, str]], ways: Sequence[PayBy]) -> None:
        """Offer the provinces that are served and the ways to pay that are open."""
        self.served = frozenset(code for code, _name in provinces)
        self.province.choices = options(provinces)
        self.pay_by.choices = options((one.value, _l(one.words)) for one in ways)

    def offer(self, kept: Sequence[tuple[str, str]]) -> None:
        """Offer the addresses of the buyer's book, (code, words), and another one; nothing to choose without a book."""
        if not kept:
            del self.ship_to
            return
        self.ship_to.choices = options([*kept, (OTHER, _l("另一个地址"))])

    @property
    def chosen(self) -> str | None:
        """The code of the address of the book that was chosen; None: another one, which is filled in."""
        code: str | None = self.ship_to.data if "ship_to" in self else None
        return None if code == OTHER else code

    def use(self, *, province: str) -> None:
        """An address of the book in this province is used, so that what was typed as another one does not count."""
        for field in (self.consignee, self.phone, self.address):
            field.data, field.required = "", False
        self.saves.data = False
        self.is_served = province in self.served
        if self.is_served:
            self.province.data = province

    def validate_ship_to(self, field: RadioField) -> None:
        """An address of the book may lie where we do not send any more."""
        if not self.is_served:
            raise ValidationError(said(NotServed.sentence))


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


class PackForm(Form):
    """What lines weigh, where that is not as promised; nothing written, all is."""

    @property
    def weights(self) -> dict[int, JinField]:
        """Line id → its field."""
        return {int(f.name.removeprefix("weighed_")): f for f in self if isinstance(f, JinField)}

    def weighed(self) -> dict[int, Weight]:
        """Line id → what was written."""
        return {number: field.data for number, field in self.weights.items() if field.data is not None}


def pack_form(lines: Sequence[OrderLine], *, is_sent: bool = False) -> PackForm:
    """A field for each line, empty."""
    fields = {
        f"weighed_{line.id}": JinField(
            line.title, required=False, render_kw={"inputmode": "decimal", "autocomplete": "off"}
        )
        for line in lines
    }
    shaped: type[PackForm] = type("PackForm", (PackForm,), fields)
    return shaped() if is_sent else shaped(formdata=None)


class NothingForm(Form):
    """A button that needs only the token."""
