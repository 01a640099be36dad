"""What buyers and sellers send about invoices."""

from __future__ import annotations

from wtforms import DateField, RadioField, SelectField
from wtforms.validators import InputRequired

from app.trade.invoices.service import Asked, Document
from app.trade.invoices.states import Reason, TitleKind
from app.web.fields import Form, OnceForm, WordsField, options
from app.web.words import later as _l

_NUMBER = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class AskForm(OnceForm):
    """To whom the invoice shall be made out."""

    kind = RadioField(
        _l("开给谁"), choices=options((one.value, _l(one.words)) for one in TitleKind), default="personal"
    )
    title = WordsField(_l("抬头"), most=60, render_kw={"autocomplete": "off"})
    tax_no = WordsField(_l("税号"), most=30, required=False, render_kw=_NUMBER)

    def asked(self) -> Asked:
        """What was filled in."""
        return Asked(TitleKind(self.kind.data), self.title.data or "", self.tax_no.data or "")


class DocumentForm(Form):
    """Number and day of an invoice that was made out."""

    document = WordsField(_l("发票号码"), most=40, render_kw=_NUMBER)
    issued_on = DateField(_l("开票日期"), validators=[InputRequired(_l("请填写这一项。"))])

    def read(self) -> Document:
        """What was filled in."""
        assert self.issued_on.data is not None
        return Document(self.document.data or "", self.issued_on.data)


class IssueForm(DocumentForm):
    """The same, and how it reaches the buyer."""

    words = WordsField(_l("怎样交给买家"), most=100, required=False, render_kw={"autocomplete": "off"})


class DeclineForm(Form):
    """Why there will be none."""

    because = SelectField(_l("为什么不开"), choices=options((one.value, _l(one.words)) for one in Reason))
    words = WordsField(_l("还要说的"), most=100, required=False, render_kw={"autocomplete": "off"})


class NothingForm(Form):
    """A button that needs only the token."""
