"""What browsers send about sellers."""

from __future__ import annotations

from flask_babel import gettext
from wtforms import BooleanField, RadioField, SelectField

from app.kernel.errors import DomainError
from app.people.accounts.errors import ConsentMissing
from app.people.growers.changes import Wanted
from app.people.growers.models import Household, Seller, SellerChange
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.townships import queries as townships
from app.web.fields import Form, OnceForm, ParagraphsField, WholeField, WordsField, options, refuse
from app.web.words import later as _

ID_CONSENT = "resident-id-2026-01"
"""The wording beside the tick; another wording is another version."""


class ApplyForm(OnceForm):
    """Somebody wants to sell."""

    kind = RadioField(_("您是"), default=SellerKind.HOUSEHOLD.value)
    name = WordsField(_("店名，买家会看到，例如“王家枣园”"), most=40)
    township_code = SelectField(_("在哪个乡镇"))
    village = WordsField(_("哪个村"), most=40, required=False)
    head_name = WordsField(_("户主姓名（农户填）"), most=40, required=False)
    members = WholeField(_("家里几口人（农户填）"), most=30, required=False)
    licence_no = WordsField(_("食品生产许可证或小作坊登记号（加工企业填）"), most=40, required=False)
    words = ParagraphsField(_("介绍一下自家的枣"), most=300, required=False)

    def fill(self) -> None:
        """Offer the kinds of sellers and the present townships."""
        self.kind.choices = options((kind.value, _(kind.words)) for kind in SellerKind)
        self.township_code.choices = options(
            [("", gettext("请选择")), *((one.code, one.name) for one in townships.present())]
        )

    def fill_from(self, seller: Seller, household: Household | None) -> None:
        """What was written in an application that was refused, to be mended."""
        self.kind.data, self.name.data, self.township_code.data = seller.kind.value, seller.name, seller.township_code
        self.licence_no.data, self.words.data = seller.licence_no or "", seller.words
        if household is not None:
            self.head_name.data, self.members.data = household.head_name, household.members

    def application(self) -> Application:
        """What was filled in; a village that no list names goes into the words."""
        code = self.township_code.data or ""
        known = {one.name: one.id for one in townships.villages_of(code)}
        village = self.village.data or ""
        said = self.words.data or ""
        return Application(
            kind=SellerKind(self.kind.data),
            name=self.name.data or "",
            township_code=code,
            village_id=known.get(village),
            licence_no=self.licence_no.data or None,
            head_name=self.head_name.data or "",
            members=self.members.data,
            words=said if not village or village in known else f"{village}。{said}",
        )


class IdentityForm(Form):
    """A resident ID and the consent to keep it."""

    resident_id = WordsField(_("身份证号"), most=40, render_kw={"autocomplete": "off", "maxlength": "24"})
    consent = BooleanField(
        _("我单独同意保存我的身份证号，只用来核实我是谁、办贷款和保险；号码加密保存，我可以随时收回。")
    )

    def consent_version(self) -> str:
        """The version of the wording, if the tick was set; else empty, and the field says so."""
        if self.consent.data:
            return ID_CONSENT
        refuse(self, ConsentMissing(field="consent"))
        return ""


class NothingForm(Form):
    """A button that needs no words."""


class ChangeForm(Form):
    """How a verified seller would rather be called and described."""

    name = WordsField(_("店名，买家会看到"), most=40)
    licence_no = WordsField(_("食品生产许可证或小作坊登记号（没有就空着）"), most=40, required=False)
    words = ParagraphsField(_("介绍一下自家的枣"), most=300, required=False)

    def fill(self, said: Seller | SellerChange) -> None:
        """What stands now, or waits, to be written over."""
        self.name.data, self.licence_no.data, self.words.data = said.name, said.licence_no or "", said.words

    def wanted(self) -> Wanted:
        """What was filled in."""
        return Wanted(self.name.data or "", self.licence_no.data or None, self.words.data or "")


class DecisionForm(Form):
    """Why a seller's status changes."""

    because = WordsField(_("原因"), most=200, render_kw={"autocomplete": "off"})


class UnmaskForm(Form):
    """Why a number must be seen in full."""

    because = WordsField(_("原因"), most=200, render_kw={"autocomplete": "off"})


def put(form: Form, error: DomainError, **elsewhere: str) -> None:
    """Refuse at the field that the error names, or at the one that stands for it in this form."""
    if error.field is not None:
        error.field = elsewhere.get(error.field, error.field)
    refuse(form, error)
