"""What browsers send about bank accounts."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from wtforms import BooleanField, SelectField

from app.people.accounts.errors import ConsentMissing
from app.people.growers.models import Seller
from app.people.purse.errors import BadBank
from app.people.purse.service import Given, holder_for
from app.people.purse.states import Bank
from app.web.fields import Form, WordsField, options, refuse
from app.web.words import later as _

CONSENT = "bank-account-2026-01"
"""The wording beside the tick; another wording is another version."""

_NUMBER = {"inputmode": "numeric", "autocomplete": "off", "maxlength": "30"}


class PurseForm(Form):
    """The account to which a seller shall be paid, and the consent to keep it."""

    seller_id = SelectField(_("哪家的货款"))
    holder = WordsField(_("户名"), most=40, render_kw={"autocomplete": "off"})
    bank = SelectField(_("开户银行"))
    bank_name = WordsField(_("银行名称（选“其他”才填）"), most=40, required=False)
    number = WordsField(_("卡号或存折账号"), most=40, render_kw=_NUMBER)
    consent = BooleanField(_("我单独同意保存我的银行账号，只用来核实和给我打卖枣的钱；号码加密保存，我可以随时收回。"))

    def fill(self, sellers: Sequence[Seller], *, person_name: str) -> None:
        """Offer the viewer's sellers and the banks; the name in which the account must be stands there already."""
        self.seller_id.choices = options((str(seller.id), seller.name) for seller in sellers)
        self.bank.choices = options([("", gettext("请选择")), *((bank.value, _(bank.words)) for bank in Bank)])
        if not self.is_submitted() and sellers:  # type: ignore[no-untyped-call]
            self.holder.data = holder_for(sellers[0], person_name)

    def given(self) -> Given:
        """What was filled in. Raises `BadBank`."""
        if not self.bank.data:
            raise BadBank(field="bank")
        return Given(
            seller_id=int(self.seller_id.data),
            holder=self.holder.data or "",
            bank=Bank(self.bank.data),
            number=self.number.data or "",
            bank_name=self.bank_name.data or "",
        )

    def consent_version(self) -> str:
        """The version of the wording, if the tick was set; else empty, and the field says so."""
        if self.consent.data:
            return CONSENT
        refuse(self, ConsentMissing(field="consent"))
        return ""


class NothingForm(Form):
    """A button that needs no words."""


class ReasonForm(Form):
    """Why an account is taken or not, or must be seen in full."""

    because = WordsField(_("原因"), most=200, render_kw={"autocomplete": "off"})
