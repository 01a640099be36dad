"""What a buyer sends about where his parcels go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import ValidationError

from app.people.accounts import phones
from app.people.accounts.errors import BadPhone
from app.trade.addresses.queries import Place
from app.web.fields import Form, OnceForm, WordsField, options
from app.web.words import later as _l
from app.web.words import sentence_of

MOST_CONSIGNEE, MOST_STREET = 20, 100


class PhoneField(WordsField):
    """A mainland mobile number."""

    def pre_validate(self, form: Any) -> None:
        """Eleven digits, or a sentence; nothing where nothing is needed."""
        super().pre_validate(form)
        if not self.data and not self.required:
            return
        try:
            self.data = phones.parse(self.data or "")
        except BadPhone as error:
            raise ValidationError(sentence_of(error)) from error


class AddressForm(OnceForm):
    """One address of the book."""

    consignee = WordsField(_l("收货人"), most=MOST_CONSIGNEE, render_kw={"autocomplete": "name"})
    phone = PhoneField(_l("手机号"), most=20, render_kw={"autocomplete": "tel", "inputmode": "tel"})
    province = SelectField(_l("省份"), render_kw={"autocomplete": "address-level1"})
    address = WordsField(_l("详细地址"), most=MOST_STREET, render_kw={"autocomplete": "street-address"})
    is_default = BooleanField(_l("下单时先用这个"))

    def fill(self, provinces: Sequence[tuple[str, str]]) -> None:
        """Offer the provinces that are served."""
        self.province.choices = options(provinces)

    def place(self) -> Place:
        """The address that was filled in."""
        return Place(self.consignee.data or "", self.phone.data or "", self.province.data, self.address.data or "")


class NothingForm(Form):
    """A button that needs only the token."""
