"""What a person decides, beside what he saw."""

from __future__ import annotations

from wtforms import HiddenField

from app.office.approvals.service import Verdict
from app.web.fields import Form, ParagraphsField
from app.web.words import later as _l


class VerdictForm(Form):
    """Agree or refuse, by the button that was pressed; `seen` is the fingerprint of what the page showed."""

    seen = HiddenField()
    because = ParagraphsField(_l("意见"), most=200, required=False, render_kw={"autocomplete": "off", "rows": 2})

    def verdict(self, pressed: str | None) -> Verdict:
        """What was decided; anything but the button that agrees refuses."""
        return Verdict(pressed == "agree", (self.seen.data or "")[:64], self.because.data or "")
