"""What officials send about packs."""

from __future__ import annotations

from app.web.fields import Form, WordsField
from app.web.words import later as _


class FindForm(Form):
    """Which packs to list; sent by GET, so without a token."""

    class Meta(Form.Meta):
        """A search changes nothing."""

        csrf = False

    q = WordsField(_("找商品"), most=60, required=False)


class StopForm(Form):
    """Why a pack may not be sold, or may be again."""

    because = WordsField(_("原因，会告诉卖家"), most=200, render_kw={"autocomplete": "off"})
