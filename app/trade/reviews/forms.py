"""What buyers, sellers and the county send about reviews."""

from __future__ import annotations

from wtforms import HiddenField, RadioField

from app.trade.reviews.service import MOST_WORDS
from app.web.fields import Form, OnceForm, ParagraphsField, WordsField, options
from app.web.words import later as _l

_STARS = (("5", "很好"), ("4", "好"), ("3", "一般"), ("2", "不太好"), ("1", "很不好"))


class WriteForm(OnceForm):
    """A buyer's word on one line of his order."""

    line = HiddenField()
    stars = RadioField(_l("这回的枣怎么样"), choices=options((value, _l(words)) for value, words in _STARS))
    words = ParagraphsField(_l("说几句"), most=MOST_WORDS, required=False)


class ReplyForm(OnceForm):
    """The seller's reply."""

    words = ParagraphsField(_l("回复买家"), most=MOST_WORDS)


class FoldForm(Form):
    """Why a review is folded away, or opened again."""

    because = WordsField(_l("原因"), most=200, render_kw={"autocomplete": "off"})
