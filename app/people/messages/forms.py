"""What browsers send about messages and mail addresses."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField

from app.kernel.errors import BadValue
from app.kernel.numbers import whole_number
from app.people.accounts.errors import ConsentMissing
from app.web.fields import Form, WordsField, refuse
from app.web.words import later as _

CONSENT = "mail-2026-01"
"""The wording beside the tick; another wording is another version."""

_EMAIL = {"inputmode": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "20"}


class ReadForm(Form):
    """Up to which message was read."""

    upto = HiddenField()

    def last(self) -> int:
        """The message's number; 0 when the field holds none."""
        try:
            return whole_number(self.upto.data or "", least=1, most=10**14)
        except BadValue:
            return 0


class MailForm(Form):
    """Where messages shall be mailed to, and the consent to keep it."""

    address = WordsField(_("邮箱"), most=254, render_kw=_EMAIL)
    consent = BooleanField(_("我同意保存我的邮箱，只用来把站内消息也发给我；邮箱加密保存，我可以随时删掉。"))

    def consent_version(self) -> str:
        """The version of the wording, if the tick was set; else empty, and the field says so."""
        if self.consent.data:
            return CONSENT
        refuse(self, ConsentMissing(field="consent"))
        return ""


class CodeForm(Form):
    """The code that was mailed."""

    code = WordsField(_("六位确认码"), most=20, render_kw=_CODE)
