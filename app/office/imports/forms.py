"""What people send about imports."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_wtf.file import FileField
from wtforms import SelectField

from app.gateways.sheets import MAX_BYTES
from app.office.imports.errors import FileMissing
from app.office.imports.kinds import ImportKind
from app.web.fields import Form, OnceForm, options, refuse
from app.web.words import later as _l
from app.web.words import said

BETWEEN = "|"
Offer = tuple[ImportKind, str, str]
"""A kind, an owner, and the owner's words."""


def target_of(text: str) -> tuple[str, str]:
    """(kind, owner) of a choice."""
    kind, _, scope = text.partition(BETWEEN)
    return kind, scope


class _TargetForm(OnceForm):
    target = SelectField(_l("什么表、归谁"))

    def fill(self, offers: Sequence[Offer]) -> None:
        """Offer the kinds and owners."""
        named = [(f"{kind.key}{BETWEEN}{scope}", f"{said(kind.words)} · {words}") for kind, scope, words in offers]
        first = [("", gettext("请选择"))] if len(named) != 1 else []
        self.target.choices = options([*first, *named])


class BringForm(_TargetForm):
    """A file to be tried."""

    file = FileField(_l("文件（xlsx 或 CSV）"), render_kw={"accept": ".xlsx,.csv,text/csv"})

    def data_sent(self) -> bytes | None:
        """The file's bytes, one more than are taken at most; None, and the field says so, when none came."""
        upload = self.file.data
        if not upload or not hasattr(upload, "read") or not getattr(upload, "filename", ""):
            refuse(self, FileMissing(field="file"))
            return None
        sent: bytes = upload.read(MAX_BYTES + 1)
        return sent

    @property
    def file_name(self) -> str:
        """What the sender calls the file; for the eye only."""
        return str(getattr(self.file.data, "filename", "") or "")


class ExportForm(_TargetForm):
    """What to export, in which form."""

    form = SelectField(_l("格式"), choices=options([("xlsx", "Excel (xlsx)"), ("csv", "CSV")]))


class ConfirmForm(OnceForm):
    """A button that may be tapped twice."""


class NothingForm(Form):
    """A button that needs only the token."""
