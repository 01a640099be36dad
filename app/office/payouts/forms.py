"""What officials send about payouts."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField

from app.office.payouts.answers import MOST_BYTES, MOST_LINES
from app.office.payouts.errors import BadReturnFile
from app.office.payouts.models import bank_words
from app.office.payouts.returns import Slip
from app.people.purse.states import Bank
from app.web.fields import Form, MoneyField, OnceForm, WholeField, WordsField, options, refuse
from app.web.words import later as _l
from app.web.words import said

_BETWEEN = "|"


def key_of(bank: Bank, bank_name: str) -> str:
    """A bank in one word, for a form."""
    return f"{bank.value}{_BETWEEN}{bank_name}"


def bank_of(key: str) -> tuple[Bank, str] | None:
    """The bank that the word means; None for another word."""
    value, _, name = key.partition(_BETWEEN)
    return (Bank(value), name) if value in set(Bank) else None


class MakeForm(OnceForm):
    """For which bank a file is made."""

    bank = HiddenField()


class DownloadForm(Form):
    """Why a file is taken again; the first time needs no reason."""

    because = WordsField(_l("为什么再下载一次"), most=200, required=False, render_kw={"autocomplete": "off"})


class ReasonForm(Form):
    """Why a file is void, or how somebody dealt with a line."""

    because = WordsField(_l("原因"), most=200, render_kw={"autocomplete": "off"})


class ReturnForm(Form):
    """A bank's answer, and what its covering slip says."""

    bank = SelectField(_l("哪家银行的回盘"))
    file = FileField(_l("回盘文件（CSV）"), render_kw={"accept": ".csv,text/csv"})
    count = WholeField(_l("回单上的笔数"), most=MOST_LINES, required=False, render_kw={"inputmode": "numeric"})
    total = MoneyField(_l("回单上的总金额"), required=False, render_kw={"inputmode": "decimal"})

    def fill(self, banks: Sequence[tuple[Bank, str]]) -> None:
        """Offer the banks that have had a file of ours."""
        named = [(key_of(*one), said(bank_words(*one))) for one in banks]
        self.bank.choices = options([("", gettext("请选择")), *named])

    def slip(self) -> Slip:
        """What the covering slip says, as far as it was typed."""
        return Slip(self.count.data, self.total.data)

    def content(self) -> bytes | None:
        """The file's bytes, one more than are taken at most; None, and the field says so, when none came."""
        upload = self.file.data
        if not upload or not hasattr(upload, "read"):
            refuse(self, BadReturnFile(field="file", what="请选银行给的回盘文件。"))
            return None
        content: bytes = upload.read(MOST_BYTES + 1)
        return content
