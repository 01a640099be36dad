"""What browsers send about messages."""

from __future__ import annotations

from wtforms import HiddenField

from app.kernel.errors import BadValue
from app.kernel.numbers import whole_number
from app.web.fields import Form


class ReadForm(Form):
    """Up to which message was read."""

    upto = HiddenField()

    def last(self) -> int:
        """The message's number; 0 when the field holds none."""
        try:
            return whole_number(self.upto.data or "", least=1, most=10**14)
        except BadValue:
            return 0
