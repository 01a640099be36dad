"""What buyers, sellers and officials send about complaints."""

from __future__ import annotations

from flask_wtf.file import MultipleFileField
from wtforms import RadioField

from app.trade.complaints.service import MOST_WORDS
from app.trade.complaints.states import Kind, Outcome
from app.web.fields import Form, OnceForm, ParagraphsField, options
from app.web.words import later as _l


class MakeForm(OnceForm):
    """What is wrong with an order."""

    kind = RadioField(_l("什么问题"), choices=options((one.value, _l(one.words)) for one in Kind))
    words = ParagraphsField(_l("怎么回事"), most=MOST_WORDS)
    photos = MultipleFileField(_l("照片"), render_kw={"accept": "image/jpeg,image/png,image/webp,image/heic"})


class WordsForm(OnceForm):
    """Something to say."""

    words = ParagraphsField(_l("要说的话"), most=MOST_WORDS)


class SettleForm(Form):
    """That it is settled; words are not needed."""

    words = ParagraphsField(_l("要说的话"), most=MOST_WORDS, required=False)


class DecideForm(OnceForm):
    """How an official decided, and why."""

    outcome = RadioField(_l("怎样定"), choices=options((one.value, _l(one.words)) for one in Outcome))
    words = ParagraphsField(_l("说明和要求"), most=MOST_WORDS)
