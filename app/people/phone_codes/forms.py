"""What browsers send to sign in by phone."""

from __future__ import annotations

from app.web.fields import Form, WordsField
from app.web.words import later as _

_TEL = {"type": "tel", "inputmode": "tel", "autocomplete": "username tel-national", "maxlength": "20"}
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "20"}


class AskForm(Form):
    """The number to which a code shall go."""

    phone = WordsField(_("手机号"), most=40, render_kw=_TEL)


class EnterForm(Form):
    """The code that came."""

    code = WordsField(_("短信里的六位验证码"), most=20, render_kw=_CODE)
