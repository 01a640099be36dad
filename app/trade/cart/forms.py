"""What buyers send to the basket."""

from __future__ import annotations

from app.web.fields import Form, WholeField
from app.web.words import later as _l


class LineForm(Form):
    """So many pieces."""

    pieces = WholeField(_l("件数"), least=1, most=999, render_kw={"inputmode": "numeric", "autocomplete": "off"})
