"""What sellers and officials send about lots."""

from __future__ import annotations

from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import ValidationError

from app.trade.recalls.states import Level
from app.trade.tracing.labels import MOST, Paper
from app.web.fields import Form, OnceForm, WholeField, WordsField, options
from app.web.words import later as _l


class RecallForm(OnceForm):
    """How grave it is, and why."""

    level = RadioField(_l("多严重"))
    because = WordsField(_l("为什么召回"), most=200, render_kw={"autocomplete": "off"})

    def offer(self) -> RecallForm:
        """The form with its choices."""
        self.level.choices = options((one.value, _(one.words)) for one in Level)
        return self


class LabelsForm(Form):
    """How many labels, on what paper, and of which pack; read from the address."""

    class Meta(Form.Meta):
        """It changes nothing."""

        csrf = False

    pack = SelectField(_l("贴在哪种商品上"), default="", validate_choice=True)
    pieces = WholeField(_l("几张"), most=MOST)
    paper = RadioField(_l("用什么纸"), default=Paper.SHEET.value)

    def offer(self, packs: list[tuple[str, str]]) -> LabelsForm:
        """The form with its choices."""
        self.pack.choices = options([("", _("散枣（按批次）")), *packs])
        self.paper.choices = options(
            [(Paper.SHEET.value, _("A4 纸，一页八张")), (Paper.SINGLE.value, _("标签纸 100×70 毫米"))]
        )
        return self


class FindForm(Form):
    """A lot by the code on its label."""

    class Meta(Form.Meta):
        """It changes nothing."""

        csrf = False

    code = StringField(_l("批次码"))

    def validate_code(self, field: StringField) -> None:
        """Something must be written."""
        if not (field.data or "").strip():
            raise ValidationError(_("请填写这一项。"))
