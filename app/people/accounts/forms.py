"""What browsers send about accounts."""

from __future__ import annotations

from wtforms import BooleanField, PasswordField, SelectField

from app.people.accounts.errors import ConsentMissing
from app.people.accounts.states import STAFF, Role
from app.people.townships import queries as townships
from app.web.fields import Form, WordsField, options, refuse
from app.web.words import later as _

ACCOUNT_CONSENT = "account-2026-01"
"""The wording beside the tick; another wording is another version."""

_TEL = {"inputmode": "tel", "autocomplete": "username", "maxlength": "20"}
_CODE = {"inputmode": "text", "autocomplete": "one-time-code", "autocapitalize": "characters", "maxlength": "40"}


class SignInForm(Form):
    """A number and its password."""

    phone = WordsField(_("手机号"), most=40, render_kw=_TEL)
    password = PasswordField(_("密码"), render_kw={"autocomplete": "current-password"})


class SignUpForm(Form):
    """A new account."""

    phone = WordsField(_("手机号"), most=40, render_kw=_TEL)
    name = WordsField(_("姓名"), most=40, render_kw={"autocomplete": "name"})
    password = PasswordField(_("密码"), render_kw={"autocomplete": "new-password"})
    consent = BooleanField(_("我同意保存我的手机号和姓名，用来登录、下单和联系我；不同意就没法登记。"))

    def has_consent(self) -> bool:
        """Whether the tick was set; if not, the field says so."""
        if not self.consent.data:
            refuse(self, ConsentMissing(field="consent"))
        return bool(self.consent.data)


class PasswordForm(Form):
    """A new password, and the old one to prove who asks."""

    old = PasswordField(_("现在的密码"), render_kw={"autocomplete": "current-password"})
    password = PasswordField(_("新密码"), render_kw={"autocomplete": "new-password"})


class TotpForm(Form):
    """A one-time code."""

    code = WordsField(_("动态口令"), most=40, render_kw=_CODE)


class NothingForm(Form):
    """A button that needs no words."""


class FindForm(Form):
    """A person by the exact number."""

    phone = WordsField(_("手机号"), most=40, render_kw={"inputmode": "tel", "autocomplete": "off"})


class ReasonForm(Form):
    """Why something is done."""

    because = WordsField(_("原因"), most=200, render_kw={"autocomplete": "off"})


class UnmaskForm(ReasonForm):
    """Why a number must be seen in full."""


class GrantForm(ReasonForm):
    """A role, where it holds, and why."""

    role = SelectField(_("角色"))
    township_code = SelectField(_("乡镇（只有乡镇干部要选）"))

    def fill(self) -> None:
        """Offer the staff roles and the present townships."""
        self.role.choices = options((role.value, _(role.words)) for role in Role if role in STAFF)
        self.township_code.choices = options([("", "—"), *((one.code, one.name) for one in townships.present())])

    def scope(self) -> str:
        """The scope that the chosen role and township make."""
        if self.role.data == Role.TOWNSHIP.value:
            return f"township:{self.township_code.data or ''}"
        return "county"
