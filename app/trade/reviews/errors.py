"""How reviews say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class NotReceived(Conflict):
    """Only who has the goods may judge them."""

    code = "not_received"
    sentence = "收到货以后才能评价。"


class ReviewedAlready(Conflict):
    """One review for each line of an order, for ever."""

    code = "reviewed_already"
    sentence = "这一样您已经评价过了，评价不能改也不能删。"


class TooLateToReview(Conflict):
    """The time to review is over."""

    code = "too_late_to_review"
    sentence = "收货已经超过 {days} 天，不能再评价了。"


class OwnGoods(Forbidden):
    """Nobody praises his own fruit. Source: 电子商务法 art. 17."""

    code = "own_goods"
    sentence = "这家店有您自己，不能评价自家的货。"


class PersonalWords(BadValue):
    """The words hold a phone or ID number, which everybody would read."""

    code = "personal_words"
    sentence = "评价谁都能看到，请不要写电话号码、身份证号。"


class RepliedAlready(Conflict):
    """One reply for each review."""

    code = "replied_already"
    sentence = "这条评价已经回复过了。"


class FoldedAlready(Conflict):
    """It is as it was asked to be."""

    code = "folded_already"
    sentence = "这条评价刚被别人处理过，请刷新再看。"
