"""Form fields that read what growers and officials type: strict, in jin and yuan, with a sentence for each mistake."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from flask import g
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import Field, HiddenField, SelectChoice, StringField, TextAreaField  # type: ignore[attr-defined]
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput, html_params

from app.kernel.area import Area
from app.kernel.errors import BadValue, DomainError
from app.kernel.ids import token
from app.kernel.money import Money
from app.kernel.numbers import whole_number
from app.kernel.weight import Weight
from app.web.words import sentence_of


class Form(FlaskForm):
    """A form whose fields answer in the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Whether something was sent, and all of it is good."""
        return bool(super().validate_on_submit(extra_validators))  # type: ignore[no-untyped-call]

    class Meta(FlaskForm.Meta):
        """WTForms' own messages are ours, so its catalogue is not needed."""

        locales = ("zh",)


class OnceForm(Form):
    """A form whose POST is done once: it carries a request key made when the page was drawn."""

    request_key = HiddenField(default=token)

    def content(self) -> list[tuple[str, str]]:
        """What was sent, without the keys that every sending has: equal for equal acts."""
        own = [field for field in self if field.name not in ("request_key", "csrf_token")]
        return [(field.name, str(field.data)) for field in own]


def refuse(form: FlaskForm, error: DomainError) -> None:
    """Put a rule's refusal at the field it is about, or, when it is about none, over the whole form.

    The answer says when to come back, if the rule does.
    """
    sentence = sentence_of(error)
    if error.retry_after is not None:
        g.retry_after = error.retry_after
    if error.field is not None and error.field in form:
        form[error.field].errors = [*form[error.field].errors, sentence]
    else:
        form.form_errors.append(sentence)


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """(value, what people read) as the choices of a select or of radio buttons."""
    return [SelectChoice(value, label) for value, label in pairs]


class Choices:
    """A select whose options carry nothing but their value; the HTML of WTForms' own at a fraction of its cost."""

    validation_attrs: ClassVar[list[str]] = ["required", "disabled"]

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """The select with its options."""
        kwargs.setdefault("id", field.id)
        options = "".join(
            f'<option{" selected" if one.selected else ""} value="{escape(one.value)}">{escape(one.label)}</option>'
            for one in field.iter_choices()
        )
        return Markup(f"<select {html_params(name=field.name, **kwargs)}>{options}</select>")


class _Parsed(Field):
    """A text field that becomes a typed value, or an error at its place."""

    widget = TextInput()
    parse: Callable[[str], Any]

    def __init__(
        self,
        label: str | None = None,
        *,
        required: bool = True,
        may_be_nothing: bool = False,
        at_most: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.required, self.may_be_nothing, self.at_most = required, may_be_nothing, at_most
        self.raw_text = ""

    def _value(self) -> str:
        return self.raw_text or ("" if self.data is None else self.show(self.data))

    def show(self, value: Any) -> str:
        """The value as it is typed."""
        return str(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text; a mistake raises at the field."""
        self.raw_text = (valuelist[0] if valuelist else "")[:40]
        self.data = None
        if not (valuelist and valuelist[0].strip()):
            return
        try:
            self.data = self.parse(valuelist[0])
        except BadValue as error:
            raise ValueError(sentence_of(error)) from error

    def pre_validate(self, form: Any) -> None:
        """An empty field that is needed is refused."""
        if self.required and self.data is None and not self.process_errors:
            raise ValidationError(_("请填写这一项。"))
        if self.data is not None and not self.may_be_nothing and not self.data:
            raise ValidationError(_("要大于零。"))
        if self.data is not None and self.at_most is not None and self.data > self.at_most:
            raise ValidationError(_("数字太大，最多 %(most)s。", most=self.show(self.at_most)))


class MoneyField(_Parsed):
    """Yuan with at most two decimals; `data` is Money above zero."""

    def parse(self, text: str) -> Money:
        """Raises `BadValue`."""
        return Money.parse(text)


class JinField(_Parsed):
    """Jin with at most two decimals; `data` is Weight."""

    def parse(self, text: str) -> Weight:
        """Raises `BadValue`."""
        return Weight.parse_jin(text)

    def show(self, value: Any) -> str:
        """Grams as jin."""
        hundredths = value.grams // 5
        return f"{hundredths // 100}" + (f".{hundredths % 100:02d}".rstrip("0") if hundredths % 100 else "")


class AreaField(_Parsed):
    """Mu with at most four decimals; `data` is Area."""

    def parse(self, text: str) -> Area:
        """Raises `BadValue`."""
        return Area.parse(text)


class WholeField(_Parsed):
    """A whole number within limits."""

    def __init__(self, label: str | None = None, *, least: int = 1, most: int = 999_999, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.least, self.most = least, most

    def parse(self, text: str) -> int:
        """Raises `BadValue`."""
        return whole_number(text, least=self.least, most=self.most)


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str, *, lines: bool = False) -> str:
    """NFC text without control, bidi and other unseen signs; line breaks stay only where `lines` says so."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    kept = (sign for sign in normal if (lines and sign == "\n") or unicodedata.category(sign) not in _UNSEEN)
    return "".join(kept).strip()


class WordsField(StringField):
    """One line of text, cleaned; `most` signs."""

    lines = False

    def __init__(self, label: str | None = None, *, most: int = 60, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most, self.required = most, required

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what came."""
        self.data = clean(valuelist[0][: self.most * 20], lines=self.lines) if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        """Refuse nothing where something is needed, and too much."""
        if self.required and not self.data:
            raise ValidationError(_("请填写这一项。"))
        if len(self.data or "") > self.most:
            raise ValidationError(_("最多 %(most)s 个字。", most=self.most))


class ParagraphsField(WordsField, TextAreaField):
    """Several lines of text, cleaned."""

    lines = True
